/* dt_apply.c - an overlay put into a base, with libfdt on copies: after a failure both blobs of
 * fdt_overlay_apply are spoilt (linux-boards.md B2). */
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fdt_private.h"

/* The overlay's blob without the phandles that Linux ignores; libfdt would put them over those of
 * the base. */
static void *copy_overlay(const struct lunq_dt *overlay, const struct lunq_vec *phandles)
{
    const void *blob = overlay->priv->blob;
    const struct lunq_dt_node *const *n = phandles->data;
    void *copy = malloc(fdt_totalsize(blob));
    if (!copy)
        return NULL;
    memcpy(copy, blob, fdt_totalsize(blob));
    for (size_t i = 0; i < phandles->n; i++) {
        int node = (int)(n[i]->offset - fdt_off_dt_struct(blob));
        fdt_nop_property(copy, node, "phandle");
        fdt_nop_property(copy, node, "linux,phandle");
    }
    return copy;
}

/* One try in `room` bytes: libfdt's answer, or 1 when memory is out. */
static int try_apply(void **out, const void *base, const struct lunq_dt *overlay,
                     const struct lunq_vec *phandles, size_t room)
{
    void *onto = calloc(1, room), *copy = copy_overlay(overlay, phandles);
    int rc = onto && copy ? fdt_open_into(base, onto, (int)room) : 1;
    if (rc == 0)
        rc = fdt_overlay_apply(onto, copy);
    if (rc == 0)
        rc = fdt_pack(onto);
    free(copy);
    if (rc == 0)
        *out = onto;
    else
        free(onto);
    return rc;
}

/* Starts with the room that is enough by experience, and doubles it (linux-boards.md B2). */
static int apply(void **out, const void *base, const struct lunq_dt *overlay,
                 const struct lunq_vec *phandles)
{
    size_t slack = 2 * (size_t)fdt_totalsize(overlay->priv->blob) + 4096;
    int rc = -FDT_ERR_NOSPACE;
    for (; rc == -FDT_ERR_NOSPACE && slack <= 4 * (size_t)LUNQ_FDT_MAX; slack *= 2)
        rc = try_apply(out, base, overlay, phandles, fdt_totalsize(base) + slack);
    return rc;
}

/* Names the result "base.dtb + x.dtbo". */
static int parse_result(struct lunq_dt **result, const struct lunq_dt *base,
                        const struct lunq_dt *overlay, const void *blob, struct lunq_error *err)
{
    char name[1024];
    snprintf(name, sizeof name, "%s + %s", base->file, overlay->file);
    return lunq_dt_parse(result, name, blob, fdt_totalsize(blob), err);
}

static int apply_blobs(struct lunq_dt **result, const struct lunq_dt *base,
                       const struct lunq_dt *overlay, const struct lunq_vec *phandles,
                       struct lunq_error *err)
{
    void *written = NULL, *blob = NULL;
    size_t size;
    int rc = base->priv->blob ? 0 : lunq_dt_to_blob(base, &written, &size, err);
    if (rc < 0)
        return rc;
    rc = apply(&blob, written ? written : base->priv->blob, overlay, phandles);
    if (rc == 1)
        rc = lunq_fail(err, LUNQ_MEMORY, "%s: no memory to apply it", overlay->file);
    else if (rc < 0)
        rc = lunq_fail(err, LUNQ_VALUE, "%s doesn't fit %s: libfdt refuses it: %s", overlay->file,
                       base->file, fdt_strerror(rc));
    else
        rc = parse_result(result, base, overlay, blob, err);
    free(blob);
    free(written);
    return rc;
}

int lunq_dt_apply(struct lunq_dt **result, const struct lunq_dt *base,
                  const struct lunq_dt *overlay, struct lunq_error *err)
{
    struct lunq_vec phandles = {0};
    int rc = lunq_dt_fits(base, overlay, &phandles, err);
    *result = NULL;
    if (rc == 0)
        rc = apply_blobs(result, base, overlay, &phandles, err);
    lunq_vec_free(&phandles);
    return rc;
}
