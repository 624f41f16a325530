/* fuzz_loader.c - the text-only loader of Lua (bindings/l_loader.c): whatever the bytes are, they
 * compile as source or are refused with a message, and bytecode is always refused. Nothing that
 * loads is run: the target is the compiler's door, not what scripts do. */
#include <stdlib.h>
#include <string.h>

#include "../bindings/lunq_lua.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lua_State *L = luaL_newstate();
    int status;
    if (!L)
        return 0;
    l_context_new(L);
    status = l_load_text(L, (const char *)data, size, "=fuzz");
    if (status == LUA_OK && (size > 0 && data[0] == (uint8_t)*LUA_SIGNATURE))
        abort(); /* bytecode got in */
    if (status == LUA_OK && !lua_isfunction(L, -1))
        abort();
    if (status != LUA_OK && lua_type(L, -1) != LUA_TSTRING)
        abort();
    l_context_close(L);
    lua_close(L);
    return 0;
}
