/* dt_folder.c - a device tree from a folder as /proc/device-tree is: a folder a node, a file a
 * property. After overlays only this is the live tree; /sys/firmware/fdt is what was booted
 * (linux-boards.md B4). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fdt_private.h"

enum { MAX_ENTRIES = 100000 }; /* files and folders; a ZynqMP has some 4,000 */

struct reader {
    struct lunq_dt *t;
    struct lunq_error *err;
    size_t entries, bytes; /* seen so far */
};

/* An entry of a folder. */
struct entry {
    const char *name;
    bool folder;
};

static int no_memory(const struct reader *r)
{
    return lunq_fail(r->err, LUNQ_MEMORY, "%s: no memory for its nodes", r->t->file);
}

static int system_error(const struct reader *r, const char *name)
{
    int why = errno;
    return lunq_fail(r->err, why == EACCES ? LUNQ_PERMISSION : LUNQ_IO,
                     "%s: '%s' can't be read: %s", r->t->file, name, strerror(why));
}

static int too_much(const struct reader *r)
{
    return lunq_fail(
        r->err, LUNQ_VALUE,
        "%s: more than a device tree has (limits: %d files, %d MiB, %d levels); is this "
        "a tree as /proc/device-tree is?",
        r->t->file, MAX_ENTRIES, LUNQ_FDT_MAX >> 20, LUNQ_FDT_DEPTH);
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Reads a file up to its end: what stat says of a file in sysfs need not be true. */
static int read_all(struct reader *r, int fd, const char *name, struct lunq_vec *to)
{
    char part[4096];
    ssize_t got;
    while ((got = read(fd, part, sizeof part)) > 0) {
        r->bytes += (size_t)got;
        if (r->bytes > LUNQ_FDT_MAX)
            return too_much(r);
        for (ssize_t i = 0; i < got; i++) {
            char *byte = lunq_vec_add(to, 1);
            if (!byte)
                return no_memory(r);
            *byte = part[i];
        }
    }
    return got < 0 ? system_error(r, name) : 0;
}

static int read_value(struct reader *r, int fd, struct lunq_dt_property *p)
{
    struct lunq_vec bytes = {0};
    size_t size = 0;
    int rc = read_all(r, fd, p->name, &bytes);
    if (rc == 0)
        p->value = lunq_vec_keep(&bytes, 1, &r->t->priv->arena, &size);
    p->size = (uint32_t)size;
    if (!p->value)
        p->value = (const uint8_t *)"";
    lunq_vec_free(&bytes);
    return rc;
}

/* One that this user may not read is left out and counted. */
static int read_property(struct reader *r, int dir, const char *name)
{
    struct lunq_dt_property p = {.name = name}, *kept;
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), rc;
    if (fd < 0 && errno == EACCES) {
        r->t->unreadable++;
        return 0;
    }
    if (fd < 0)
        return system_error(r, name);
    rc = read_value(r, fd, &p);
    close(fd);
    if (rc < 0)
        return rc;
    kept = lunq_vec_add(&r->t->priv->scratch, sizeof *kept);
    if (!kept)
        return no_memory(r);
    *kept = p;
    return 0;
}

/* ---- folders -------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* Linux adds a property "name" to each node; it is none of the tree. Links, devices and whatever
 * else is no part of a tree is passed over. */
static int add_entry(struct reader *r, int dir, const char *name, struct lunq_vec *entries)
{
    struct stat st;
    struct entry *e;
    if (!strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, "name") ||
        fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) || !lunq_fdt_is_name(name, strlen(name)))
        return 0;
    if (++r->entries > MAX_ENTRIES)
        return too_much(r);
    e = lunq_vec_add(entries, sizeof *e);
    if (!e)
        return no_memory(r);
    e->name = lunq_arena_intern(&r->t->priv->arena, name, strlen(name));
    e->folder = S_ISDIR(st.st_mode);
    return e->name ? 0 : no_memory(r);
}

/* In order of names, for the system's order means nothing. */
static int list(struct reader *r, DIR *dir, struct lunq_vec *entries)
{
    struct dirent *d;
    int rc = 0;
    while (rc == 0 && (d = readdir(dir)))
        rc = add_entry(r, dirfd(dir), d->d_name, entries);
    if (rc == 0 && entries->n)
        qsort(entries->data, entries->n, sizeof(struct entry), by_name);
    return rc;
}

static int read_node(struct reader *r, int fd, struct lunq_dt_node *n, unsigned depth);

static int read_child(struct reader *r, int dir, struct lunq_dt_node *n, struct lunq_dt_node **last,
                      const char *name, unsigned depth)
{
    struct lunq_dt_node *child = lunq_dt_add(r->t, n, last, name);
    int fd;
    if (!child)
        return no_memory(r);
    if (depth >= LUNQ_FDT_DEPTH)
        return too_much(r);
    fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY);
    return fd < 0 ? system_error(r, name) : read_node(r, fd, child, depth + 1);
}

static int read_entries(struct reader *r, DIR *dir, struct lunq_dt_node *n, unsigned depth,
                        struct lunq_vec *entries)
{
    struct lunq_dt_private *priv = r->t->priv;
    struct lunq_dt_node *last = NULL;
    const struct entry *e = entries->data;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < entries->n; i++)
        if (!e[i].folder)
            rc = read_property(r, dirfd(dir), e[i].name);
    if (rc == 0)
        n->properties =
            lunq_vec_keep(&priv->scratch, sizeof *n->properties, &priv->arena, &n->n_properties);
    for (size_t i = 0; rc == 0 && i < entries->n; i++)
        if (e[i].folder)
            rc = read_child(r, dirfd(dir), n, &last, e[i].name, depth);
    return rc == 0 && priv->arena.failed ? no_memory(r) : rc;
}

/* Takes over fd. */
static int read_node(struct reader *r, int fd, struct lunq_dt_node *n, unsigned depth)
{
    struct lunq_vec entries = {0};
    DIR *dir = fdopendir(fd);
    int rc;
    if (!dir) {
        close(fd);
        return no_memory(r);
    }
    rc = list(r, dir, &entries);
    if (rc == 0)
        rc = read_entries(r, dir, n, depth, &entries);
    lunq_vec_free(&entries);
    closedir(dir);
    return rc;
}

/* ---- the tree ------------------------------------------------------------------------------- */

/* Every root has these; a folder with blobs in it has not. */
static int check_root(const struct reader *r)
{
    if (lunq_dt_property(r->t->root, "compatible") ||
        lunq_dt_property(r->t->root, "#address-cells"))
        return 0;
    return lunq_fail(
        r->err, LUNQ_VALUE,
        "%s: this folder is no device tree: it has neither 'compatible' nor "
        "'#address-cells'; the live tree is /proc/device-tree, for a blob name the file",
        r->t->file);
}

int lunq_dt_read_folder(struct lunq_dt *t, const char *path, struct lunq_error *err)
{
    struct reader r = {.t = t, .err = err};
    struct lunq_dt_node *last = NULL, *root = lunq_dt_add(t, NULL, &last, "");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY), rc;
    t->folder = true;
    if (fd < 0)
        return lunq_fail(err, errno == EACCES ? LUNQ_PERMISSION : LUNQ_IO, "%s: %s", path,
                         strerror(errno));
    if (!root) {
        close(fd);
        return no_memory(&r);
    }
    rc = read_node(&r, fd, root, 1);
    return rc == 0 ? check_root(&r) : rc;
}
