/* dt_blob.c - a device tree from a blob and back. Recursion is at most LUNQ_FDT_DEPTH deep: the
 * checks of fdt_check.c say so for blobs, dt_folder.c for folders. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "fdt_private.h"
#include "fdt_write.h"

/* ---- reading -------------------------------------------------------------------------------- */

struct reader {
    struct lunq_dt *t;
    const void *blob;
    size_t structs; /* offset of the structure block */
};

static bool read_properties(const struct reader *r, struct lunq_dt_node *n, int node)
{
    struct lunq_vec *v = &r->t->priv->scratch;
    int at;
    fdt_for_each_property_offset(at, r->blob, node)
    {
        struct lunq_dt_property *p = lunq_vec_add(v, sizeof *p);
        int size;
        if (!p)
            return false;
        p->value = fdt_getprop_by_offset(r->blob, at, &p->name, &size);
        p->size = (uint32_t)size;
        p->offset = r->structs + (size_t)at;
    }
    n->properties = lunq_vec_keep(v, sizeof *n->properties, &r->t->priv->arena, &n->n_properties);
    return !r->t->priv->arena.failed;
}

static bool read_node(const struct reader *r, struct lunq_dt_node *parent,
                      struct lunq_dt_node **last, int node)
{
    struct lunq_dt_node *n = lunq_dt_add(r->t, parent, last, fdt_get_name(r->blob, node, NULL));
    struct lunq_dt_node *child = NULL;
    int at;
    if (!n)
        return false;
    n->offset = r->structs + (size_t)node;
    if (!read_properties(r, n, node))
        return false;
    fdt_for_each_subnode(at, r->blob, node) if (!read_node(r, n, &child, at)) return false;
    return true;
}

int lunq_dt_read_blob(struct lunq_dt *t, const void *data, size_t size, struct lunq_error *err)
{
    struct reader r = {.t = t};
    struct lunq_dt_node *last = NULL;
    if (!t->priv->blob) {
        int rc = lunq_fdt_copy(&t->priv->blob, t->file, data, size, err);
        if (rc < 0)
            return rc;
    }
    r.blob = t->priv->blob;
    r.structs = fdt_off_dt_struct(r.blob);
    if (!read_node(&r, NULL, &last, 0))
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory for its nodes", t->file);
    return 0;
}

const void *lunq_dt_image(const struct lunq_dt *t, size_t *size)
{
    *size = t->priv->blob ? fdt_totalsize(t->priv->blob) : 0;
    return t->priv->blob;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void write_node(struct lunq_fdt_writer *w, const struct lunq_dt_node *n)
{
    lunq_fdt_writer_begin(w, n->name);
    for (size_t i = 0; i < n->n_properties; i++)
        lunq_fdt_writer_property(w, n->properties[i].name, n->properties[i].value,
                                 n->properties[i].size);
    for (const struct lunq_dt_node *c = n->child; c; c = c->next)
        write_node(w, c);
    lunq_fdt_writer_end(w);
}

int lunq_dt_to_blob(const struct lunq_dt *t, void **blob, size_t *size, struct lunq_error *err)
{
    struct lunq_fdt_writer *w = lunq_fdt_writer_new();
    *blob = NULL;
    if (!w)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory to write it", t->file);
    write_node(w, t->root);
    return lunq_fdt_writer_finish(w, t->file, blob, size, err);
}
