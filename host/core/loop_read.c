/* loop_read.c - see loop_read.h. The alarm is a timer of the kernel that is set when a sleep has an earlier
 * limit than it, and else left as it is: a program that waits again and again, 5 s at most each time,
 * sets it every 5 s. It rings once; when nobody reads then, nothing happens. */
#include "loop_read.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static struct {
    int signal; /* of the alarm; 0: off */
    pthread_t thread;
    timer_t timer;
    uint64_t rings; /* ns; 0: it is not set, unless rang: it was */
    volatile sig_atomic_t rang, reading, fd, cut;
} rd;

/* In a signal handler. */
static void cut_short(void)
{
    int saved = errno;
    if (rd.reading)
        fcntl(rd.fd, F_SETFL, fcntl(rd.fd, F_GETFL) | O_NONBLOCK);
    rd.cut = 1;
    errno = saved;
}

static void on_alarm(int sig)
{
    (void)sig;
    rd.rang = 1;
    if (rd.reading)
        cut_short();
}

void lunq_loop_alarm(int sig)
{
    struct sigaction sa = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    struct sigevent e = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = sig};
    e.sigev_notify_thread_id = gettid();
    rd.thread = pthread_self();
    sigemptyset(&sa.sa_mask);
    if (sigaction(sig, &sa, NULL) == 0 && timer_create(CLOCK_MONOTONIC, &e, &rd.timer) == 0)
        rd.signal = sig;
}

/* False: the kernel refuses. */
static bool set_alarm(uint64_t until)
{
    struct itimerspec t = {
        .it_value = {(time_t)(until / 1000000000u), (long)(until % 1000000000u)}};
    if (rd.rang)
        rd.rings = 0;
    rd.rang = 0;
    if (until == UINT64_MAX || (rd.rings && rd.rings <= until))
        return true;
    rd.rings = until;
    return timer_settime(rd.timer, TIMER_ABSTIME, &t, NULL) == 0;
}

bool lunq_read_begin(int fd, uint64_t until)
{
    if (!rd.signal || rd.cut)
        return false;
    rd.fd = fd;
    rd.reading = 1;
    if (set_alarm(until))
        return true;
    rd.reading = 0;
    rd.signal = 0;
    return false;
}

bool lunq_loop_may_read(void)
{
    return !rd.cut;
}

void lunq_read_end(void)
{
    rd.reading = 0;
}

void lunq_read_cut(void)
{
    cut_short();
    if (rd.reading && !pthread_equal(pthread_self(), rd.thread))
        pthread_kill(rd.thread, rd.signal);
}

void lunq_read_forget(void)
{
    rd.cut = 0;
}
