#include "bus_error.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

volatile int lunq_bus_error;

static struct lunq_guarded *guarded;
static struct sigaction before;
static void *volatile failed_at;
static uintptr_t page_mask; /* of an address: its page */

static struct lunq_guarded *find(const void *addr)
{
    struct lunq_guarded *g = guarded;
    while (g && !((uintptr_t)addr >= (uintptr_t)g->base &&
                  (uintptr_t)addr - (uintptr_t)g->base < g->size))
        g = g->next;
    return g;
}

/* Runs inside the access. mmap is a plain system call. */
static void on_bus_error(int sig, siginfo_t *info, void *context)
{
    void *page = (void *)((uintptr_t)info->si_addr & page_mask);
    (void)context;
    if (info->si_code > 0 && find(info->si_addr) &&
        mmap(page, ~page_mask + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
             -1, 0) != MAP_FAILED) {
        failed_at = info->si_addr;
        lunq_bus_error = 1;
        return;
    }
    sigaction(sig, &before, NULL); /* somebody else's: the access fails again, as without us */
}

void lunq_guard_add(struct lunq_guarded *g)
{
    if (!guarded) {
        struct sigaction sa;
        memset(&sa, 0, sizeof sa);
        sa.sa_sigaction = on_bus_error;
        sa.sa_flags = SA_SIGINFO;
        sigemptyset(&sa.sa_mask);
        page_mask = ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
        sigaction(SIGBUS, &sa, &before);
    }
    g->next = guarded;
    guarded = g;
}

void lunq_guard_remove(struct lunq_guarded *g)
{
    struct lunq_guarded **p = &guarded;
    while (*p && *p != g)
        p = &(*p)->next;
    if (!*p)
        return;
    *p = g->next;
    if (!guarded)
        sigaction(SIGBUS, &before, NULL);
}

const void *lunq_bus_error_take(void)
{
    const void *at = failed_at;
    struct lunq_guarded *g;
    if (!lunq_bus_error)
        return NULL;
    lunq_bus_error = 0;
    failed_at = NULL;
    g = find(at);
    if (g)
        g->restore(g);
    return at;
}
