#include "lunq_lua.h"

void l_open_mmio(lua_State *L)
{
    (void)L;
}
