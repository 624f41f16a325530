/* serve.h - a simulated device served to another program: register accesses come in over a Unix socket,
 * and the processor's interrupt lines go out to a QEMU. With `?memory=FILE`, the guest's RAM, the models are the
 * programmable logic of a machine that runs its own kernel (docs/lab.md). It needs the event loop, in
 * whose steps it is served; while one waits there in the time of the device, that time goes with the
 * wall clock's.
 *
 * One client at a time. It sends accesses and reads an answer to each before the next one, in the host's
 * order of bytes. */
#ifndef LUNQ_SIM_SERVE_H
#define LUNQ_SIM_SERVE_H

#include "../../core/loop.h"

struct lunq_serve;

/* 24 bytes: one bus access. */
struct lunq_serve_access {
    uint8_t kind;  /* 'r' or 'w' */
    uint8_t width; /* 1, 2, 4 or 8 bytes */
    uint8_t zero[6];
    uint64_t address; /* naturally aligned */
    uint64_t value;   /* to write; else 0 */
};

/* 16 bytes. */
struct lunq_serve_answer {
    uint64_t value;  /* read; else 0 */
    uint32_t failed; /* 1: a bus error */
    uint32_t zero;
};

struct lunq_serve_options {
    const char *socket; /* the path where clients connect; it is there once they can */
    const char
        *qtest; /* where a QEMU connects that was told -qtest unix:PATH; NULL: nobody hears of
                           interrupts */
    const char
        *gic; /* QOM path of its interrupt controller, whose input n is SPI n: GIC number n + 32 */
};

struct lunq_serve_info {
    uint64_t clients; /* there have been */
    uint64_t reads, writes, failed;
    uint64_t interrupts; /* how often a line became high */
    bool client, qemu;   /* connected now */
};

/* Listens. Holds the device. LUNQ_IO: a path can't be listened at; LUNQ_VALUE: it is too long;
 * LUNQ_UNSUPPORTED: d is not simulated; LUNQ_RUNTIME: it is served already; LUNQ_MEMORY. */
int lunq_serve_open(struct lunq_serve **out, struct lunq_device *d,
                    const struct lunq_serve_options *o, struct lunq_error *err);
/* Cuts the client off, and takes no other one: what waits for `gone` goes on. */
void lunq_serve_stop(struct lunq_serve *v);
void lunq_serve_close(struct lunq_serve *v); /* stops; NULL is allowed */

struct lunq_device *lunq_serve_device(struct lunq_serve *v);
void lunq_serve_info(const struct lunq_serve *v, struct lunq_serve_info *info);
/* Happens whenever a client has gone, and at the end. */
struct lunq_event *lunq_serve_gone(struct lunq_serve *v);

#endif
