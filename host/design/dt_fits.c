/* dt_fits.c - would Linux take this overlay on this tree? The rules are those of the kernel's
 * drivers/of/overlay.c and resolver.c (4.20 and later), which says no in a log that nobody sees
 * (linux-boards.md A8), and after the bitstream was loaded. */
#include <stdlib.h>
#include <string.h>

#include "fdt_private.h"

/* A property or a new node that a fragment gives to a node of the base. */
struct touch {
    const struct lunq_dt_node *at;
    const char *name;
    const char *fragment;
    bool node;
};

struct fit {
    const struct lunq_dt *base, *overlay;
    struct lunq_vec touches;
    struct lunq_vec *phandles;
    struct lunq_map referenced; /* nodes of the overlay that it names by phandle itself */
    struct lunq_error *err;
    const char *fragment; /* the one we are in */
};

static int no_memory(const struct fit *f)
{
    return lunq_fail(f->err, LUNQ_MEMORY, "%s: no memory", f->overlay->file);
}

/* Puts "x.dtbo doesn't fit base.dtb: " before the reason just given. */
static int refuse(const struct fit *f)
{
    return lunq_fail_in(f->err, "%s doesn't fit %s", f->overlay->file, f->base->file);
}

static const char *path_of(const struct lunq_dt_node *n, char *buf, size_t size)
{
    return lunq_dt_path(n, buf, size);
}

/* ---- labels --------------------------------------------------------------------------------- */

static const struct lunq_dt_node *labelled(const struct fit *f, const char *label)
{
    const struct lunq_dt_node *symbols = lunq_dt_child(f->base->root, "__symbols__");
    const char *path = symbols ? lunq_dt_text(symbols, label) : NULL;
    return path ? lunq_dt_find(f->base, path) : NULL;
}

static int check_wanted(const struct fit *f, const struct lunq_dt_property *label)
{
    const struct lunq_dt_node *symbols = lunq_dt_child(f->base->root, "__symbols__");
    const char *place = label->size ? (const char *)label->value : "";
    if (!symbols)
        lunq_fail(f->err, LUNQ_VALUE,
                  "it names label '%s' (%s), but that tree has no labels (__symbols__); compile it "
                  "with dtc -@, or name targets by target-path, as lunq dtbo --base does",
                  label->name, place);
    else if (!labelled(f, label->name))
        lunq_fail(f->err, LUNQ_VALUE,
                  "label '%s' (%s) is not there; lunq fdt %s shows the labels it has", label->name,
                  place, f->base->file);
    else
        return 0;
    return refuse(f);
}

static int check_given(const struct fit *f, const struct lunq_dt_property *label)
{
    const struct lunq_dt_node *symbols = lunq_dt_child(f->base->root, "__symbols__");
    if (!strcmp(label->name, "name"))
        return 0;
    if (!symbols)
        lunq_fail(
            f->err, LUNQ_VALUE,
            "it brings label '%s', but that tree has no labels (__symbols__), and Linux takes "
            "no new ones then; compile the tree with -@, or the overlay without",
            label->name);
    else if (lunq_dt_property(symbols, label->name))
        lunq_fail(f->err, LUNQ_VALUE,
                  "label '%s' is there already; is this overlay, or another with the same names, "
                  "applied? Remove it first",
                  label->name);
    else
        return 0;
    return refuse(f);
}

static int check_labels(const struct fit *f)
{
    const struct lunq_dt_node *wanted = lunq_dt_child(f->overlay->root, "__fixups__");
    const struct lunq_dt_node *given = lunq_dt_child(f->overlay->root, "__symbols__");
    int rc = 0;
    for (size_t i = 0; rc == 0 && wanted && i < wanted->n_properties; i++)
        rc = check_wanted(f, &wanted->properties[i]);
    for (size_t i = 0; rc == 0 && given && i < given->n_properties; i++)
        rc = check_given(f, &given->properties[i]);
    return rc;
}

/* ---- phandles ------------------------------------------------------------------------------- */

static bool note_references(struct fit *f, const struct lunq_dt_node *n)
{
    for (size_t i = 0; i < n->n_properties; i++)
        for (size_t k = 0; k < n->properties[i].n_refs; k++) {
            const struct lunq_dt_node *to = n->properties[i].refs[k].node;
            if (to && !lunq_map_put(&f->referenced, to, (void *)to))
                return false;
        }
    for (const struct lunq_dt_node *c = n->child; c; c = c->next)
        if (!note_references(f, c))
            return false;
    return true;
}

static uint32_t phandle_of(const struct lunq_dt_node *n)
{
    return lunq_dt_number(n, "phandle", lunq_dt_number(n, "linux,phandle", 0));
}

static uint32_t highest_phandle(const struct lunq_dt_node *n)
{
    uint32_t most = phandle_of(n);
    for (const struct lunq_dt_node *c = n->child; c; c = c->next) {
        uint32_t below = highest_phandle(c);
        most = below > most ? below : most;
    }
    return most;
}

/* Linux and libfdt count the overlay's phandles on from the highest of the base. */
static int check_room(const struct fit *f)
{
    uint32_t base = highest_phandle(f->base->root), overlay = highest_phandle(f->overlay->root);
    if (overlay < UINT32_MAX && base <= UINT32_MAX - 1 - overlay)
        return 0;
    lunq_fail(f->err, LUNQ_VALUE,
              "phandles clash: 0x%x there and 0x%x here leave no number for new nodes", base,
              overlay);
    return refuse(f);
}

static int check_unique(const struct fit *f, const struct lunq_dt_node *n)
{
    char one[512], other[512];
    uint32_t phandle = phandle_of(n);
    const struct lunq_dt_node *first = phandle ? lunq_dt_phandle(f->overlay, phandle) : NULL;
    int rc = 0;
    if (first && first != n) {
        lunq_fail(f->err, LUNQ_VALUE, "phandles clash: %s and %s of the overlay have the same, %u",
                  path_of(first, one, sizeof one), path_of(n, other, sizeof other), phandle);
        return refuse(f);
    }
    for (const struct lunq_dt_node *c = n->child; rc == 0 && c; c = c->next)
        rc = check_unique(f, c);
    return rc;
}

/* A node that is there keeps its own phandle. */
static int ignore_phandle(struct fit *f, const struct lunq_dt_node *at,
                          const struct lunq_dt_node *n)
{
    char path[512];
    const struct lunq_dt_node **slot;
    if (!phandle_of(n))
        return 0;
    if (lunq_map_get(&f->referenced, n)) {
        lunq_fail(f->err, LUNQ_VALUE,
                  "phandles clash: %s is there already and keeps its own, so what names it by the "
                  "label of %s would name nothing; use the label of that tree",
                  path_of(at, path, sizeof path), f->fragment);
        return refuse(f);
    }
    slot = lunq_vec_add(f->phandles, sizeof *slot);
    if (!slot)
        return no_memory(f);
    *slot = n;
    return 0;
}

/* ---- fragments ------------------------------------------------------------------------------ */

static int touch(struct fit *f, const struct lunq_dt_node *at, const char *name, bool node)
{
    struct touch *t = lunq_vec_add(&f->touches, sizeof *t);
    if (!t)
        return no_memory(f);
    *t = (struct touch){at, name, f->fragment, node};
    return 0;
}

static bool is_cells(const char *name)
{
    return !strcmp(name, "#address-cells") || !strcmp(name, "#size-cells");
}

static int check_property(struct fit *f, const struct lunq_dt_node *at,
                          const struct lunq_dt_property *p)
{
    const struct lunq_dt_property *old = lunq_dt_property(at, p->name);
    char path[512];
    if (!strcmp(p->name, "name") || !strcmp(p->name, "phandle") ||
        !strcmp(p->name, "linux,phandle"))
        return 0;
    if (!old || !is_cells(p->name))
        return touch(f, at, p->name, false);
    if (old->size == p->size && !memcmp(old->value, p->value, p->size))
        return 0;
    lunq_fail(f->err, LUNQ_VALUE, "%s would change %s of %s from %u to %u, which Linux refuses",
              f->fragment, p->name, path_of(at, path, sizeof path), lunq_dt_number(at, p->name, 0),
              p->size >= 4 ? lunq_dt_cell(p, 0) : 0);
    return refuse(f);
}

/* A node of the overlay on the one of the base that it changes. */
static int check_node(struct fit *f, const struct lunq_dt_node *at, const struct lunq_dt_node *n)
{
    int rc = ignore_phandle(f, at, n);
    for (size_t i = 0; rc == 0 && i < n->n_properties; i++)
        rc = check_property(f, at, &n->properties[i]);
    for (const struct lunq_dt_node *c = n->child; rc == 0 && c; c = c->next) {
        const struct lunq_dt_node *there = lunq_dt_child(at, c->name);
        rc = there ? check_node(f, there, c) : touch(f, at, c->name, true);
    }
    return rc;
}

/* NULL with a reason when there is no such target. */
static const struct lunq_dt_node *find_target(const struct fit *f,
                                              const struct lunq_dt_node *fragment)
{
    const struct lunq_dt_property *p = lunq_dt_property(fragment, "target");
    const char *path = lunq_dt_text(fragment, "target-path");
    const struct lunq_dt_ref *ref = p ? lunq_dt_ref_at(p, 0) : NULL;
    const struct lunq_dt_node *n = NULL;
    if (path && !(n = lunq_dt_find(f->base, path)))
        lunq_fail(f->err, LUNQ_VALUE, "target '%s' of %s is not there; lunq fdt %s shows what is",
                  path, fragment->name, f->base->file);
    else if (!path && ref && ref->label)
        n = labelled(f, ref->label); /* found by check_labels */
    else if (!path && p && p->size >= 4 && !(n = lunq_dt_phandle(f->base, lunq_dt_cell(p, 0))))
        lunq_fail(f->err, LUNQ_VALUE, "target of %s is phandle 0x%x, which no node has",
                  fragment->name, lunq_dt_cell(p, 0));
    else if (!path && !(p && p->size >= 4))
        lunq_fail(f->err, LUNQ_VALUE, "%s has neither target nor target-path", fragment->name);
    return n;
}

static int check_fragment(struct fit *f, const struct lunq_dt_node *fragment)
{
    const struct lunq_dt_node *inside = lunq_dt_child(fragment, "__overlay__"), *at;
    if (!inside)
        return 0;
    f->fragment = fragment->name;
    at = find_target(f, fragment);
    return at ? check_node(f, at, inside) : refuse(f);
}

static int by_place(const void *a, const void *b)
{
    const struct touch *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->node != y->node ? x->node - y->node : strcmp(x->name, y->name);
}

/* Linux takes each property and each new node from one fragment only. */
static int check_touches(const struct fit *f)
{
    struct touch *t = f->touches.data;
    char path[512];
    if (f->touches.n)
        qsort(t, f->touches.n, sizeof *t, by_place);
    for (size_t i = 1; i < f->touches.n; i++)
        if (by_place(&t[i - 1], &t[i]) == 0) {
            lunq_fail(f->err, LUNQ_VALUE,
                      "%s and %s both give %s '%s' to %s, which Linux refuses; put it into one of "
                      "them",
                      t[i - 1].fragment, t[i].fragment, t[i].node ? "node" : "property", t[i].name,
                      path_of(t[i].at, path, sizeof path));
            return refuse(f);
        }
    return 0;
}

/* ---- all together --------------------------------------------------------------------------- */

static int check_kinds(const struct lunq_dt *base, const struct lunq_dt *overlay,
                       struct lunq_error *err)
{
    if (!overlay->overlay)
        return lunq_fail(err, LUNQ_VALUE,
                         "%s: no overlay: no node of its root has an __overlay__; the base comes "
                         "first, then overlays (.dtbo)",
                         overlay->file);
    if (overlay->folder)
        return lunq_fail(err, LUNQ_VALUE, "%s: an overlay is a file, not a folder", overlay->file);
    if (base->overlay)
        return lunq_fail(err, LUNQ_VALUE,
                         "%s: an overlay itself, not the tree of a board; name the board's .dtb or "
                         "/proc/device-tree",
                         base->file);
    return 0;
}

int lunq_dt_fits(const struct lunq_dt *base, const struct lunq_dt *overlay,
                 struct lunq_vec *phandles, struct lunq_error *err)
{
    struct fit f = {.base = base, .overlay = overlay, .phandles = phandles, .err = err};
    int rc = check_kinds(base, overlay, err);
    if (rc == 0)
        rc = check_labels(&f);
    if (rc == 0)
        rc = check_room(&f);
    if (rc == 0)
        rc = check_unique(&f, overlay->root);
    if (rc == 0 && !note_references(&f, overlay->root))
        rc = no_memory(&f);
    for (const struct lunq_dt_node *c = overlay->root->child; rc == 0 && c; c = c->next)
        rc = check_fragment(&f, c);
    if (rc == 0)
        rc = check_touches(&f);
    lunq_vec_free(&f.touches);
    lunq_map_free(&f.referenced);
    return rc;
}
