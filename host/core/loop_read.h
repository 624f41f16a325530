/* loop_read.h - the event loop asleep in the read of one descriptor, instead of in epoll.
 * A read that blocks is the shortest way from an interrupt to us: one system call where epoll and the read
 * of what it has found are two, and no timer is started and stopped for each (armhf, counted: 3,600 instead
 * of 4,900 instructions). But a read knows no time limit, and a signal just before it would come too
 * early. So whoever wants the sleep to end, our own alarm at the time limit as well, makes the
 * descriptor not blocking out of the signal handler: a read that has not begun gives EAGAIN, one that
 * sleeps begins again after the handler, or gives EINTR. */
#ifndef LUNQ_LOOP_READ_H
#define LUNQ_LOOP_READ_H

#include <stdbool.h>
#include <stdint.h>

/* From here until lunq_read_end the read of fd is cut short at `until`, ns of the wall clock (UINT64_MAX: never),
 * and by lunq_read_cut. False: it can't be, or was already since the last lunq_read_forget. */
bool lunq_read_begin(int fd, uint64_t until);
void lunq_read_end(void);
/* The sleep has to end, or the next one not to begin. For signal handlers and other threads. */
void lunq_read_cut(void);
/* Whoever has called lunq_read_cut is being heard. */
void lunq_read_forget(void);

#endif
