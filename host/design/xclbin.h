/* xclbin.h - what the files of the xclbin reader and writer share. Private to host/design.
 * The container: xrt.md 6.1; what its XML says: 6.2; what is checked: 6.3. */
#ifndef LUNQ_XCLBIN_H
#define LUNQ_XCLBIN_H

#include "private.h"

/* Kinds of sections that are read or written; the others have a name in xclbin_kind_name. */
enum xclbin_kind {
    XCLBIN_BITSTREAM = 0,
    XCLBIN_METADATA = 2,
    XCLBIN_MEMORY = 6,
    XCLBIN_CONNECTIVITY = 7,
    XCLBIN_IP_LAYOUT = 8,
    XCLBIN_CLOCKS = 11,
    XCLBIN_PARTITION = 20,
    XCLBIN_SOFT_KERNEL = 23,
    XCLBIN_GROUP_MEMORY = 26,
    XCLBIN_GROUP_CONNECTIVITY = 27,
    XCLBIN_KINDS = 37
};

/* Offsets in the header and sizes of its parts, in bytes. */
enum {
    XCLBIN_SIGNATURE = 8,
    XCLBIN_UNIQUE_ID = 296,
    XCLBIN_LENGTH = 304,
    XCLBIN_TIME = 312,
    XCLBIN_VERSION = 328, /* u16 patch, u8 major, u8 minor */
    XCLBIN_MODE = 332,
    XCLBIN_PLATFORM = 352,
    XCLBIN_PLATFORM_SIZE = 64,
    XCLBIN_UUID = 416,
    XCLBIN_COUNT = 448,
    XCLBIN_HEADER = 456,
    XCLBIN_SECTION = 40, /* one section header */
    XCLBIN_MAX_SECTIONS = 0x10000,
    XCLBIN_MAX_ROWS = 65536,    /* of a table */
    XCLBIN_MAX_MEMORIES = 4096, /* seen 60 or so; XRT counts up to 1,024 */
    XCLBIN_MAX_ARGS = 256,      /* of a kernel */
    XCLBIN_MAX_PORTS = 256,
    XCLBIN_MAX_KERNELS = 1024, /* and compute units; XRT runs 128 */
    XCLBIN_MAX_REGS = 64 << 10 /* bytes of a kernel's registers up to its last argument */
};

/* A row of IP_LAYOUT. */
struct xclbin_ip {
    uint32_t type; /* 1: a kernel */
    unsigned control;
    bool interrupt, taken;
    uint64_t base;    /* UINT64_MAX: not addressable */
    const char *name; /* "vadd:vadd_1" */
    uint64_t offset;  /* of the row, in the file */
};

struct xclbin_connection {
    unsigned arg;
    size_t ip, memory;
};

struct xclbin_port {
    const char *name, *mode; /* mode: "master", "slave", "read_only", "write_only" */
    uint64_t range;
    unsigned width; /* bits, 0: not said */
};

struct xclbin_arg {
    const char *name, *type, *port;
    unsigned qualifier; /* 0 scalar, 1 global, 2 constant, 3 local, 4 stream */
    bool has_id;
    unsigned id;
    uint64_t offset, size, host_offset, host_size;
    size_t order; /* in the file */
};

struct xclbin_instance {
    const char *name, *port; /* port of its addrRemap, or NULL */
    bool has_base;
    uint64_t base;
};

struct xclbin_kernel {
    const char *name, *vlnv, *protocol; /* protocol: as written, "s_axilite" when it is not said */
    struct xclbin_port *ports;
    size_t n_ports;
    struct xclbin_arg *args; /* by id, those without one last */
    size_t n_args;
    struct xclbin_instance *instances;
    size_t n_instances;
    struct lunq_arg *merged; /* arguments as XRT counts them, without memories: xclbin_fill */
    size_t n_merged;
    unsigned long line;
};

/* The state of the reader; arrays live in the design's arena. */
struct xclbin {
    struct lunq_design *d;
    struct lunq_error *err;
    const uint8_t *data;
    size_t size;
    struct lunq_card_section *sections; /* in the order of the file's headers */
    size_t n_sections;
    struct lunq_map tags; /* of memories, interned */
    struct xclbin_ip *ips;
    size_t n_ips;
    struct xclbin_connection *connections;
    size_t n_connections;
    struct xclbin_kernel *kernels;
    size_t n_kernels;
};

/* The first section of this kind with contents, or NULL. */
const struct lunq_card_section *xclbin_find(const struct xclbin *x, uint32_t kind);
/* Little-endian number of `width` (1, 2, 4, 8) bytes; the caller has checked that they are there. */
uint64_t xclbin_get(const uint8_t *at, unsigned width);
/* A text field of n bytes, up to its NUL or its end, in the design's strings. */
const char *xclbin_text(struct lunq_design *d, const uint8_t *at, size_t n);
/* LUNQ_VALUE "FILE: section S at offset 0x...: text"; s may be NULL: the header. `offset` is a place
 * in the file. */
int xclbin_fail(struct xclbin *x, const struct lunq_card_section *s, uint64_t offset,
                const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The steps of the reader, in this order; <0 with *x->err set. */
int xclbin_read_container(struct xclbin *x);
int xclbin_read_tables(struct xclbin *x);
int xclbin_read_xml(struct xclbin *x);
int xclbin_fill(struct xclbin *x);

#endif
