/* l_register.h - what the files of lunq.Register share. */
#ifndef L_REGISTER_H
#define L_REGISTER_H

#include "../host/core/register.h"
#include "l_mmio.h"

/* A field as an integer in the layout: bit offset, width - 1, access. */
enum { L_SHIFT_BITS = 6, L_WIDTH_BITS = 6, L_RO = 1 << 12, L_WO = 1 << 13 };

/* Names of up to 40 characters are one object each in a Lua state: a field is found by the address
 * of its name, without a look into a Lua table. */
struct l_slot {
    const void *name; /* lua_topointer of a string that the layout keeps alive; NULL: free */
    lua_Integer field;
};

/* User value 1 is the layout: field name -> integer above, 1.. -> names in order, and the texts
 * below. User value 2 is the MMIO, which so lives as long as the register. */
enum { L_LAYOUT = 1, L_WINDOW = 2 };
enum { L_NAME = 0, L_UNREAD = -1 };

struct l_register {
    struct l_mmio *window;
    struct lunq_register_view view;
    bool absent; /* not in this configuration of the IP: never accessed */
    bool unread; /* text L_UNREAD says why printing does not read it */
    bool debug;
    bool plain; /* 32 bits, readable and writable: the inlined accesses do */
    unsigned n_fields;
    unsigned mask;         /* number of slots - 1; slots are a power of two, at most half used */
    struct l_slot slots[]; /* hashed by address */
};

static inline unsigned l_field_shift(lua_Integer f)
{
    return (unsigned)f & ((1u << L_SHIFT_BITS) - 1);
}

static inline unsigned l_field_width(lua_Integer f)
{
    return ((unsigned)f >> L_SHIFT_BITS & ((1u << L_WIDTH_BITS) - 1)) + 1;
}

static inline struct l_slot *l_slot_of(struct l_register *u, const void *name)
{
    unsigned i = (unsigned)((uintptr_t)name / 16) & u->mask;
    while (u->slots[i].name != name && u->slots[i].name)
        i = (i + 1) & u->mask;
    return &u->slots[i];
}

/* "register CTRL" or "register at 0x40000000", for messages. The register is at 1. */
const char *l_push_register(lua_State *L, const struct l_register *u);
uint64_t l_register_get_any(lua_State *L, struct l_register *u);
void l_register_update_any(lua_State *L, struct l_register *u, uint64_t mask, uint64_t value);

/* The whole value. Raises. */
static inline uint64_t l_register_get(lua_State *L, struct l_register *u)
{
    const struct lunq_mmio *m = u->window->m;
    if (u->plain && lunq_mmio_direct32(m, u->view.off))
        return *(volatile uint32_t *)(m->ptr + u->view.off);
    return l_register_get_any(L, u);
}

/* Replaces the bits under mask by those of value, which has no others. Raises. */
static inline void l_register_update(lua_State *L, struct l_register *u, uint64_t mask,
                                     uint64_t value)
{
    const struct lunq_mmio *m = u->window->m;
    uint32_t keep = (uint32_t)(~mask & ~u->view.act);
    if (u->plain && lunq_mmio_direct32(m, u->view.off)) {
        volatile uint32_t *p = (volatile uint32_t *)(m->ptr + u->view.off);
        *p = keep ? (*p & keep) | (uint32_t)value : (uint32_t)value;
        return;
    }
    l_register_update_any(L, u, mask, value);
}

/* The value at idx for `width` bits; messages name the field, if it has a name. Negative numbers are
 * refused, except for 64 bits, which are a Lua integer as they are. */
uint64_t l_check_value(lua_State *L, int idx, unsigned width, const char *field);

/* ---- l_register_bits.c: r[4], r["7:4"], r:bits(7, 4) ---------------------------------------- */

/* Is the key at 2 a bit number or a slice, not a name? Raises for what can't be an index at all. */
bool l_is_indexed(lua_State *L);
int l_push_indexed(lua_State *L, struct l_register *u); /* pushes r[key] */
int l_set_indexed(lua_State *L, struct l_register *u);  /* r[key] = the value at 3 */
int l_register_bits(lua_State *L);
int l_register_count(lua_State *L);

/* ---- l_register_show.c: what a register is and holds ---------------------------------------- */

extern const luaL_Reg l_register_show_methods[], l_register_show_meta[];

/* ---- l_register_new.c: making them ---------------------------------------------------------- */

int l_register_at(lua_State *L);
int l_register_new(lua_State *L);

#endif
