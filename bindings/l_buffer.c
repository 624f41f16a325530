#include "lunq_lua.h"

void l_open_buffer(lua_State *L)
{
    (void)L;
}
