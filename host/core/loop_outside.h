/* loop_outside.h - what the event loop sleeps on: descriptors and libuv; between loop.c and
 * loop_outside.c. */
#ifndef LUNQ_LOOP_OUTSIDE_H
#define LUNQ_LOOP_OUTSIDE_H

#include "loop.h"

/* Somebody outside may act: active handles of libuv, or descriptors of real hardware. */
bool lunq_outside_alive(void);
/* Serves what is ready now. */
void lunq_outside_look(void);
/* The same for descriptors alone, when any are watched: simulated devices have them, too. */
void lunq_outside_look_watches(void);
/* Sleeps until something is ready, at most ns (UINT64_MAX: no limit), and serves it. Does not sleep
 * when serving libuv first already brings news. now: the wall clock; 0: the caller does not know. */
void lunq_outside_sleep(uint64_t now, uint64_t ns);
/* The last sleep was in the read of the one descriptor, and so will be the next as it seems. */
bool lunq_outside_reads(void);
/* How often something happened that lets somebody go on: loop.c counts. */
uint64_t lunq_loop_ended(void);

#endif
