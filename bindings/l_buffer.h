/* l_buffer.h - what the files of lunq.Buffer share, and what other bindings need of it.
 * A buffer userdata is a struct lunq_array with a reference on its memory; views hold the memory,
 * not one another. Any allocation in Lua may run finalizers, and those may close buffers: look at
 * lunq_array_data (or use l_checkbuffer) after the last allocation, not before. */
#ifndef L_BUFFER_H
#define L_BUFFER_H

#include <string.h>

#include "../host/core/array_ops.h"
#include "lunq_lua.h"

typedef struct l_buffer {
    struct lunq_array a; /* a.mem: l_no_memory once closed, never NULL */
    bool view;           /* of another buffer's memory: close() leaves that alone */
} l_buffer;

extern struct lunq_mem l_no_memory; /* freed memory that nobody owns */

/* The buffer at idx, for use of its elements now: raises `type` when it is something else, `runtime`
 * when it or its memory was freed, `unsupported` when the host can't reach them. The pointer lives as
 * long as the userdata. */
struct lunq_array *l_checkbuffer(lua_State *L, int idx);
/* The same for what needs no elements: addresses, views, syncs. The host may not reach them. */
struct lunq_array *l_checkview(lua_State *L, int idx);
/* As l_checkbuffer; NULL when idx is no buffer. */
struct lunq_array *l_testbuffer(lua_State *L, int idx);
/* A buffer that a DMA can transfer as one block, else raises with the reason (`type`, `runtime`,
 * `value`). Its bytes are mem [offset, offset + lunq_array_nbytes). */
struct lunq_array *l_checkdma(lua_State *L, int idx);

/* Pushes a new buffer, closed as yet. Then l_setview or l_setmemory make it one; nothing allocates
 * in between, so that neither a finalizer nor an error can come between memory and its owner. */
l_buffer *l_newbuffer(lua_State *L);
/* Makes it a view (takes a reference on a's memory). Raises `runtime` when that was freed. */
void l_setview(lua_State *L, l_buffer *b, const struct lunq_array *a);
/* Ends a view before its time, as close() does. */
void l_dropview(l_buffer *b);
/* Pushes a new host array, zeroed. Raises `value`, `memory`. */
l_buffer *l_newarray(lua_State *L, enum lunq_dtype t, unsigned ndim, const size_t *shape);
/* The same with whatever stood in memory: for results that are written whole before Lua sees
 * them. */
l_buffer *l_newresult(lua_State *L, enum lunq_dtype t, unsigned ndim, const size_t *shape);

/* ---- shared by l_buffer*.c ------------------------------------------------------------------- */

/* Raises *err when r < 0. */
static inline void l_buffer_check(lua_State *L, int r, const struct lunq_error *err)
{
    if (r < 0)
        l_raise(L, err);
}

enum lunq_dtype l_checkdtype(lua_State *L, int idx, enum lunq_dtype otherwise); /* nil: otherwise */
/* A shape: a whole number or a list of 1 to 8 of them. Returns ndim; one entry may be -1 (then
 * it is SIZE_MAX in the result) if `infer`. */
unsigned l_checkshape(lua_State *L, int idx, size_t *shape, bool infer);
struct lunq_scalar l_checkscalar(lua_State *L, int idx, const char *what);
static inline void l_pushscalar(lua_State *L, struct lunq_scalar s)
{
    if (s.is_float)
        lua_pushnumber(L, s.f);
    else
        lua_pushinteger(L, s.i);
}

/* The number at p; inline, for it stands in the fastest path. */
static inline void l_pushelement(lua_State *L, const void *p, enum lunq_dtype t)
{
    uint32_t v;
    if (t == LUNQ_U4) { /* by far the most common */
        memcpy(&v, p, sizeof v);
        lua_pushinteger(L, v);
    } else {
        l_pushscalar(L, lunq_load(p, t));
    }
}

/* The number at idx into the element at p. Raises `type`, `value`. */
void l_storeelement(lua_State *L, uint8_t *p, enum lunq_dtype t, int idx);
/* Memory for a buffer, one reference: a device's, or the host's when d is NULL. When the byte
 * budget is used up or memory is short, garbage is collected first. Returns <0 with *err; may
 * run finalizers, but not after the memory is there. */
int l_buffer_memory(lua_State *L, struct lunq_mem **out, struct lunq_device *d, size_t bytes,
                    const struct lunq_mem_options *opts, struct lunq_error *err);
/* dst[...] = value at idx: a number, a buffer, or nested lists, broadcast as in NumPy. Raises. */
void l_buffer_assign(lua_State *L, const struct lunq_array *dst, int idx);
/* dst's bytes = the string at idx, of exactly that length. Raises `type`, `value`. */
void l_buffer_frombytes(lua_State *L, const struct lunq_array *dst, int idx);
int l_buffer_tostring(lua_State *L);
/* A position as Lua users write it (from 1; negative from the end) among n: 0 .. n - 1, or
 * SIZE_MAX. */
size_t l_position(lua_Integer i, size_t n);

/* Raises `runtime` when a's memory was freed. */
void l_checklive(lua_State *L, const struct lunq_array *a);
/* Adds the properties' numbers, as l_buffer_property takes them, to the table on top. */
void l_buffer_properties(lua_State *L);
int l_buffer_property(lua_State *L, int p);

extern const luaL_Reg l_buffer_ops[], l_buffer_operators[], l_buffer_views[], l_buffer_lists[];
void l_open_allocate(lua_State *L);

#endif
