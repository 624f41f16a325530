/* card.h - from compute units, as an xclbin or a table describes them, to the modules of a design.
 * Private to host/design and the bindings that read tables. */
#ifndef LUNQ_CARD_H
#define LUNQ_CARD_H

#include "design.h"

/* An AXI port; those of streams follow from the arguments. */
struct card_port {
    const char *name;
    bool slave;
    unsigned width; /* bits, 0: not said */
};

struct card_register {
    const char *name;
    uint64_t offset, size; /* bytes */
};

/* A compute unit before it has its module. In cu, `module`, `index` and `args_end` are not set yet. */
struct card_unit {
    struct lunq_cu cu;
    const char *vlnv; /* NULL: none */
    struct card_port *ports;
    size_t n_ports;
    struct card_register *registers; /* of parts of arguments; NULL: as the arguments say */
    size_t n_registers;
};

/* Fills modules, external ranges and card.cus of a design whose card.memories are there. The strings
 * and args of the units live in the design. LUNQ_VALUE: two units of one name; LUNQ_MEMORY. */
int lunq_card_build(struct lunq_design *d, const struct card_unit *units, size_t n,
                    struct lunq_error *err);

#endif
