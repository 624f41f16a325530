/* xclbin_out.h - the file the xclbin writer is making. Private to host/design. */
#ifndef LUNQ_XCLBIN_OUT_H
#define LUNQ_XCLBIN_OUT_H

#include "xclbin.h"

/* A growing file; `failed`: out of memory, nothing is written any more. */
struct xclbin_out {
    uint8_t *data;
    size_t n, cap;
    bool failed;
    const struct lunq_design *d;
    struct lunq_error *err;
};

/* n zero bytes at its end, valid until the next call; NULL when memory is out. */
uint8_t *xclbin_room(struct xclbin_out *o, size_t n);
void xclbin_put(struct xclbin_out *o, const void *data, size_t n);
/* Appends the XML that describes the kernels. Always 0: what it can't write it replaces. */
int xclbin_write_xml(struct xclbin_out *o);

#endif
