/* derive.c - lunq_design_finish: from what a reader said to what the layers above use.
 * The rules: hwh.md section 4; where PYNQ differs: section 5. */
#include <string.h>

#include "private.h"

/* IS_PL="FALSE" is no test for a PS: Versal has it on NoC and AI engine too. */
static bool is_ps(const struct lunq_module *m)
{
    return lunq_module_is(m, "processing_system7") || lunq_module_is(m, "zynq_ultra_ps_e") ||
           lunq_module_is(m, "versal_cips") || lunq_module_is(m, "ps_wizard");
}

/* The first one wins; none of 597 files has two. What runs on a card is a kernel, whatever its name. */
static void find_ps(struct lunq_design *d)
{
    for (size_t i = 0; i < d->n_modules && !d->card.present; i++) {
        const struct lunq_module *m = &d->modules[i];
        if (!is_ps(m))
            continue;
        if (d->ps)
            lunq_design_warn(d, "two PS",
                             "%s: two processing systems, %s and %s; the first is used", d->file,
                             d->ps->path, m->path);
        else
            d->ps = m;
    }
    d->partial = !d->ps && !d->card.present;
}

static unsigned levels(const char *path)
{
    unsigned n = 1;
    for (; (path = strchr(path, '/')); path++)
        n++;
    return n;
}

/* Names -> modules. INSTANCE never repeats, but a/b_c and a_b/c would collide: so the path goes
 * in first and never gives way to an instance name. */
static int index_modules(struct lunq_design *d, struct lunq_error *err)
{
    struct lunq_map *map = &d->priv->modules;
    for (size_t i = 0; i < d->n_modules; i++) {
        struct lunq_module *m = &d->modules[i];
        if (levels(m->path) > LUNQ_MAX_LEVELS)
            return lunq_fail(err, LUNQ_VALUE, "%s: module %.100s lies deeper than %d hierarchies",
                             d->file, m->path, LUNQ_MAX_LEVELS);
        if (lunq_map_get(map, m->path))
            lunq_design_warn(d, "two modules", "%s: two modules are called %s; the first is used",
                             d->file, m->path);
        else if (!lunq_map_put(map, m->path, m))
            d->priv->arena.failed = true;
    }
    for (size_t i = 0; i < d->n_modules; i++) {
        struct lunq_module *m = &d->modules[i];
        if (!lunq_map_get(map, m->instance) && !lunq_map_put(map, m->instance, m))
            d->priv->arena.failed = true;
    }
    return 0;
}

static void resolve_ranges(struct lunq_design *d, struct lunq_range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ranges[i].target = lunq_map_get(&d->priv->modules, ranges[i].instance);
}

static void keep_warnings(struct lunq_design *d)
{
    struct lunq_design_private *p = d->priv;
    d->warnings = lunq_vec_keep(&p->texts, sizeof *d->warnings, &p->arena, &d->n_warnings);
}

int lunq_design_finish(struct lunq_design *d, struct lunq_error *err)
{
    int rc = index_modules(d, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < d->n_modules; i++)
        resolve_ranges(d, d->modules[i].ranges, d->modules[i].n_ranges);
    resolve_ranges(d, d->external_ranges, d->n_external_ranges);
    find_ps(d);
    lunq_derive_regions(d);
    rc = lunq_derive_ip(d, err);
    if (rc < 0)
        return rc;
    lunq_derive_interrupts(d);
    lunq_derive_gpio(d);
    lunq_derive_clocks(d);
    lunq_derive_streams(d);
    lunq_derive_hierarchies(d);
    keep_warnings(d);
    if (d->priv->arena.failed)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory", d->file);
    return 0;
}
