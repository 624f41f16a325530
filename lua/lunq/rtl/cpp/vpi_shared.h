/* vpi_shared.h - the memory that a model in a simulator of its own (Icarus Verilog, GHDL) shares with the program
 * that uses it: whose turn it is, the time, for each pin its value and its unknown bits, and what the pins are
 * called. Between vpi_plugin.c, inside the simulator, and vpi_model.cpp, behind the interface of rtl_model.h.
 *
 * The plug-in is told by the environment what to do: LUNQ_VPI_TOP, the top module, and LUNQ_VPI_SHARED, the
 * descriptor of the memory; without that it lists the pins. (GHDL gives plug-ins no arguments.) */
#ifndef LUNQ_VPI_SHARED_H
#define LUNQ_VPI_SHARED_H

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LUNQ_VPI_HOST, LUNQ_VPI_MODEL }; /* whose turn it is */

struct lunq_vpi_shared {
    uint32_t turn; /* a futex */
    uint32_t quit; /* the host has no more use for the model */
    uint32_t over; /* the simulation has come to its end */
    uint32_t
        names; /* where they begin, in bytes: a line "in 32 s_axi_wdata" for each pin, a 0 at the end */
    uint64_t ps;   /* the time of the next turn */
    uint64_t pins; /* here the cells begin */
};

/* Bytes of a pin's storage as rtl_model.h has it: 1, 2, 4, 8, or 0 for words of 32 bits. */
static inline uint8_t lunq_vpi_bytes(uint32_t width)
{
    return (uint8_t)(width <= 8 ? 1 : width <= 16 ? 2 : width <= 32 ? 4 : width <= 64 ? 8 : 0);
}

/* Room of its value, and the same again of its unknown bits: whole words of 64 bits. */
static inline size_t lunq_vpi_room(uint32_t width)
{
    return ((size_t)width + 63) / 64 * 8;
}

static inline void lunq_vpi_give(struct lunq_vpi_shared *s, uint32_t whose)
{
    __atomic_store_n(&s->turn, whose, __ATOMIC_RELEASE);
    syscall(SYS_futex, &s->turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Sleeps until it is their turn, at most a tenth of a second. True when it is. */
static inline int lunq_vpi_wait(struct lunq_vpi_shared *s, uint32_t whose)
{
    const struct timespec most = {0, 100000000};
    if (__atomic_load_n(&s->turn, __ATOMIC_ACQUIRE) != whose)
        syscall(SYS_futex, &s->turn, FUTEX_WAIT, !whose, &most, NULL, 0);
    return __atomic_load_n(&s->turn, __ATOMIC_ACQUIRE) == whose;
}

#endif
