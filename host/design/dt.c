/* dt.c - life of a device tree, and the questions one can ask it. */
#include "dt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fdt_private.h"

/* ---- life ----------------------------------------------------------------------------------- */

int lunq_dt_new(struct lunq_dt **out, const char *file, struct lunq_error *err)
{
    struct lunq_dt *t = calloc(1, sizeof *t);
    *out = NULL;
    if (t)
        t->priv = calloc(1, sizeof *t->priv);
    if (t && t->priv)
        t->file = lunq_arena_intern(&t->priv->arena, file, strlen(file));
    if (!t || !t->file) {
        lunq_dt_free(t);
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory for a device tree", file);
    }
    *out = t;
    return 0;
}

void lunq_dt_free(struct lunq_dt *t)
{
    if (t && t->priv) {
        lunq_arena_free(&t->priv->arena);
        lunq_map_free(&t->priv->phandles);
        lunq_vec_free(&t->priv->scratch);
        free(t->priv->blob);
        free(t->priv);
    }
    free(t);
}

struct lunq_dt_node *lunq_dt_add(struct lunq_dt *t, struct lunq_dt_node *parent,
                                 struct lunq_dt_node **last, const char *name)
{
    struct lunq_dt_node *n = lunq_arena_alloc(&t->priv->arena, sizeof *n);
    if (!n)
        return NULL;
    n->name = name;
    n->parent = parent;
    if (*last)
        (*last)->next = n;
    else if (parent)
        parent->child = n;
    else
        t->root = n;
    *last = n;
    t->n_nodes++;
    return n;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Ends what was begun with lunq_dt_new: resolves, or frees when something failed. */
static int finish(struct lunq_dt **out, struct lunq_dt *t, int rc, struct lunq_error *err)
{
    if (rc == 0)
        rc = lunq_dt_resolve(t, err);
    if (rc == 0)
        *out = t;
    else
        lunq_dt_free(t);
    return rc;
}

int lunq_dt_parse(struct lunq_dt **out, const char *name, const void *data, size_t size,
                  struct lunq_error *err)
{
    struct lunq_dt *t;
    int rc = lunq_dt_new(&t, name, err);
    *out = NULL;
    return rc < 0 ? rc : finish(out, t, lunq_dt_read_blob(t, data, size, err), err);
}

int lunq_dt_read(struct lunq_dt **out, const char *path, struct lunq_error *err)
{
    struct stat st;
    struct lunq_dt *t;
    void *blob;
    int rc;
    *out = NULL;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        rc = lunq_dt_new(&t, path, err);
        return rc < 0 ? rc : finish(out, t, lunq_dt_read_folder(t, path, err), err);
    }
    rc = lunq_fdt_load(&blob, path, err);
    if (rc < 0)
        return rc;
    rc = lunq_dt_new(&t, path, err);
    if (rc < 0) {
        free(blob);
        return rc;
    }
    t->priv->blob = blob;
    return finish(out, t, lunq_dt_read_blob(t, NULL, 0, err), err);
}

/* ---- asking --------------------------------------------------------------------------------- */

static const struct lunq_dt_node *child_named(const struct lunq_dt_node *n, const char *name,
                                              size_t size)
{
    for (const struct lunq_dt_node *c = n->child; c; c = c->next)
        if (!strncmp(c->name, name, size) && !c->name[size])
            return c;
    return NULL;
}

const struct lunq_dt_node *lunq_dt_child(const struct lunq_dt_node *n, const char *name)
{
    return child_named(n, name, strlen(name));
}

const struct lunq_dt_node *lunq_dt_find(const struct lunq_dt *t, const char *path)
{
    const struct lunq_dt_node *n = *path == '/' ? t->root : NULL;
    while (n && *(path += strspn(path, "/"))) {
        size_t size = strcspn(path, "/");
        n = child_named(n, path, size);
        path += size;
    }
    return n;
}

const struct lunq_dt_node *lunq_dt_phandle(const struct lunq_dt *t, uint32_t phandle)
{
    return lunq_map_get(&t->priv->phandles, (void *)(uintptr_t)phandle);
}

const struct lunq_dt_property *lunq_dt_property(const struct lunq_dt_node *n, const char *name)
{
    for (size_t i = 0; i < n->n_properties; i++)
        if (!strcmp(n->properties[i].name, name))
            return &n->properties[i];
    return NULL;
}

const char *lunq_dt_text(const struct lunq_dt_node *n, const char *name)
{
    const struct lunq_dt_property *p = lunq_dt_property(n, name);
    return p && p->size && memchr(p->value, 0, p->size) ? (const char *)p->value : NULL;
}

uint32_t lunq_dt_cell(const struct lunq_dt_property *p, size_t i)
{
    const uint8_t *v = p->value + 4 * i;
    return (uint32_t)v[0] << 24 | (uint32_t)v[1] << 16 | (uint32_t)v[2] << 8 | v[3];
}

uint32_t lunq_dt_number(const struct lunq_dt_node *n, const char *name, uint32_t otherwise)
{
    const struct lunq_dt_property *p = lunq_dt_property(n, name);
    return p && p->size >= 4 ? lunq_dt_cell(p, 0) : otherwise;
}

char *lunq_dt_path(const struct lunq_dt_node *n, char *buf, size_t size)
{
    size_t used;
    if (!n->parent) {
        snprintf(buf, size, "/");
        return buf;
    }
    *buf = '\0';
    if (n->parent->parent)
        lunq_dt_path(n->parent, buf, size);
    used = strlen(buf);
    snprintf(buf + used, size - used, "/%s", n->name);
    return buf;
}

const struct lunq_dt_ref *lunq_dt_ref_at(const struct lunq_dt_property *p, uint32_t at)
{
    for (size_t i = 0; i < p->n_refs; i++)
        if (p->refs[i].at == at)
            return &p->refs[i];
    return NULL;
}
