/* bind_groups.h - what the files of bind.c share: groups of pins on their way to buses. */
#ifndef LUNQ_RTL_BIND_GROUPS_H
#define LUNQ_RTL_BIND_GROUPS_H

#include <stdlib.h>

#include "bind.h"

/* What two modules say of pins: that inside the model, which is about this RTL, and the design's. */
struct rtl_said {
    const struct lunq_module *own, *design;
};

/* A list grows at powers of two; a function that uses it gives 0 (false, or no pointer) without memory. */
#define RTL_PUSH(list, n, item)                                                                    \
    do {                                                                                           \
        if (((n) & ((n)-1)) == 0) {                                                                \
            void *more = realloc(list, ((n) ? 2 * (n) : 1) * sizeof *(list));                      \
            if (!more)                                                                             \
                return 0;                                                                          \
            (list) = more;                                                                         \
        }                                                                                          \
        (list)[(n)++] = item;                                                                      \
    } while (0)

/* bind.c: the pin is in no bus, and no clock, reset or interrupt. False: no memory. */
bool rtl_leave(struct rtl_bind *b, const struct rtl_pin *p, const char *why);
extern const char rtl_twice[]; /* why: two pins of a group have the same name */
/* Pins of a bus without a name of its own ("awaddr", "tdata") are those of "axi" and "axis". */
const char *rtl_unnamed(enum rtl_signal k);
/* The group of this name, made when it isn't there; NULL: no memory. */
struct rtl_bus *rtl_group(struct rtl_bind *b, const char *name);

/* bind_merge.c: i_X and o_X become X; X_aw and X_w become X. */
void rtl_merge_ways(struct rtl_bind *b);
void rtl_merge_channels(struct rtl_bind *b);

/* bind_vector.c: a group whose VALID has n bits becomes n groups. False: no memory. */
bool rtl_split_vectors(struct rtl_bind *b, const struct rtl_said *said);
/* Parts of a pin that its own metadata names as "pin[7:4]" go into their groups; *any: there were some. */
bool rtl_add_parts(struct rtl_bind *b, const struct lunq_module *own, const struct rtl_pin *p,
                   bool *any);

/* bind_late.c: what is left over goes into buses by names that say less. False: no memory. */
bool rtl_bind_late(struct rtl_bind *b);
/* bind_other.c: pins of buses nothing here drives get a reason. */
void rtl_name_others(struct rtl_bind *b);
/* bind_clock.c: which clock each bus is on, by metadata, then by names. */
void rtl_assign_clocks(struct rtl_bind *b, const struct rtl_said *said);

#endif
