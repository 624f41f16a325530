/* l_mmio.h - what other binding files need of lunq.MMIO. */
#ifndef L_MMIO_H
#define L_MMIO_H

#include "../host/core/mmio.h"
#include "lunq_lua.h"

/* For what a fast path leaves to another function: a struct lunq_error takes 2 KiB of stack. */
#define L_APART __attribute__((noinline))
#define L_SLOW __attribute__((noinline, cold))

/* Each MMIO has a metatable of its own, so that its address and length are real fields and a
 * method call still costs one table look-up. It is therefore known by a tag, not by its
 * metatable: the address of l_mmio_tag as first word of a full userdata of just this size. */
struct l_mmio {
    const void *tag;
    struct lunq_mmio *m; /* with a reference; stays after close, which shows at each access */
    uint64_t spare;      /* makes the size unlike that of other types */
};

extern const char l_mmio_tag;

/* NULL when the value at idx is something else. */
static inline struct l_mmio *l_testmmio(lua_State *L, int idx)
{
    struct l_mmio *u = lua_touserdata(L, idx);
    return u && lua_rawlen(L, idx) == sizeof *u && u->tag == &l_mmio_tag ? u : NULL;
}

/* The window at idx, raising `type` for another value. It may be closed: then accesses fail.
 * Whoever keeps the pointer takes a reference (lunq_mmio_ref). */
struct lunq_mmio *l_checkmmio(lua_State *L, int idx);

/* ---- shared by the files of lunq.MMIO -------------------------------------------------------- */

/* A whole number of bytes, not negative; as everywhere in Lua, "16" is one too. */
uint64_t l_checkoffset(lua_State *L, int idx);
extern const luaL_Reg l_block_methods[], l_batch_methods[], l_port_methods[];
/* What a collected object refers to: closed, never freed. A finalizer that runs later meets it. */
extern struct lunq_mmio l_no_window;
void l_open_batch(lua_State *L);
void l_open_bench(lua_State *L);
/* Raises what an access through m->ptr met, when lunq_bus_error says that it met something. */
L_SLOW int l_bus_error(lua_State *L, struct lunq_mmio *m);

#endif
