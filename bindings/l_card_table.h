/* l_card_table.h - what the files that read the description of a card share: l_card_table.c and others. */
#ifndef LUNQ_L_CARD_TABLE_H
#define LUNQ_L_CARD_TABLE_H

#include "../host/design/card.h"
#include "l_design.h"
#include "l_table.h"

/* What the units of one kernel have in common. */
struct l_kernel {
    const char *name, *vlnv, *protocol;
    enum lunq_control control;
    struct lunq_arg *args;
    size_t n_args;
    struct card_port *ports;
    size_t n_ports;
    uint64_t range;
    bool addressable;
};

/* The place of `text`, the value of `key`, in a NULL-terminated list; raises `value` when it is none. */
int l_table_word(struct l_table *t, const char *key, const char *text, const char *const *list);

/* memories and the names of streams, in rows: l_card_memories.c. */
void l_card_memories(struct l_table *t);
/* The row of a memory or stream; LUNQ_NONE: there is none. */
size_t l_card_find_memory(const struct l_table *t, const char *tag);
/* The memories named by the value on top, a tag or a list of tags. */
void l_card_tags(struct l_table *t, struct lunq_arg *a);

/* args of the kernel on top, with their offsets: l_card_args.c. k->range is there. */
void l_card_args(struct l_table *t, struct l_kernel *k);

#endif
