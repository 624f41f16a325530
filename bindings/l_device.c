#include "lunq_lua.h"

void l_open_device(lua_State *L)
{
    (void)L;
}
