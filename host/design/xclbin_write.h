/* xclbin_write.h - writes an xclbin from the design of a card: for tests, and for trying things without
 * Vitis. What it writes is read by our reader and by XRT. */
#ifndef LUNQ_XCLBIN_WRITE_H
#define LUNQ_XCLBIN_WRITE_H

#include "design.h"

struct lunq_xclbin_extra { /* a section as it is, beside those that describe the kernels */
    uint32_t kind;         /* xrt.md 6.1 */
    const char *name;      /* up to 16 bytes */
    const void *data;
    size_t size;
};

struct lunq_xclbin_options {
    bool
        groups; /* ASK_GROUP_TOPOLOGY and ASK_GROUP_CONNECTIVITY as well, as xclbinutil writes them */
    uint64_t time; /* seconds since 1970, goes into the header */
    const struct lunq_xclbin_extra *extras;
    size_t n_extras;
};

/* The file in *data (malloc'ed) and *size. The same design and options give the same bytes; a design
 * without a UUID gets one made from its contents. options may be NULL.
 * LUNQ_VALUE: no design of a card, or something that does not fit the format; LUNQ_MEMORY. */
int lunq_xclbin_write(const struct lunq_design *d, const struct lunq_xclbin_options *options,
                      uint8_t **data, size_t *size, struct lunq_error *err);

/* Gives the design of a card that came from no file its xclbin (card.image) and UUID, so that a device
 * can load it. Nothing when it has one. Errors as lunq_xclbin_write. */
int lunq_xclbin_attach(struct lunq_design *d, struct lunq_error *err);

#endif
