#include "lunq_lua.h"

void l_open_design(lua_State *L)
{
    (void)L;
}
