/* wave.c - what a simulated run does, as a value change dump: accesses at each slave interface and
 * at the processor, bursts of each master, streams, pins, interrupt lines. Signals are found by the
 * names of what they belong to, so that a design loaded again goes on where the first one stopped. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "vcd.h"

/* How long a strobe is high: an access takes SIM_ACCESS_NS, a beat of a stream a clock of 100 MHz. */
#define STROBE_NS 50
#define BEAT_NS 10

enum kind { BUS, MASTER, STREAM, PIN };
/* Signals of a bus or a master, of a stream. */
enum { ADDRESS, DATA, READ, WRITE, FAILURE };
enum { TVALID, TLAST, TREADY, BYTES };

/* The signals of one interface or pin. */
struct bundle {
    enum kind kind;
    char *path, *name; /* name NULL: a free place in the table */
    unsigned first;    /* number of the first signal; 0: left out */
    unsigned width;    /* of a pin */
};

struct lunq_wave {
    struct lunq_sim *sim;
    struct sim_vcd *vcd;
    char *only;           /* NULL: everything */
    struct bundle *table; /* by hash of path and name */
    size_t n, size;       /* in use; places, a power of two */
};

/* ---- finding signals ----------------------------------------------------------------------- */

static bool selected(const struct lunq_wave *w, const char *path)
{
    size_t n = w->only ? strlen(w->only) : 0;
    return n == 0 || (!strncmp(path, w->only, n) && (path[n] == 0 || path[n] == '/'));
}

static size_t hash(enum kind kind, const char *path, const char *name)
{
    uint64_t h = UINT64_C(14695981039346656037) + kind; /* FNV-1a */
    for (; *path; path++)
        h = (h ^ (uint8_t)*path) * UINT64_C(1099511628211);
    for (; *name; name++)
        h = (h ^ (uint8_t)*name) * UINT64_C(1099511628211);
    return (size_t)(h ^ h >> 32);
}

/* The place of a bundle, or the free one where it belongs. */
static struct bundle *place(const struct lunq_wave *w, enum kind kind, const char *path,
                            const char *name)
{
    size_t at = hash(kind, path, name) & (w->size - 1);
    for (;; at = (at + 1) & (w->size - 1)) {
        struct bundle *b = &w->table[at];
        if (!b->name || (b->kind == kind && !strcmp(b->name, name) && !strcmp(b->path, path)))
            return b;
    }
}

static bool make_room(struct lunq_wave *w)
{
    struct lunq_wave old = *w;
    if (2 * (w->n + 1) <= w->size)
        return true;
    w->size = w->size ? 2 * w->size : 64;
    w->table = calloc(w->size, sizeof *w->table);
    if (!w->table) {
        *w = old;
        return false;
    }
    for (size_t i = 0; i < old.size; i++)
        if (old.table[i].name)
            *place(w, old.table[i].kind, old.table[i].path, old.table[i].name) = old.table[i];
    free(old.table);
    return true;
}

/* The bundle, which may have to be made (*made); NULL: no memory, and it is not in the dump. */
static struct bundle *find(struct lunq_wave *w, enum kind kind, const char *path, const char *name,
                           bool *made)
{
    struct bundle *b = w->size ? place(w, kind, path, name) : NULL;
    *made = false;
    if (b && b->name)
        return b;
    if (!make_room(w))
        return NULL;
    b = place(w, kind, path, name);
    *b = (struct bundle){.kind = kind, .path = strdup(path), .name = strdup(name)};
    if (!b->path || !b->name) {
        free(b->path);
        free(b->name);
        *b = (struct bundle){0};
        return NULL;
    }
    w->n++;
    *made = true;
    return b;
}

/* ---- signals of one kind ------------------------------------------------------------------- */

/* "design/path/name"; without `name`, the scope of the IP. */
static const char *scope(char buf[1024], const struct lunq_wave *w, const char *path,
                         const char *name)
{
    const struct lunq_design *d = w->sim->fabric.design;
    snprintf(buf, 1024, "%s%s%s%s%s", d && *d->name ? d->name : "design", *path ? "/" : "", path,
             name ? "/" : "", name ? name : "");
    return buf;
}

static unsigned bits(uint64_t most)
{
    unsigned n = 1;
    while (n < 64 && most >> n)
        n++;
    return n;
}

static unsigned add_port(struct sim_vcd *v, const char *where, const char *address,
                         unsigned address_bits, const char *data, unsigned data_bits)
{
    const uint64_t low = 0;
    unsigned first = sim_vcd_signal(v, where, address, address_bits, NULL);
    sim_vcd_signal(v, where, data, data_bits, NULL);
    sim_vcd_signal(v, where, "read", 1, &low);
    sim_vcd_signal(v, where, "write", 1, &low);
    return sim_vcd_signal(v, where, "error", 0, NULL) ? first : 0;
}

/* One access at a port. */
static void set_port(struct lunq_wave *w, unsigned first, uint64_t address, uint64_t data,
                     bool write, const char *failure)
{
    uint64_t now = w->sim->clock.now;
    if (first == 0)
        return;
    sim_vcd_set(w->vcd, first + ADDRESS, now, address);
    if (failure && !write)
        sim_vcd_set_unknown(w->vcd, first + DATA, now);
    else
        sim_vcd_set(w->vcd, first + DATA, now, data);
    sim_vcd_pulse(w->vcd, first + (write ? WRITE : READ), now, STROBE_NS);
    sim_vcd_set_text(w->vcd, first + FAILURE, now, failure ? failure : "");
}

static unsigned slot_signals(struct lunq_wave *w, const struct sim_slot *slot)
{
    const char *path = slot->inst->path, *slave = slot->slave ? slot->slave : "bus";
    char where[1024];
    bool made;
    struct bundle *b = find(w, BUS, path, slave, &made);
    if (made && selected(w, path))
        b->first = add_port(w->vcd, scope(where, w, path, slave), "offset", bits(slot->size - 1),
                            "data", 64);
    return b ? b->first : 0;
}

static unsigned master_signals(struct lunq_wave *w, const struct sim_master *m)
{
    const char *path = m->inst->path, *bus = m->bus ? m->bus : "master";
    char where[1024];
    bool made;
    struct bundle *b = find(w, MASTER, path, bus, &made);
    if (made && selected(w, path))
        b->first = add_port(w->vcd, scope(where, w, path, bus), "address", 64, "bytes", 32);
    return b ? b->first : 0;
}

/* The processor's bus. */
static unsigned cpu_signals(struct lunq_wave *w)
{
    bool made;
    struct bundle *b = find(w, BUS, "", "", &made);
    if (made && !w->only)
        b->first = add_port(w->vcd, "cpu", "address", 64, "data", 64);
    return b ? b->first : 0;
}

static unsigned add_stream(struct lunq_wave *w, const struct sim_link *l, const char *where)
{
    const uint64_t low = 0, ready = !l->waiting;
    unsigned first = sim_vcd_signal(w->vcd, where, "tvalid", 1, &low);
    sim_vcd_signal(w->vcd, where, "tlast", 1, &low);
    sim_vcd_signal(w->vcd, where, "tready", 1, &ready);
    return sim_vcd_signal(w->vcd, where, "bytes", 64, &l->bytes) ? first : 0;
}

/* A stream is shown at both of its ends. */
static unsigned stream_signals(struct lunq_wave *w, const struct sim_link *l)
{
    static const char *const names[] = {"tvalid", "tlast", "tready", "bytes"};
    const char *from = l->master ? l->master->path : "", *to = l->slave ? l->slave->path : "";
    const char *from_if = l->master && l->master_if ? l->master_if->name : "stream";
    const char *to_if = l->slave && l->slave_if ? l->slave_if->name : "stream";
    char where[1024];
    bool made, at_from = *from && selected(w, from), at_to = *to && selected(w, to);
    struct bundle *b =
        *from ? find(w, STREAM, from, from_if, &made) : find(w, STREAM, to, to_if, &made);
    if (made && at_from)
        b->first = add_stream(w, l, scope(where, w, from, from_if));
    else if (made && at_to)
        b->first = add_stream(w, l, scope(where, w, to, to_if));
    for (unsigned i = 0; made && b->first && at_from && at_to && i < 4; i++)
        sim_vcd_also(w->vcd, b->first + i, scope(where, w, to, to_if), names[i]);
    return b ? b->first : 0;
}

/* A pin at a level from now on. width 0: nobody knows; wide enough for all lines of a GPIO. */
static void set_pin(struct lunq_wave *w, const char *path, const char *name, unsigned width,
                    uint64_t level)
{
    const uint64_t low = 0;
    char where[1024];
    bool made;
    struct bundle *b = find(w, PIN, path, name, &made);
    if (made && selected(w, path)) {
        b->width = width > 64 ? 64 : width ? width : 32;
        b->first = sim_vcd_signal(w->vcd, scope(where, w, path, NULL), name, b->width, &low);
    }
    if (b && b->first)
        sim_vcd_set(w->vcd, b->first, w->sim->clock.now, level & UINT64_MAX >> (64 - b->width));
}

/* ---- what the device tells ----------------------------------------------------------------- */

void sim_wave_slot(struct lunq_sim *s, const struct sim_slot *slot, uint64_t off, uint64_t value,
                   bool write, const char *failure)
{
    set_port(s->wave, slot_signals(s->wave, slot), off, value, write, failure);
}

void sim_wave_access(struct lunq_sim *s, const struct sim_slot *slot, uint64_t addr, uint64_t value,
                     bool write, const char *failure)
{
    set_port(s->wave, cpu_signals(s->wave), addr, value, write, failure);
    if (slot)
        sim_wave_slot(s, slot, addr - slot->base, value, write, failure);
}

void sim_wave_burst(const struct sim_master *m, uint64_t addr, size_t n, bool write, int resp)
{
    struct lunq_wave *w = m->inst->sim->wave;
    set_port(w, master_signals(w, m), addr, n, write,
             resp == SIM_DECERR   ? "DECERR"
             : resp == SIM_SLVERR ? "SLVERR"
                                  : NULL);
}

void sim_wave_sent(const struct sim_link *l, size_t n, bool last)
{
    struct lunq_sim *s = (l->master ? l->master : l->slave)->sim;
    unsigned first = stream_signals(s->wave, l);
    uint64_t now = s->clock.now;
    if (first == 0)
        return;
    if (n > 0)
        sim_vcd_pulse(s->wave->vcd, first + TVALID, now, BEAT_NS);
    if (last)
        sim_vcd_pulse(s->wave->vcd, first + TLAST, now, BEAT_NS);
    sim_vcd_set(s->wave->vcd, first + BYTES, now, l->bytes);
}

void sim_wave_waiting(const struct sim_link *l)
{
    struct lunq_sim *s = (l->master ? l->master : l->slave)->sim;
    unsigned first = stream_signals(s->wave, l);
    if (first)
        sim_vcd_set(s->wave->vcd, first + TREADY, s->clock.now, !l->waiting);
}

static unsigned width_of(const struct lunq_module *m, const char *port)
{
    const struct lunq_port *p = lunq_module_port(m, port);
    return p ? p->width : 0;
}

/* Outputs that interrupt somebody: there from the start, although no model has set them yet. */
static void set_interrupts(struct lunq_sim *s)
{
    const struct lunq_design *d = s->fabric.design;
    for (size_t i = 0; i < d->n_pins; i++) {
        const struct lunq_irq_pin *p = &d->pins[i];
        struct sim_inst *inst = p->source && p->module ? sim_inst_of(s, p->module) : NULL;
        unsigned width = inst ? width_of(inst->module, p->port) : 0;
        if (inst)
            set_pin(s->wave, inst->path, p->port, width ? width : 1,
                    sim_stored_level(s, inst->module, inst, p->port));
    }
}

/* Ports of the design. Both ways go those of memory and of I/O buffers: no model drives them. */
static void set_external(struct lunq_sim *s)
{
    const struct lunq_design *d = s->fabric.design;
    for (size_t i = 0; !s->wave->only && i < d->n_external; i++)
        if (d->external[i].net && d->external[i].dir != LUNQ_INOUT)
            set_pin(s->wave, "", d->external[i].name, d->external[i].width,
                    sim_external_level(s, &d->external[i]));
}

static void set_driven(struct lunq_sim *s)
{
    for (size_t i = 0; i < s->n_driven; i++) {
        const struct sim_driven *by_hand = &s->driven[i];
        struct sim_inst *inst = by_hand->module ? sim_inst_of(s, by_hand->module) : NULL;
        if (inst)
            set_pin(s->wave, inst->path, by_hand->port, width_of(inst->module, by_hand->port),
                    by_hand->level);
    }
}

static void set_lines(struct lunq_sim *s)
{
    const uint64_t low = 0;
    unsigned gic;
    bool level, made;
    for (size_t i = 0; !s->wave->only && sim_irq_line(s, i, &gic, &level); i++) {
        char name[24];
        struct bundle *b;
        snprintf(name, sizeof name, "irq%u", gic);
        b = find(s->wave, PIN, "", name, &made);
        if (made)
            b->first = sim_vcd_signal(s->wave->vcd, "cpu", name, 1, &low);
        if (b)
            sim_vcd_set(s->wave->vcd, b->first, s->clock.now, level);
    }
}

void sim_wave_wires(struct lunq_sim *s)
{
    if (!s->fabric.design || s->programming)
        return;
    set_interrupts(s);
    for (size_t i = 0; i < s->fabric.n_insts; i++) {
        struct sim_inst *inst = s->fabric.insts[i];
        for (size_t k = 0; k < inst->n_wires; k++)
            set_pin(s->wave, inst->path, inst->wires[k].port,
                    width_of(inst->module, inst->wires[k].port),
                    sim_stored_level(s, inst->module, inst, inst->wires[k].port));
    }
    set_driven(s);
    set_external(s);
    set_lines(s);
}

/* ---- designs ------------------------------------------------------------------------------- */

static bool has_selected(const struct lunq_wave *w)
{
    const struct sim_fabric *f = &w->sim->fabric;
    for (size_t i = 0; i < f->n_insts; i++)
        if (selected(w, f->insts[i]->path))
            return true;
    return false;
}

static const char *inst_path(void *ctx, size_t i)
{
    return ((const struct sim_fabric *)ctx)->insts[i]->path;
}

static int nothing_there(const struct lunq_wave *w, struct lunq_error *err)
{
    struct sim_fabric *f = &w->sim->fabric;
    char hint[160];
    return lunq_fail(err, LUNQ_VALUE, "The loaded design has no IP or hierarchy \"%s\"%s.", w->only,
                     sim_suggest(hint, sizeof hint, w->only, inst_path, f, f->n_insts));
}

/* All that is known of the design that is there. */
static void declare(struct lunq_wave *w)
{
    const struct sim_fabric *f = &w->sim->fabric;
    cpu_signals(w);
    for (size_t i = 0; i < f->n_slots; i++)
        slot_signals(w, f->slots[i]);
    for (size_t i = 0; i < f->n_links; i++)
        stream_signals(w, f->links[i]);
    sim_wave_wires(w->sim);
}

void sim_wave_program(struct lunq_sim *s)
{
    struct lunq_wave *w = s->wave;
    struct lunq_error e;
    for (size_t i = 0; i < w->size; i++) /* what is gone has no level */
        if (w->table[i].first && (w->table[i].kind == PIN || w->table[i].kind == STREAM))
            sim_vcd_set_unknown(w->vcd,
                                w->table[i].first + (w->table[i].kind == STREAM ? TREADY : 0),
                                s->clock.now);
    declare(w);
    for (size_t i = 0; i < s->fabric.n_links; i++)
        sim_wave_waiting(s->fabric.links[i]);
    if (w->only && !has_selected(w)) {
        nothing_there(w, &e);
        lunq_warn("user", "Nothing is recorded: %s", e.message);
    }
}

/* ---- life ---------------------------------------------------------------------------------- */

static void destroy(struct lunq_wave *w)
{
    for (size_t i = 0; i < w->size; i++) {
        free(w->table[i].path);
        free(w->table[i].name);
    }
    free(w->table);
    free(w->only);
    free(w);
}

int lunq_sim_wave_open(struct lunq_wave **out, struct lunq_sim *s, const char *path,
                       const char *only, struct lunq_error *err)
{
    struct lunq_wave *w;
    int r = 0;
    if (s->wave)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "Device %s is being recorded already: close that recording first.",
                         s->dev.name);
    w = calloc(1, sizeof *w);
    if (!w)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    w->sim = s;
    if (only && *only && !(w->only = strdup(only)))
        r = lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    else if (w->only && s->fabric.design && !has_selected(w))
        r = nothing_there(w, err);
    if (r == 0)
        r = sim_vcd_open(&w->vcd, path, s->clock.now, err);
    if (r < 0) {
        destroy(w);
        return r;
    }
    lunq_device_ref(&s->dev);
    s->wave = w;
    declare(w);
    sim_update_direct(s);
    *out = w;
    return 0;
}

int lunq_sim_wave_close(struct lunq_wave *w, struct lunq_error *err)
{
    struct lunq_sim *s = w->sim;
    int r = sim_vcd_close(w->vcd, s->clock.now, err);
    s->wave = NULL;
    sim_update_direct(s);
    destroy(w);
    lunq_device_unref(&s->dev);
    return r;
}
