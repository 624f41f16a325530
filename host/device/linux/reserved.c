#include "reserved.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* Whether a region looks as if it were for buffers; else why it isn't, as a part of a sentence. */
static bool suits(const struct lunq_dt_node *n, const char *name, struct lx_region *g, char *why,
                  size_t size)
{
    const char *compatible = lunq_dt_text(n, "compatible");
    if (!lunq_dt_property(n, "no-map"))
        snprintf(why, size, "has no no-map: the kernel uses it, too");
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

/* What was looked at and not taken: "; NAME reason". */
struct reasons {
    char text[768];
};

static void add_reason(struct reasons *r, const char *name, const char *why)
{
    size_t used = strlen(r->text);
    snprintf(r->text + used, sizeof r->text - used, "; %.60s %s", name, why);
}

/* Of the tree below /reserved-memory alone, which is small. */
static size_t candidates(struct lx_region *out, size_t max, const struct lunq_dt *t,
                         const char *name, struct reasons *reasons)
{
    size_t n = 0;
    for (const struct lunq_dt_node *c = t->root->child; c && n < max; c = c->next) {
        char why[160];
        if (*name && strcmp(c->name, name))
            continue;
        if (suits(c, name, &out[n], why, sizeof why))
            snprintf(out[n++].name, sizeof out->name, "%s", c->name);
        else
            add_reason(reasons, c->name, why);
    }
    return n;
}

/* Keeps those that no node of the whole tree names as its memory. */
static size_t without_users(struct lx_region *list, size_t n, const struct lunq_dt *t,
                            struct reasons *reasons)
{
    const struct lunq_dt_node *all = lunq_dt_find(t, "/reserved-memory");
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const struct lunq_dt_node *node = all ? lunq_dt_child(all, list[i].name) : NULL;
        const struct lunq_dt_node *user = node ? user_of(t->root, node) : NULL;
        char why[160];
        if (!user) {
            list[kept++] = list[i];
            continue;
        }
        snprintf(why, sizeof why, "belongs to %.100s", user->name);
        add_reason(reasons, list[i].name, why);
    }
    return kept;
}

static int read_tree(struct lunq_dt **t, const char *root, const char *folder,
                     struct lunq_error *err)
{
    char path[LX_PATH];
    if (!lx_path(path, root, "/proc/device-tree%s", folder))
        return lunq_fail(err, LUNQ_IO, "The path of /proc/device-tree is too long.");
    return lunq_dt_read(t, path, err);
}

static bool has_regions(const char *root)
{
    char path[LX_PATH];
    return lx_path(path, root, "/proc/device-tree/reserved-memory") && access(path, F_OK) == 0;
}

int lx_reserved(struct lx_region *out, size_t max, const char *root, const char *name,
                struct lunq_error *err)
{
    struct reasons reasons = {""};
    struct lunq_dt *t;
    size_t n = 0;
    int r = 0;
    if (has_regions(root) && (r = read_tree(&t, root, "/reserved-memory", err)) == 0) {
        n = candidates(out, max, t, name, &reasons);
        lunq_dt_free(t);
    }
    if (n > 0 && (r = read_tree(&t, root, "", err)) == 0) {
        n = without_users(out, n, t, &reasons);
        lunq_dt_free(t);
    }
    if (r < 0)
        return r;
    if (n == 0)
        lunq_fail(
            err, LUNQ_MEMORY,
            "no region for buffers is reserved: /reserved-memory { buffer@ADDRESS { reg = <...>; "
            "no-map; }; } in the device tree the board boots with%s",
            reasons.text);
    return (int)n;
}
