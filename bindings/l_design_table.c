#include "l_design.h"
int l_design_from_table(lua_State *L)
{
    return l_fail(L, LUNQ_UNSUPPORTED, "not yet");
}
