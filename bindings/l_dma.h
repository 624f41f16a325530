/* l_dma.h - what l_dma.c and l_dma_channel.c share. */
#ifndef L_DMA_H
#define L_DMA_H

#include "../host/core/dma.h"
#include "lunq_lua.h"

typedef struct l_dma {
    struct lunq_dma *dma;   /* NULL: closed */
    struct lunq_mmio *regs; /* NULL once closed */
    bool working;           /* between l_dma_begin and l_dma_end */
    unsigned waiting;       /* waits for its transfers under way */
} l_dma;

/* The open engine behind u, else raises `runtime`. */
struct lunq_dma *l_dma_open(lua_State *L, const l_dma *u);
/* The same for work that touches registers. On a simulated device each access may run a model in
 * Lua, and what that does must not reach into the work under way: until l_dma_end, l_dma_begin and
 * close raise; so they do in a model while somebody waits for a transfer. Nothing in between may
 * raise. */
struct lunq_dma *l_dma_begin(lua_State *L, l_dma *u);
static inline void l_dma_end(l_dma *u)
{
    u->working = false;
}
/* True while l_dma_begin would raise because of that. */
static inline bool l_dma_at_work(lua_State *L, const l_dma *u)
{
    return u->working || (u->waiting && l_context(L)->in_model);
}
/* Pushes the channel of the engine at idx, or nil when the design leaves it out. */
void l_push_dma_channel(lua_State *L, int idx, enum lunq_dma_dir dir);
/* The channel at idx and its engine. */
l_dma *l_checkdmachannel(lua_State *L, int idx, enum lunq_dma_dir *dir);
void l_open_dma_channel(lua_State *L);
void l_open_dma_ring(lua_State *L);

#endif
