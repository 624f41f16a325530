/* stress.h - what a bench does to the handshakes of the RTL: answers that come late, and ready and valid
 * withheld at random, the same way for the same seed (rtl.md 4.8). All zero: never. */
#ifndef LUNQ_RTL_STRESS_H
#define LUNQ_RTL_STRESS_H

#include <stdbool.h>
#include <stdint.h>

struct rtl_stress {
    uint64_t seed;
    uint64_t random;  /* state; 0: no seed */
    uint32_t latency; /* cycles from a request to its first answer */
    uint32_t stall;   /* chance in 256 to withhold ready or valid in a cycle */
};

static inline void rtl_stress_seed(struct rtl_stress *s, uint64_t seed)
{
    s->seed = seed;
    s->random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

/* Any number; 0 without a seed. */
static inline uint64_t rtl_random(struct rtl_stress *s)
{
    s->random ^= s->random << 13; /* xorshift64, Marsaglia 2003 */
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return s->random >> 16;
}

static inline bool rtl_stalls(struct rtl_stress *s)
{
    return __builtin_expect(s->stall, 0) && (rtl_random(s) >> 16 & 255) < s->stall;
}

/* Cycles from 0 to latency. */
static inline uint32_t rtl_delay(struct rtl_stress *s)
{
    return s->latency ? (uint32_t)rtl_random(s) % (s->latency + 1) : 0;
}

#endif
