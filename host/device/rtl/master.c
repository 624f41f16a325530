/* master.c - see master.h. */
#include "master.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- buffers ------------------------------------------------------------------------------- */

static const struct lunq_mem *buffer_at(const struct lunq_sim *s, uint64_t addr)
{
    for (const struct lunq_mem *m = s->dev.memory; m; m = m->next)
        if (addr - m->address < m->size)
            return m;
    return NULL;
}

static uint8_t *bytes(void *ctx, uint64_t addr, uint64_t *n)
{
    struct rtl_master *m = ctx;
    const struct lunq_mem *buffer;
    bool ddr;
    uint8_t *p = sim_master_bytes(&m->bus, addr, n, &ddr);
    if (!p || !ddr)
        return p;
    buffer = buffer_at(m->bus.inst->sim, addr);
    if (!buffer)
        return NULL;
    if (buffer->size - (addr - buffer->address) < *n)
        *n = buffer->size - (addr - buffer->address);
    return p;
}

/* ---- what leads nowhere ---------------------------------------------------------------------- */

static uint64_t distance(const struct lunq_mem *m, uint64_t addr)
{
    return addr < m->address ? m->address - addr : addr - m->address - (m->size - 1);
}

static const struct lunq_mem *nearest(const struct lunq_sim *s, uint64_t addr)
{
    const struct lunq_mem *best = NULL;
    for (const struct lunq_mem *m = s->dev.memory; m; m = m->next)
        if (m->size && (!best || distance(m, addr) < distance(best, addr)))
            best = m;
    return best;
}

/* Once for each port: a burst that has gone astray has many beats. */
static void tell(struct rtl_master *m, const char *verb, uint64_t addr, unsigned n)
{
    const struct lunq_mem *near = nearest(m->bus.inst->sim, addr);
    char text[128] = "no buffer is allocated";
    if (m->told)
        return;
    m->told = true;
    if (near)
        snprintf(text, sizeof text, "the nearest buffer is 0x%" PRIx64 " to 0x%" PRIx64,
                 near->address, near->address + near->size - 1);
    lunq_warn("user",
              "%s/%s %s %u bytes at 0x%" PRIx64
              ", where no live buffer is: it gets DECERR; %s. (Said once for each port.)",
              m->bus.inst->path, m->memory->bus->name, verb, n, addr, text);
}

/* True: [addr, addr+n) is in the device's memory, but in no buffer. */
static bool strays(struct rtl_master *m, const char *verb, uint64_t addr, unsigned n)
{
    uint64_t follow;
    bool ddr;
    if (!sim_master_bytes(&m->bus, addr, &follow, &ddr) || !ddr)
        return false;
    if (buffer_at(m->bus.inst->sim, addr) && buffer_at(m->bus.inst->sim, addr + n - 1))
        return false;
    tell(m, verb, addr, n);
    return true;
}

static enum rtl_response answer(struct rtl_master *m, int r, const char *verb, uint64_t addr,
                                unsigned n)
{
    if (r == SIM_DECERR)
        tell(m, verb, addr, n);
    return r == SIM_OKAY ? RTL_OKAY : r == SIM_SLVERR ? RTL_SLVERR : RTL_DECERR;
}

static enum rtl_response read_bus(void *ctx, uint64_t addr, uint8_t *data, unsigned n)
{
    struct rtl_master *m = ctx;
    if (strays(m, "reads", addr, n))
        return RTL_DECERR;
    return answer(m, sim_master_read(&m->bus, addr, data, n, NULL), "reads", addr, n);
}

static enum rtl_response write_bus(void *ctx, uint64_t addr, const uint8_t *data, unsigned n)
{
    struct rtl_master *m = ctx;
    if (strays(m, "writes", addr, n))
        return RTL_DECERR;
    return answer(m, sim_master_write(&m->bus, addr, data, n, NULL), "writes", addr, n);
}

/* ---- life ---------------------------------------------------------------------------------- */

void rtl_master_init(struct rtl_master *m, struct sim_inst *i, struct rtl_memory *memory)
{
    *m = (struct rtl_master){.memory = memory};
    /* A name the design does not know: everything the IP reaches through any port. */
    sim_master_init(&m->bus, i,
                    lunq_module_bus(i->module, memory->bus->name) ? memory->bus->name : NULL);
    m->target = (struct rtl_target){.ctx = m, .bytes = bytes, .read = read_bus, .write = write_bus};
    memory->target = &m->target;
}

void rtl_master_free(struct rtl_master *m)
{
    sim_master_free(&m->bus);
}
