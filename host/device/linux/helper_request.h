/* helper_request.h - what a program asks of lunq-helper (host/helper), and the answer. One request and one
 * answer, each one packet of a SOCK_SEQPACKET socket. Contents of files come as descriptors of sealed memory
 * (memfd_create), never as paths: nobody changes them meanwhile, and reading them never waits. */
#ifndef LUNQ_LINUX_HELPER_REQUEST_H
#define LUNQ_LINUX_HELPER_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "../../core/error.h"

#define LX_HELPER_SOCKET "/run/lunq/helper.sock"

enum {
    LX_HELPER_MAGIC = 0x31514e4c,          /* "LNQ1" */
    LX_HELPER_FILES = 2,                   /* descriptors of a request, at most */
    LX_HELPER_BITSTREAM_LIMIT = 128 << 20, /* bytes; the largest MPSoC has 37 MB */
    LX_HELPER_OVERLAY_LIMIT = 1 << 20      /* as the kernel's attribute */
};

enum lx_helper_op {
    LX_HELPER_LOAD = 1,   /* file 0: a bitstream; file 1, with `name`: the overlay that names it */
    LX_HELPER_INSERT,     /* `name`, file 0: an overlay */
    LX_HELPER_REMOVE,     /* `name` */
    LX_HELPER_CLOCK_GET,  /* `index` */
    LX_HELPER_CLOCK_SET,  /* `index`, `hz`; 0: off */
    LX_HELPER_CLOCK_RUNS, /* `index` */
    LX_HELPER_OPS
};

/* Texts end with zeros up to the end of their field; what an operation has no use for is zero. */
struct lx_helper_request {
    uint32_t magic, op;
    uint32_t index, n_files;
    uint64_t hz;
    char name[72];   /* of the overlay in the kernel: letters, digits, and . _ - but not first */
    char region[64]; /* LOAD: a partial bitstream, for this region; stands in messages */
    char file[128];  /* of the bitstream or overlay; stands in messages */
};

struct lx_helper_reply {
    uint32_t magic;
    int32_t kind;         /* enum lunq_kind; 0: done */
    uint32_t fault, lost; /* as in struct lunq_error; what was loaded before is gone */
    uint64_t hz;          /* CLOCK_GET; of CLOCK_RUNS 1 or 0 */
    char message[sizeof(((struct lunq_error *)0)->message)];
};

/* Checks a packet of n bytes that came with n_files descriptors, and copies it. LUNQ_VALUE: what is wrong with
 * it; everything in *out can be relied on otherwise. */
int lx_helper_request_check(struct lx_helper_request *out, const void *packet, size_t n,
                            size_t n_files, struct lunq_error *err);

#endif
