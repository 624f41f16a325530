/* l_device.h - the Lua object of a device, for the files that add methods to it. */
#ifndef LUNQ_L_DEVICE_H
#define LUNQ_L_DEVICE_H

#include "lunq_lua.h"

typedef struct l_devobj {
    struct lunq_device *d; /* NULL: closed. User value 1: the Lua design that is loaded */
} l_devobj;

/* The open device at idx; raises `type` or, for a closed one, `runtime`. */
struct lunq_device *l_checkdevice(lua_State *L, int idx);

extern const luaL_Reg l_sim_methods[];  /* l_sim.c */
extern const luaL_Reg l_peer_methods[]; /* l_peer.c */
extern const luaL_Reg l_rtl_methods[];  /* l_rtl.c */

/* l_rtl.c: its cycles, 0 without RTL; and what "rtl:FILE.lua" says, for a device that was just opened,
 * whose object is on top of the stack. */
uint64_t l_rtl_cycle(struct lunq_device *d);
uint64_t l_rtl_stress(struct lunq_device *d); /* 0: none */
/* And for l_sim.c: :trace(path[, ip]), and the end of all such files. */
struct lunq_sim;
int l_rtl_trace(lua_State *L);
void l_rtl_trace_end(struct lunq_sim *s);
void l_rtl_opened(lua_State *L, struct lunq_device *d);

#endif
