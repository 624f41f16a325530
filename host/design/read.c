/* read.c - from a file to a finished design: finds out what the file is, calls the reader. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fdt_check.h"
#include "file.h"
#include "private.h"

static bool starts(const char *text, size_t size, const char *with, size_t n)
{
    return size >= n && !memcmp(text, with, n);
}

/* The length of the text when it is one short printable line that names a file, else 0: what git
 * leaves of a symbolic link on a system (or in an archive) that has none. One of the 165 files of
 * registers.md section 3 was such a thing. The text has no NUL at its end. */
static size_t link_length(const char *text, size_t size)
{
    while (size && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--;
    if (size > 4096 || !memchr(text, '.', size))
        return 0;
    for (size_t i = 0; i < size; i++)
        if (!isprint((unsigned char)text[i]) || strchr("<>{}\"", text[i]))
            return 0;
    return size;
}

/* Explains what the file is when it is no XML. */
static int not_xml(const char *name, const char *text, size_t size, struct lunq_error *err)
{
    size_t link = link_length(text, size);
    if (!size)
        return lunq_fail(err, LUNQ_VALUE, "%s:1: the file is empty", name);
    if (starts(text, size, "PK\3\4", 4))
        return lunq_fail(err, LUNQ_VALUE,
                         "%s:1: this is a zip archive (.xsa?), not an HWH file; "
                         "the .hwh and .bit are inside: unzip it",
                         name);
    if (starts(text, size, "\0\11\17\360", 4))
        return lunq_fail(err, LUNQ_VALUE,
                         "%s:1: this is a bitstream, not an HWH file; the metadata "
                         "is the .hwh that Vivado writes beside it",
                         name);
    if (link)
        return lunq_fail(err, LUNQ_VALUE,
                         "%s:1: this is a text file, not XML; it looks like a "
                         "symbolic link stored as text, pointing to '%.*s': copy that file here",
                         name, (int)link, text);
    return lunq_fail(err, LUNQ_VALUE, "%s:1: not well-formed: this is no XML, so no HWH file",
                     name);
}

static bool is_xclbin(const char *text, size_t size)
{
    return size && !memcmp(text, "xclbin", size < 6 ? size : 6);
}

static bool is_xml(const char *text, size_t size)
{
    size_t skip = starts(text, size, "\xEF\xBB\xBF", 3) ? 3 : 0;
    while (skip < size && isspace((unsigned char)text[skip]))
        skip++;
    return skip < size && text[skip] == '<';
}

/* An xclbin whose first bytes are damaged is known by its name. */
static bool is_xclbin_file(const char *name, const char *text, size_t size)
{
    size_t n = strlen(name);
    if (is_xclbin(text, size))
        return true;
    return n > 7 && !strcmp(name + n - 7, ".xclbin") && !is_xml(text, size) &&
           !lunq_fdt_is(text, size);
}

static int read_hwh(struct lunq_design *d, const char *text, size_t size, struct lunq_error *err)
{
    if (size > LUNQ_MAX_FILE)
        return lunq_fail(err, LUNQ_VALUE,
                         "%s: %zu bytes are too much for design metadata "
                         "(limit %d MiB)",
                         d->file, size, LUNQ_MAX_FILE >> 20);
    if (!is_xml(text, size))
        return not_xml(d->file, text, size, err);
    return lunq_hwh_read(d, text, size, err);
}

/* Takes `text`, which is malloc'ed: an xclbin stays with the design, for the card it is loaded on. */
static int read_owned(struct lunq_design **out, const char *name, char *text, size_t size,
                      struct lunq_error *err)
{
    bool xclbin = is_xclbin_file(name, text, size), dtbo = lunq_fdt_is(text, size);
    struct lunq_design *d;
    int rc = lunq_design_new(&d, name, xclbin ? "xclbin" : dtbo ? "dtbo" : "hwh", err);
    *out = NULL;
    if (rc < 0) {
        free(text);
        return rc;
    }
    if (xclbin)
        rc = lunq_xclbin_read(d, d->priv->image = text, size, err);
    else if (dtbo)
        rc = lunq_dtbo_read(d, text, size, err);
    else
        rc = read_hwh(d, text, size, err);
    if (!xclbin)
        free(text);
    if (rc == 0)
        rc = lunq_design_finish(d, err);
    if (rc == 0)
        *out = d;
    else
        lunq_design_unref(d);
    return rc;
}

int lunq_design_read_mem(struct lunq_design **out, const char *name, const void *data, size_t size,
                         struct lunq_error *err)
{
    size_t limit = is_xclbin_file(name, data, size) ? LUNQ_MAX_XCLBIN : LUNQ_MAX_FILE;
    char *copy;
    *out = NULL;
    if (size > limit)
        return lunq_fail(err, LUNQ_VALUE,
                         "%s: %zu bytes are too much for design metadata (limit %zu MiB)", name,
                         size, limit >> 20);
    copy = malloc(size + 1);
    if (!copy)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory for %zu bytes", name, size);
    memcpy(copy, data, size);
    copy[size] = '\0';
    return read_owned(out, name, copy, size, err);
}

int lunq_design_read(struct lunq_design **out, const char *path, struct lunq_error *err)
{
    char *text;
    size_t size = 0;
    int rc = lunq_file_load(path, "design metadata", LUNQ_MAX_XCLBIN, &text, &size, err);
    *out = NULL;
    return rc == 0 ? read_owned(out, path, text, size, err) : rc;
}
