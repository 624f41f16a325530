/* cache.c - cache maintenance from a program (linux-boards.md A7). 64-bit processors allow it where the
 * kernel has set SCTLR_EL1.UCI, as Linux does; 32-bit ones never do. Not tried on hardware yet. */
#include "cache.h"

#ifdef __aarch64__

/* The smallest line of any data cache: CTR_EL0.DminLine is the logarithm of its words. */
static size_t line(void)
{
    uint64_t ctr;
    __asm__ volatile("mrs %0, ctr_el0" : "=r"(ctr));
    return (size_t)4 << (ctr >> 16 & 15);
}

bool lx_cache_can(void)
{
    return true;
}

void lx_cache_sync(const void *host, size_t n, enum lunq_sync dir)
{
    size_t step = line();
    uintptr_t p = (uintptr_t)host & ~(step - 1), end = (uintptr_t)host + n;
    for (; p < end; p += step) {
        if (dir == LUNQ_TO_DEVICE)
            __asm__ volatile("dc cvac, %0" ::"r"(p) : "memory");
        else
            __asm__ volatile("dc civac, %0" ::"r"(p) : "memory");
    }
    __asm__ volatile("dsb sy" ::: "memory");
}

#else

bool lx_cache_can(void)
{
#if defined __x86_64__ || defined __i386__
    return true; /* their DMA is coherent */
#else
    return false;
#endif
}

void lx_cache_sync(const void *host, size_t n, enum lunq_sync dir)
{
    (void)host, (void)n, (void)dir;
#ifdef __arm__
    __asm__ volatile("dsb sy" ::: "memory"); /* also for masters outside of the processor */
#else
    __sync_synchronize();
#endif
}

#endif
