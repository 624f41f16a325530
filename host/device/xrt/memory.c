/* memory.c - buffers: XRT's buffer objects (xrt.md 2, buffer, map, sync). */
#include <inttypes.h>
#include <string.h>

#include "private.h"

enum { PAGE = 4096 };

static void *bo_of(const struct lunq_mem *m)
{
    return (void *)(uintptr_t)m->key;
}

static bool is_host_bank(const struct xrt_card *c, size_t bank)
{
    const struct lunq_card *card = &c->design->card;
    for (size_t i = 0; i < card->n_memories; i++)
        if (card->memories[i].row == c->dev.banks[bank].row && !card->memories[i].streaming)
            return card->memories[i].type == LUNQ_MEM_HOST;
    return false;
}

static uint64_t flags_of(const struct lunq_mem *m)
{
    static const uint64_t of_place[] = {[LUNQ_DEVICE_ONLY] = XRT_BO_DEVICE_ONLY,
                                        [LUNQ_HOST_ONLY] = XRT_BO_HOST_ONLY,
                                        [LUNQ_P2P] = XRT_BO_P2P};
    return of_place[m->place] | (m->cacheable ? XRT_BO_CACHEABLE : 0);
}

/* XRT's noop shim gives any size, and a driver that has no room gives no reason. */
static int check_room(const struct xrt_card *c, const struct lunq_mem *m, struct lunq_error *err)
{
    const struct lunq_bank *b = &c->dev.banks[m->bank];
    uint64_t used = c->used[m->bank], free_bytes = b->size > used ? b->size - used : 0;
    if (m->size <= free_bytes || (m->place == LUNQ_HOST_ONLY && m->size < SIZE_MAX / 2))
        return 0;
    return lunq_fail(err, LUNQ_MEMORY,
                     "No room for %zu bytes in memory bank %s of %s: %" PRIu64 " of %" PRIu64
                     " bytes are free.",
                     m->size, b->name, c->dev.name, free_bytes, b->size);
}

static int refused(const struct xrt_card *c, const struct lunq_mem *m, const char *what,
                   struct lunq_error *err)
{
    char said[512];
    return lunq_fail(err, LUNQ_MEMORY,
                     "No room for %zu bytes in memory bank %s of %s: %s (this process has %" PRIu64
                     " bytes there). %s",
                     m->size, c->dev.banks[m->bank].name, c->dev.name, what, c->used[m->bank],
                     xrt_said(said, sizeof said));
}

/* XRT takes whole pages, and 2.13 asks the C library for memory aligned to a page in any size, which
 * is not defined. */
static size_t whole_pages(size_t size)
{
    return (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/* The host's side of *m. XRT does not say that it is zero. */
static int map_host(struct xrt_card *c, struct lunq_mem *m, struct lunq_error *err)
{
    if (m->place == LUNQ_DEVICE_ONLY)
        return 0;
    m->host = c->xrt->bo_map(bo_of(m));
    if (!m->host || m->host == (uint8_t *)-1) {
        m->host = NULL;
        return refused(c, m, "it can't be mapped into the host", err);
    }
    memset(m->host, 0, m->size);
    return 0;
}

int xrt_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err)
{
    struct xrt_card *c = xrt_card(d);
    void *bo;
    int r;
    if (is_host_bank(c, m->bank))
        m->place = LUNQ_HOST_ONLY;
    r = check_room(c, m, err);
    if (r < 0)
        return r;
    bo = c->xrt->bo_alloc(c->handle, whole_pages(m->size), flags_of(m), d->banks[m->bank].row);
    if (!bo)
        return refused(c, m, "XRT refuses", err);
    m->key = (uintptr_t)bo;
    m->address = c->xrt->bo_address(bo);
    r = m->address == UINT64_MAX ? refused(c, m, "it has no address", err) : map_host(c, m, err);
    if (r < 0) {
        c->xrt->bo_free(bo);
        return r;
    }
    /* Where both sides use the same bytes a sync has nothing to move. */
    m->coherent = m->place == LUNQ_HOST_ONLY || m->place == LUNQ_P2P;
    c->used[m->bank] += m->size;
    xrt_exit_after(XRT_PART_BUFFER);
    return 0;
}

void xrt_free(struct lunq_device *d, struct lunq_mem *m)
{
    struct xrt_card *c = xrt_card(d);
    c->used[m->bank] -= m->size;
    c->xrt->bo_free(bo_of(m));
    m->key = 0;
}

int xrt_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
             struct lunq_error *err)
{
    struct xrt_card *c = xrt_card(d);
    char said[512];
    if (c->xrt->bo_sync(bo_of(m), dir == LUNQ_FROM_DEVICE, n, off) == 0)
        return 0;
    lunq_fail(err, LUNQ_IO, "Card %s: a sync of %zu bytes %s 0x%" PRIx64 " (bank %s) failed. %s",
              d->name, n, dir == LUNQ_FROM_DEVICE ? "from" : "to", m->address + off,
              d->banks[m->bank].name, xrt_said(said, sizeof said));
    return lunq_fault(err);
}
