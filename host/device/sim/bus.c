/* bus.c - what a master in the fabric reaches: its own MEMORYMAP, not the CPU's.
 * A range of a DMA onto the PS is a window on the device's memory (hwh.md 3.2); a range onto
 * another IP ends in that IP's slot. A module whose metadata has no ranges at all (an overlay
 * written as a table) sees what the CPU sees. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "private.h"

void sim_master_init(struct sim_master *m, struct sim_inst *i, const char *bus)
{
    *m = (struct sim_master){.inst = i, .bus = bus};
}

void sim_master_free(struct sim_master *m)
{
    free(m->windows);
    m->windows = NULL;
    m->n_windows = 0;
    m->built = 0;
}

/* The slot of `target` a range leads to: same slave interface and block where they are said. One
 * that only masters can reach gets a slot of its own. */
static struct sim_slot *slot_of(struct sim_inst *target, const struct lunq_range *r, uint64_t size)
{
    struct sim_slot *slot;
    for (size_t i = 0; i < target->n_slots; i++) {
        slot = target->slots[i];
        if (slot->slave && r->slave && strcasecmp(slot->slave, r->slave))
            continue;
        if (slot->block && slot->block->name && r->block && strcmp(slot->block->name, r->block))
            continue;
        if (slot->size >= size)
            return slot;
    }
    slot = sim_slot_add(target, r->base, size);
    if (slot)
        slot->slave = r->slave;
    return slot;
}

static void add_window(struct sim_master *m, uint64_t base, uint64_t size, bool ddr,
                       struct sim_slot *slot)
{
    struct sim_window *list = realloc(m->windows, (m->n_windows + 1) * sizeof *list);
    if (!list)
        return; /* what isn't in the list answers DECERR */
    m->windows = list;
    list[m->n_windows++] = (struct sim_window){base, size, ddr, slot};
}

/* What there is of memory between two addresses. */
static void add_memory(struct sim_master *m, uint64_t low, uint64_t high)
{
    const struct lunq_ram *ram = &m->inst->sim->ram;
    low = low > ram->base ? low : ram->base;
    high = high < ram->size ? high + 1 : ram->size;
    if (low < high)
        add_window(m, low, high - low, true, NULL);
}

static void build(struct sim_master *m)
{
    struct lunq_sim *s = m->inst->sim;
    const struct lunq_module *mod = m->inst->module;
    sim_master_free(m);
    m->built = s->version + 1;
    for (size_t i = 0; i < mod->n_ranges; i++) {
        const struct lunq_range *r = &mod->ranges[i];
        uint64_t size = r->high - r->base + 1;
        struct sim_inst *target;
        if (m->bus && r->master && strcasecmp(r->master, m->bus))
            continue;
        if (r->high < r->base || size == 0 || !r->target)
            continue;
        target = sim_inst_of(s, r->target);
        if (sim_is_ddr(r->target) && r->base < s->ram.size && r->high >= s->ram.base)
            add_memory(m, r->base, r->high);
        else if (target)
            add_window(m, r->base, size, false, slot_of(target, r, size));
    }
    if (mod->n_ranges > 0)
        return;
    for (size_t i = 0; i < s->fabric.n_slots; i++)
        add_window(m, s->fabric.slots[i]->base, s->fabric.slots[i]->size, s->fabric.slots[i]->ddr,
                   s->fabric.slots[i]);
    add_memory(m, 0, UINT64_MAX);
}

static const struct sim_window *window_at(struct sim_master *m, uint64_t addr)
{
    if (m->built != m->inst->sim->version + 1)
        build(m);
    for (size_t i = 0; i < m->n_windows; i++)
        if (addr >= m->windows[i].base && addr - m->windows[i].base < m->windows[i].size)
            return &m->windows[i];
    return NULL;
}

/* One access by a master to the registers of a model: at most 4 bytes, naturally aligned. */
static int slot_access(struct sim_slot *slot, uint64_t off, uint8_t *data, unsigned width,
                       bool write)
{
    struct lunq_sim *s = slot->inst->sim;
    struct lunq_error e;
    uint64_t v = 0;
    int r;
    e.message[0] = 0;
    if (s->depth >= SIM_MAX_DEPTH)
        return SIM_SLVERR; /* masters that reach themselves through each other */
    s->depth++;
    if (write) {
        memcpy(&v, data, width);
        slot->writes++;
        r = sim_slot_write(slot, off, width, v, &e);
    } else {
        slot->reads++;
        r = sim_slot_read(slot, off, width, &v, &e);
        memcpy(data, &v, width);
    }
    s->depth--;
    if (s->wave)
        sim_wave_slot(s, slot, off, v, write, r == SIM_OKAY ? NULL : e.message);
    return r;
}

/* More than one of those at once, where the model takes blocks: SIM_SINGLE says that it doesn't. */
static int slot_block(struct sim_slot *slot, uint64_t off, uint8_t *data, size_t n, bool write)
{
    struct lunq_sim *s = slot->inst->sim;
    struct lunq_error e;
    int r;
    if (s->depth >= SIM_MAX_DEPTH)
        return SIM_SINGLE;
    s->depth++;
    r = sim_slot_block(slot, off, data, n, write, &e);
    s->depth--;
    return r;
}

static unsigned step(uint64_t addr, size_t n)
{
    unsigned w = 4;
    while (addr % w || n < w)
        w /= 2;
    return w;
}

/* Moves n bytes inside one window. */
static int move(struct lunq_sim *s, const struct sim_window *w, uint64_t off, uint8_t *data,
                size_t n, bool write)
{
    uint8_t *mem = NULL;
    int r = SIM_OKAY;
    if (w->ddr)
        mem = s->ram.device + w->base + off;
    else if (!w->slot || off >= w->slot->size || w->slot->size - off < n)
        return SIM_DECERR;
    else if (w->slot->inst->cls->plain && !(mem = sim_slot_memory(w->slot, NULL)))
        return SIM_SLVERR;
    else if (mem)
        mem += off;
    if (mem && write)
        memcpy(mem, data, n);
    else if (mem)
        memcpy(data, mem, n);
    if (!mem && n > 4 && (r = slot_block(w->slot, off, data, n, write)) != SIM_SINGLE)
        return r;
    r = SIM_OKAY;
    for (size_t i = 0; !mem && r == SIM_OKAY && i < n;) {
        unsigned k = step(off + i, n - i);
        r = slot_access(w->slot, off + i, data + i, k, write);
        i += k;
    }
    return r;
}

void sim_master_note(struct sim_master *m, uint64_t addr, size_t n, bool write, int resp)
{
    struct lunq_sim *s = m->inst->sim;
    if (s->tracing)
        sim_trace(s, "%s %s 0x%llx %zu bytes%s", m->inst->path, write ? "writes" : "reads",
                  (unsigned long long)addr, n,
                  resp == SIM_DECERR   ? " DECERR"
                  : resp == SIM_SLVERR ? " SLVERR"
                                       : "");
    if (s->wave)
        sim_wave_burst(m, addr, n, write, resp);
}

static int access(struct sim_master *m, uint64_t addr, uint8_t *data, size_t n, size_t *done,
                  bool write)
{
    struct lunq_sim *s = m->inst->sim;
    size_t at = 0;
    int r = SIM_OKAY;
    if (s->armed) {
        uint64_t delay = 0;
        r = sim_fault_access(s, m->inst, m->bus ? m->bus : "memory", UINT64_MAX, &delay);
    }
    if (r == SIM_OKAY && s->card) {
        uint8_t *mem = sim_unit_memory(m->inst, m->bus, addr, n);
        if (mem && n > 0)
            memcpy(write ? mem : data, write ? data : mem, n);
        r = mem ? SIM_OKAY : SIM_DECERR;
        at = mem ? n : 0;
    }
    while (r == SIM_OKAY && at < n) {
        const struct sim_window *w = window_at(m, addr + at);
        uint64_t off = w ? addr + at - w->base : 0;
        size_t k = n - at;
        if (!w) {
            r = SIM_DECERR;
            break;
        }
        if (w->size - off < k)
            k = (size_t)(w->size - off);
        r = move(s, w, off, data + at, k, write);
        at += r == SIM_OKAY ? k : 0;
    }
    sim_master_note(m, addr, n, write, r);
    if (done)
        *done = at;
    return r;
}

struct sim_slot *sim_master_slot(struct sim_master *m, uint64_t addr, uint64_t *off)
{
    const struct sim_window *w = m->inst->sim->card ? NULL : window_at(m, addr);
    if (!w || w->ddr)
        return NULL;
    *off = addr - w->base;
    return w->slot;
}

uint8_t *sim_master_bytes(struct sim_master *m, uint64_t addr, uint64_t *n, bool *ddr)
{
    struct lunq_sim *s = m->inst->sim;
    const struct sim_window *w = s->armed || s->card ? NULL : window_at(m, addr);
    uint8_t *mem = NULL;
    *n = 0;
    *ddr = w && w->ddr;
    if (!w)
        return NULL;
    if (w->ddr)
        mem = s->ram.device + w->base;
    else if (w->slot && w->slot->inst->cls->plain)
        mem = sim_slot_memory(w->slot, NULL);
    if (!mem)
        return NULL;
    *n = (w->ddr || w->size < w->slot->size ? w->size : w->slot->size) - (addr - w->base);
    return addr - w->base < (w->ddr ? w->size : w->slot->size) ? mem + (addr - w->base) : NULL;
}

int sim_master_read(struct sim_master *m, uint64_t addr, void *data, size_t n, size_t *done)
{
    return access(m, addr, data, n, done, false);
}

int sim_master_write(struct sim_master *m, uint64_t addr, const void *data, size_t n, size_t *done)
{
    return access(m, addr, (uint8_t *)data, n, done, true); /* only read from */
}
