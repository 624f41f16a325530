#include "lunq_lua.h"

void l_open_register(lua_State *L)
{
    (void)L;
}
