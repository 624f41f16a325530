/* waiter.c - a thread that waits in XRT for a run that was asked after and is not any more, for it takes
 * longer than a moment. There is one at a time, or a few when they were left to themselves. */
#include <pthread.h>
#include <signal.h>

#include "private.h"

static struct xrt_run *take(struct xrt_waiter *w)
{
    struct xrt_run *x = w->first;
    if (x)
        w->first = x->next;
    return x;
}

static void *thread_main(void *arg)
{
    struct xrt_card *c = arg;
    struct xrt_waiter *w = &c->waiter;
    struct xrt_run *x;
    pthread_mutex_lock(&w->lock);
    while (!w->stop) {
        if (!(x = take(w))) {
            pthread_cond_wait(&w->work, &w->lock);
            continue;
        }
        pthread_mutex_unlock(&w->lock);
        xrt_run_tell(x, (unsigned)c->xrt->run_wait(x->handle));
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

void xrt_waiter_init(struct xrt_waiter *w)
{
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
}

bool xrt_waiter_start(struct xrt_card *c)
{
    struct xrt_waiter *w = &c->waiter;
    sigset_t all, before;
    if (w->has_thread)
        return true;
    sigfillset(&all); /* signals are for the program's own thread */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    w->has_thread = pthread_create(&w->thread, NULL, thread_main, c) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return w->has_thread;
}

void xrt_waiter_take(struct xrt_card *c, struct xrt_run *x)
{
    struct xrt_waiter *w = &c->waiter;
    struct xrt_run **at;
    pthread_mutex_lock(&w->lock);
    x->next = NULL;
    for (at = &w->first; *at; at = &(*at)->next) {
    }
    *at = x;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
}

void xrt_waiter_close(struct xrt_waiter *w)
{
    if (w->has_thread) {
        pthread_mutex_lock(&w->lock);
        w->stop = true;
        pthread_cond_signal(&w->work);
        pthread_mutex_unlock(&w->lock);
        pthread_join(w->thread, NULL);
    }
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
}
