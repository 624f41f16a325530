#include "lunq_lua.h"

void l_open_model(lua_State *L)
{
    (void)L;
}
