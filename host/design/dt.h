/* dt.h - a device tree in memory: a blob (.dtb, .dtbo) or a folder as /proc/device-tree is, as nodes
 * with properties. What points to other nodes is resolved while reading: labels by __symbols__,
 * phandles by __fixups__ and __local_fixups__ of an overlay, and by the meaning of the property in a
 * whole tree. Everything is valid until lunq_dt_free. Nothing here knows a device or Lua. */
#ifndef LUNQ_DT_H
#define LUNQ_DT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/error.h"

struct lunq_dt_node;

/* A phandle inside of a property. */
struct lunq_dt_ref {
    uint32_t at;                     /* bytes from the start of the value */
    const char *label;               /* of the node it means; NULL: it has none */
    const struct lunq_dt_node *node; /* NULL: outside of this tree (an overlay's base) */
};

struct lunq_dt_property {
    const char *name;
    const uint8_t *value;
    uint32_t size;
    size_t offset;                  /* of the property in the blob; 0 in a folder */
    const struct lunq_dt_ref *refs; /* in order of `at` */
    size_t n_refs;
};

struct lunq_dt_node {
    const char *name;  /* "serial@e0001000"; "" for the root */
    const char *label; /* of __symbols__, or NULL */
    struct lunq_dt_node *parent, *child, *next;
    struct lunq_dt_property *properties; /* in order; in a folder by name */
    size_t n_properties;
    size_t offset; /* of the node in the blob; 0 in a folder */
};

struct lunq_dt {
    const char *file;
    bool folder;
    bool overlay; /* it has fragments */
    struct lunq_dt_node *root;
    size_t n_nodes;
    size_t unreadable; /* properties of a folder that this user may not read, left out */
    struct lunq_dt_private *priv;
};

/* Reads a blob or a folder. LUNQ_IO, LUNQ_PERMISSION: not readable; LUNQ_VALUE: no device tree or a
 * damaged one, with file and offset. */
int lunq_dt_read(struct lunq_dt **out, const char *path, struct lunq_error *err);
/* The same from a blob in memory, which is copied; `name` stands in messages. */
int lunq_dt_parse(struct lunq_dt **out, const char *name, const void *data, size_t size,
                  struct lunq_error *err);
void lunq_dt_free(struct lunq_dt *t); /* NULL is allowed */

/* The blob the tree was read from; NULL for a folder. */
const void *lunq_dt_image(const struct lunq_dt *t, size_t *size);
/* Writes the tree as a blob: *blob is malloc'ed, *size its bytes. LUNQ_MEMORY; LUNQ_VALUE: too big. */
int lunq_dt_to_blob(const struct lunq_dt *t, void **blob, size_t *size, struct lunq_error *err);

/* Puts an overlay into a base: *result is a new tree, both stay as they are. First looks whether
 * Linux would take it, which is more than libfdt asks (rules of drivers/of/overlay.c and resolver.c):
 * LUNQ_VALUE: refused, with the reason and what to try. LUNQ_MEMORY. */
int lunq_dt_apply(struct lunq_dt **result, const struct lunq_dt *base,
                  const struct lunq_dt *overlay, struct lunq_error *err);

/* ---- asking -------------------------------------------------------------------------------- */

/* By a path from the root: "/soc/serial@e0001000"; NULL when there is none. */
const struct lunq_dt_node *lunq_dt_find(const struct lunq_dt *t, const char *path);
const struct lunq_dt_node *lunq_dt_phandle(const struct lunq_dt *t, uint32_t phandle);
const struct lunq_dt_node *lunq_dt_child(const struct lunq_dt_node *n, const char *name);
const struct lunq_dt_property *lunq_dt_property(const struct lunq_dt_node *n, const char *name);
/* The first text of a property; NULL when it is missing or no text. */
const char *lunq_dt_text(const struct lunq_dt_node *n, const char *name);
/* Cell i of a property, which has to be there. */
uint32_t lunq_dt_cell(const struct lunq_dt_property *p, size_t i);
/* The first cell of a property; `otherwise` when it is missing or too short. */
uint32_t lunq_dt_number(const struct lunq_dt_node *n, const char *name, uint32_t otherwise);
/* The path of a node into buf; cut at `size`. Returns buf. */
char *lunq_dt_path(const struct lunq_dt_node *n, char *buf, size_t size);
/* The reference at a place of a property, or NULL. */
const struct lunq_dt_ref *lunq_dt_ref_at(const struct lunq_dt_property *p, uint32_t at);

/* ---- what properties mean ------------------------------------------------------------------- */

/* Range i of `reg` as the CPU sees it, through the `ranges` of all buses above. False: no such
 * range, or the bus is none of memory (I2C). At the top of a fragment the cells of the target are not
 * known: then they follow from the unit address and the length. size may be 0. */
bool lunq_dt_reg(const struct lunq_dt_node *n, size_t i, uint64_t *base, uint64_t *size);

struct lunq_dt_interrupt {
    const char *label;               /* of the controller; NULL: not known */
    const struct lunq_dt_node *node; /* of the controller; NULL: outside of this tree */
    uint32_t cells[4];               /* of a GIC: 0 = SPI or 1 = PPI, number, type */
    size_t n_cells;
};

/* Interrupt i of `interrupts` or `interrupts-extended`. False: there is none. A controller outside
 * of an overlay is taken for a GIC of three cells. */
bool lunq_dt_interrupt(const struct lunq_dt *t, const struct lunq_dt_node *n, size_t i,
                       struct lunq_dt_interrupt *out);

#endif
