/* fdt_check.c - the structure of a blob, checked before libfdt sees it. What it points to is
 * checked in fdt_check_links.c. Format: Devicetree Specification 0.4, chapter 5. */
#include "fdt_check.h"

#include <inttypes.h>
#include <libfdt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fdt_private.h"
#include "file.h"

struct scan {
    const uint8_t *data;
    const char *name;
    struct lunq_error *err;
    size_t total;                /* bytes of the blob */
    size_t at, end;              /* of the structure block: next token, end */
    size_t strings, strings_end; /* the strings block */
    unsigned depth;
    bool root;                         /* seen */
    bool children[LUNQ_FDT_DEPTH + 1]; /* the open node of each depth has a child already */
};

static uint32_t load32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int damaged(const struct scan *s, size_t at, const char *what)
{
    return lunq_fail(s->err, LUNQ_VALUE,
                     "%s: damaged device tree at 0x%zx: %s; take the file anew from where it "
                     "came from, or compile it again with dtc",
                     s->name, at, what);
}

/* ---- header -------------------------------------------------------------------------------- */

bool lunq_fdt_is(const void *data, size_t size)
{
    return size >= 4 && load32(data) == FDT_MAGIC;
}

static bool starts(const struct scan *s, size_t size, const char *with)
{
    return size >= strlen(with) && !memcmp(s->data, with, strlen(with));
}

static int no_blob(const struct scan *s, size_t size)
{
    if (!size)
        return lunq_fail(s->err, LUNQ_VALUE, "%s: the file is empty, so no device tree", s->name);
    if (starts(s, size, "/dts-v1/") || starts(s, size, "/*") || starts(s, size, "//") ||
        starts(s, size, "#include"))
        return lunq_fail(s->err, LUNQ_VALUE,
                         "%s: this is the source of a device tree; compile it: "
                         "dtc -@ -I dts -O dtb -o FILE.dtbo %s",
                         s->name, s->name);
    if (starts(s, size, "\x1f\x8b"))
        return lunq_fail(s->err, LUNQ_VALUE, "%s: this is a gzip archive; unpack it: gunzip %s",
                         s->name, s->name);
    return lunq_fail(s->err, LUNQ_VALUE,
                     "%s: no device-tree blob: it starts with 0x%08x and not with 0xd00dfeed; a "
                     ".dtb or .dtbo file is needed",
                     s->name, size < 4 ? (unsigned)s->data[0] : (unsigned)load32(s->data));
}

/* A block of the header inside the blob. */
static bool block_fits(const struct scan *s, uint32_t at, uint32_t size)
{
    return at >= sizeof(struct fdt_header) && at <= s->total && size <= s->total - at;
}

static int check_version(const struct scan *s)
{
    uint32_t version = load32(s->data + 20), compatible = load32(s->data + 24);
    if (version < 17 || compatible > 17 || compatible > version)
        return lunq_fail(s->err, LUNQ_VALUE,
                         "%s: version %" PRIu32 " of the format (readable as %" PRIu32
                         ") at 0x14; 17 is what dtc writes since 2007: compile it again",
                         s->name, version, compatible);
    return 0;
}

static int check_header(struct scan *s, size_t size)
{
    uint32_t structs, strings;
    if (!lunq_fdt_is(s->data, size))
        return no_blob(s, size);
    if (size < sizeof(struct fdt_header))
        return damaged(s, size, "the file ends in the header");
    s->total = load32(s->data + 4);
    if (s->total > size)
        return lunq_fail(s->err, LUNQ_VALUE,
                         "%s: the header says %zu bytes, but there are %zu: the file is cut off; "
                         "copy it again",
                         s->name, s->total, size);
    structs = load32(s->data + 8);
    strings = load32(s->data + 12);
    if (!block_fits(s, structs, load32(s->data + 36)) || structs % 4)
        return damaged(s, 8, "the structure block lies outside the blob");
    if (!block_fits(s, strings, load32(s->data + 32)))
        return damaged(s, 12, "the strings block lies outside the blob");
    s->at = structs;
    s->end = structs + load32(s->data + 36);
    s->strings = strings;
    s->strings_end = strings + load32(s->data + 32);
    return check_version(s);
}

/* Pairs of address and size, the last one zero. */
static int check_reserved(const struct scan *s)
{
    static const uint8_t last[16];
    size_t at = load32(s->data + 16);
    if (at % 8 || at < sizeof(struct fdt_header))
        return damaged(s, 16, "the memory reserve map is misplaced");
    for (;; at += 16) {
        if (at > s->total || s->total - at < 16)
            return damaged(s, 16, "the memory reserve map has no end");
        if (!memcmp(s->data + at, last, sizeof last))
            return 0;
    }
}

/* ---- structure ------------------------------------------------------------------------------ */

static size_t left(const struct scan *s)
{
    return s->end - s->at;
}

/* Moves behind n bytes and up to the next multiple of 4. */
static bool skip(struct scan *s, size_t n)
{
    size_t padded = (n + 3) & ~(size_t)3;
    if (padded < n || padded > left(s))
        return false;
    s->at += padded;
    return true;
}

bool lunq_fdt_is_name(const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
            return false;
    return true;
}

static int begin_node(struct scan *s, size_t token)
{
    const char *name = (const char *)s->data + s->at;
    const char *nul = memchr(name, 0, left(s));
    if (!nul || !skip(s, (size_t)(nul - name) + 1))
        return damaged(s, token, "the name of a node has no end");
    if (!s->depth && s->root)
        return damaged(s, token, "a second root node");
    if (!s->depth != (nul == name))
        return damaged(s, token, s->depth ? "a node without a name" : "the root node has a name");
    if (!lunq_fdt_is_name(name, (size_t)(nul - name)))
        return damaged(s, token, "a character in the name of a node that no name may have");
    if (s->depth >= LUNQ_FDT_DEPTH)
        return damaged(s, token, "nodes are nested more than 32 deep");
    s->root = true;
    s->children[s->depth++] = true;
    s->children[s->depth] = false;
    return 0;
}

static int property(struct scan *s, size_t token)
{
    const char *text;
    uint32_t size, name;
    if (left(s) < 8)
        return damaged(s, token, "a property is cut off");
    size = load32(s->data + s->at);
    name = load32(s->data + s->at + 4);
    s->at += 8;
    if (!s->depth)
        return damaged(s, token, "a property outside of all nodes");
    if (s->children[s->depth])
        return damaged(s, token, "a property behind a child node, where nobody would see it");
    if (!skip(s, size))
        return damaged(s, token, "a property is longer than the rest of the blob");
    if (name >= s->strings_end - s->strings ||
        !memchr(s->data + s->strings + name, 0, s->strings_end - s->strings - name))
        return damaged(s, token, "the name of a property lies outside the strings block");
    text = (const char *)s->data + s->strings + name;
    if (!*text)
        return damaged(s, token, "a property without a name");
    if (!lunq_fdt_is_name(text, strlen(text)))
        return damaged(s, token, "a character in the name of a property that no name may have");
    return 0;
}

/* One token: 1 at the end, 0 to go on. */
static int token(struct scan *s)
{
    size_t at = s->at;
    if (left(s) < 4)
        return damaged(s, at, "the structure block ends without its end mark");
    s->at += 4;
    switch (load32(s->data + at)) {
    case FDT_NOP: return 0;
    case FDT_BEGIN_NODE: return begin_node(s, at);
    case FDT_PROP: return property(s, at);
    case FDT_END_NODE:
        if (!s->depth)
            return damaged(s, at, "a node ends that never began");
        s->depth--;
        return 0;
    case FDT_END:
        if (s->depth || !s->root)
            return damaged(s, at, s->root ? "the tree ends inside a node" : "there is no root");
        return 1;
    default: return damaged(s, at, "neither node nor property starts here");
    }
}

/* ---- taking in ------------------------------------------------------------------------------ */

/* What libfdt itself has to say, after us. */
static int check_libfdt(const struct scan *s, const void *blob)
{
    int rc = fdt_check_full(blob, s->total);
    if (rc < 0)
        return lunq_fail(s->err, LUNQ_VALUE, "%s: libfdt refuses this device tree: %s", s->name,
                         fdt_strerror(rc));
    return lunq_fdt_check_links(s->name, blob, s->err);
}

int lunq_fdt_copy(void **blob, const char *name, const void *data, size_t size,
                  struct lunq_error *err)
{
    struct scan s = {.data = data, .name = name, .err = err};
    int rc = check_header(&s, size);
    *blob = NULL;
    if (rc == 0 && s.total > LUNQ_FDT_MAX)
        rc = lunq_fail(err, LUNQ_VALUE,
                       "%s: %zu bytes are too much for a device tree (limit %d MiB)", name, s.total,
                       LUNQ_FDT_MAX >> 20);
    if (rc == 0)
        rc = check_reserved(&s);
    while (rc == 0)
        rc = token(&s);
    if (rc < 0)
        return rc;
    *blob = malloc(s.total);
    if (!*blob)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory for %zu bytes", name, s.total);
    memcpy(*blob, data, s.total);
    rc = check_libfdt(&s, *blob);
    if (rc < 0) {
        free(*blob);
        *blob = NULL;
    }
    return rc;
}

int lunq_fdt_load(void **blob, const char *path, struct lunq_error *err)
{
    char *data;
    size_t size;
    int rc = lunq_file_load(path, "a device tree", LUNQ_FDT_MAX, &data, &size, err);
    *blob = NULL;
    if (rc == 0)
        rc = lunq_fdt_copy(blob, path, data, size, err);
    free(data);
    return rc;
}
