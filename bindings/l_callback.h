/* l_callback.h - calling functions a script left with us for later: callbacks of luv, of lunq.on.
 * An error in there has nobody to go to. It is shown with its traceback, and work goes on. */
#ifndef L_CALLBACK_H
#define L_CALLBACK_H

#include "lunq_lua.h"

/* As lua_pcall: calls the function below narg arguments. LUA_OK, or the error has been shown as
 * "A callback of WHAT failed: ..." and nothing is left on the stack. Ctrl-C is not shown: it ends
 * the wait of the main thread instead. */
int l_callback(lua_State *L, int narg, int nres, const char *what);

/* Shows the error value on top of L, raised in co (L itself or a task), with co's traceback. */
void l_show_error(lua_State *L, lua_State *co, const char *who, const char *what);

void l_open_callback(lua_State *L);

#endif
