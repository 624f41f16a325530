/* card_memory.c - buffers on a simulated card. Each has a host copy and one on the card, in pages of its
 * own, so that a bank of 16 GiB costs what is in use; a sync moves bytes between them and takes as long
 * as over PCIe. Host memory and windows for other cards have one copy (xrt.md 2, flags). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "card.h"

/* PCIe 3.0 x16 as measured on a U200: 12 GB/s, and what a small transfer takes (xrt.md 9). */
#define BYTES_PER_NS 12
#define TRANSFER_NS 13000

#define PAGE LUNQ_SPACE_PAGE
#define LARGE ((size_t)1 << 18) /* from here on the kernel has cleared pages sooner */

struct buffer {
    struct lunq_space_block *block;
    uint8_t *device;
};

static struct buffer *buffer_of(const struct lunq_mem *m)
{
    return (struct buffer *)(uintptr_t)m->key;
}

/* Zeroed bytes at a page's start, as XRT maps them; NULL: no memory. */
static uint8_t *pages_new(size_t n)
{
    void *p = NULL;
    if (n >= LARGE) {
        p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                 0);
        return p == MAP_FAILED ? NULL : p;
    }
    if (posix_memalign(&p, PAGE, n) != 0)
        return NULL;
    return memset(p, 0, n);
}

static void pages_free(uint8_t *p, size_t n)
{
    if (p && n >= LARGE)
        munmap(p, n);
    else
        free(p);
}

static const struct lunq_memory *memory_of(const struct lunq_sim *s, size_t bank)
{
    const struct lunq_design *d = s->card->shown;
    for (size_t i = 0; d && i < d->card.n_memories; i++)
        if (!d->card.memories[i].streaming && d->card.memories[i].row == s->dev.banks[bank].row)
            return &d->card.memories[i];
    return NULL;
}

static bool is_host_bank(const struct lunq_sim *s, size_t bank)
{
    const struct lunq_memory *m = memory_of(s, bank);
    return m && m->type == LUNQ_MEM_HOST;
}

/* Memory of the host that the card reaches is a bank of its own; a buffer may ask for it by its place. */
static int find_host_bank(const struct lunq_sim *s, struct lunq_mem *m, struct lunq_error *err)
{
    for (size_t i = 0; i < s->dev.n_banks; i++) {
        if (!is_host_bank(s, i))
            continue;
        m->bank = i;
        return 0;
    }
    return lunq_fail(err, LUNQ_UNSUPPORTED,
                     "No kernel of %s reaches memory of the host: the design has no memory of that "
                     "kind (HOST[0]; v++ --config with sp=...:HOST[0]).",
                     s->dev.name);
}

static int full(const struct lunq_sim *s, const struct lunq_mem *m, uint64_t largest,
                struct lunq_error *err)
{
    const struct lunq_bank *b = &s->dev.banks[m->bank];
    return lunq_fail(err, LUNQ_MEMORY,
                     "Failed to allocate Memory! %zu bytes don't fit into bank %s of %s: %" PRIu64
                     " of %" PRIu64 " bytes are in use, the largest hole has %" PRIu64
                     " (free buffers, or use another bank the kernel reaches).",
                     m->size, b->name, s->dev.name,
                     lunq_space_used(&s->card->space, b->base, b->size), b->size, largest);
}

int sim_card_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    const struct lunq_bank *bank;
    struct buffer *b;
    uint64_t largest;
    int r;
    if (m->place == LUNQ_HOST_ONLY && !is_host_bank(s, m->bank) &&
        (r = find_host_bank(s, m, err)) < 0)
        return r;
    if (is_host_bank(s, m->bank))
        m->place = LUNQ_HOST_ONLY;
    bank = &d->banks[m->bank];
    b = calloc(1, sizeof *b);
    if (!b)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    b->block = lunq_space_take(&s->card->space, m->size, bank->base, bank->size, &largest);
    if (!b->block) {
        free(b);
        return full(s, m, largest, err);
    }
    b->device = pages_new(m->size);
    m->coherent = m->place == LUNQ_HOST_ONLY || m->place == LUNQ_P2P;
    m->host = m->coherent ? b->device : m->place == LUNQ_DEVICE_ONLY ? NULL : pages_new(m->size);
    m->address = b->block->addr;
    m->key = (uintptr_t)b;
    if (b->device && (m->host || m->place == LUNQ_DEVICE_ONLY))
        return 0;
    sim_card_free(d, m);
    return lunq_fail(err, LUNQ_MEMORY, "This machine has no memory for a buffer of %zu bytes.",
                     m->size);
}

void sim_card_free(struct lunq_device *d, struct lunq_mem *m)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct buffer *b = buffer_of(m);
    if (m->host != b->device)
        pages_free(m->host, m->size);
    pages_free(b->device, m->size);
    lunq_space_give(&s->card->space, b->block);
    free(b);
    if (s->card->last == m)
        s->card->last = NULL;
}

/* Kernels go on meanwhile. */
int sim_card_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n,
                  enum lunq_sync dir, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    uint8_t *device = buffer_of(m)->device + off;
    int r;
    if (s->tracing)
        sim_trace(s, "%s 0x%" PRIx64 " %zu bytes",
                  dir == LUNQ_TO_DEVICE ? "to device" : "from device", m->address + off, n);
    lunq_mem_hold(m);
    lunq_device_ref(d);
    sim_pass(s, sim_clock_latency(&s->clock, TRANSFER_NS + n / BYTES_PER_NS));
    if (dir == LUNQ_TO_DEVICE)
        memcpy(device, m->host + off, n);
    else
        memcpy(m->host + off, device, n);
    r = sim_take_failure(s, err);
    lunq_mem_release(m);
    lunq_device_unref(d);
    return r;
}

static bool holds(const struct lunq_mem *m, uint64_t addr, uint64_t n)
{
    return addr >= m->address && addr - m->address < m->size && m->size - (addr - m->address) >= n;
}

uint8_t *sim_card_at(struct lunq_sim *s, uint64_t addr, uint64_t n, struct lunq_mem **mem)
{
    struct lunq_mem *m = s->card->last;
    if (!m || !holds(m, addr, n))
        m = lunq_mem_find(&s->dev, addr, n);
    if (!m)
        return NULL;
    s->card->last = m;
    if (mem)
        *mem = m;
    return buffer_of(m)->device + (addr - m->address);
}
