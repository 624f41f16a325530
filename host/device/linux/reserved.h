/* reserved.h - memory the device tree keeps from the kernel, for buffers: nodes below /reserved-memory. */
#ifndef LUNQ_LINUX_RESERVED_H
#define LUNQ_LINUX_RESERVED_H

#include "../../core/error.h"

#include <stddef.h>
#include <stdint.h>

struct lx_region {
    char name[64]; /* of the node: "buffer@e000000" */
    uint64_t base, size;
};

/* The regions of the live tree of a board that buffers may lie in: with `no-map`, of no driver (no `compatible`, no
 * `memory-region` that names them), and called buffer@ADDRESS or lunq@ADDRESS: others of this kind belong to firmware
 * and other processors. `name`: only the node of this name, whatever it is called; "" for all. Returns how many,
 * at most `max`; 0: none, why in *err; LUNQ_IO, LUNQ_VALUE, LUNQ_PERMISSION: the tree can't be read. */
int lx_reserved(struct lx_region *out, size_t max, const char *root, const char *name,
                struct lunq_error *err);

#endif
