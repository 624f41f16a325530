#include "lunq_lua.h"

void l_open_dma(lua_State *L)
{
    (void)L;
}
