/* cards.h - the part of a design that cards add: compute units with typed arguments, the memories
 * of the card and its connections, as an xclbin says them (xrt.md 6). Included by design.h. */
#ifndef LUNQ_DESIGN_CARDS_H
#define LUNQ_DESIGN_CARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lunq_module;
struct lunq_ip;

/* Types of MEM_TOPOLOGY, by number (xrt.md 6.1). */
enum lunq_memory_type {
    LUNQ_MEM_DDR3,
    LUNQ_MEM_DDR4,
    LUNQ_MEM_DRAM,
    LUNQ_MEM_STREAMING,
    LUNQ_MEM_PREALLOCATED,
    LUNQ_MEM_ARE,
    LUNQ_MEM_HBM,
    LUNQ_MEM_BRAM,
    LUNQ_MEM_URAM,
    LUNQ_MEM_STREAM_CONNECTION,
    LUNQ_MEM_HOST,
    LUNQ_MEM_PS_KERNEL
};

/* A memory, or a kernel-to-kernel stream: one row of the topology. */
struct lunq_memory {
    const char *tag; /* "bank0", "HBM[3]", "PLRAM[0]", "dc_3"; no two of a design are the same */
    unsigned type;   /* enum lunq_memory_type; a later number is kept as it is */
    bool used;       /* a kernel is connected to it */
    bool streaming;  /* a stream, no memory: nothing can be allocated in it */
    uint64_t base, size;        /* bytes */
    uint64_t flow_id, route_id; /* of a stream */
    unsigned row;               /* in the table XRT counts in: the bank number of a buffer */
};

enum lunq_arg_kind {
    LUNQ_ARG_SCALAR,
    LUNQ_ARG_GLOBAL,
    LUNQ_ARG_CONSTANT,
    LUNQ_ARG_LOCAL,
    LUNQ_ARG_STREAM
};

/* An argument of a kernel, as the function in C or OpenCL has it. */
struct lunq_arg {
    const char *name, *type; /* "a", "int*" as written; type may be "" */
    const char *port;        /* "M_AXI_GMEM", or "" */
    unsigned index; /* its number among all arguments, streams too, from 0: XRT's argument index */
    enum lunq_arg_kind kind;         /* GLOBAL and CONSTANT take buffers */
    bool output;                     /* of a stream: data leave the kernel */
    uint64_t offset, size;           /* bytes, in the registers */
    uint64_t host_offset, host_size; /* bytes, in the host's packing */
    const size_t
        *memories; /* what it is connected to: indices into the design's memories, in order */
    size_t n_memories;
};

/* Handshakes of a kernel (xrt.md 6.1, IP_LAYOUT properties, and 6.2). */
enum lunq_control { LUNQ_CTRL_HS, LUNQ_CTRL_CHAIN, LUNQ_CTRL_NONE, LUNQ_CTRL_USER };

/* A compute unit: one instance of a kernel. */
struct lunq_cu {
    const char *kernel, *name;        /* "vadd", "vadd_1" */
    const char *full;                 /* "vadd:vadd_1" */
    const struct lunq_module *module; /* path = name; its registers stand in its block */
    enum lunq_control control;
    const char *protocol; /* as the metadata writes it: "ap_ctrl_hs", "s_axilite", ... */
    bool interrupt;
    bool has_address;            /* false: it has no slave port */
    uint64_t base, range;        /* range: of the slave port, also without an address */
    size_t index;                /* rank by address among the addressable ones: XRT's CU index */
    size_t row;                  /* in IP_LAYOUT; LUNQ_NONE: not in it */
    const struct lunq_arg *args; /* in order of index */
    size_t n_args;
    uint64_t args_end; /* bytes of the register image up to the end of the last argument */
};

/* Types of CLOCK_FREQ_TOPOLOGY, by number. */
enum lunq_card_clock_type {
    LUNQ_CLOCK_UNUSED,
    LUNQ_CLOCK_DATA,
    LUNQ_CLOCK_KERNEL,
    LUNQ_CLOCK_SYSTEM
};

struct lunq_card_clock {
    const char *name; /* "DATA_CLK" */
    unsigned mhz, type;
};

/* A section of the xclbin a design came from. */
struct lunq_card_section {
    uint32_t kind;
    const char *name;    /* of the kind: "IP_LAYOUT"; "kind 99" when it is not known */
    const uint8_t *data; /* in card.image; NULL: it is empty */
    uint64_t offset, size;
    size_t index; /* of its header */
};

/* What the design of a card has beyond others; all zero elsewhere. */
struct lunq_card {
    bool present; /* this is the design of a card */
    bool has_uuid;
    uint8_t uuid[16];
    const char *platform; /* VBNV: "xilinx_u250_gen3x16_xdma_4_1"; "" when the file says none */
    struct lunq_cu *cus;
    size_t n_cus;
    struct lunq_memory *memories; /* of GROUP_TOPOLOGY when it is there, as XRT counts */
    size_t n_memories;
    struct lunq_card_clock *clocks;
    size_t n_clocks;
    const struct lunq_card_section *sections; /* of the file, in its order; a table has none */
    size_t n_sections;
    unsigned mode; /* of the xclbin: 0 flat, 1 partial, 4 hw_emu, 5 sw_emu (xrt.md 6.1) */
    const uint8_t
        *image; /* the checked xclbin, for a device that loads it; of a table: written from it */
    size_t image_size;
};

#endif
