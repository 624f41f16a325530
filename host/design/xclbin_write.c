/* xclbin_write.c - layout: xrt.md 6.1; the XML: xclbin_write_xml.c. */
#include "xclbin_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xclbin_out.h"

uint8_t *xclbin_room(struct xclbin_out *o, size_t n)
{
    uint8_t *at;
    if (o->failed)
        return NULL;
    if (o->cap - o->n < n) {
        size_t cap = (o->cap + n) * 2;
        uint8_t *more = realloc(o->data, cap);
        if (!more) {
            o->failed = true;
            return NULL;
        }
        memset(more + o->cap, 0, cap - o->cap);
        o->data = more;
        o->cap = cap;
    }
    at = o->data + o->n;
    o->n += n;
    return at;
}

static void put(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

void xclbin_put(struct xclbin_out *o, const void *data, size_t n)
{
    uint8_t *at = xclbin_room(o, n);
    if (at && n)
        memcpy(at, data, n);
}

/* A text of at most n bytes with zeros behind it; a longer one is an error: names would be cut. */
static int put_text(struct xclbin_out *o, uint8_t *at, const char *text, size_t n, const char *what)
{
    size_t size = strlen(text);
    if (size > n)
        return lunq_fail(o->err, LUNQ_VALUE,
                         "%s: %s %.80s is longer than the %zu bytes of an xclbin", o->d->file, what,
                         text, n);
    memcpy(at, text, size);
    return 0;
}

/* ---- tables -------------------------------------------------------------------------------- */

static int write_memories(struct xclbin_out *o)
{
    const struct lunq_card *c = &o->d->card;
    uint8_t *at = xclbin_room(o, 8 + 40 * c->n_memories);
    if (!at)
        return 0;
    put(at, c->n_memories, 4);
    at += 8;
    for (size_t i = 0; i < c->n_memories; i++, at += 40) {
        const struct lunq_memory *m = &c->memories[i];
        at[0] = (uint8_t)m->type;
        at[1] = m->used;
        put(at + 8, m->streaming ? m->route_id : m->size / 1024, 8);
        put(at + 16, m->streaming ? m->flow_id : m->base, 8);
        if (put_text(o, at + 24, m->tag, 16, "memory") < 0)
            return LUNQ_VALUE;
        if (!m->streaming && m->size % 1024)
            return lunq_fail(o->err, LUNQ_VALUE,
                             "%s: memory %s has %" PRIu64 " bytes; an xclbin counts KiB",
                             o->d->file, m->tag, m->size);
    }
    return 0;
}

static size_t n_rows(const struct lunq_card *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_cus; i++)
        n += c->cus[i].row != LUNQ_NONE;
    return n;
}

/* The row a unit gets: those of other IP are not written, the order stays. */
static size_t row_of(const struct lunq_card *c, const struct lunq_cu *cu)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_cus; i++)
        n += c->cus[i].row < cu->row;
    return n;
}

static int write_ips(struct xclbin_out *o)
{
    const struct lunq_card *c = &o->d->card;
    size_t n = n_rows(c);
    uint8_t *table = n ? xclbin_room(o, 8 + 80 * n) : NULL;
    if (!table)
        return 0;
    put(table, n, 4);
    for (size_t i = 0; i < c->n_cus; i++) {
        const struct lunq_cu *cu = &c->cus[i];
        uint8_t *at = table + 8 + 80 * row_of(c, cu);
        unsigned control = cu->control == LUNQ_CTRL_USER ? LUNQ_CTRL_HS : cu->control;
        if (cu->row == LUNQ_NONE)
            continue;
        put(at, 1, 4);
        put(at + 4, control << 8 | cu->interrupt, 4);
        put(at + 8, cu->has_address ? cu->base : UINT64_MAX, 8);
        if (put_text(o, at + 16, cu->full, 64, "compute unit") < 0)
            return LUNQ_VALUE;
    }
    return 0;
}

static int write_connections(struct xclbin_out *o)
{
    const struct lunq_card *c = &o->d->card;
    size_t n = 0;
    uint8_t *at;
    for (size_t i = 0; i < c->n_cus; i++)
        for (size_t k = 0; k < c->cus[i].n_args && c->cus[i].row != LUNQ_NONE; k++)
            n += c->cus[i].args[k].n_memories;
    if (!n || !(at = xclbin_room(o, 4 + 12 * n)))
        return 0;
    put(at, n, 4);
    at += 4;
    for (size_t i = 0; i < c->n_cus; i++)
        for (size_t k = 0; k < c->cus[i].n_args && c->cus[i].row != LUNQ_NONE; k++) {
            const struct lunq_arg *a = &c->cus[i].args[k];
            for (size_t m = 0; m < a->n_memories; m++, at += 12) {
                put(at, a->index, 4);
                put(at + 4, row_of(c, &c->cus[i]), 4);
                put(at + 8, a->memories[m], 4);
            }
        }
    return 0;
}

static int write_clocks(struct xclbin_out *o)
{
    const struct lunq_card *c = &o->d->card;
    uint8_t *at = c->n_clocks ? xclbin_room(o, 2 + 136 * c->n_clocks) : NULL;
    if (!at)
        return 0;
    put(at, c->n_clocks, 2);
    at += 2;
    for (size_t i = 0; i < c->n_clocks; i++, at += 136) {
        put(at, c->clocks[i].mhz, 2);
        at[2] = (uint8_t)c->clocks[i].type;
        if (put_text(o, at + 8, c->clocks[i].name, 128, "clock") < 0)
            return LUNQ_VALUE;
    }
    return 0;
}

/* ---- the container ------------------------------------------------------------------------- */

typedef int write_fn(struct xclbin_out *o);

static const struct {
    enum xclbin_kind kind;
    const char *name;
    write_fn *write;
    bool group;
} known[] = {{XCLBIN_METADATA, "metadata", xclbin_write_xml, false},
             {XCLBIN_IP_LAYOUT, "ip_layout", write_ips, false},
             {XCLBIN_MEMORY, "mem_topology", write_memories, false},
             {XCLBIN_CONNECTIVITY, "connectivity", write_connections, false},
             {XCLBIN_CLOCKS, "clock_freq", write_clocks, false},
             {XCLBIN_GROUP_MEMORY, "group_topology", write_memories, true},
             {XCLBIN_GROUP_CONNECTIVITY, "group_connect", write_connections, true}};

enum { KNOWN = sizeof known / sizeof *known };

/* Ends a section that started at `start`; one without contents is left out. */
static void end_section(struct xclbin_out *o, size_t start, uint32_t kind, const char *name,
                        size_t *count)
{
    uint8_t *h;
    size_t size = o->n - start;
    if (!size || o->failed)
        return;
    h = o->data + XCLBIN_HEADER + XCLBIN_SECTION * (*count)++;
    put(h, kind, 4);
    memcpy(h + 4, name, strnlen(name, 15));
    put(h + 24, start, 8);
    put(h + 32, size, 8);
    xclbin_room(o, (8 - size % 8) % 8);
}

static int write_sections(struct xclbin_out *o, const struct lunq_xclbin_options *p, size_t *count)
{
    int rc = 0;
    for (size_t i = 0; i < KNOWN && rc == 0; i++) {
        size_t start = o->n;
        if (known[i].group && !p->groups)
            continue;
        if (known[i].write != write_memories || o->d->card.n_memories)
            rc = known[i].write(o);
        if (rc == 0)
            end_section(o, start, known[i].kind, known[i].name, count);
    }
    for (size_t i = 0; i < p->n_extras && rc == 0; i++) {
        size_t start = o->n;
        xclbin_put(o, p->extras[i].data, p->extras[i].size);
        end_section(o, start, p->extras[i].kind, p->extras[i].name, count);
    }
    return rc;
}

/* FNV-1a of everything, from two starts: a UUID that changes with the contents. */
static void make_uuid(const uint8_t *data, size_t size, uint8_t *uuid)
{
    uint64_t h[2] = {0xcbf29ce484222325u, 0x9ae16a3b2f90404fu};
    for (int i = 0; i < 2; i++) {
        for (size_t k = 0; k < size; k++)
            h[i] = (h[i] ^ data[k]) * 0x100000001b3u;
        put(uuid + 8 * i, h[i], 8);
    }
    uuid[6] = (uuid[6] & 0x0f) | 0x80; /* version 8, "of one's own": RFC 9562 */
    uuid[8] = (uuid[8] & 0x3f) | 0x80;
}

static int write_header(struct xclbin_out *o, const struct lunq_xclbin_options *p, size_t count)
{
    const struct lunq_card *c = &o->d->card;
    uint8_t *h = o->data;
    memcpy(h, "xclbin2", 8);
    memset(h + XCLBIN_SIGNATURE, 0xff, XCLBIN_UNIQUE_ID - XCLBIN_SIGNATURE);
    put(h + XCLBIN_LENGTH, o->n, 8);
    put(h + XCLBIN_TIME, p->time, 8);
    h[XCLBIN_VERSION + 2] = 2; /* of the tool whose layout this is: XRT 2.13 */
    h[XCLBIN_VERSION + 3] = 13;
    put(h + XCLBIN_MODE, c->mode, 2);
    put(h + XCLBIN_COUNT, count, 4);
    if (put_text(o, h + XCLBIN_PLATFORM, c->platform, XCLBIN_PLATFORM_SIZE, "platform") < 0)
        return LUNQ_VALUE;
    if (c->has_uuid)
        memcpy(h + XCLBIN_UUID, c->uuid, sizeof c->uuid);
    else
        make_uuid(o->data, o->n, h + XCLBIN_UUID);
    put(h + XCLBIN_UNIQUE_ID, xclbin_get(h + XCLBIN_UUID, 8), 8);
    return 0;
}

int lunq_xclbin_write(const struct lunq_design *d, const struct lunq_xclbin_options *options,
                      uint8_t **data, size_t *size, struct lunq_error *err)
{
    static const struct lunq_xclbin_options none = {0};
    const struct lunq_xclbin_options *p = options ? options : &none;
    struct xclbin_out o = {.d = d, .err = err};
    size_t count = 0;
    int rc;
    *data = NULL;
    *size = 0;
    if (!d->card.present)
        return lunq_fail(err, LUNQ_VALUE,
                         "%s is not the design of a card: an xclbin needs kernels or memories",
                         d->file);
    xclbin_room(&o, XCLBIN_HEADER + XCLBIN_SECTION * (KNOWN + p->n_extras));
    rc = write_sections(&o, p, &count);
    if (rc == 0 && !o.failed)
        rc = write_header(&o, p, count);
    if (rc == 0 && o.failed)
        rc = lunq_fail(err, LUNQ_MEMORY, "%s: no memory for an xclbin", d->file);
    if (rc < 0) {
        free(o.data);
        return rc;
    }
    *data = o.data;
    *size = o.n;
    return 0;
}

int lunq_xclbin_attach(struct lunq_design *d, struct lunq_error *err)
{
    struct lunq_card *c = &d->card;
    uint8_t *data;
    size_t size;
    int rc = c->image ? 0 : lunq_xclbin_write(d, NULL, &data, &size, err);
    if (rc < 0 || c->image)
        return rc;
    c->image = d->priv->image = data;
    c->image_size = size;
    memcpy(c->uuid, data + XCLBIN_UUID, sizeof c->uuid);
    c->has_uuid = true;
    return 0;
}
