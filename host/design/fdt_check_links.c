/* fdt_check_links.c - what one place of a blob says about another: fix-ups, symbols, aliases and
 * targets of an overlay. libfdt 1.6.1 follows them without looking: the offsets of local fix-ups
 * are used as they are (linux-boards.md B3); those of fix-ups by label wrap, 4294967292 passes its
 * check; an alias that names itself is looked up until the stack ends. */
#include <libfdt.h>
#include <stdint.h>
#include <string.h>

#include "fdt_private.h"

/* Bytes of nodes to go through, a second or two: libfdt looks for each place from the beginning. Real
 * overlays have some 100 places in 50 KB. */
#define WORK_LIMIT ((uint64_t)1 << 30)

struct links {
    const void *blob;
    const char *name;
    struct lunq_error *err;
    uint64_t *work;
};

/* The place of a node or property in the file. */
static size_t place(const struct links *k, int offset)
{
    return (size_t)fdt_off_dt_struct(k->blob) + (size_t)offset;
}

static int refuse(const struct links *k, int offset, const char *where, const char *property,
                  const char *what)
{
    return lunq_fail(k->err, LUNQ_VALUE,
                     "%s: damaged overlay at 0x%zx: %s '%s' %s; compile it again with dtc -@",
                     k->name, place(k, offset), where, property, what);
}

/* Counts one look-up; LUNQ_VALUE when a file was made to take for ever. */
static int look_up(const struct links *k)
{
    *k->work += fdt_size_dt_struct(k->blob);
    if (*k->work <= WORK_LIMIT)
        return 0;
    return lunq_fail(
        k->err, LUNQ_VALUE,
        "%s: more fix-ups in so many nodes than an overlay has; split it, or is this a "
        "file that somebody made up?",
        k->name);
}

/* ---- __local_fixups__ ----------------------------------------------------------------------- */

static int local_property(const struct links *k, int at, int mirrored)
{
    static const char where[] = "local fix-up";
    const char *name;
    int size, room;
    const fdt32_t *offsets = fdt_getprop_by_offset(k->blob, at, &name, &size);
    if (look_up(k) < 0)
        return LUNQ_VALUE;
    if (!offsets)
        return refuse(k, at, where, "?", "can't be read");
    if (!fdt_getprop(k->blob, mirrored, name, &room))
        return refuse(k, at, where, name, "is for a property that isn't there");
    if (size % 4)
        return refuse(k, at, where, name, "is no list of 32-bit numbers");
    for (int i = 0; i < size / 4; i++)
        if (room < 4 || fdt32_ld(&offsets[i]) > (uint32_t)room - 4)
            return refuse(k, at, where, name, "points behind the end of its property");
    return 0;
}

/* Walks the node of fix-ups and the tree that it mirrors together: depth is at most
 * LUNQ_FDT_DEPTH. */
static int local_node(const struct links *k, int fixups, int mirrored)
{
    int at, rc = 0;
    fdt_for_each_property_offset(at, k->blob,
                                 fixups) if ((rc = local_property(k, at, mirrored)) < 0) return rc;
    fdt_for_each_subnode(at, k->blob, fixups)
    {
        const char *name = fdt_get_name(k->blob, at, NULL);
        int child = fdt_subnode_offset(k->blob, mirrored, name);
        if ((rc = look_up(k)) < 0)
            return rc;
        if (child < 0)
            return refuse(k, at, "local fix-up", name, "is for a node that isn't there");
        if ((rc = local_node(k, at, child)) < 0)
            return rc;
    }
    return 0;
}

/* ---- __fixups__ ----------------------------------------------------------------------------- */

/* Decimal digits and nothing else. */
static bool read_offset(const char *s, size_t n, uint32_t *value)
{
    *value = 0;
    if (!n || n > 7)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        *value = *value * 10 + (uint32_t)(s[i] - '0');
    }
    return true;
}

/* "/fragment@0:target:0": a place in the overlay that gets the phandle of the label. */
static int label_place(const struct links *k, int at, const char *label, const char *s, size_t n)
{
    static const char where[] = "fix-up of label";
    const char *property = memchr(s, ':', n), *offset;
    uint32_t value;
    int node, room;
    if (look_up(k) < 0)
        return LUNQ_VALUE;
    if (!n || *s != '/' || !property)
        return refuse(k, at, where, label, "has no path:property:offset");
    property++;
    offset = memchr(property, ':', (size_t)(s + n - property));
    if (!offset || !read_offset(offset + 1, (size_t)(s + n - offset - 1), &value))
        return refuse(k, at, where, label, "has no path:property:offset");
    node = fdt_path_offset_namelen(k->blob, s, (int)(property - 1 - s));
    if (node < 0)
        return refuse(k, at, where, label, "is for a node that isn't there");
    if (!fdt_getprop_namelen(k->blob, node, property, (int)(offset - property), &room))
        return refuse(k, at, where, label, "is for a property that isn't there");
    if (room < 4 || value > (uint32_t)room - 4)
        return refuse(k, at, where, label, "points behind the end of its property");
    return 0;
}

static int label(const struct links *k, int node, int at)
{
    const char *name;
    int size, rc;
    const char *s = fdt_getprop_by_offset(k->blob, at, &name, &size), *end = s ? s + size : s;
    if (!s || !size)
        return refuse(k, at, "fix-up of label", s ? name : "?", "is empty");
    for (const char *next; s < end; s = next + 1) {
        next = memchr(s, 0, (size_t)(end - s));
        if (!next)
            return refuse(k, at, "fix-up of label", name, "is no text");
        if ((rc = label_place(k, at, name, s, (size_t)(next - s))) < 0)
            return rc;
    }
    return 0;
}

/* ---- paths ---------------------------------------------------------------------------------- */

static bool is_text(const char *s, int size)
{
    for (int i = 0; s && i < size - 1; i++)
        if (s[i] < ' ' || s[i] > '~')
            return false;
    return s && size > 0 && !s[size - 1];
}

/* phandles and names stand among the paths of a tree made by old tools. */
static bool is_path_property(const char *name)
{
    return strcmp(name, "phandle") && strcmp(name, "linux,phandle") && strcmp(name, "name");
}

static int symbol(const struct links *k, int node, int at)
{
    const char *name;
    int size;
    const char *s = fdt_getprop_by_offset(k->blob, at, &name, &size);
    if (look_up(k) < 0)
        return LUNQ_VALUE;
    if (s && !is_path_property(name))
        return 0;
    if (!is_text(s, size) || *s != '/')
        return refuse(k, at, "symbol", s ? name : "?", "is no path");
    return 0;
}

static int alias(const struct links *k, int aliases, int at)
{
    const char *name;
    int size, room;
    const char *s = fdt_getprop_by_offset(k->blob, at, &name, &size);
    if (s && (!is_path_property(name) || (size && *s == '/')))
        return 0;
    for (room = 0; s && room < size && s[room] && s[room] != '/';)
        room++;
    if (s && fdt_getprop_namelen(k->blob, aliases, s, room, NULL))
        return refuse(k, at, "alias", name, "leads to another alias, not to a path");
    return 0;
}

static int target(const struct links *k, int fragment)
{
    int size;
    const char *s = fdt_getprop(k->blob, fragment, "target-path", &size);
    const char *name = fdt_get_name(k->blob, fragment, NULL);
    if (!s || fdt_subnode_offset(k->blob, fragment, "__overlay__") < 0)
        return 0;
    if (!is_text(s, size))
        return refuse(k, fragment, "target-path of", name, "is no text");
    if (*s != '/')
        return lunq_fail(k->err, LUNQ_VALUE,
                         "%s: target-path of %s at 0x%zx is the alias '%s'; write the whole path",
                         k->name, name, place(k, fragment), s);
    return 0;
}

/* Calls f for each property of a child of the root, if there is such a child. */
static int each(const struct links *k, const char *child,
                int (*f)(const struct links *k, int node, int at))
{
    int node = fdt_subnode_offset(k->blob, 0, child), at, rc = 0;
    if (node < 0)
        return 0;
    fdt_for_each_property_offset(at, k->blob, node) if ((rc = f(k, node, at)) < 0) break;
    return rc;
}

int lunq_fdt_check_links(const char *name, const void *blob, struct lunq_error *err)
{
    uint64_t work = 0;
    const struct links k = {blob, name, err, &work};
    int locals = fdt_subnode_offset(blob, 0, "__local_fixups__"), at;
    int rc = each(&k, "aliases", alias); /* first: looking for a path goes through them */
    if (rc == 0 && locals >= 0)
        rc = local_node(&k, locals, 0);
    if (rc == 0)
        rc = each(&k, "__fixups__", label);
    if (rc == 0)
        rc = each(&k, "__symbols__", symbol);
    if (rc == 0)
        fdt_for_each_subnode(at, blob, 0) if ((rc = target(&k, at)) < 0) break;
    return rc;
}
