/* library.h - XRT's library in this process: loaded once, when the first card is asked for. It is never
 * unloaded, for it has threads and destructors of its own. */
#ifndef LUNQ_XRT_LIBRARY_H
#define LUNQ_XRT_LIBRARY_H

#include "api.h"

struct xrt_library {
    struct xrt_api api;
    char path[4096];
    char name[32]; /* "XRT 2.13.0"; "XRT" when nothing says which */
};

/* LUNQ_DEVICE: see xrt_place_find and xrt_api_find; it may be tried again. */
int xrt_library(const struct xrt_library **out, struct lunq_error *err);

/* Why the call before failed, in XRT's words, as "XRT says: No such kernel 'x'." Its C functions return no
 * reason and leave errno as it was (xrt.md 3.5): they write a log, which is read here. Any thread. */
const char *xrt_said(char *text, size_t size);

#endif
