#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

int lx_pool_open(struct lx_pool *p, const char *name, uint64_t size, int lock, uint64_t lock_at,
                 struct lunq_error *err)
{
    *p = (struct lx_pool){.name = name, .size = size, .lock = lock, .lock_at = lock_at};
    return lunq_space_open(&p->space, 0, size) ? 0 : lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
}

void lx_pool_close(struct lx_pool *p)
{
    lunq_space_close(&p->space);
}

/* Locks or unlocks bytes; 0, or an errno. */
static int set_lock(const struct lx_pool *p, short type, uint64_t at, uint64_t n)
{
    struct flock l = {.l_type = type,
                      .l_whence = SEEK_SET,
                      .l_start = (off_t)(p->lock_at + at),
                      .l_len = (off_t)n};
    return fcntl(p->lock, F_OFD_SETLK, &l) < 0 ? errno : 0;
}

/* The first bytes [*from, *to) of [at, at+n) somebody else has; both are `at`: they have just been given back.
 * 0, or an errno. */
static int foreign(const struct lx_pool *p, uint64_t at, uint64_t n, uint64_t *from, uint64_t *to)
{
    struct flock l = {.l_type = F_WRLCK,
                      .l_whence = SEEK_SET,
                      .l_start = (off_t)(p->lock_at + at),
                      .l_len = (off_t)n};
    uint64_t start;
    *from = *to = at;
    if (fcntl(p->lock, F_OFD_GETLK, &l) < 0)
        return errno;
    if (l.l_type == F_UNLCK)
        return 0;
    start = (uint64_t)l.l_start;
    *from = start > p->lock_at ? start - p->lock_at : 0;
    *to = l.l_len == 0 ? p->size : start + (uint64_t)l.l_len - p->lock_at;
    return 0;
}

/* Looks in [from, to). 0: taken; EAGAIN: no room; else an errno. What others have splits the range: the
 * part before it is looked through first. */
static int take_within(struct lx_pool *p, uint64_t n, uint64_t from, uint64_t to,
                       struct lunq_space_block **block)
{
    while (to > from) {
        uint64_t at, size, start, end;
        struct lunq_space_block *b = lunq_space_take(&p->space, n, from, to - from, NULL);
        int e;
        if (!b)
            return EAGAIN;
        at = b->addr, size = b->size;
        e = set_lock(p, F_WRLCK, at, size);
        if (e == 0) {
            *block = b;
            return 0;
        }
        lunq_space_give(&p->space, b);
        if (e == EAGAIN || e == EACCES)
            e = foreign(p, at, size, &start, &end);
        if (e)
            return e;
        if (start == end)
            continue;
        e = start > from ? take_within(p, n, from, start, block) : EAGAIN;
        if (e != EAGAIN)
            return e;
        from = end;
    }
    return EAGAIN;
}

int lx_pool_take(struct lx_pool *p, uint64_t n, struct lunq_space_block **block,
                 struct lunq_error *err)
{
    int e = take_within(p, n, 0, p->size, block);
    if (e == 0) {
        p->used += (*block)->size;
        return 0;
    }
    if (e != EAGAIN)
        return lunq_fail(err, LUNQ_IO,
                         "Bytes of %s, which other programs may have, can't be locked: %s. The "
                         "kernel needs CONFIG_FILE_LOCKING=y.",
                         p->name, strerror(e));
    return lunq_fail(err, LUNQ_MEMORY,
                     "Failed to allocate Memory! %s has no %" PRIu64
                     " free bytes in one piece: this "
                     "program uses %" PRIu64 " of its %" PRIu64 " bytes, other programs may have "
                     "some, too.",
                     p->name, n, p->used, p->size);
}

void lx_pool_give(struct lx_pool *p, struct lunq_space_block *block)
{
    p->used -= block->size;
    set_lock(p, F_UNLCK, block->addr, block->size);
    lunq_space_give(&p->space, block);
}
