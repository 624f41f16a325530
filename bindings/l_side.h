/* l_side.h - what is beside the data of a stream, in Lua { id = TID, dest = TDEST, user = TUSER }. */
#ifndef L_SIDE_H
#define L_SIDE_H

#include "../host/core/axis.h"
#include "lunq_lua.h"

/* The one at idx; fields it lacks are 0, and so are all without it. users: NULL, or filled where `user` is a list of
 * one for each beat, which then is in memory on top of the stack; else its list is NULL. Raises `type`. */
struct lunq_axis_side l_check_side(lua_State *L, int idx, struct lunq_axis_users *users);

void l_push_side(lua_State *L, const struct lunq_axis_side *side);

#endif
