/* private.h - what the files of host/design share. Not for others. */
#ifndef LUNQ_DESIGN_PRIVATE_H
#define LUNQ_DESIGN_PRIVATE_H

#include "arena.h"
#include "design.h"

/* An interrupt given by lunq_design_wire. */
struct lunq_given_wire {
    const struct lunq_module *module;
    const struct lunq_port *port;
    const char *controller; /* interned, NULL: the PS */
    unsigned index;
    bool placed;
};

struct lunq_design_private {
    struct lunq_arena arena;
    struct lunq_map modules; /* interned path or instance -> module */
    struct lunq_map keys;    /* interned key -> struct lunq_ip */
    struct lunq_vec kinds;   /* const char *: warnings given, one word each */
    struct lunq_vec texts;   /* const char *: their texts; moved to d->warnings by finish */
    struct lunq_vec wires;   /* struct lunq_given_wire */
    void *image;             /* the file card.image is in; malloc'ed */
    unsigned refs;
};

/* Limits against hostile files; real ones are far below (hwh.md sections 1 and 2). */
enum {
    LUNQ_MAX_FILE = 64 << 20,    /* bytes of XML; largest seen 4.1 MB */
    LUNQ_MAX_XCLBIN = 1 << 30,   /* bytes; it holds a bitstream: those of large cards have 100 MB */
    LUNQ_MAX_DEPTH = 64,         /* elements; seen 10 */
    LUNQ_MAX_ELEMENTS = 2000000, /* seen 55,738 */
    LUNQ_MAX_TEXT = 1 << 20,     /* bytes of an attribute; seen 88,696 */
    LUNQ_MAX_NAME = 1024,        /* bytes of a name or path */
    LUNQ_MAX_LEVELS = 32,        /* hierarchies in a path; seen 4 */
    LUNQ_MAX_MODULES = 16384,    /* seen 185 */
    LUNQ_MAX_RANGES = 16384,     /* address ranges of all masters */
    LUNQ_MAX_WIDTH = 1 << 20,    /* bits of a port */
    LUNQ_MAX_WARNINGS = 64
};

/* Reads an HWH text into an empty design; lunq_design_read_mem then finishes it. */
int lunq_hwh_read(struct lunq_design *d, const char *text, size_t size, struct lunq_error *err);

/* Reads an xclbin into an empty design, which keeps pointing into it. */
int lunq_xclbin_read(struct lunq_design *d, const void *data, size_t size, struct lunq_error *err);

/* Reads a device-tree overlay into an empty design. */
int lunq_dtbo_read(struct lunq_design *d, const void *data, size_t size, struct lunq_error *err);

/* A whole text as an unsigned number: hexadecimal iff it starts with 0x, else decimal (never
 * octal: HLS cores write 16, others 0x10; registers.md section 3). False: not one, or > 64 bits. */
bool lunq_number(const char *text, uint64_t *value);
/* strcmp == 0 without regard to ASCII case; NULL equals nothing. */
bool lunq_same_nocase(const char *a, const char *b);
/* "a/b" in the design's strings; NULL when memory is out. */
const char *lunq_design_join(struct lunq_design *d, const char *a, const char *sep, const char *b);
/* Adds an element to a temporary vector; marks the design as out of memory when there is none. */
void *lunq_design_push(struct lunq_design *d, struct lunq_vec *v, size_t size);

/* The steps of lunq_design_finish, in this order. They set the arena's `failed` when memory runs
 * out and return LUNQ_VALUE for what can't be. */
int lunq_derive_ip(struct lunq_design *d, struct lunq_error *err);
void lunq_derive_regions(struct lunq_design *d);
void lunq_derive_interrupts(struct lunq_design *d);
void lunq_derive_gpio(struct lunq_design *d);
void lunq_derive_clocks(struct lunq_design *d);
void lunq_derive_streams(struct lunq_design *d);
void lunq_derive_hierarchies(struct lunq_design *d);

/* Every pin of every net, in file order; nets are interned, so pointers compare. */
struct lunq_net_pin {
    const struct lunq_module *module; /* NULL: port of the design itself */
    const struct lunq_port *port;
    struct lunq_net_pin *next;
    bool drives;
};
struct lunq_nets {
    struct lunq_map first; /* net -> struct lunq_net_pin */
    struct lunq_net_pin *pins;
};
bool lunq_nets_build(struct lunq_nets *n, const struct lunq_design *d);
void lunq_nets_free(struct lunq_nets *n);

#endif
