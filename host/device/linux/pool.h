/* pool.h - contiguous bytes that several programs have mapped, and the part of them this one uses. What is
 * given out is locked as a range of the file, by its open description: nobody else gets these bytes, also
 * not another device of this process, and when a program dies the kernel opens its locks. */
#ifndef LUNQ_LINUX_POOL_H
#define LUNQ_LINUX_POOL_H

#include "../../core/error.h"
#include "../space.h"

struct lx_pool {
    const char *name;        /* for messages; lives as long */
    struct lunq_space space; /* offsets from 0 */
    uint64_t size, used;     /* bytes; used by this program */
    int lock;                /* the file */
    uint64_t lock_at;        /* offset in it of the pool's first byte */
};

/* LUNQ_MEMORY: none for the list. */
int lx_pool_open(struct lx_pool *p, const char *name, uint64_t size, int lock, uint64_t lock_at,
                 struct lunq_error *err);
/* `lock` stays open: it belongs to the caller. Closing it opens all locks. */
void lx_pool_close(struct lx_pool *p);

/* At least n bytes, whole pages, at block->addr. LUNQ_MEMORY: they are not free in one piece; the text
 * begins with "Failed to allocate Memory!" and says how much there is and who has it. LUNQ_IO: no locks. */
int lx_pool_take(struct lx_pool *p, uint64_t n, struct lunq_space_block **block,
                 struct lunq_error *err);
void lx_pool_give(struct lx_pool *p, struct lunq_space_block *block);

#endif
