#include "fdt_write.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "fdt_check.h"

struct lunq_fdt_writer {
    void *blob;
    size_t room;
    int rc; /* the first failure of libfdt */
};

struct lunq_fdt_writer *lunq_fdt_writer_new(void)
{
    struct lunq_fdt_writer *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->room = 4096;
    w->blob = calloc(1, w->room);
    if (!w->blob) {
        free(w);
        return NULL;
    }
    w->rc = fdt_create(w->blob, (int)w->room);
    if (w->rc == 0)
        w->rc = fdt_finish_reservemap(w->blob);
    return w;
}

/* Twice the room; false when that is too much or memory is out. */
static bool grow(struct lunq_fdt_writer *w)
{
    void *bigger = w->room < 2 * LUNQ_FDT_MAX ? calloc(1, 2 * w->room) : NULL;
    if (!bigger || fdt_resize(w->blob, bigger, (int)(2 * w->room)) < 0) {
        free(bigger);
        return false;
    }
    free(w->blob);
    w->blob = bigger;
    w->room *= 2;
    return true;
}

void lunq_fdt_writer_begin(struct lunq_fdt_writer *w, const char *name)
{
    int rc = -FDT_ERR_NOSPACE;
    while (w->rc == 0 && (rc = fdt_begin_node(w->blob, name)) == -FDT_ERR_NOSPACE && grow(w))
        ;
    w->rc = w->rc ? w->rc : rc;
}

void lunq_fdt_writer_property(struct lunq_fdt_writer *w, const char *name, const void *value,
                              size_t size)
{
    int rc = -FDT_ERR_NOSPACE;
    if (size > LUNQ_FDT_MAX)
        w->rc = w->rc ? w->rc : rc;
    while (w->rc == 0 && (rc = fdt_property(w->blob, name, value, (int)size)) == -FDT_ERR_NOSPACE &&
           grow(w))
        ;
    w->rc = w->rc ? w->rc : rc;
}

void lunq_fdt_writer_end(struct lunq_fdt_writer *w)
{
    int rc = -FDT_ERR_NOSPACE;
    while (w->rc == 0 && (rc = fdt_end_node(w->blob)) == -FDT_ERR_NOSPACE && grow(w))
        ;
    w->rc = w->rc ? w->rc : rc;
}

/* The mark at the end needs room, too. */
static int close_blob(struct lunq_fdt_writer *w)
{
    int rc = -FDT_ERR_NOSPACE;
    while (w->rc == 0 && (rc = fdt_finish(w->blob)) == -FDT_ERR_NOSPACE && grow(w))
        ;
    w->rc = w->rc ? w->rc : rc;
    if (w->rc == 0 && fdt_totalsize(w->blob) > LUNQ_FDT_MAX)
        w->rc = -FDT_ERR_NOSPACE;
    return w->rc;
}

int lunq_fdt_writer_finish(struct lunq_fdt_writer *w, const char *name, void **blob, size_t *size,
                           struct lunq_error *err)
{
    int rc = close_blob(w);
    *blob = NULL;
    *size = 0;
    if (rc == 0) {
        *blob = w->blob;
        *size = fdt_totalsize(w->blob);
    } else {
        free(w->blob);
        rc = lunq_fail(err, LUNQ_VALUE, "%s: the device tree can't be written as a blob: %s", name,
                       fdt_strerror(rc));
    }
    free(w);
    return rc;
}
