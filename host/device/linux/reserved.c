#include "reserved.h"

#include <stdio.h>
#include <string.h>

#include "../../design/dt.h"
#include "../files.h"

/* The node below `n` that names `region` as its memory, or NULL. */
static const struct lunq_dt_node *user_of(const struct lunq_dt_node *n,
                                          const struct lunq_dt_node *region)
{
    const struct lunq_dt_property *p = lunq_dt_property(n, "memory-region");
    for (size_t i = 0; p && i < p->n_refs; i++)
        if (p->refs[i].node == region)
            return n;
    for (const struct lunq_dt_node *c = n->child; c; c = c->next) {
        const struct lunq_dt_node *user = user_of(c, region);
        if (user)
            return user;
    }
    return NULL;
}

static bool named(const struct lunq_dt_node *n, const char *name)
{
    if (*name)
        return !strcmp(n->name, name);
    return !strncmp(n->name, "buffer@", 7) || !strncmp(n->name, "lunq@", 5);
}

/* Whether a region is for buffers; else why it isn't, as a part of a sentence. */
static bool suits(const struct lunq_dt *t, const struct lunq_dt_node *n, const char *name,
                  struct lx_region *g, char *why, size_t size)
{
    const struct lunq_dt_node *user = user_of(t->root, n);
    const char *compatible = lunq_dt_text(n, "compatible");
    if (!lunq_dt_property(n, "no-map"))
        snprintf(why, size, "has no no-map: the kernel uses it, too");
    else if (user)
        snprintf(why, size, "belongs to %s", user->name);
    else if (compatible)
        snprintf(why, size, "belongs to a driver (%s)", compatible);
    else if (!lunq_dt_reg(n, 0, &g->base, &g->size) || g->size == 0)
        snprintf(why, size, "has no address");
    else if (!named(n, name))
        snprintf(why, size, "is not called buffer@... (?memory=reserved:%s)", n->name);
    else if (strlen(n->name) >= sizeof g->name)
        snprintf(why, size, "has too long a name");
    else
        return true;
    return false;
}

static int find(struct lx_region *out, size_t max, const struct lunq_dt *t, const char *name,
                struct lunq_error *err)
{
    const struct lunq_dt_node *all = lunq_dt_find(t, "/reserved-memory");
    char list[768] = "";
    size_t n = 0;
    for (const struct lunq_dt_node *c = all ? all->child : NULL; c && n < max; c = c->next) {
        char why[160];
        size_t used = strlen(list);
        if (*name && strcmp(c->name, name))
            continue;
        if (suits(t, c, name, &out[n], why, sizeof why))
            snprintf(out[n++].name, sizeof out->name, "%s", c->name);
        else
            snprintf(list + used, sizeof list - used, "; %.60s %s", c->name, why);
    }
    if (n == 0)
        lunq_fail(
            err, LUNQ_MEMORY,
            "no region for buffers is reserved: /reserved-memory { buffer@ADDRESS { reg = <...>; "
            "no-map; }; } in the device tree the board boots with%s",
            list);
    return (int)n;
}

int lx_reserved(struct lx_region *out, size_t max, const char *root, const char *name,
                struct lunq_error *err)
{
    char path[LX_PATH];
    struct lunq_dt *t;
    int n;
    if (!lx_path(path, root, "/proc/device-tree"))
        return lunq_fail(err, LUNQ_IO, "The path of /proc/device-tree is too long.");
    if ((n = lunq_dt_read(&t, path, err)) < 0)
        return n;
    n = find(out, max, t, name, err);
    lunq_dt_free(t);
    return n;
}
