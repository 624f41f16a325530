#include "bitstream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

#define MAX_FILE ((size_t)1 << 30) /* the largest devices have some 200 MB */

/* ---- a checked reader ---------------------------------------------------------------------- */

struct cursor {
    char *data;
    size_t size, at;
    const char *name;
    struct lunq_error *err;
};

/* A file that is something else has no sense in its first field. */
static int bad_length(struct cursor *c, const char *what, uint64_t want)
{
    bool first = c->at <= 2 && c->size > 2;
    return lunq_fail(c->err, LUNQ_RUNTIME,
                     "Invalid length found: %s of %" PRIu64 " bytes at 0x%zx, "
                     "but %zu are left in %s (%s)",
                     what, want, c->at, c->size - c->at, c->name,
                     first ? "is it a bitstream at all?" : "is the file cut off?");
}

/* A big-endian number of n bytes. */
static int take_number(struct cursor *c, unsigned n, const char *what, uint32_t *value)
{
    if (c->size - c->at < n)
        return bad_length(c, what, n);
    *value = 0;
    while (n--)
        *value = *value << 8 | (uint8_t)c->data[c->at++];
    return 0;
}

static int take_bytes(struct cursor *c, size_t n, const char *what, char **bytes)
{
    if (c->size - c->at < n)
        return bad_length(c, what, n);
    *bytes = c->data + c->at;
    c->at += n;
    return 0;
}

/* ---- .bit ---------------------------------------------------------------------------------- */

/* A text field: 16-bit length, then text with a NUL that is part of it. */
static int take_text(struct cursor *c, const char *what, const char **text)
{
    uint32_t n = 0;
    char *s = NULL;
    int rc = take_number(c, 2, what, &n);
    if (rc == 0)
        rc = take_bytes(c, n, what, &s);
    if (rc < 0)
        return rc;
    *text = "";
    if (n) {
        s[n - 1] = '\0';
        *text = s;
    }
    return 0;
}

/* "base_wrapper;UserID=0XFFFFFFFF;Version=2020.1" */
static void split_design(struct lunq_bitstream *b, char *text)
{
    char *last = strrchr(text, ';'), *first = strchr(text, ';');
    b->version = last ? last + 1 : text;
    if (first)
        *first = '\0';
    b->design = text;
}

static int take_data(struct cursor *c, struct lunq_bitstream *b)
{
    uint32_t n = 0;
    int rc = take_number(c, 4, "the length of the data", &n);
    if (rc < 0)
        return rc;
    if (n != c->size - c->at)
        return lunq_fail(c->err, LUNQ_RUNTIME,
                         "Invalid length found: the header says %" PRIu32
                         " bytes of data, %s has %zu after it (is the file cut off, or was "
                         "something appended?)",
                         n, c->name, c->size - c->at);
    b->data = (const uint8_t *)c->data + c->at;
    b->size = n;
    return 0;
}

static int parse_bit(struct cursor *c, struct lunq_bitstream *b)
{
    static const char *const what[] = {"the design name", "the part name", "the date", "the time"};
    const char *text[4] = {"", "", "", ""};
    uint32_t n = 0, tag = 0;
    char *skipped = NULL;
    int rc = take_number(c, 2, "the first field", &n);
    if (rc == 0)
        rc = take_bytes(c, n, "the first field", &skipped);
    if (rc == 0)
        rc = take_number(c, 2, "the second field", &n);
    while (rc == 0) {
        rc = take_number(c, 1, "a field", &tag);
        if (rc < 0 || tag == 'e')
            break;
        if (tag < 'a' || tag > 'd')
            return lunq_fail(c->err, LUNQ_RUNTIME,
                             "Unknown field: 0x%x (at 0x%zx of %s: no .bit "
                             "file, or a damaged one)",
                             (unsigned)tag, c->at - 1, c->name);
        rc = take_text(c, what[tag - 'a'], &text[tag - 'a']);
    }
    if (rc == 0)
        rc = take_data(c, b);
    if (rc < 0)
        return rc;
    b->part = text[1];
    b->date = text[2];
    b->time = text[3];
    if (*text[0])
        split_design(b, (char *)text[0]);
    b->header = true;
    return 0;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Raw data in the FPGA manager's order: the sync word stands in the first 128 bytes, aligned. */
static bool is_bin(const char *data, size_t size)
{
    for (size_t i = 0; i + 4 <= size && i < 128; i += 4)
        if (!memcmp(data + i, "\x66\x55\x99\xAA", 4))
            return true;
    return false;
}

/* Vivado's header begins with a field of nine bytes. */
static bool is_bit(const char *data, size_t size)
{
    return size >= 4 && !memcmp(data, "\x00\x09\x0f\xf0", 4);
}

/* Takes over `image` in any case. */
static int read_image(struct lunq_bitstream **out, const char *name, char *image, size_t size,
                      bool any, struct lunq_error *err)
{
    struct lunq_bitstream *b = calloc(1, sizeof *b);
    struct cursor c = {image, size, 0, name, err};
    int rc = 0;
    if (b)
        b->file = strdup(name);
    if (!b || !b->file) {
        free(image);
        lunq_bitstream_free(b);
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory", name);
    }
    b->image = image;
    b->design = b->version = b->part = b->date = b->time = "";
    if (is_bin(image, size) || (any && !is_bit(image, size))) {
        b->data = (const uint8_t *)image;
        b->size = size;
    } else {
        rc = parse_bit(&c, b);
    }
    if (rc < 0)
        lunq_bitstream_free(b);
    else
        *out = b;
    return rc;
}

int lunq_bitstream_read_mem(struct lunq_bitstream **out, const char *name, const void *data,
                            size_t size, struct lunq_error *err)
{
    char *image = malloc(size ? size : 1);
    *out = NULL;
    if (!image)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory for %zu bytes", name, size);
    memcpy(image, data, size);
    return read_image(out, name, image, size, false, err);
}

static int read_file(struct lunq_bitstream **out, const char *path, bool any,
                     struct lunq_error *err)
{
    char *image;
    size_t size;
    int rc = lunq_file_load(path, "a bitstream", MAX_FILE, &image, &size, err);
    *out = NULL;
    return rc < 0 ? rc : read_image(out, path, image, size, any, err);
}

int lunq_bitstream_read(struct lunq_bitstream **out, const char *path, struct lunq_error *err)
{
    return read_file(out, path, false, err);
}

int lunq_bitstream_read_any(struct lunq_bitstream **out, const char *path, struct lunq_error *err)
{
    return read_file(out, path, true, err);
}

int lunq_bitstream_to_bin(const struct lunq_bitstream *b, uint8_t *out, struct lunq_error *err)
{
    if (b->size % 4)
        return lunq_fail(err, LUNQ_VALUE,
                         "%s: %zu bytes of data are no whole number of 32-bit "
                         "words",
                         b->file, b->size);
    if (!b->header) {
        memcpy(out, b->data, b->size);
        return 0;
    }
    for (size_t i = 0; i < b->size; i += 4) {
        uint32_t w;
        memcpy(&w, b->data + i, sizeof w);
        w = __builtin_bswap32(w);
        memcpy(out + i, &w, sizeof w);
    }
    return 0;
}

void lunq_bitstream_free(struct lunq_bitstream *b)
{
    if (!b)
        return;
    free(b->file);
    free(b->image);
    free(b);
}
