/* master.c - see master.h. */
#include "master.h"

#include <inttypes.h>
#include <stdio.h>

#include "block.h"

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

static bool touches_buffer(const struct lunq_sim *s, uint64_t addr, unsigned n)
{
    for (const struct lunq_mem *m = s->dev.memory; m; m = m->next)
        if (m->size && (addr - m->address < m->size || m->address - addr < n))
            return true;
    return false;
}

/* True: [addr, addr+n) is in the device's memory, but not in a buffer. Reads have no strobes, so that a
 * master reads whole beats: of those one byte has to be in one. */
static bool strays(struct rtl_master *m, bool write, uint64_t addr, unsigned n)
{
    const struct lunq_sim *s = m->bus.inst->sim;
    uint64_t follow;
    bool ddr;
    if (!sim_master_bytes(&m->bus, addr, &follow, &ddr) || !ddr)
        return false;
    if (write ? buffer_at(s, addr) && buffer_at(s, addr + n - 1) : touches_buffer(s, addr, n))
        return false;
    tell(m, write ? "writes" : "reads", addr, n);
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
    if (strays(m, false, addr, n))
        return RTL_DECERR;
    return answer(m, sim_master_read(&m->bus, addr, data, n, NULL), "reads", addr, n);
}

static enum rtl_response write_bus(void *ctx, uint64_t addr, const uint8_t *data, unsigned n)
{
    struct rtl_master *m = ctx;
    if (strays(m, true, addr, n))
        return RTL_DECERR;
    return answer(m, sim_master_write(&m->bus, addr, data, n, NULL), "writes", addr, n);
}

/* ---- registers and memory that are RTL, too -------------------------------------------------- */

/* The queue of the slave port at an address, and the address there; NULL: there is none. */
static struct rtl_queue *queue_at(struct rtl_master *m, uint64_t addr, struct sim_slot **slot,
                                  uint64_t *at)
{
    struct rtl_axil *p;
    struct rtl_inst *r;
    *slot = sim_master_slot(&m->bus, addr, at);
    if (!*slot || !(*slot)->inst->cls->timed || sim_is_silent((*slot)->inst, NULL))
        return NULL;
    r = (*slot)->inst->state;
    p = r && r->domain && !r->engine.dead ? rtl_port_of(r, *slot) : NULL;
    return p ? rtl_engine_queue(&r->engine, p) : NULL;
}

static bool is_port(void *ctx, uint64_t addr)
{
    struct sim_slot *slot;
    uint64_t at;
    return queue_at(ctx, addr, &slot, &at);
}

/* How far a burst reaches from its address on. */
static uint64_t extent(const struct rtl_burst *b)
{
    return b->type == RTL_INCR ? rtl_beat_block(b, b->last) + (UINT64_C(1) << b->size) - b->address
                               : 1;
}

/* What an injected fault makes of it, or SIM_OKAY. */
static int fault(struct rtl_master *m)
{
    struct sim_inst *i = m->bus.inst;
    uint64_t delay = 0;
    if (!i->sim->armed)
        return SIM_OKAY;
    return sim_fault_access(i->sim, i, m->bus.bus ? m->bus.bus : "memory", UINT64_MAX, &delay);
}

/* Once: a master that does it does it often. */
static enum rtl_response refuse(struct rtl_master *m, const struct rtl_bus *bus, const char *why)
{
    if (!m->refused)
        lunq_warn("user", "%s/%s gets SLVERR from port %s: %s. (Said once for each port.)",
                  m->bus.inst->path, m->memory->bus->name, bus->name, why);
    m->refused = true;
    return RTL_SLVERR;
}

static void send(void *ctx, struct rtl_transfer *t)
{
    struct rtl_master *m = ctx;
    struct sim_slot *slot;
    uint64_t addr = t->burst.address, at;
    struct rtl_queue *q = queue_at(m, addr, &slot, &at);
    const char *why;
    int r = fault(m);
    if (r != SIM_OKAY || !q) {
        rtl_transfer_end(t, r == SIM_DECERR ? RTL_DECERR : RTL_SLVERR);
    } else if (at >= slot->size || slot->size - at < extent(&t->burst)) {
        tell(m, t->write ? "writes" : "reads", addr, rtl_transfer_size(t));
        rtl_transfer_end(t, RTL_DECERR);
    } else {
        t->burst.address = slot->base + at;
        t->burst.id ^= m->number;
        if ((why = rtl_queue_refuses(q, t))) {
            rtl_transfer_end(t, refuse(m, q->bus, why));
            return;
        }
        *(t->write ? &slot->writes : &slot->reads) += 1;
        rtl_queue_add(q, t);
        rtl_domain_wake(((struct rtl_inst *)slot->inst->state)->domain);
    }
}

static void over(void *ctx, const struct rtl_burst *b, const struct rtl_transfer *t)
{
    struct rtl_master *m = ctx;
    sim_master_note(&m->bus, b->address, rtl_transfer_size(t), t->write,
                    t->response == RTL_SLVERR   ? SIM_SLVERR
                    : t->response == RTL_DECERR ? SIM_DECERR
                                                : SIM_OKAY);
}

/* ---- life ---------------------------------------------------------------------------------- */

void rtl_master_init(struct rtl_master *m, struct sim_inst *i, struct rtl_memory *memory,
                     bool in_order)
{
    *m = (struct rtl_master){.memory = memory};
    /* A name the design does not know: everything the IP reaches through any port. */
    sim_master_init(&m->bus, i,
                    lunq_module_bus(i->module, memory->bus->name) ? memory->bus->name : NULL);
    m->target = (struct rtl_target){.ctx = m,
                                    .bytes = bytes,
                                    .read = read_bus,
                                    .write = write_bus,
                                    .is_port = is_port,
                                    .send = send,
                                    .over = over};
    for (const char *s = i->path; *s; s++)
        m->number = m->number * 31 + (unsigned char)*s;
    for (const char *s = memory->bus->name; *s; s++)
        m->number = m->number * 31 + (unsigned char)*s;
    memory->target = &m->target;
    memory->reads.in_order = memory->answers.in_order = in_order;
}

void rtl_master_free(struct rtl_master *m)
{
    sim_master_free(&m->bus);
}
