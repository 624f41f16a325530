/* derive_ip.c - ip_dict, mem_dict, regions and hierarchies: who is addressable, and under what
 * name. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* ---- regions ------------------------------------------------------------------------------- */

static bool is_container(const struct lunq_module *m)
{
    return m->bdtype && !strcmp(m->bdtype, "BLOCK_CONTAINER");
}

void lunq_derive_regions(struct lunq_design *d)
{
    struct lunq_vec v = {0};
    for (size_t i = 0; i < d->n_modules; i++) {
        const struct lunq_module *m = &d->modules[i];
        struct lunq_region *g;
        if (!is_container(m))
            continue;
        if (lunq_module_param_int(m, "ENABLE_DFX", 0) != 1) {
            lunq_design_warn(d, "container",
                             "%s: %s is a block design container; its contents are "
                             "in a file of their own (%s.hwh)",
                             d->file, m->path, m->bd ? m->bd : m->instance);
            continue;
        }
        if (!(g = lunq_design_push(d, &v, sizeof *g)))
            break;
        *g = (struct lunq_region){m->path, m, lunq_module_param(m, "LIST_SYNTH_BD", ""),
                                  lunq_module_param(m, "ACTIVE_SYNTH_BD", "")};
    }
    d->regions = lunq_vec_keep(&v, sizeof *d->regions, &d->priv->arena, &d->n_regions);
    lunq_vec_free(&v);
}

/* Regions stand in the order of their modules. */
static size_t region_of(const struct lunq_design *d, const struct lunq_module *m)
{
    size_t low = 0, high = d->n_regions;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->regions[middle].module < m)
            low = middle + 1;
        else
            high = middle;
    }
    return low < d->n_regions && d->regions[low].module == m ? low : LUNQ_NONE;
}

/* ---- address ranges ------------------------------------------------------------------------ */

/* A range that becomes an entry. Entries of one module are chained: names depend on them. */
struct entry {
    const struct lunq_range *range;
    const char *mem_id, *key;
    size_t region;
    struct entry *next; /* of the same module */
};

struct collector {
    struct lunq_design *d;
    struct entry *entries;
    size_t n;
    struct lunq_map last; /* module -> its newest entry (a ring: newest->next is the oldest) */
};

/* The same thing seen through several masters or master interfaces. */
static bool is_known(const struct entry *last, const struct entry *e)
{
    const struct entry *o = last;
    if (!last)
        return false;
    do {
        o = o->next;
        if (o->mem_id == e->mem_id && o->range->block == e->range->block &&
            o->range->base == e->range->base && o->range->slave == e->range->slave)
            return true;
    } while (o != last);
    return false;
}

static void collect(struct collector *c, const struct lunq_range *ranges, size_t n)
{
    struct lunq_design *d = c->d;
    for (size_t i = 0; i < n; i++) {
        const struct lunq_range *g = &ranges[i];
        struct entry *e = &c->entries[c->n], *last;
        if (!g->target) {
            lunq_design_warn(d, "unknown target",
                             "%s: the address range 0x%" PRIx64 " to 0x%" PRIx64
                             " belongs to %.100s, which is no module of this design; such ranges "
                             "are left out",
                             d->file, g->base, g->high, g->instance);
            continue;
        }
        if (g->target == d->ps)
            continue;
        e->range = g;
        e->mem_id = d->ps ? g->slave : g->master;
        e->region = is_container(g->target) ? region_of(d, g->target) : LUNQ_NONE;
        if (is_container(g->target) && e->region == LUNQ_NONE)
            continue;
        last = lunq_map_get(&c->last, g->target);
        if (is_known(last, e))
            continue;
        e->next = last ? last->next : e;
        if (last)
            last->next = e;
        if (!lunq_map_put(&c->last, g->target, e))
            d->priv->arena.failed = true;
        c->n++;
    }
}

/* ---- names --------------------------------------------------------------------------------- */

/* Another entry of the module would get the same name: "hier/ip", with the interface, with the
 * block. */
static bool ambiguous(const struct entry *e, int with)
{
    for (const struct entry *o = e->next; o != e; o = o->next)
        if (with == 0 ||
            (o->mem_id == e->mem_id && (with == 1 || o->range->block == e->range->block)))
            return true;
    return false;
}

static const char *make_key(struct lunq_design *d, const struct entry *e)
{
    const struct lunq_module *m = e->range->target;
    const char *key = m->path;
    char base[24];
    bool module_ref = m->bdtype && m->vlnv && strstr(m->vlnv, "module_ref");
    if (e->region == LUNQ_NONE && !module_ref && !ambiguous(e, 0) &&
        !lunq_map_get(&d->priv->keys, key))
        return key;
    if (e->mem_id)
        key = lunq_design_join(d, key, "/", e->mem_id);
    if (key && e->range->block && ambiguous(e, 1))
        key = lunq_design_join(d, key, "/", e->range->block);
    if (key && (ambiguous(e, 2) || lunq_map_get(&d->priv->keys, key))) {
        snprintf(base, sizeof base, "0x%" PRIx64, e->range->base);
        key = lunq_design_join(d, key, "@", base);
    }
    return key;
}

/* ---- registers ----------------------------------------------------------------------------- */

/* The block a range leads to. The interface's name may differ in case (every axi_intc) or be
 * another one altogether (hwh.md section 3.2), so the answer is the best match, if it is clear. */
static const struct lunq_block *find_block(const struct lunq_range *g)
{
    const struct lunq_module *m = g->target;
    const struct lunq_block *by_name = NULL, *by_interface = NULL;
    size_t names = 0, interfaces = 0;
    for (size_t i = 0; i < m->n_blocks; i++) {
        const struct lunq_block *b = &m->blocks[i];
        bool name = g->block && !strcmp(b->name, g->block);
        bool interface = lunq_same_nocase(b->interface, g->slave);
        if (name && interface)
            return b;
        if (name && !names++)
            by_name = b;
        if (interface && !interfaces++)
            by_interface = b;
    }
    if (names == 1)
        return by_name;
    if (interfaces == 1 && !names)
        return by_interface;
    return m->n_blocks == 1 ? &m->blocks[0] : NULL;
}

/* ---- putting it together ------------------------------------------------------------------- */

static void add_ps(struct lunq_design *d, struct lunq_vec *to)
{
    struct lunq_ip *ip = d->ps ? lunq_design_push(d, to, sizeof *ip) : NULL;
    if (ip)
        *ip = (struct lunq_ip){.key = d->ps->path, .module = d->ps, .region = LUNQ_NONE};
}

static void add_entry(struct lunq_design *d, const struct entry *e, struct lunq_vec *ips,
                      struct lunq_vec *mems)
{
    const struct lunq_range *g = e->range;
    bool memory = !strcmp(g->memtype, "MEMORY") && e->region == LUNQ_NONE;
    struct lunq_ip *ip = lunq_design_push(d, memory ? mems : ips, sizeof *ip);
    if (ip)
        *ip = (struct lunq_ip){.key = e->key,
                               .module = g->target,
                               .mem_id = e->mem_id,
                               .memtype = g->memtype,
                               .has_address = true,
                               .phys_addr = g->base,
                               .addr_range = g->high - g->base + 1,
                               .block = find_block(g),
                               .region = e->region};
}

static void index_keys(struct lunq_design *d, struct lunq_ip *ip, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!lunq_map_put(&d->priv->keys, ip[i].key, &ip[i]))
            d->priv->arena.failed = true;
}

/* Gives every entry its name; keys holds the entries themselves meanwhile. */
static void name_entries(struct collector *c)
{
    struct lunq_design *d = c->d;
    for (size_t i = 0; i < c->n && !d->priv->arena.failed; i++) {
        struct entry *e = &c->entries[i];
        e->key = make_key(d, e);
        if (!e->key || lunq_map_get(&d->priv->keys, e->key)) {
            e->key = NULL; /* the same module, interface, block and base: can't be */
            continue;
        }
        if (!lunq_map_put(&d->priv->keys, e->key, e))
            d->priv->arena.failed = true;
    }
}

static void collect_all(struct collector *c)
{
    struct lunq_design *d = c->d;
    if (d->ps) {
        collect(c, d->ps->ranges, d->ps->n_ranges);
        return;
    }
    for (size_t i = 0; i < d->n_modules; i++)
        collect(c, d->modules[i].ranges, d->modules[i].n_ranges);
    collect(c, d->external_ranges, d->n_external_ranges);
}

int lunq_derive_ip(struct lunq_design *d, struct lunq_error *err)
{
    struct collector c = {.d = d};
    struct lunq_vec ips = {0}, mems = {0};
    size_t n = d->n_external_ranges;
    for (size_t i = 0; i < d->n_modules; i++)
        n += d->modules[i].n_ranges;
    if (n > LUNQ_MAX_RANGES)
        return lunq_fail(err, LUNQ_VALUE, "%s: more than %d address ranges", d->file,
                         LUNQ_MAX_RANGES);
    c.entries = calloc(n + 1, sizeof *c.entries);
    if (!c.entries)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory", d->file);
    add_ps(d, &ips);
    if (d->ps && !lunq_map_put(&d->priv->keys, d->ps->path, (void *)d->ps))
        d->priv->arena.failed = true;
    collect_all(&c);
    name_entries(&c);
    for (size_t i = 0; i < c.n; i++)
        if (c.entries[i].key)
            add_entry(d, &c.entries[i], &ips, &mems);
    d->ip = lunq_vec_keep(&ips, sizeof *d->ip, &d->priv->arena, &d->n_ip);
    d->mem = lunq_vec_keep(&mems, sizeof *d->mem, &d->priv->arena, &d->n_mem);
    index_keys(d, d->ip, d->n_ip);
    index_keys(d, d->mem, d->n_mem);
    lunq_vec_free(&ips);
    lunq_vec_free(&mems);
    lunq_map_free(&c.last);
    free(c.entries);
    return 0;
}

/* ---- hierarchies --------------------------------------------------------------------------- */

struct levels {
    struct lunq_design *d;
    struct lunq_map seen; /* path -> 1 + its place in all */
    struct lunq_vec all;
};

/* False when it was known already and nothing changed. */
static bool add_level(struct levels *l, const char *path, bool listed)
{
    uintptr_t at = (uintptr_t)lunq_map_get(&l->seen, path);
    struct lunq_hierarchy *h;
    if (at) {
        h = (struct lunq_hierarchy *)l->all.data + at - 1;
        if (h->listed || !listed)
            return false;
        h->listed = true;
        return true;
    }
    if (!(h = lunq_design_push(l->d, &l->all, sizeof *h)))
        return false;
    *h = (struct lunq_hierarchy){path, listed};
    if (!lunq_map_put(&l->seen, path, (void *)(uintptr_t)l->all.n))
        l->d->priv->arena.failed = true;
    return true;
}

/* All hierarchies above `path`, the nearest first: a known one ends the walk. */
static void add_levels(struct levels *l, const char *path, bool listed)
{
    size_t n = strlen(path);
    const char *prefix;
    do {
        while (n && path[n - 1] != '/')
            n--;
        if (!n || !--n || !(prefix = lunq_design_intern(l->d, path, n)))
            return;
    } while (add_level(l, prefix, listed));
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct lunq_hierarchy *)a)->path,
                  ((const struct lunq_hierarchy *)b)->path);
}

void lunq_derive_hierarchies(struct lunq_design *d)
{
    struct levels l = {.d = d};
    for (size_t i = 0; i < d->n_ip; i++)
        if (d->ip[i].has_address && d->ip[i].region == LUNQ_NONE)
            add_levels(&l, d->ip[i].key, true);
    for (size_t i = 0; i < d->n_mem; i++)
        add_levels(&l, d->mem[i].key, true);
    for (size_t i = 0; i < d->n_regions; i++) { /* a region is a hierarchy, empty until loaded */
        add_level(&l, d->regions[i].path, true);
        add_levels(&l, d->regions[i].path, true);
    }
    for (size_t i = 0; i < d->n_modules; i++)
        add_levels(&l, d->modules[i].path, false);
    d->hierarchies =
        lunq_vec_keep(&l.all, sizeof *d->hierarchies, &d->priv->arena, &d->n_hierarchies);
    if (d->n_hierarchies)
        qsort(d->hierarchies, d->n_hierarchies, sizeof *d->hierarchies, by_path);
    lunq_vec_free(&l.all);
    lunq_map_free(&l.seen);
}
