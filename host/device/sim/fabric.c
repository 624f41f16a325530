/* fabric.c - builds the simulated logic from a design: instances, address slots, stream links.
 * Everything new is made before anything old goes, so a design that can't be built leaves the
 * device as it was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* ---- instances ----------------------------------------------------------------------------- */

static void inst_free(struct sim_inst *i)
{
    if (!i)
        return;
    if (i->cls && i->cls->destroy)
        i->cls->destroy(i);
    for (size_t k = 0; k < i->n_slots; k++) {
        sim_store_unref(i->slots[k]->store);
        free(i->slots[k]);
    }
    free(i->slots);
    free(i->wires);
    free((char *)i->path);
    free((char *)i->region);
    lunq_design_unref(i->design);
    free(i);
}

/* "region/path", or the path itself. NULL: no memory. */
static char *full_path(const char *region, const char *path)
{
    size_t n = region ? strlen(region) : 0, k = strlen(path);
    char *s = malloc(n + k + 2);
    if (!s)
        return NULL;
    if (region) {
        memcpy(s, region, n);
        s[n++] = '/';
    }
    memcpy(s + n, path, k + 1);
    return s;
}

static struct sim_inst *inst_new(struct lunq_sim *s, const struct lunq_program *p,
                                 const struct lunq_module *m)
{
    struct sim_inst *i = calloc(1, sizeof *i);
    if (!i)
        return NULL;
    i->sim = s;
    i->design = lunq_design_ref(p->design);
    i->module = m;
    i->path = full_path(p->region, m->path);
    i->region = p->region ? strdup(p->region) : NULL;
    if (!i->path || (p->region && !i->region)) {
        inst_free(i);
        return NULL;
    }
    return i;
}

/* Modules that get an instance: whatever has an address, is on a stream, or has a model of a
 * script. Interconnects, resets and the like are wires here. */
static bool *wanted_modules(const struct lunq_design *d)
{
    bool *want = calloc(d->n_modules + 1, sizeof *want);
    if (!want)
        return NULL;
    for (size_t i = 0; i < d->n_ip + d->n_mem; i++) {
        const struct lunq_ip *ip = i < d->n_ip ? &d->ip[i] : &d->mem[i - d->n_ip];
        if (ip->has_address)
            want[ip->module - d->modules] = true;
    }
    for (size_t i = 0; i < d->n_streams; i++) {
        if (d->streams[i].master)
            want[d->streams[i].master - d->modules] = true;
        if (d->streams[i].slave)
            want[d->streams[i].slave - d->modules] = true;
    }
    for (size_t i = 0; i < d->n_modules; i++)
        for (size_t k = 0; k < d->modules[i].n_ranges; k++)
            if (d->modules[i].ranges[k].target && d->modules[i].ranges[k].target != d->ps)
                want[d->modules[i].ranges[k].target - d->modules] = true;
    if (d->ps)
        want[d->ps - d->modules] = false;
    return want;
}

static struct sim_inst *inst_of(const struct sim_fabric *f, const struct lunq_module *m)
{
    for (size_t i = 0; m && i < f->n_insts; i++)
        if (f->insts[i]->module == m)
            return f->insts[i];
    return NULL;
}

struct sim_inst *sim_inst_of(struct lunq_sim *s, const struct lunq_module *m)
{
    return inst_of(&s->fabric, m);
}

struct sim_inst *sim_inst_find(struct lunq_sim *s, const char *path)
{
    for (size_t i = 0; i < s->fabric.n_insts; i++)
        if (!strcmp(s->fabric.insts[i]->path, path))
            return s->fabric.insts[i];
    return NULL;
}

static bool add_slots(struct lunq_sim *s, struct sim_inst *i)
{
    const struct lunq_design *d = i->design;
    for (size_t k = 0; k < d->n_ip + d->n_mem; k++) {
        const struct lunq_ip *ip = k < d->n_ip ? &d->ip[k] : &d->mem[k - d->n_ip];
        struct sim_slot *slot;
        if (!ip->has_address || ip->module != i->module || ip->addr_range == 0)
            continue;
        slot = sim_slot_add(i, ip->phys_addr, ip->addr_range);
        if (!slot)
            return false;
        slot->ip = ip;
        slot->slave = ip->mem_id;
        slot->block = ip->block;
        slot->ddr = sim_is_ddr(i->module) && lunq_ram_at(&s->ram, slot->base, slot->size);
    }
    return true;
}

/* Adds the instances of p->design to f, connected to nothing yet. */
static int add_insts(struct lunq_sim *s, struct sim_fabric *f, const struct lunq_program *p,
                     struct lunq_error *err)
{
    const struct lunq_design *d = p->design;
    bool *want = wanted_modules(d);
    bool ok = want != NULL;
    struct sim_inst **list = realloc(f->insts, (f->n_insts + d->n_modules + 1) * sizeof *list);
    if (list)
        f->insts = list;
    for (size_t m = 0; ok && list && m < d->n_modules; m++) {
        struct sim_inst *i;
        if (&d->modules[m] == d->ps || (!want[m] && !s->provider.find && !s->first.find))
            continue;
        i = inst_new(s, p, &d->modules[m]);
        ok = i != NULL;
        if (!ok)
            break;
        sim_class_choose(s, i);
        if (!want[m] && i->cls == i->base) {
            i->cls = NULL; /* not created: nothing to destroy */
            inst_free(i);
            continue;
        }
        f->insts[f->n_insts++] = i;
        ok = add_slots(s, i);
    }
    free(want);
    return ok && list ? 0 : lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
}

/* ---- the CPU's address map ----------------------------------------------------------------- */

static int by_base(const void *a, const void *b)
{
    const struct sim_slot *x = *(struct sim_slot *const *)a, *y = *(struct sim_slot *const *)b;
    return x->base < y->base ? -1 : x->base > y->base;
}

static int map_slots(struct sim_fabric *f, struct lunq_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_insts; i++)
        n += f->insts[i]->n_slots;
    f->slots = calloc(n + 1, sizeof *f->slots);
    if (!f->slots)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    for (size_t i = 0; i < f->n_insts; i++)
        for (size_t k = 0; k < f->insts[i]->n_slots; k++)
            if (f->insts[i]->slots[k]->ip)
                f->slots[f->n_slots++] = f->insts[i]->slots[k];
    qsort(f->slots, f->n_slots, sizeof *f->slots, by_base);
    for (size_t i = 1; i < f->n_slots; i++)
        if (f->slots[i]->base - f->slots[i - 1]->base < f->slots[i - 1]->size)
            f->overlap = true;
    return 0;
}

/* ---- streams ------------------------------------------------------------------------------- */

/* The instance and interface at one end of a stream. A region's container has no instance once
 * something is loaded into it: then it is the end inside, behind the boundary port of that name. */
static struct sim_inst *stream_end(const struct sim_fabric *f, const struct lunq_module *m,
                                   const struct lunq_bus **bus, bool master)
{
    struct sim_inst *i = inst_of(f, m);
    if (i || !m)
        return i;
    for (size_t k = 0; k < f->n_insts; k++) {
        const struct sim_inst *in = f->insts[k];
        const struct lunq_design *d = in->design;
        const char *inner = NULL;
        if (!in->region || strcmp(in->region, m->path))
            continue;
        for (size_t b = 0; b < d->n_external_buses; b++)
            if (!strcmp(d->external_buses[b].name, (*bus)->name))
                inner = d->external_buses[b].bus;
        for (size_t t = 0; inner && t < d->n_streams; t++) {
            const struct lunq_stream *st = &d->streams[t];
            const struct lunq_module *end = master ? st->master : st->slave;
            if (!end || !st->bus || strcmp(st->bus, inner))
                continue;
            *bus = master ? st->master_if : st->slave_if;
            return inst_of(f, end);
        }
        return NULL;
    }
    return NULL;
}

static int add_link(struct sim_fabric *f, const struct lunq_stream *st, struct lunq_error *err)
{
    const struct lunq_bus *mif = st->master_if, *sif = st->slave_if;
    struct sim_inst *master = st->master ? stream_end(f, st->master, &mif, true) : NULL;
    struct sim_inst *slave = st->slave ? stream_end(f, st->slave, &sif, false) : NULL;
    struct sim_link *l, **list;
    if (!master && !slave)
        return 0;
    list = realloc(f->links, (f->n_links + 1) * sizeof *list);
    if (list)
        f->links = list;
    l = calloc(1, sizeof *l);
    if (!l || !list) {
        free(l);
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    l->name = st->bus;
    l->master = master;
    l->slave = slave;
    l->master_if = mif;
    l->slave_if = sif;
    f->links[f->n_links++] = l;
    return 0;
}

/* Streams of the design itself, and those wholly inside what was loaded into regions. */
static int add_links(struct sim_fabric *f, struct lunq_error *err)
{
    const struct lunq_design *seen[64] = {f->design};
    size_t n_seen = 1;
    int r = 0;
    for (size_t i = 0; r == 0 && i < f->design->n_streams; i++)
        r = add_link(f, &f->design->streams[i], err);
    for (size_t i = 0; r == 0 && i < f->n_insts; i++) {
        const struct lunq_design *d = f->insts[i]->design;
        bool known = n_seen == sizeof seen / sizeof *seen;
        for (size_t k = 0; k < n_seen; k++)
            known = known || seen[k] == d;
        if (known)
            continue;
        seen[n_seen++] = d;
        for (size_t k = 0; r == 0 && k < d->n_streams; k++)
            if (d->streams[k].master && d->streams[k].slave)
                r = add_link(f, &d->streams[k], err);
    }
    return r;
}

/* Gives every instance its lists of links. Nothing can fail here: the old state is gone. */
static void bind_links(struct sim_fabric *f)
{
    for (size_t i = 0; i < f->n_insts; i++)
        f->insts[i]->in = f->insts[i]->out = NULL;
    for (size_t k = f->n_links; k-- > 0;) { /* backwards: the lists keep the design's order */
        struct sim_link *l = f->links[k];
        if (l->slave) {
            l->next_in = l->slave->in;
            l->slave->in = l;
        }
        if (l->master) {
            l->next_out = l->master->out;
            l->master->out = l;
        }
    }
}

/* ---- programming --------------------------------------------------------------------------- */

static void free_links(struct sim_fabric *f)
{
    for (size_t i = 0; i < f->n_links; i++)
        free(f->links[i]);
    free(f->links);
    f->links = NULL;
    f->n_links = 0;
}

/* Frees instances [from, n) and the lists. */
static void fabric_free(struct sim_fabric *f, size_t from)
{
    while (f->n_insts > from)
        inst_free(f->insts[--f->n_insts]);
    free_links(f);
    free(f->slots);
    free(f->insts);
    lunq_design_unref(f->design);
    memset(f, 0, sizeof *f);
}

static bool in_region(const struct sim_inst *i, const char *region)
{
    size_t n = strlen(region);
    return !strncmp(i->path, region, n) && (i->path[n] == '/' || i->path[n] == 0);
}

static int check_region(const struct lunq_sim *s, const char *region, struct lunq_error *err)
{
    const struct lunq_design *d = s->fabric.design;
    char list[512] = "";
    if (!d)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "Region %s can't be loaded: the device has no design. Load the full one "
                         "first.",
                         region);
    for (size_t i = 0; i < d->n_regions; i++) {
        size_t at = strlen(list);
        if (!strcmp(d->regions[i].path, region))
            return 0;
        snprintf(list + at, sizeof list - at, "%s%s", i ? ", " : "", d->regions[i].path);
    }
    return lunq_fail(err, LUNQ_VALUE, "The loaded design has no region \"%s\"; it has %s.", region,
                     *list ? list : "none");
}

static int create_all(struct sim_fabric *f, size_t from, struct lunq_error *err)
{
    for (size_t i = from; i < f->n_insts; i++) {
        struct sim_inst *inst = f->insts[i];
        int r = inst->cls->create ? inst->cls->create(inst, err) : 0;
        if (r < 0)
            return lunq_fail_in(err, "Model %s of %s", inst->cls->name, inst->path);
    }
    return 0;
}

/* The new state is complete: the old instances that are not in it go. */
static void commit(struct lunq_sim *s, struct sim_fabric *f, const char *region)
{
    struct sim_fabric old = s->fabric;
    s->fabric = *f;
    s->version++;
    s->hit = NULL;
    if (region)
        sim_irqs_rewire(s);
    else
        sim_irqs_clear(s);
    sim_nets_clear(s);
    sim_resets_clear(s);
    sim_ends_unlink(s);
    for (size_t i = 0; i < old.n_insts; i++)
        if (!region || in_region(old.insts[i], region))
            inst_free(old.insts[i]);
    old.n_insts = 0;
    fabric_free(&old, 0);
    s->wires_listen = false;
    for (size_t i = 0; i < s->fabric.n_insts; i++)
        s->wires_listen = s->wires_listen || s->fabric.insts[i]->cls->wires;
}

int sim_fabric_program(struct lunq_sim *s, const struct lunq_program *p, struct lunq_error *err)
{
    struct sim_fabric f = {0};
    size_t kept = 0;
    int r = p->region ? check_region(s, p->region, err) : 0;
    if (r < 0)
        return r;
    f.design = lunq_design_ref(p->region ? s->fabric.design : p->design);
    if (p->region) {
        f.insts = calloc(s->fabric.n_insts + 1, sizeof *f.insts);
        for (size_t i = 0; f.insts && i < s->fabric.n_insts; i++)
            if (!in_region(s->fabric.insts[i], p->region))
                f.insts[f.n_insts++] = s->fabric.insts[i];
        kept = f.n_insts;
        r = f.insts ? 0 : lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    if (r == 0)
        r = add_insts(s, &f, p, err);
    if (r == 0)
        r = map_slots(&f, err);
    if (r == 0)
        r = add_links(&f, err);
    if (r == 0)
        r = create_all(&f, kept, err);
    if (r < 0) {
        fabric_free(&f, kept);
        return r;
    }
    commit(s, &f, p->region);
    bind_links(&s->fabric);
    sim_ends_relink(s, !p->region);
    sim_resets_build(s);
    if (!p->region)
        sim_ps_boot(s, p->design);
    for (size_t i = 0; i < s->fabric.n_links; i++) /* whoever was stalled tries again */
        sim_link_ready(s->fabric.links[i]);
    return 0;
}

void sim_fabric_clear(struct lunq_sim *s)
{
    sim_ends_unlink(s);
    fabric_free(&s->fabric, 0);
    sim_irqs_clear(s);
    sim_nets_clear(s);
    sim_resets_clear(s);
}
