/* xclbin_tables.c - the tables of an xclbin: memories, IP, what is connected, clocks (xrt.md 6.1). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "xclbin.h"

/* A table of a section: where its rows are. */
struct table {
    const struct lunq_card_section *s;
    const uint8_t *rows;
    size_t n, row_size;
};

/* Offset of row i in the file. */
static uint64_t place(const struct table *t, size_t i)
{
    return t->s->offset + (uint64_t)(t->rows - t->s->data) + (uint64_t)i * t->row_size;
}

/* Checks that the rows lie inside the section. `width`: of the count; `first`: offset of row 0. */
static int open_table(struct xclbin *x, const struct lunq_card_section *s, unsigned width,
                      size_t first, size_t row_size, struct table *t)
{
    int64_t n;
    uint64_t need;
    *t = (struct table){.s = s, .row_size = row_size};
    if (!s)
        return 0;
    if (s->size < first)
        return xclbin_fail(x, s, s->offset,
                           "%" PRIu64
                           " bytes are too few for a table: the file is damaged; build it "
                           "again",
                           s->size);
    n = width == 2 ? (int16_t)xclbin_get(s->data, 2) : (int32_t)xclbin_get(s->data, 4);
    if (n < 0)
        return xclbin_fail(x, s, s->offset,
                           "%" PRId64 " rows can't be: the file is damaged; build it again", n);
    need = first + (uint64_t)n * row_size;
    if (need > s->size || n > XCLBIN_MAX_ROWS)
        return xclbin_fail(x, s, s->offset,
                           "%" PRId64 " rows need %" PRIu64 " bytes, the section has %" PRIu64
                           ": the file is damaged; build it again",
                           n, need, s->size);
    if (need < s->size)
        lunq_design_warn(x->d, s->name,
                         "%s: section %s has %" PRIu64 " bytes behind its last row; skipped",
                         x->d->file, s->name, s->size - need);
    t->rows = s->data + first;
    t->n = (size_t)n;
    return 0;
}

/* ---- memories ------------------------------------------------------------------------------ */

static bool is_taken(const struct xclbin *x, const char *tag)
{
    const char *s = lunq_arena_find(&x->d->priv->arena, tag, strlen(tag));
    return s && lunq_map_get(&x->tags, s);
}

/* The tag as a name: without what can't be in one, and not the same as another. NULL: no memory. */
static const char *make_tag(struct xclbin *x, const uint8_t *at, size_t row)
{
    char tag[16 + 1], unique[48];
    const char *name;
    size_t n = strnlen((const char *)at, 16);
    bool changed = false;
    memcpy(tag, at, n);
    tag[n] = '\0';
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)tag[i] <= ' ' || (unsigned char)tag[i] >= 0x7f || tag[i] == '/') {
            tag[i] = '_';
            changed = true;
        }
    snprintf(unique, sizeof unique, "%s", tag);
    for (size_t i = row; !*unique || is_taken(x, unique); i++) {
        snprintf(unique, sizeof unique, "%s_%zu", n ? tag : "memory", i);
        changed = true;
    }
    if (changed)
        lunq_design_warn(x->d, "tag",
                         "%s: the tag of memory %zu is empty, no name, or that of another: it is "
                         "called %s here",
                         x->d->file, row, unique);
    name = lunq_design_intern(x->d, unique, SIZE_MAX);
    return name && lunq_map_put(&x->tags, name, (void *)name) ? name : NULL;
}

static int read_memory(struct xclbin *x, const struct table *t, size_t i)
{
    const uint8_t *r = t->rows + i * t->row_size;
    struct lunq_memory *m = &x->d->card.memories[i];
    uint64_t size = xclbin_get(r + 8, 8), base = xclbin_get(r + 16, 8);
    m->type = r[0];
    m->used = r[1] != 0;
    m->row = (unsigned)i;
    m->streaming = m->type == LUNQ_MEM_STREAMING || m->type == LUNQ_MEM_STREAM_CONNECTION;
    m->tag = make_tag(x, r + 24, i);
    if (!m->tag)
        return lunq_fail(x->err, LUNQ_MEMORY, "%s: no memory", x->d->file);
    if (m->streaming) {
        m->route_id = size;
        m->flow_id = base;
    } else if (size > UINT64_MAX / 1024 || (size && size * 1024 - 1 > UINT64_MAX - base)) {
        return xclbin_fail(x, t->s, place(t, i) + 8,
                           "memory %s: %" PRIu64 " KiB at 0x%" PRIx64
                           " end beyond the address space: "
                           "the file is damaged; build it again",
                           m->tag, size, base);
    } else {
        m->size = size * 1024;
        m->base = base;
    }
    return 0;
}

/* XRT prefers the sections of groups, and so do its bank numbers (xrt.md 7). */
static int read_memories(struct xclbin *x)
{
    const struct lunq_card_section *s = xclbin_find(x, XCLBIN_GROUP_MEMORY);
    struct table t;
    int rc = open_table(x, s ? s : xclbin_find(x, XCLBIN_MEMORY), 4, 8, 40, &t);
    if (rc < 0)
        return rc;
    if (t.n > XCLBIN_MAX_MEMORIES)
        return xclbin_fail(x, t.s, t.s->offset, "%zu memories, more than %d", t.n,
                           XCLBIN_MAX_MEMORIES);
    x->d->card.n_memories = t.n;
    x->d->card.memories = lunq_design_alloc(x->d, t.n * sizeof *x->d->card.memories + 1);
    if (!x->d->card.memories)
        return lunq_fail(x->err, LUNQ_MEMORY, "%s: no memory", x->d->file);
    for (size_t i = 0; i < t.n && rc == 0; i++)
        rc = read_memory(x, &t, i);
    if (rc == 0 && s) /* the one that is not used should be sound all the same: XRT reads it too */
        rc = open_table(x, xclbin_find(x, XCLBIN_MEMORY), 4, 8, 40, &t);
    return rc;
}

/* ---- IP ------------------------------------------------------------------------------------ */

static int check_bases(struct xclbin *x, const struct table *t)
{
    for (size_t i = 0; i < x->n_ips; i++)
        for (size_t k = 0; k < i && x->ips[i].type == 1 && x->ips[i].base != UINT64_MAX; k++)
            if (x->ips[k].type == 1 && x->ips[k].base == x->ips[i].base)
                return xclbin_fail(x, t->s, place(t, i) + 8,
                                   "%s and %s have the same address 0x%" PRIx64
                                   ": build the file again",
                                   x->ips[k].name, x->ips[i].name, x->ips[i].base);
    return 0;
}

static int read_ips(struct xclbin *x)
{
    struct table t;
    int rc = open_table(x, xclbin_find(x, XCLBIN_IP_LAYOUT), 4, 8, 80, &t);
    if (rc < 0)
        return rc;
    if (t.n > XCLBIN_MAX_KERNELS)
        return xclbin_fail(x, t.s, t.s->offset, "%zu IP, more than %d", t.n, XCLBIN_MAX_KERNELS);
    x->n_ips = t.n;
    x->ips = lunq_design_alloc(x->d, t.n * sizeof *x->ips + 1);
    if (!x->ips)
        return lunq_fail(x->err, LUNQ_MEMORY, "%s: no memory", x->d->file);
    for (size_t i = 0; i < t.n; i++) {
        const uint8_t *r = t.rows + i * t.row_size;
        uint32_t properties = (uint32_t)xclbin_get(r + 4, 4);
        x->ips[i] = (struct xclbin_ip){.type = (uint32_t)xclbin_get(r, 4),
                                       .interrupt = properties & 1,
                                       .control = (properties >> 8) & 0xff,
                                       .base = xclbin_get(r + 8, 8),
                                       .name = xclbin_text(x->d, r + 16, 64),
                                       .offset = place(&t, i)};
        if (!x->ips[i].name)
            return lunq_fail(x->err, LUNQ_MEMORY, "%s: no memory", x->d->file);
    }
    return check_bases(x, &t);
}

/* ---- connections --------------------------------------------------------------------------- */

static int read_connection(struct xclbin *x, const struct table *t, size_t i)
{
    const uint8_t *r = t->rows + i * t->row_size;
    int32_t arg = (int32_t)xclbin_get(r, 4), ip = (int32_t)xclbin_get(r + 4, 4),
            memory = (int32_t)xclbin_get(r + 8, 4);
    const struct lunq_card *c = &x->d->card;
    if (ip < 0 || (size_t)ip >= x->n_ips)
        return xclbin_fail(x, t->s, place(t, i) + 4,
                           "row %zu names IP %" PRId32
                           " of %zu: the file is damaged; build it again",
                           i, ip, x->n_ips);
    if (memory < 0 || (size_t)memory >= c->n_memories)
        return xclbin_fail(x, t->s, place(t, i) + 8,
                           "row %zu names memory %" PRId32 " of %zu: the file is damaged; build it "
                           "again",
                           i, memory, c->n_memories);
    if (arg < 0)
        return xclbin_fail(
            x, t->s, place(t, i),
            "row %zu names argument %" PRId32 ": the file is damaged; build it again", i, arg);
    if (!c->memories[memory].used)
        return xclbin_fail(x, t->s, place(t, i) + 8,
                           "row %zu connects argument %" PRId32
                           " of %s to memory %s, which is marked "
                           "as not used: link the design again",
                           i, arg, x->ips[ip].name, c->memories[memory].tag);
    x->connections[i] = (struct xclbin_connection){(unsigned)arg, (size_t)ip, (size_t)memory};
    return 0;
}

static int read_connections(struct xclbin *x)
{
    const struct lunq_card_section *s = xclbin_find(x, XCLBIN_GROUP_CONNECTIVITY);
    struct table t;
    int rc = open_table(x, s ? s : xclbin_find(x, XCLBIN_CONNECTIVITY), 4, 4, 12, &t);
    if (rc < 0)
        return rc;
    x->n_connections = t.n;
    x->connections = lunq_design_alloc(x->d, t.n * sizeof *x->connections + 1);
    if (!x->connections)
        return lunq_fail(x->err, LUNQ_MEMORY, "%s: no memory", x->d->file);
    for (size_t i = 0; i < t.n && rc == 0; i++)
        rc = read_connection(x, &t, i);
    if (rc == 0 && s)
        rc = open_table(x, xclbin_find(x, XCLBIN_CONNECTIVITY), 4, 4, 12, &t);
    return rc;
}

/* ---- clocks -------------------------------------------------------------------------------- */

static int read_clocks(struct xclbin *x)
{
    struct lunq_card *c = &x->d->card;
    struct table t;
    int rc = open_table(x, xclbin_find(x, XCLBIN_CLOCKS), 2, 2, 136, &t);
    if (rc < 0)
        return rc;
    c->clocks = lunq_design_alloc(x->d, t.n * sizeof *c->clocks + 1);
    if (!c->clocks)
        return lunq_fail(x->err, LUNQ_MEMORY, "%s: no memory", x->d->file);
    for (size_t i = 0; i < t.n; i++) {
        const uint8_t *r = t.rows + i * t.row_size;
        c->clocks[i].mhz = (unsigned)xclbin_get(r, 2);
        c->clocks[i].type = r[2];
        c->clocks[i].name = xclbin_text(x->d, r + 8, 128);
    }
    c->n_clocks = t.n;
    return 0;
}

int xclbin_read_tables(struct xclbin *x)
{
    int rc = read_memories(x);
    if (rc == 0)
        rc = read_ips(x);
    if (rc == 0)
        rc = read_connections(x);
    return rc == 0 ? read_clocks(x) : rc;
}
