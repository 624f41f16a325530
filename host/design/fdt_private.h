/* fdt_private.h - what the files about device trees share. Not for others. */
#ifndef LUNQ_FDT_PRIVATE_H
#define LUNQ_FDT_PRIVATE_H

#include "arena.h"
#include "dt.h"
#include "fdt_check.h"

/* The second half of the checks, on a blob whose structure is sound: what stands in the nodes that
 * make it an overlay or the base of one. LUNQ_VALUE. */
int lunq_fdt_check_links(const char *name, const void *blob, struct lunq_error *err);

/* True for a name of a node or property that a terminal may show: no blanks, no control characters,
 * no slash. Real names are more modest (Devicetree Specification 0.4, 2.2). */
bool lunq_fdt_is_name(const char *name, size_t size);

struct lunq_dt_private {
    struct lunq_arena arena;
    struct lunq_map phandles; /* the number as a pointer -> node */
    struct lunq_vec scratch;  /* properties of one node while they are collected */
    void *blob;               /* names and values point into it; NULL for a folder */
};

/* A new tree without nodes. LUNQ_MEMORY. */
int lunq_dt_new(struct lunq_dt **out, const char *file, struct lunq_error *err);
/* A new node behind the last child of parent (*last, NULL: none yet); NULL when memory is out. */
struct lunq_dt_node *lunq_dt_add(struct lunq_dt *t, struct lunq_dt_node *parent,
                                 struct lunq_dt_node **last, const char *name);
/* Fills an empty tree. */
int lunq_dt_read_blob(struct lunq_dt *t, const void *data, size_t size, struct lunq_error *err);
int lunq_dt_read_folder(struct lunq_dt *t, const char *path, struct lunq_error *err);
/* Finds phandles, labels and references. */
int lunq_dt_resolve(struct lunq_dt *t, struct lunq_error *err);
/* Would Linux take the overlay? Collects in `phandles` the nodes (const struct lunq_dt_node *) of the
 * overlay whose phandle it ignores, because the base has the node already. LUNQ_VALUE, LUNQ_MEMORY. */
int lunq_dt_fits(const struct lunq_dt *base, const struct lunq_dt *overlay,
                 struct lunq_vec *phandles, struct lunq_error *err);

#endif
