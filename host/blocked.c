/* blocked.c - see blocked.h. The thread is there while it is needed, and a little longer, so that a thousand
 * short tests don't make a thousand of it. It looks up now and then instead of being told: beginning and
 * ending cost a lock each. */
#include "blocked.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "core/device.h"

enum { LOOK_NS = 200000000, IDLE_LOOKS = 10 };

static struct {
    pthread_mutex_t lock;
    const struct lunq_progress *job; /* NULL: nothing to show */
    const struct lunq_progress_sink *to;
    bool there; /* the thread */
    bool shown;
} blocked = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void look(void)
{
    const struct lunq_progress *p = blocked.job;
    uint64_t now = lunq_device_now(NULL);
    if (!p || now < p->next)
        return;
    blocked.to->show(p, (double)(now - p->begun) * 1e-9);
    blocked.shown = true;
}

static void *run(void *unused)
{
    const struct timespec pause = {.tv_nsec = LOOK_NS};
    int idle = 0;
    (void)unused;
    while (idle < IDLE_LOOKS) {
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&blocked.lock);
        idle = blocked.job ? 0 : idle + 1;
        look();
        blocked.there = idle < IDLE_LOOKS;
        pthread_mutex_unlock(&blocked.lock);
    }
    return NULL;
}

/* Signals are for the main thread. Without a thread nothing is shown. */
static bool start(void)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, before;
    int r;
    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&thread, &attr, run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return r == 0;
}

void blocked_begin(const struct lunq_progress *p, const struct lunq_progress_sink *to)
{
    pthread_mutex_lock(&blocked.lock);
    blocked.job = p;
    blocked.to = to;
    if (!blocked.there)
        blocked.there = start();
    pthread_mutex_unlock(&blocked.lock);
}

void blocked_end(void)
{
    pthread_mutex_lock(&blocked.lock);
    blocked.job = NULL;
    if (blocked.shown)
        blocked.to->hide();
    blocked.shown = false;
    pthread_mutex_unlock(&blocked.lock);
}
