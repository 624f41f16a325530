/* memory.h - device memory: who holds it, when it goes back.
 * A lunq_mem is shared by its views; it is returned to the device when it was freed (or the last
 * view is gone) AND no transfer holds it. Memory a device may still write is never reused. */
#ifndef LUNQ_MEMORY_H
#define LUNQ_MEMORY_H

#include "device.h"

struct lunq_mem_options {
    size_t bank;    /* LUNQ_NONE: the device's default bank */
    bool cacheable; /* ask for cached memory (then syncs matter); default uncached, if it differs */
    enum lunq_place place; /* default: both the host and the device have the bytes */
    bool dirty;            /* in host memory: lunq_mem_alloc_dirty will do */
};

/* Allocates `size` bytes of zeroed memory on a device, one reference. opts may be NULL.
 * LUNQ_VALUE: size 0 or too large to be true; LUNQ_MEMORY: the bank is full (the text says how
 * full); LUNQ_INDEX: no such bank; LUNQ_RUNTIME: no bank was said and the device has no default one;
 * LUNQ_UNSUPPORTED: the device can't put memory in that place. */
int lunq_mem_alloc(struct lunq_mem **out, struct lunq_device *d, size_t size,
                   const struct lunq_mem_options *opts, struct lunq_error *err);
/* Host memory without a device address, zeroed, 64-byte aligned, one reference. */
int lunq_mem_alloc_host(struct lunq_mem **out, size_t size, struct lunq_error *err);
/* The same, not zeroed: for results that are written whole before anybody reads them. */
int lunq_mem_alloc_dirty(struct lunq_mem **out, size_t size, struct lunq_error *err);
/* A view of bytes that somebody else has, one reference; lunq_mem_free ends it, and has to before the
 * bytes go. */
int lunq_mem_borrow(struct lunq_mem **out, void *bytes, size_t size, struct lunq_error *err);
/* The same struct, which was ended, for other bytes; nobody else may have a reference who should not see
 * them. */
void lunq_mem_lend(struct lunq_mem *m, void *bytes, size_t size);
/* Bytes of all live memory, of every device and the host: what a budget looks at. */
uint64_t lunq_mem_live_bytes(void);

struct lunq_mem *lunq_mem_ref(struct lunq_mem *m);
void lunq_mem_unref(struct lunq_mem *m); /* NULL is allowed */

/* Gives the memory back now, whoever still has views (their accesses raise from then on). While a
 * transfer holds it this is refused with LUNQ_RUNTIME, and the memory goes back when the transfer
 * ends. Freeing twice does nothing. */
int lunq_mem_free(struct lunq_mem *m, struct lunq_error *err);

void lunq_mem_hold(struct lunq_mem *m);    /* a transfer starts */
void lunq_mem_release(struct lunq_mem *m); /* it ended */

/* Given back: views of it are of no use. */
static inline bool lunq_mem_gone(const struct lunq_mem *m)
{
    return !m->host && m->size == 0; /* an empty host array has a size of 0 too */
}

/* 0: the host can read and write the bytes at m->host. LUNQ_RUNTIME: freed; LUNQ_UNSUPPORTED: they
 * are only on the device. */
int lunq_mem_check_host(const struct lunq_mem *m, struct lunq_error *err);

/* Makes bytes [off, off+n) written by one side visible to the other. Nothing when coherent.
 * LUNQ_INDEX outside; LUNQ_RUNTIME after free; LUNQ_UNSUPPORTED: the host has no copy. */
int lunq_mem_sync(struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
                  struct lunq_error *err);

/* The live memory of a device that contains all of [addr, addr+n), or NULL. */
struct lunq_mem *lunq_mem_find(struct lunq_device *d, uint64_t addr, uint64_t n);

#endif
