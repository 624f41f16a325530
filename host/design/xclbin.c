/* xclbin.c - reads what AMD's Vitis makes for cards: header and table of sections are checked here as a
 * whole before anything is used, for neither XRT nor PYNQ does (xrt.md 1.3, 6.4). */
#include "xclbin.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dt.h"

/* ---- the accessors of all files ------------------------------------------------------------ */

/* NULL: no memory. */
static const char *kind_name(struct lunq_design *d, uint32_t kind)
{
    static const char *const names[XCLBIN_KINDS] = {"BITSTREAM",
                                                    "CLEARING_BITSTREAM",
                                                    "EMBEDDED_METADATA",
                                                    "FIRMWARE",
                                                    "DEBUG_DATA",
                                                    "SCHED_FIRMWARE",
                                                    "MEM_TOPOLOGY",
                                                    "CONNECTIVITY",
                                                    "IP_LAYOUT",
                                                    "DEBUG_IP_LAYOUT",
                                                    "DESIGN_CHECK_POINT",
                                                    "CLOCK_FREQ_TOPOLOGY",
                                                    "MCS",
                                                    "BMC",
                                                    "BUILD_METADATA",
                                                    "KEYVALUE_METADATA",
                                                    "USER_METADATA",
                                                    "DNA_CERTIFICATE",
                                                    "PDI",
                                                    "BITSTREAM_PARTIAL_PDI",
                                                    "PARTITION_METADATA",
                                                    "EMULATION_DATA",
                                                    "SYSTEM_METADATA",
                                                    "SOFT_KERNEL",
                                                    "ASK_FLASH",
                                                    "AIE_METADATA",
                                                    "ASK_GROUP_TOPOLOGY",
                                                    "ASK_GROUP_CONNECTIVITY",
                                                    "SMARTNIC",
                                                    "AIE_RESOURCES",
                                                    "OVERLAY",
                                                    "VENDER_METADATA",
                                                    "AIE_PARTITION",
                                                    "IP_METADATA",
                                                    "AIE_RESOURCES_BIN",
                                                    "AIE_TRACE_METADATA",
                                                    "DTBO"};
    char room[24];
    snprintf(room, sizeof room, "kind %" PRIu32, kind);
    return lunq_design_intern(d, kind < XCLBIN_KINDS ? names[kind] : room, SIZE_MAX);
}

const struct lunq_card_section *xclbin_find(const struct xclbin *x, uint32_t kind)
{
    for (size_t i = 0; i < x->n_sections; i++)
        if (x->sections[i].kind == kind && x->sections[i].data)
            return &x->sections[i];
    return NULL;
}

uint64_t xclbin_get(const uint8_t *at, unsigned width)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < width; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

const char *xclbin_text(struct lunq_design *d, const uint8_t *at, size_t n)
{
    return lunq_design_intern(d, (const char *)at, strnlen((const char *)at, n));
}

int xclbin_fail(struct xclbin *x, const struct lunq_card_section *s, uint64_t offset,
                const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (!s)
        return lunq_fail(x->err, LUNQ_VALUE, "%s: header, offset 0x%" PRIx64 ": %s", x->d->file,
                         offset, text);
    return lunq_fail(x->err, LUNQ_VALUE, "%s: section %s, offset 0x%" PRIx64 ": %s", x->d->file,
                     s->name, offset, text);
}

/* ---- the container ------------------------------------------------------------------------- */

static int check_magic(struct xclbin *x)
{
    if (x->size < XCLBIN_HEADER)
        return xclbin_fail(x, NULL, 0,
                           "the file has %zu bytes, fewer than the %d of a header: it was cut off; "
                           "copy it again",
                           x->size, XCLBIN_HEADER);
    if (memcmp(x->data, "xclbin2", 8))
        return xclbin_fail(x, NULL, 0,
                           "it should start with \"xclbin2\" and a zero byte: this is no xclbin of "
                           "Vitis 2018.2 or later, or it is damaged; copy or build it again");
    return 0;
}

/* Length of the container against that of the file: a signature may follow, nothing else. */
static int check_length(struct xclbin *x)
{
    uint64_t length = xclbin_get(x->data + XCLBIN_LENGTH, 8);
    int32_t signature = (int32_t)xclbin_get(x->data + XCLBIN_SIGNATURE, 4);
    uint64_t least = XCLBIN_HEADER + (uint64_t)XCLBIN_SECTION * x->n_sections;
    if (length > x->size)
        return xclbin_fail(x, NULL, XCLBIN_LENGTH,
                           "the length is %" PRIu64
                           " bytes but the file has %zu: it was cut off or "
                           "damaged; copy it again",
                           length, x->size);
    for (size_t i = 0; i < x->n_sections; i++)
        if (x->sections[i].offset + x->sections[i].size > least)
            least = x->sections[i].offset + x->sections[i].size;
    if (length < least)
        return xclbin_fail(x, NULL, XCLBIN_LENGTH,
                           "the length is %" PRIu64 " bytes but the last section ends at %" PRIu64
                           ": the header is damaged; build or copy the file again",
                           length, least);
    if (length < x->size && (signature <= 0 || x->size - length != (uint64_t)signature))
        return xclbin_fail(x, NULL, XCLBIN_LENGTH,
                           "the length is %" PRIu64
                           " bytes but the file has %zu, and what follows is "
                           "no signature: two files joined? Copy it again",
                           length, x->size);
    return 0;
}

static int check_section(struct xclbin *x, const struct lunq_card_section *s, uint64_t least)
{
    uint64_t header = XCLBIN_HEADER + (uint64_t)XCLBIN_SECTION * s->index;
    if (!s->offset && !s->size)
        return 0; /* absent */
    if (s->offset > x->size || x->size - s->offset < s->size)
        return xclbin_fail(x, s, header + 24,
                           "%" PRIu64 " bytes at 0x%" PRIx64 " are outside the %zu bytes of the "
                           "file: it was cut off or damaged; copy it again",
                           s->size, s->offset, x->size);
    if (s->offset < least)
        return xclbin_fail(x, s, header + 24,
                           "it starts at 0x%" PRIx64 ", inside the headers, which end at 0x%" PRIx64
                           ": the file is damaged; copy or build it again",
                           s->offset, least);
    if (s->offset % 8)
        lunq_design_warn(x->d, "alignment",
                         "%s: section %s starts at 0x%" PRIx64 ", which is not a multiple of 8",
                         x->d->file, s->name, s->offset);
    return 0;
}

/* Kinds XRT looks up by the first one: a second would be ignored there, so the file is wrong. */
static bool is_single(uint32_t kind)
{
    return kind < XCLBIN_SOFT_KERNEL || kind == XCLBIN_GROUP_MEMORY ||
           kind == XCLBIN_GROUP_CONNECTIVITY;
}

static int by_place(const void *a, const void *b)
{
    const struct lunq_card_section *x = a, *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int check_overlap(struct xclbin *x, struct lunq_card_section *sorted)
{
    const struct lunq_card_section *last = NULL;
    memcpy(sorted, x->sections, x->n_sections * sizeof *sorted);
    qsort(sorted, x->n_sections, sizeof *sorted, by_place);
    for (size_t i = 0; i < x->n_sections; i++) {
        const struct lunq_card_section *s = &sorted[i];
        if (!s->size)
            continue;
        if (last && s->offset < last->offset + last->size)
            return xclbin_fail(x, s, XCLBIN_HEADER + (uint64_t)XCLBIN_SECTION * s->index + 24,
                               "it starts at 0x%" PRIx64 ", before section %s ends at 0x%" PRIx64
                               ": the file is damaged; copy or build it again",
                               s->offset, last->name, last->offset + last->size);
        last = s;
    }
    return 0;
}

static int check_single(struct xclbin *x)
{
    bool seen[XCLBIN_KINDS] = {0};
    for (size_t i = 0; i < x->n_sections; i++) {
        const struct lunq_card_section *s = &x->sections[i];
        if (s->kind >= XCLBIN_KINDS) {
            lunq_design_warn(x->d, s->name, "%s: skipped: a section of %s, which is not known",
                             x->d->file, s->name);
            continue;
        }
        if (seen[s->kind] && is_single(s->kind))
            return xclbin_fail(
                x, s, XCLBIN_HEADER + (uint64_t)XCLBIN_SECTION * i,
                "a second section of this kind; there may be one only: build the file "
                "again");
        seen[s->kind] = true;
    }
    return 0;
}

int xclbin_read_container(struct xclbin *x)
{
    uint64_t n, least;
    struct lunq_card_section *sorted;
    int rc = check_magic(x);
    if (rc < 0)
        return rc;
    n = xclbin_get(x->data + XCLBIN_COUNT, 4);
    least = XCLBIN_HEADER + XCLBIN_SECTION * n;
    if (n > XCLBIN_MAX_SECTIONS || least > x->size)
        return xclbin_fail(x, NULL, XCLBIN_COUNT,
                           "%" PRIu64
                           " sections, more than %s: the file was cut off or damaged; copy "
                           "it again",
                           n, n > XCLBIN_MAX_SECTIONS ? "65536" : "the file has room for");
    x->sections = lunq_design_alloc(x->d, 2 * (size_t)n * sizeof *x->sections + 1);
    if (!x->sections)
        return lunq_fail(x->err, LUNQ_MEMORY, "%s: no memory", x->d->file);
    sorted = x->sections + n;
    x->n_sections = (size_t)n;
    for (size_t i = 0; i < x->n_sections; i++) {
        const uint8_t *h = x->data + XCLBIN_HEADER + XCLBIN_SECTION * i;
        struct lunq_card_section *s = &x->sections[i];
        *s = (struct lunq_card_section){.kind = (uint32_t)xclbin_get(h, 4),
                                        .name = kind_name(x->d, (uint32_t)xclbin_get(h, 4)),
                                        .offset = xclbin_get(h + 24, 8),
                                        .size = xclbin_get(h + 32, 8),
                                        .index = i};
        if (!s->name)
            return lunq_fail(x->err, LUNQ_MEMORY, "%s: no memory", x->d->file);
        if ((rc = check_section(x, s, least)) < 0)
            return rc;
        s->data = s->size ? x->data + s->offset : NULL;
    }
    rc = check_length(x);
    if (rc == 0)
        rc = check_overlap(x, sorted);
    return rc == 0 ? check_single(x) : rc;
}

/* ---- the partition ------------------------------------------------------------------------- */

/* PARTITION_METADATA is a device tree: what the shell of the card wants to see. It is read once, so that
 * a damaged one is found here; who wants to know what is in it reads it again. */
static int check_partition(struct xclbin *x)
{
    const struct lunq_card_section *s = xclbin_find(x, XCLBIN_PARTITION);
    struct lunq_dt *t;
    char name[512];
    int rc;
    if (!s)
        return 0;
    snprintf(name, sizeof name, "%.300s: section %s, offset 0x%" PRIx64, x->d->file, s->name,
             s->offset);
    rc = lunq_dt_parse(&t, name, s->data, (size_t)s->size, x->err);
    if (rc == 0)
        lunq_dt_free(t);
    return rc;
}

/* ---- the reader ---------------------------------------------------------------------------- */

static void take_header(struct xclbin *x)
{
    struct lunq_card *c = &x->d->card;
    c->present = c->has_uuid = true;
    memcpy(c->uuid, x->data + XCLBIN_UUID, sizeof c->uuid);
    c->platform = xclbin_text(x->d, x->data + XCLBIN_PLATFORM, XCLBIN_PLATFORM_SIZE);
    c->mode = (unsigned)xclbin_get(x->data + XCLBIN_MODE, 2);
    c->sections = x->sections;
    c->n_sections = x->n_sections;
    c->image = x->data;
    c->image_size = x->size;
}

int lunq_xclbin_read(struct lunq_design *d, const void *data, size_t size, struct lunq_error *err)
{
    struct xclbin x = {.d = d, .err = err, .data = data, .size = size};
    int rc = xclbin_read_container(&x);
    if (rc == 0)
        rc = xclbin_read_tables(&x);
    if (rc == 0)
        rc = xclbin_read_xml(&x);
    if (rc == 0)
        rc = xclbin_fill(&x);
    if (rc == 0)
        rc = check_partition(&x);
    lunq_map_free(&x.tags);
    if (rc == 0)
        take_header(&x);
    if (rc == 0 && d->priv->arena.failed)
        rc = lunq_fail(err, LUNQ_MEMORY, "%s: no memory", d->file);
    return rc;
}
