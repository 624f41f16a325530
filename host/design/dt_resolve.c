/* dt_resolve.c - what a device tree says about itself: which node a phandle means, which label a
 * node has, and where in the properties phandles stand. An overlay lists these places
 * (__fixups__, __local_fixups__); in a whole tree they follow from the meaning of the property
 * (Devicetree Specification 0.4 chapter 2, and the bindings of Linux). */
#include <stdlib.h>
#include <string.h>

#include "fdt_private.h"

/* A reference found, before they are sorted by property. */
struct found {
    struct lunq_dt_property *property;
    struct lunq_dt_ref ref;
};

struct resolver {
    struct lunq_dt *t;
    struct lunq_vec found;
    bool failed; /* memory is out */
};

static void add(struct resolver *r, struct lunq_dt_property *p, uint32_t at, const char *label,
                const struct lunq_dt_node *node)
{
    struct found *f;
    if (p->size < 4 || at > p->size - 4)
        return;
    f = lunq_vec_add(&r->found, sizeof *f);
    if (f)
        *f = (struct found){p, {at, node ? node->label : label, node}};
    else
        r->failed = true;
}

/* ---- phandles and labels -------------------------------------------------------------------- */

static void add_phandles(struct resolver *r, struct lunq_dt_node *n)
{
    uint32_t phandle = lunq_dt_number(n, "phandle", lunq_dt_number(n, "linux,phandle", 0));
    if (phandle && phandle != UINT32_MAX && !lunq_dt_phandle(r->t, phandle) &&
        !lunq_map_put(&r->t->priv->phandles, (void *)(uintptr_t)phandle, n))
        r->failed = true;
    for (struct lunq_dt_node *c = n->child; c; c = c->next)
        add_phandles(r, c);
}

static void add_labels(struct lunq_dt *t)
{
    const struct lunq_dt_node *symbols = lunq_dt_child(t->root, "__symbols__");
    for (size_t i = 0; symbols && i < symbols->n_properties; i++) {
        const struct lunq_dt_property *p = &symbols->properties[i];
        const char *path = lunq_dt_text(symbols, p->name);
        struct lunq_dt_node *n = path ? (struct lunq_dt_node *)lunq_dt_find(t, path) : NULL;
        if (n && n != t->root && !n->label)
            n->label = p->name;
    }
}

/* ---- an overlay's lists --------------------------------------------------------------------- */

static struct lunq_dt_property *property_named(const struct lunq_dt_node *n, const char *name,
                                               size_t size)
{
    for (size_t i = 0; i < n->n_properties; i++)
        if (!strncmp(n->properties[i].name, name, size) && !n->properties[i].name[size])
            return &n->properties[i];
    return NULL;
}

/* "/fragment@0:target:0" */
static void label_place(struct resolver *r, const char *label, const char *place)
{
    char path[2048];
    size_t n = strcspn(place, ":");
    const struct lunq_dt_node *node;
    struct lunq_dt_property *p;
    if (!place[n] || n >= sizeof path)
        return;
    memcpy(path, place, n);
    path[n] = '\0';
    place += n + 1;
    n = strcspn(place, ":");
    node = lunq_dt_find(r->t, path);
    p = node && place[n] ? property_named(node, place, n) : NULL;
    if (p)
        add(r, p, (uint32_t)strtoul(place + n + 1, NULL, 10), label, NULL);
}

static void add_fixups(struct resolver *r, const struct lunq_dt_node *fixups)
{
    for (size_t i = 0; i < fixups->n_properties; i++) {
        const struct lunq_dt_property *p = &fixups->properties[i];
        const char *s = (const char *)p->value, *end = s + p->size;
        for (const char *nul; s < end && (nul = memchr(s, 0, (size_t)(end - s))); s = nul + 1)
            label_place(r, p->name, s);
    }
}

static void add_local_fixups(struct resolver *r, const struct lunq_dt_node *fixups,
                             const struct lunq_dt_node *mirrored)
{
    for (size_t i = 0; i < fixups->n_properties; i++) {
        const struct lunq_dt_property *f = &fixups->properties[i];
        struct lunq_dt_property *p = property_named(mirrored, f->name, strlen(f->name));
        for (size_t k = 0; p && k < f->size / 4; k++) {
            uint32_t at = lunq_dt_cell(f, k);
            struct lunq_dt_property there = {.value = p->value + at};
            if (p->size >= 4 && at <= p->size - 4)
                add(r, p, at, NULL, lunq_dt_phandle(r->t, lunq_dt_cell(&there, 0)));
        }
    }
    for (const struct lunq_dt_node *c = fixups->child; c; c = c->next) {
        const struct lunq_dt_node *n = lunq_dt_child(mirrored, c->name);
        if (n)
            add_local_fixups(r, c, n);
    }
}

/* ---- a whole tree --------------------------------------------------------------------------- */

static bool ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), k = strlen(suffix);
    return n > k && !strcmp(name + n - k, suffix);
}

/* What follows each phandle in a property: "" for nothing, the property of the node meant that has
 * the number of cells, or NULL when the property holds no phandles. */
static const char *cells_of(const char *name)
{
    static const char *const meaning[][2] = {
        {"interrupt-parent", ""},
        {"interrupts-extended", "#interrupt-cells"},
        {"clocks", "#clock-cells"},
        {"assigned-clocks", "#clock-cells"},
        {"assigned-clock-parents", "#clock-cells"},
        {"resets", "#reset-cells"},
        {"dmas", "#dma-cells"},
        {"power-domains", "#power-domain-cells"},
        {"phys", "#phy-cells"},
        {"mboxes", "#mbox-cells"},
        {"iommus", "#iommu-cells"},
        {"pwms", "#pwm-cells"},
        {"io-channels", "#io-channel-cells"},
        {"thermal-sensors", "#thermal-sensor-cells"},
        {"sound-dai", "#sound-dai-cells"},
        {"memory-region", ""},
        {"remote-endpoint", ""},
        {"fpga-mgr", ""},
        {"fpga-bridges", ""},
        {"phy-handle", ""},
        {"nvmem-cells", ""},
        {"cpu", ""},
        {"gpios", "#gpio-cells"},
    };
    for (size_t i = 0; i < sizeof meaning / sizeof *meaning; i++)
        if (!strcmp(name, meaning[i][0]))
            return meaning[i][1];
    if (ends_in(name, "-gpios") || ends_in(name, "-gpio"))
        return "#gpio-cells";
    return ends_in(name, "-supply") ? "" : NULL;
}

static void add_meaning(struct resolver *r, struct lunq_dt_property *p)
{
    const char *cells = cells_of(p->name);
    size_t n = p->size / 4;
    if (!cells || p->size % 4)
        return;
    for (size_t i = 0; i < n; i++) {
        uint32_t phandle = lunq_dt_cell(p, i);
        const struct lunq_dt_node *node = phandle ? lunq_dt_phandle(r->t, phandle) : NULL;
        uint32_t more = node && *cells ? lunq_dt_number(node, cells, UINT32_MAX) : 0;
        if (phandle && !node)
            return; /* then the places behind it mean nothing */
        if (node)
            add(r, p, (uint32_t)(4 * i), NULL, node);
        if (more > n - i - 1)
            return;
        i += more;
    }
}

static void add_meanings(struct resolver *r, struct lunq_dt_node *n)
{
    for (size_t i = 0; i < n->n_properties; i++)
        add_meaning(r, &n->properties[i]);
    for (struct lunq_dt_node *c = n->child; c; c = c->next)
        add_meanings(r, c);
}

/* ---- all together --------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->property != y->property)
        return x->property < y->property ? -1 : 1;
    return x->ref.at < y->ref.at ? -1 : x->ref.at > y->ref.at;
}

/* Gives each property its references, in order and each place once. */
static void share_out(struct resolver *r)
{
    struct found *f = r->found.data;
    struct lunq_dt_ref *refs = lunq_arena_alloc(&r->t->priv->arena, r->found.n * sizeof *refs);
    if (!refs || r->failed || !r->found.n)
        return;
    qsort(f, r->found.n, sizeof *f, by_place);
    for (size_t i = 0; i < r->found.n; i++) {
        struct lunq_dt_property *p = f[i].property;
        if (i && f[i - 1].property == p && f[i - 1].ref.at == f[i].ref.at)
            continue;
        if (!p->n_refs++)
            p->refs = refs;
        *refs++ = f[i].ref;
    }
}

int lunq_dt_resolve(struct lunq_dt *t, struct lunq_error *err)
{
    struct resolver r = {.t = t};
    const struct lunq_dt_node *fixups = lunq_dt_child(t->root, "__fixups__");
    const struct lunq_dt_node *locals = lunq_dt_child(t->root, "__local_fixups__");
    for (const struct lunq_dt_node *c = t->root->child; c; c = c->next)
        t->overlay = t->overlay || lunq_dt_child(c, "__overlay__");
    add_phandles(&r, t->root);
    add_labels(t);
    if (fixups)
        add_fixups(&r, fixups);
    if (locals)
        add_local_fixups(&r, locals, t->root);
    if (!fixups && !locals)
        add_meanings(&r, t->root);
    share_out(&r);
    lunq_vec_free(&r.found);
    if (r.failed || t->priv->arena.failed)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory for its phandles", t->file);
    return 0;
}
