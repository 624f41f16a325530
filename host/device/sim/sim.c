/* sim.c - the device table of the simulated device. */
#include "private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const struct lunq_device_ops sim_ops;

struct lunq_sim *lunq_sim_of(struct lunq_device *d)
{
    return d && d->ops == &sim_ops ? (struct lunq_sim *)d : NULL;
}

static void sim_destroy(struct lunq_device *d)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    if (s->plain)
        munmap(s->plain, SIM_PLAIN_SIZE);
    sim_ram_close(&s->ram);
    free(s);
}

static int sim_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    (void)d;
    (void)p;
    (void)err;
    return 0;
}

/* ---- accesses ------------------------------------------------------------------------------ */

/* Where [addr, addr+n) lies in memory, or NULL with *err set. */
static uint8_t *locate(struct lunq_sim *s, uint64_t addr, uint64_t n, struct lunq_error *err)
{
    if (addr >= SIM_PLAIN_BASE && addr - SIM_PLAIN_BASE < SIM_PLAIN_SIZE &&
        SIM_PLAIN_SIZE - (addr - SIM_PLAIN_BASE) >= n) {
        if (!s->plain) {
            void *p = mmap(NULL, SIM_PLAIN_SIZE, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (p == MAP_FAILED) {
                lunq_fail(err, LUNQ_MEMORY, "No address space for the simulated registers.");
                return NULL;
            }
            s->plain = p;
        }
        return s->plain + (addr - SIM_PLAIN_BASE);
    }
    if (addr < s->ram.size && s->ram.size - addr >= n)
        return s->ram.device + addr;
    lunq_fail(err, LUNQ_IO, "Bus error (DECERR): nothing answers at 0x%" PRIx64 ".", addr);
    return NULL;
}

static int sim_read(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
                    struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    uint8_t *p = locate(s, addr, width, err);
    if (!p)
        return LUNQ_IO;
    *value = 0;
    memcpy(value, p, width);
    return 0;
}

static int sim_write(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
                     struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    uint8_t *p = locate(s, addr, width, err);
    if (!p)
        return LUNQ_IO;
    memcpy(p, &value, width);
    return 0;
}

static volatile uint8_t *sim_map(struct lunq_device *d, uint64_t addr, uint64_t size,
                                 struct lunq_error *err)
{
    return locate((struct lunq_sim *)d, addr, size, err);
}

/* ---- memory -------------------------------------------------------------------------------- */

static int sim_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct sim_block *block;
    int r = sim_ram_alloc(&s->ram, m->size, &m->address, &block, err);
    if (r < 0)
        return r;
    m->host = s->ram.host + m->address;
    m->coherent = s->config.coherent;
    m->key = (uintptr_t)block;
    return 0;
}

static void sim_free(struct lunq_device *d, struct lunq_mem *m)
{
    sim_ram_free(&((struct lunq_sim *)d)->ram, (struct sim_block *)(uintptr_t)m->key);
}

static int sim_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n,
                    enum lunq_sync dir, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    uint8_t *device = s->ram.device + m->address + off;
    (void)err;
    if (dir == LUNQ_TO_DEVICE)
        memcpy(device, m->host + off, n);
    else
        memcpy(m->host + off, device, n);
    return 0;
}

/* ---- time ---------------------------------------------------------------------------------- */

static uint64_t sim_now(struct lunq_device *d)
{
    return ((struct lunq_sim *)d)->now;
}

static int sim_advance(struct lunq_device *d, uint64_t until, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    if (until == UINT64_MAX)
        return lunq_fail(err, LUNQ_TIMEOUT,
                         "Nothing is under way on %s: a wait without a time limit would never end.",
                         d->name);
    s->now = until > s->now ? until : s->now;
    return 0;
}

static const struct lunq_device_ops sim_ops = {
    .kind = "sim",
    .destroy = sim_destroy,
    .program = sim_program,
    .read = sim_read,
    .write = sim_write,
    .map = sim_map,
    .alloc = sim_alloc,
    .free = sim_free,
    .sync = sim_sync,
    .now = sim_now,
    .advance = sim_advance,
};

int lunq_sim_open(struct lunq_device **out, const char *spec, struct lunq_error *err)
{
    struct sim_config config;
    struct lunq_sim *s;
    int r = sim_config_parse(&config, spec, err);
    if (r < 0)
        return r;
    s = calloc(1, sizeof *s);
    if (!s)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    lunq_device_init(&s->dev, &sim_ops, spec);
    s->config = config;
    s->bank = (struct lunq_bank){"PSDDR", 0, config.ddr, config.coherent};
    s->dev.banks = &s->bank;
    s->dev.n_banks = 1;
    r = sim_ram_open(&s->ram, config.ddr, config.coherent, err);
    if (r < 0) {
        free(s);
        return r;
    }
    *out = &s->dev;
    return 0;
}
