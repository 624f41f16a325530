#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "progress.h"
#include "run.h"

#define HOST_ALIGN 64 /* a cache line, and the widest vector */
#define HUGE_PAGE ((size_t)2 << 20)
#define LONG_SYNC ((size_t)64 << 20) /* from here on it may take a person's time */

/* More than any host has: refused without asking the C library, which may promise what is not
 * there. */
#define MOST_BYTES (SIZE_MAX > UINT32_MAX ? SIZE_MAX >> 25 : SIZE_MAX >> 2)

static uint64_t live_bytes; /* of all devices and the host */

static void link_mem(struct lunq_device *d, struct lunq_mem *m)
{
    m->next = d->memory;
    if (m->next)
        m->next->prev = m;
    d->memory = m;
    d->mem_bytes += m->size;
    d->mem_count++;
}

/* Returns the bytes to whoever they came from; the struct stays for its views. */
static void give_back(struct lunq_mem *m)
{
    struct lunq_device *d = m->dev;
    if (lunq_mem_gone(m))
        return;
    if (m->borrowed) {
        m->host = NULL;
        m->size = 0;
        return;
    }
    if (!d) {
        free((void *)(uintptr_t)m->key);
    } else {
        if (m->prev)
            m->prev->next = m->next;
        else
            d->memory = m->next;
        if (m->next)
            m->next->prev = m->prev;
        m->prev = m->next = NULL;
        d->mem_bytes -= m->size;
        d->mem_count--;
        d->ops->free(d, m);
    }
    live_bytes -= m->size;
    m->host = NULL;
    m->size = 0;
}

static const char *const place_names[] = {[LUNQ_DEVICE_ONLY] = "only on the device",
                                          [LUNQ_HOST_ONLY] = "only in the host",
                                          [LUNQ_P2P] = "with a window for other cards"};

/* A card has a default bank only where one alone is in use: PYNQ's rule, and its words
 * (pynq-behaviour.md B2). */
static int no_default_bank(const struct lunq_device *d, struct lunq_error *err)
{
    const struct lunq_card *card = d->design ? &d->design->card : NULL;
    char list[512] = "";
    size_t at = 0;
    for (size_t i = 0; card && i < card->n_memories && at < sizeof list; i++)
        if (card->memories[i].used && !card->memories[i].streaming)
            at += (size_t)snprintf(list + at, sizeof list - at, "%s%s", at ? ", " : "",
                                   card->memories[i].tag);
    if (at == 0)
        return lunq_fail(err, LUNQ_RUNTIME, "No active memories in design (on %s): %s.", d->name,
                         card ? "no kernel is connected to any of them" : "none is loaded");
    return lunq_fail(err, LUNQ_RUNTIME,
                     "Multiple memories active in design: specify the memory using the `target` "
                     "parameters (kernels on %s use %s).",
                     d->name, list);
}

static int check_request(const struct lunq_device *d, size_t size, size_t bank,
                         enum lunq_place place, struct lunq_error *err)
{
    if (!d->ops->alloc)
        return lunq_fail(err, LUNQ_UNSUPPORTED, "Device %s has no memory to allocate.", d->name);
    if (size == 0)
        return lunq_fail(err, LUNQ_VALUE, "A buffer needs at least one byte.");
    if (bank == LUNQ_NONE)
        return no_default_bank(d, err);
    if (bank >= d->n_banks)
        return lunq_fail(err, LUNQ_INDEX, "Device %s has no memory bank %zu (it has %zu).", d->name,
                         bank, d->n_banks);
    if (place != LUNQ_BOTH && !(d->ops->places >> place & 1))
        return lunq_fail(err, LUNQ_UNSUPPORTED, "Device %s has no memory that is %s.", d->name,
                         place_names[place]);
    return 0;
}

int lunq_mem_alloc(struct lunq_mem **out, struct lunq_device *d, size_t size,
                   const struct lunq_mem_options *opts, struct lunq_error *err)
{
    struct lunq_mem *m;
    size_t bank = opts && opts->bank != LUNQ_NONE ? opts->bank : d->default_bank;
    enum lunq_place place = opts ? opts->place : LUNQ_BOTH;
    int r = check_request(d, size, bank, place, err);
    *out = NULL;
    if (r < 0)
        return r;
    m = calloc(1, sizeof *m);
    if (!m)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    m->dev = d;
    m->place = place;
    m->size = size;
    m->bank = bank;
    m->cacheable = opts && opts->cacheable;
    m->refs = 1;
    lunq_runs_look(d); /* buffers of ended runs may go back now */
    r = d->ops->alloc(d, m, err);
    if (r < 0) {
        free(m);
        return r;
    }
    lunq_device_ref(d);
    link_mem(d, m);
    live_bytes += size;
    *out = m;
    return 0;
}

static int alloc_host(struct lunq_mem **out, size_t size, bool zeroed, struct lunq_error *err)
{
    struct lunq_mem *m = calloc(1, sizeof *m);
    size_t align = size >= 2 * HUGE_PAGE ? HUGE_PAGE : HOST_ALIGN;
    /* calloc, not aligned_alloc and memset: large blocks come as pages that are zero already, and
     * are only touched by whoever fills them. key remembers where the block starts. */
    void *block = NULL;
    if (size <= MOST_BYTES)
        block = zeroed ? calloc(1, size + align) : malloc(size + align);
    *out = NULL;
    if (!m || !block) {
        free(m);
        free(block);
        return lunq_fail(err, LUNQ_MEMORY, "No memory for %zu bytes.", size);
    }
    m->key = (uintptr_t)block;
    m->host = (uint8_t *)(((uintptr_t)block + align - 1) & ~(uintptr_t)(align - 1));
#ifdef MADV_HUGEPAGE
    if (align == HUGE_PAGE) /* fewer faults and TLB misses in long loops; NumPy does the same */
        madvise(m->host, size & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
#endif
    m->size = size;
    m->coherent = true;
    m->refs = 1;
    live_bytes += size;
    *out = m;
    return 0;
}

int lunq_mem_alloc_host(struct lunq_mem **out, size_t size, struct lunq_error *err)
{
    return alloc_host(out, size, true, err);
}

int lunq_mem_alloc_dirty(struct lunq_mem **out, size_t size, struct lunq_error *err)
{
    return alloc_host(out, size, false, err);
}

int lunq_mem_borrow(struct lunq_mem **out, void *bytes, size_t size, struct lunq_error *err)
{
    struct lunq_mem *m = *out = calloc(1, sizeof *m);
    if (!m)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    m->coherent = m->borrowed = true;
    m->refs = 1;
    lunq_mem_lend(m, bytes, size);
    return 0;
}

void lunq_mem_lend(struct lunq_mem *m, void *bytes, size_t size)
{
    m->host = bytes;
    m->size = size;
    m->freed = false;
}

uint64_t lunq_mem_live_bytes(void)
{
    return live_bytes;
}

struct lunq_mem *lunq_mem_ref(struct lunq_mem *m)
{
    m->refs++;
    return m;
}

static void maybe_destroy(struct lunq_mem *m)
{
    if (m->holds > 0 || m->refs > 0)
        return;
    give_back(m);
    lunq_device_unref(m->dev);
    free(m);
}

void lunq_mem_unref(struct lunq_mem *m)
{
    if (!m)
        return;
    m->refs--;
    maybe_destroy(m);
}

int lunq_mem_free(struct lunq_mem *m, struct lunq_error *err)
{
    m->freed = true;
    if (m->holds > 0)
        lunq_runs_look(m->dev); /* runs that have ended let go of it */
    if (m->holds > 0)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "Buffer is in use by a transfer or a kernel: it goes back when that ends "
                         "(wait for it, or reset the engine).");
    give_back(m);
    return 0;
}

void lunq_mem_hold(struct lunq_mem *m)
{
    m->holds++;
}

void lunq_mem_release(struct lunq_mem *m)
{
    m->holds--;
    if (m->holds == 0 && m->freed)
        give_back(m);
    maybe_destroy(m);
}

int lunq_mem_check_host(const struct lunq_mem *m, struct lunq_error *err)
{
    if (m->host)
        return 0;
    if (lunq_mem_gone(m))
        return lunq_fail(err, LUNQ_RUNTIME, "Buffer was freed.");
    return lunq_fail(err, LUNQ_UNSUPPORTED,
                     "The host can't reach the bytes of this buffer: it was allocated with "
                     "device_only, for kernels alone.");
}

/* A card's memory is behind PCIe, a board's behind its caches: much of it takes a while, in one call. */
static int sync_long(struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
                     struct lunq_error *err)
{
    struct lunq_progress p;
    int r;
    lunq_progress_block(&p, dir == LUNQ_TO_DEVICE ? "moving a buffer to the device"
                                                  : "moving a buffer from the device");
    r = m->dev->ops->sync(m->dev, m, off, n, dir, err);
    lunq_progress_end(&p);
    return r;
}

int lunq_mem_sync(struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
                  struct lunq_error *err)
{
    int r = lunq_mem_check_host(m, err);
    if (r < 0)
        return r;
    if (off > m->size || m->size - off < n)
        return lunq_fail(err, LUNQ_INDEX, "Bytes %zu to %zu are outside the buffer of %zu bytes.",
                         off, off + n, m->size);
    if (m->coherent || n == 0 || !m->dev || !m->dev->ops->sync)
        return 0;
    if (n >= LONG_SYNC && !m->dev->ops->advance)
        return sync_long(m, off, n, dir, err);
    return m->dev->ops->sync(m->dev, m, off, n, dir, err);
}

struct lunq_mem *lunq_mem_find(struct lunq_device *d, uint64_t addr, uint64_t n)
{
    for (struct lunq_mem *m = d->memory; m; m = m->next)
        if (addr >= m->address && addr - m->address < m->size && m->size - (addr - m->address) >= n)
            return m;
    return NULL;
}
