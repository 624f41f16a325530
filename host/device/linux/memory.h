/* memory.h - contiguous memory of a board, one file memory_*.c a mechanism; what each can do:
 * linux-boards.md A4 to A7. memory.c chooses. */
#ifndef LUNQ_LINUX_MEMORY_H
#define LUNQ_LINUX_MEMORY_H

#include "../../core/device.h"

struct lunq_linux;
struct lx_memory;

/* The device table's alloc, free and sync. */
int lx_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err);
void lx_free(struct lunq_device *d, struct lunq_mem *m);
int lx_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
            struct lunq_error *err);
void lx_memory_close(struct lunq_linux *x);
/* coherent.c: whether all masters see the caches, so that cached memory needs no sync. */
bool lx_coherent(struct lunq_linux *x);

/* A mechanism. `state` is its own. */
struct lx_memory_kind {
    const char *name; /* "udmabuf" */
    const char *more; /* what to do when there is too little; NULL: its errors say so */
    bool copies;      /* host and device each have bytes of their own: caches don't matter */
    /* part: the one device, node or heap to take; "": any. 1: it can be used; 0: not on this machine, why not in *err; <0: it is there and fails. Takes no
     * memory yet: this is also how somebody asks what there is. */
    int (*open)(struct lunq_linux *x, const char *part, void **state, struct lunq_error *err);
    /* Zeroed; fills host, address, coherent and key of *m. LUNQ_MEMORY: what is asked and what the limit
     * is; the kernel's CMA is added to the text. */
    int (*alloc)(void *state, struct lunq_mem *m, struct lunq_error *err);
    void (*free)(void *state, struct lunq_mem *m);
    /* Of memory that is not coherent: bytes [off, off+n) of m, n > 0. */
    int (*sync)(void *state, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
                struct lunq_error *err);
    void (*close)(void *state);
};
extern const struct lx_memory_kind lx_kind_udmabuf, lx_kind_udmabuf_mgr, lx_kind_zocl,
    lx_kind_reserved, lx_kind_heap, lx_kind_hugetlb;

#define LX_MEMORY_KINDS "udmabuf, udmabuf-mgr, zocl, reserved, heap or hugetlb"

#endif
