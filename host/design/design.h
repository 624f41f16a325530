/* design.h - one description of a design, whatever file it came from.
 *
 * A reader (HWH, and later xclbin and device tree) or a Lua table adds modules with their
 * parameters, ports, buses, registers and address ranges; lunq_design_finish then derives what
 * the layers above use: IP and memory entries, interrupt pins and controllers, GPIO lines,
 * hierarchies, clocks and reconfigurable regions. Strings and arrays live in the design's arena
 * and are valid until the last lunq_design_unref. Nothing here knows a device or Lua. */
#ifndef LUNQ_DESIGN_H
#define LUNQ_DESIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/error.h"
#include "cards.h"

#define LUNQ_NONE SIZE_MAX /* "no such index" wherever an index into an array stands */

/* ---- what a reader says -------------------------------------------------------------------- */

struct lunq_param {
    const char *name, *value; /* value may be ""; one without VALUE is left out */
};

enum lunq_dir { LUNQ_IN, LUNQ_OUT, LUNQ_INOUT };

struct lunq_port {
    const char *name;
    const char *net;         /* SIGNAME: the net it is on; NULL when unconnected */
    const char *sigis;       /* "clk", "rst", "INTERRUPT", "data", ... or NULL */
    const char *polarity;    /* "ACTIVE_LOW" or "ACTIVE_HIGH" of a reset, or NULL */
    const char *sensitivity; /* "LEVEL_HIGH", "EDGE_RISING", a colon list, or NULL */
    enum lunq_dir dir;
    unsigned width;  /* bits, at least 1 */
    uint64_t clk_hz; /* 0 = not said */
    unsigned char
        pl_clock; /* 1 + the PS's clock it is on, also through clocking wizards; 0: none */
    unsigned char pl_reset; /* 1 + the PS's reset it is on, also through proc_sys_reset; 0: none */
};

enum lunq_bus_role { LUNQ_BUS_MASTER, LUNQ_BUS_SLAVE, LUNQ_BUS_MONITOR };

struct lunq_portmap {
    const char *logical, *physical;
};

struct lunq_bus {
    const char *name; /* "S_AXIS_S2MM" */
    const char *bus;  /* BUSNAME: both ends carry the same; NULL = not connected */
    const char *vlnv; /* "xilinx.com:interface:axis:1.0" or NULL */
    enum lunq_bus_role role;
    unsigned data_width; /* bits, 0 = not said */
    struct lunq_param *params;
    size_t n_params;
    struct lunq_portmap *portmaps;
    size_t n_portmaps;
};

/* Access as the metadata says it, side effects as its MODIFIED_READ_VALUES/READ_ACTION say it;
 * drivers/ overrides both (registers.md section 3). */
struct lunq_field {
    const char *name, *description, *access; /* access: "read-only", "read-write", "write-only" */
    const char *write_effect;                /* "oneToClear", "oneToToggle", ..., or NULL */
    const char *read_action;                 /* "modify", ..., or NULL */
    unsigned bit_offset, bit_width;          /* as written in the file; may exceed the register */
};

struct lunq_register {
    const char *name, *description, *access;
    uint64_t offset; /* bytes from the start of the address block */
    uint64_t size;   /* bits */
    uint64_t reset;  /* as the metadata says */
    bool enabled;    /* false: absent in this configuration, never accessed */
    struct lunq_field *fields;
    size_t n_fields;
};

struct lunq_block { /* ADDRESSBLOCK */
    const char *name, *interface, *access, *usage;
    uint64_t range;
    struct lunq_register *registers;
    size_t n_registers;
};

/* An address range as one master sees it. base and high are inclusive. */
struct lunq_range {
    const char *instance;       /* INSTANCE of the target as written; may be no module */
    const char *block;          /* ADDRESSBLOCK, or NULL */
    const char *memtype;        /* "REGISTER", "MEMORY", "FLASH" */
    const char *master, *slave; /* bus interface names, or NULL */
    uint64_t base, high;
    struct lunq_module *target; /* set by finish; NULL when instance names no module */
};

struct lunq_module {
    const char *path;     /* FULLNAME without the leading '/': "hier/ip" */
    const char *instance; /* INSTANCE: "hier_ip" */
    const char *vlnv;     /* NULL when the file has none */
    const char *modtype;  /* "axi_dma"; NULL when absent */
    const char *bdtype;   /* "SBD", "BLOCK_CONTAINER", or NULL */
    const char *bd;       /* the inner block design's name, or NULL */
    struct lunq_param *params;
    size_t n_params;
    struct lunq_port *ports;
    size_t n_ports;
    struct lunq_bus *buses;
    size_t n_buses;
    struct lunq_block *blocks;
    size_t n_blocks;
    struct lunq_range *ranges; /* what this module sees as a master */
    size_t n_ranges;
};

/* ---- what finish derives ------------------------------------------------------------------- */

/* One addressable thing: an entry of ip_dict or mem_dict, or a range of a region. */
struct lunq_ip {
    /* fullpath, or fullpath "/" mem_id when it has several ranges, then "/" block, then "@" base,
     * as far as it takes to tell them apart */
    const char *key;
    const struct lunq_module *module;
    const char *mem_id;  /* slave (without a PS: master) bus interface; may be NULL */
    const char *memtype; /* "REGISTER" or "MEMORY" */
    bool has_address;    /* false: the PS itself */
    uint64_t phys_addr, addr_range;
    const struct lunq_block *block; /* its registers, or NULL */
    /* index into regions when the range belongs to one (then it is in neither dictionary of Lua),
     * else LUNQ_NONE */
    size_t region;
};

struct lunq_irq_controller { /* an axi_intc; the PS is "" and not listed */
    const char *path;
    const struct lunq_module *module;
    size_t parent; /* index into controllers, LUNQ_NONE = the PS */
    bool dangling; /* not reachable from the PS; parent and index mean nothing then */
    unsigned index;
    int raw_irq; /* GIC number for children of the PS, else -1 */
};

/* One bit of a source arriving at one input. */
struct lunq_irq_wire {
    size_t controller; /* index into controllers, LUNQ_NONE = the PS */
    unsigned index;    /* input of the controller or bit of the PS port */
    unsigned bit;      /* bit of the source */
    int raw_irq;       /* GIC number when wired to the PS, else -1 */
};

struct lunq_irq_pin {                 /* every pin on a net that carries an interrupt */
    const char *path;                 /* "ip/interrupt" */
    const struct lunq_module *module; /* NULL for an external port */
    const char *port;
    bool source;                       /* drives the net (and is no constant) */
    size_t controller;                 /* index into controllers, LUNQ_NONE = the PS */
    unsigned index;                    /* lowest input it reaches */
    int raw_irq;                       /* GIC number when wired to the PS, else -1 */
    const struct lunq_irq_wire *wires; /* all inputs it reaches; the first is the one above */
    size_t n_wires;
};

struct lunq_gpio { /* an xlslice on the PS GPIO net */
    const char *path;
    const struct lunq_module *module;
    unsigned index; /* DIN_FROM as PYNQ has it: the top line */
    unsigned first, lines;
    const char **pins; /* sorted */
    size_t n_pins;
};

struct lunq_hierarchy { /* every hierarchy of the design, also those without addressable IP */
    const char *path;
    bool listed; /* has addressable IP or memory, itself or below (what PYNQ shows) */
};

struct lunq_clock {
    int enable, divisor0, divisor1; /* -1 = not said */
    const char *source;             /* "IO PLL", "IOPLL", ... or NULL */
    double mhz;                     /* what the design is made for; 0 = not said */
};

struct lunq_region { /* reconfigurable: a BLOCK_CONTAINER with ENABLE_DFX */
    const char *path;
    const struct lunq_module *module;
    const char *variants; /* LIST_SYNTH_BD, colon list of the block designs that fit, or "" */
    const char *active;   /* ACTIVE_SYNTH_BD, or "" */
};

struct lunq_stream { /* one AXI4-Stream link */
    const char *bus;
    const struct lunq_module *master, *slave; /* NULL: outside the design */
    const struct lunq_bus *master_if, *slave_if;
};

struct lunq_design {
    const char *file;                              /* as given, or "(table)" */
    const char *format;                            /* "hwh", "xclbin", "dtbo", "table" */
    const char *tool, *arch, *part, *board, *name; /* "" when absent; arch "zynq", "zynquplus" */
    const char *firmware; /* bitstream that a device-tree overlay asks for, or NULL */
    struct lunq_module *modules;
    size_t n_modules;
    struct lunq_port *external;
    size_t n_external;
    struct lunq_bus *external_buses;
    size_t n_external_buses;
    struct lunq_range *external_ranges; /* partial designs */
    size_t n_external_ranges;

    const struct lunq_module *ps; /* NULL: none */
    bool partial;                 /* no PS and no card: every range of the file is listed */
    struct lunq_ip *ip;
    size_t n_ip;
    struct lunq_ip *mem;
    size_t n_mem;
    struct lunq_irq_controller *controllers;
    size_t n_controllers;
    struct lunq_irq_pin *pins;
    size_t n_pins;
    struct lunq_gpio *gpio;
    size_t n_gpio;
    struct lunq_hierarchy *hierarchies;
    size_t n_hierarchies;
    struct lunq_clock clocks[4];
    size_t n_clocks;           /* 4, or 0 without a PS that has them */
    const char *ref_clock_mhz; /* of the PS, as written ("50", "33.333"), or NULL */
    struct lunq_region *regions;
    size_t n_regions;
    struct lunq_stream *streams;
    size_t n_streams;
    struct lunq_card card;
    const char **warnings; /* one line each, said once per kind */
    size_t n_warnings;

    struct lunq_design_private *priv; /* arena, name table, reference count */
};

/* Reads a design file (.hwh, .xclbin) by its content, not its name. The result has one reference and
 * is finished. LUNQ_IO: not readable; LUNQ_VALUE: malformed, with file and line or offset. */
int lunq_design_read(struct lunq_design **out, const char *path, struct lunq_error *err);

/* The same from memory; `name` stands in messages. */
int lunq_design_read_mem(struct lunq_design **out, const char *name, const void *data, size_t size,
                         struct lunq_error *err);

struct lunq_design *lunq_design_ref(struct lunq_design *d);
void lunq_design_unref(struct lunq_design *d); /* NULL is allowed */

/* ---- building (readers, tables) ------------------------------------------------------------ */

int lunq_design_new(struct lunq_design **out, const char *file, const char *format,
                    struct lunq_error *err);
/* Copies n bytes (or the whole string for n == SIZE_MAX) into the arena, equal strings once. */
const char *lunq_design_intern(struct lunq_design *d, const char *s, size_t n);
/* Zeroed memory in the arena; NULL when there is none. */
void *lunq_design_alloc(struct lunq_design *d, size_t n);
/* For descriptions without nets: a module's port interrupts input `index` of a controller (the path
 * of an axi_intc; NULL: the PS, bits of IRQ_F2P, or pl_ps_irq0 and 1 counted through). Module and
 * port have to stay where they are. A vector takes the inputs from there on. LUNQ_MEMORY. */
int lunq_design_wire(struct lunq_design *d, const struct lunq_module *m,
                     const struct lunq_port *port, const char *controller, unsigned index,
                     struct lunq_error *err);
/* Adds a warning unless one of this kind was given before (kind: a short key, compared as text). */
void lunq_design_warn(struct lunq_design *d, const char *kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Derives everything in the second half of the struct. LUNQ_VALUE on impossible contents. */
int lunq_design_finish(struct lunq_design *d, struct lunq_error *err);

/* ---- asking -------------------------------------------------------------------------------- */

/* True when the module is of this kind: "axi_dma" compares with MODTYPE and the VLNV's name. */
bool lunq_module_is(const struct lunq_module *m, const char *kind);
/* By full path or by INSTANCE; NULL when there is none. */
const struct lunq_module *lunq_design_module(const struct lunq_design *d, const char *name);
const struct lunq_ip *lunq_design_ip(const struct lunq_design *d, const char *key);
/* The IP or memory that has an address of the processor; NULL: none. */
const struct lunq_ip *lunq_design_ip_at(const struct lunq_design *d, uint64_t addr);
/* The value of a module parameter; names compare without case; `otherwise` when absent. */
const char *lunq_module_param(const struct lunq_module *m, const char *name, const char *otherwise);
/* The same as a number (hexadecimal with 0x, else decimal; true/false are 1/0). */
int64_t lunq_module_param_int(const struct lunq_module *m, const char *name, int64_t otherwise);
const struct lunq_port *lunq_module_port(const struct lunq_module *m, const char *name);
const struct lunq_bus *lunq_module_bus(const struct lunq_module *m, const char *name);
/* The pin that clocks a slave interface (NULL: "S_AXI"), by Vivado's naming or because all clock pins of the
 * module are on the same clock. NULL: it is on none of the PS's, or nobody knows on which. */
const struct lunq_port *lunq_module_slave_clock(const struct lunq_module *m, const char *slave);

#endif
