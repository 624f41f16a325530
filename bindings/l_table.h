/* l_table.h - a walk through a Lua table that a person wrote: values are checked, and an error names
 * the place, as in "ip.adder.registers.CTRL.offset". Tables are read raw: no metamethod runs.
 * Strings and arrays go into a design's arena. */
#ifndef LUNQ_L_TABLE_H
#define LUNQ_L_TABLE_H

#include "lunq_lua.h"

struct l_table {
    lua_State *L;
    struct lunq_design *d;
    char path[512]; /* where we are: "ip.adder.registers" */
};

/* Appends ".name" to the place; the result goes to l_table_leave. */
size_t l_table_enter(struct l_table *t, const char *name);
void l_table_leave(struct l_table *t, size_t n);
const char *l_table_where(const struct l_table *t);

/* In the design's memory; raise `memory`. */
const char *l_table_intern(struct l_table *t, const char *s);
void *l_table_alloc(struct l_table *t, size_t n, size_t size);

/* The value on top of the stack: raises `type` unless it is a `type`. */
void l_table_want(struct l_table *t, int type);
/* ... a whole number from min to max: raises `type` or `value`. */
int64_t l_table_int(struct l_table *t, int64_t min, int64_t max);
/* ... a table without other keys than these (a NULL-terminated list): raises `value`. */
void l_table_keys(struct l_table *t, const char *const *known);
/* The same, but [1] may be there. */
void l_table_options(struct l_table *t, const char *const *known);

/* The next ones look up a key, or its alias (NULL: none), in the table on top.
 * Pushes the value and says which key it was; false and nothing pushed when it is nil. */
bool l_table_push(struct l_table *t, const char *key, const char *alias, const char **used);
int64_t l_table_get_int(struct l_table *t, const char *key, const char *alias, int64_t min,
                        int64_t max, int64_t otherwise);
const char *l_table_get_str(struct l_table *t, const char *key, const char *alias,
                            const char *otherwise);
bool l_table_get_bool(struct l_table *t, const char *key, bool otherwise);

/* Calls `one` for each entry of the table under `key` (nil: none), with the value on top and its
 * name, which has to be a string; `i` counts from 0. */
typedef void l_table_each_fn(struct l_table *t, const char *name, size_t i, void *arg);
void l_table_each(struct l_table *t, const char *key, l_table_each_fn *one, void *arg);
/* The same for a list: values from 1 on, with no other keys. */
typedef void l_table_item_fn(struct l_table *t, size_t i, void *arg);
void l_table_list(struct l_table *t, const char *key, l_table_item_fn *one, void *arg);
/* The number of those entries. */
size_t l_table_count(struct l_table *t, const char *key);

/* l_card_table.c: true when the table on top describes a card; fills the design then. */
bool l_table_is_card(struct l_table *t);
void l_table_card(struct l_table *t);

#endif
