/* hwh_reader.h - the state of the HWH reader and what its files share. Private to host/design. */
#ifndef LUNQ_HWH_READER_H
#define LUNQ_HWH_READER_H

#include <expat.h>

#include "hwh_names.h"
#include "private.h"

struct hwh_reader {
    struct lunq_design *d;
    XML_Parser xml;
    struct lunq_error *err;
    int failed; /* kind of the error in *err, 0: none */
    size_t elements;
    unsigned depth;
    unsigned skip_at; /* depth of an unknown element whose inside is skipped; 0: none */

    const char *at[A_COUNT]; /* attributes of the element being started */
    size_t at_len[A_COUNT];

    /* The open elements, innermost wins. */
    bool in_external_ports, in_external_interfaces, in_module, in_bus, in_block, in_register,
        in_field;
    struct lunq_module module;
    struct lunq_bus bus;
    struct lunq_block block;
    struct lunq_register reg;
    struct lunq_field field;

    struct lunq_vec modules, params, ports, buses, blocks, ranges; /* of the open module */
    struct lunq_vec bus_params, portmaps, registers, fields;
    struct lunq_vec external, external_buses, external_ranges;
    size_t n_ranges;
};

/* Ends the reading with this error; file and line are put before the text. */
void hwh_fail(struct hwh_reader *r, int kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "skipped: what name", once per kind; `name` (NULL: none) is part of the kind. */
void hwh_warn(struct hwh_reader *r, const char *what, const char *name);

/* The text of an attribute in the design's strings, or NULL when it is absent. */
const char *hwh_text(struct hwh_reader *r, enum hwh_attribute a);
/* As hwh_text, for names and paths: these are joined and compared, so their length is limited. */
const char *hwh_name(struct hwh_reader *r, enum hwh_attribute a);
const char *hwh_name_or(struct hwh_reader *r, enum hwh_attribute a, const char *otherwise);
/* An attribute as a number up to `max`; `otherwise` when it is absent. */
uint64_t hwh_number(struct hwh_reader *r, enum hwh_attribute a, const char *what,
                    uint64_t otherwise, uint64_t max);

void *hwh_push(struct hwh_reader *r, struct lunq_vec *v, size_t size);
/* Moves a vector into the design: `to`, `n_to` are a pointer and a count there. */
#define HWH_KEEP(r, vec, to, n_to)                                                                 \
    ((to) = lunq_vec_keep(&(vec), sizeof *(to), &(r)->d->priv->arena, &(n_to)))

/* hwh_registers.c: what happens at these elements. */
void hwh_start_block(struct hwh_reader *r);
void hwh_end_block(struct hwh_reader *r);
void hwh_start_register(struct hwh_reader *r);
void hwh_end_register(struct hwh_reader *r);
void hwh_start_field(struct hwh_reader *r);
void hwh_end_field(struct hwh_reader *r);
void hwh_start_property(struct hwh_reader *r);

#endif
