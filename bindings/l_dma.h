/* l_dma.h - what l_dma.c and l_dma_channel.c share. */
#ifndef L_DMA_H
#define L_DMA_H

#include "../host/core/dma.h"
#include "lunq_lua.h"

typedef struct l_dma {
    struct lunq_dma *dma;   /* NULL: closed */
    struct lunq_mmio *regs; /* NULL once closed */
} l_dma;

/* The open engine behind u, else raises `runtime`. */
struct lunq_dma *l_dma_open(lua_State *L, const l_dma *u);
/* Pushes the channel of the engine at idx, or nil when the design leaves it out. */
void l_push_dma_channel(lua_State *L, int idx, enum lunq_dma_dir dir);
void l_open_dma_channel(lua_State *L);

#endif
