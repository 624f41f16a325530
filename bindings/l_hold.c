/* l_hold.c - memory a device may still read or write, for engines written in Lua (lunq.engine).
 *   local h = core.hold(buffer [, start [, nbytes]])   -- bytes; nbytes nil or 0: to the end
 *   h:address()  h:nbytes()                            -- of the part that is held
 *   h:sync_to_device()  h:sync_from_device()           -- exactly these bytes
 *   h:release()                                        -- may be repeated
 *   core.is_stale(mmio)                                --> its design was replaced
 * Until release the memory is not given back, whatever becomes of the buffer: see lunq_mem_hold.
 * There is no finalizer on purpose. A hold that nobody can reach any more says nothing about the
 * hardware: only who stopped that may release it, and if nobody does, memory is lost instead of
 * being written while it belongs to somebody else. */
#include <inttypes.h>

#include "l_buffer.h"
#include "l_mmio.h"

typedef struct l_hold {
    struct lunq_mem *mem; /* with a reference and a hold; NULL: released */
    uint64_t address;
    size_t offset, size;
} l_hold;

static int hold_new(lua_State *L)
{
    uint64_t start, n;
    struct lunq_array *a;
    struct lunq_error e;
    size_t size;
    l_hold *h;
    lua_settop(L, 3);
    start = lua_isnil(L, 2) ? 0 : l_checksize(L, 2, "start");
    n = lua_isnil(L, 3) ? 0 : l_checksize(L, 3, "nbytes");
    h = l_new(L, L_HOLD, sizeof *h, 0);
    h->mem = NULL;
    a = l_checkdma(L, 1); /* after the last allocation: a finalizer may close buffers */
    size = lunq_array_nbytes(a);
    if (start >= size || n > size - start)
        return l_fail(L, LUNQ_VALUE,
                      "Transfer of %" PRIu64 " bytes from byte %" PRIu64
                      " is outside the buffer of %zu bytes.",
                      n, start, size);
    if (lunq_array_address(a, &h->address, &e) < 0)
        return l_raise(L, &e);
    h->address += start;
    h->offset = a->offset + (size_t)start;
    h->size = n ? (size_t)n : size - (size_t)start;
    h->mem = lunq_mem_ref(a->mem);
    lunq_mem_hold(h->mem);
    return 1;
}

static int hold_release(lua_State *L)
{
    l_hold *h = l_check(L, 1, L_HOLD);
    struct lunq_mem *mem = h->mem;
    h->mem = NULL;
    if (mem) {
        lunq_mem_release(mem); /* our reference is still there */
        lunq_mem_unref(mem);
    }
    return 0;
}

static int sync(lua_State *L, enum lunq_sync dir)
{
    l_hold *h = l_check(L, 1, L_HOLD);
    struct lunq_error e;
    if (!h->mem)
        return l_fail(L, LUNQ_RUNTIME, "This hold was released.");
    if (lunq_mem_sync(h->mem, h->offset, h->size, dir, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

static int hold_to_device(lua_State *L)
{
    return sync(L, LUNQ_TO_DEVICE);
}

static int hold_from_device(lua_State *L)
{
    return sync(L, LUNQ_FROM_DEVICE);
}

static int hold_address(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)((l_hold *)l_check(L, 1, L_HOLD))->address);
    return 1;
}

static int hold_nbytes(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)((l_hold *)l_check(L, 1, L_HOLD))->size);
    return 1;
}

static int hold_tostring(lua_State *L)
{
    const l_hold *h = l_check(L, 1, L_HOLD);
    lua_pushfstring(L, "Hold of %I bytes at %p%s", (LUAI_UACINT)h->size,
                    (void *)(uintptr_t)h->address, h->mem ? "" : " (released)");
    return 1;
}

static int is_stale(lua_State *L)
{
    lua_pushboolean(L, l_checkmmio(L, 1)->stale);
    return 1;
}

static const luaL_Reg methods[] = {{"release", hold_release},
                                   {"sync_to_device", hold_to_device},
                                   {"sync_from_device", hold_from_device},
                                   {"address", hold_address},
                                   {"nbytes", hold_nbytes},
                                   {NULL, NULL}};
static const luaL_Reg meta[] = {{"__tostring", hold_tostring}, {NULL, NULL}};

void l_open_hold(lua_State *L)
{
    l_type(L, L_HOLD, "lunq.Hold", methods, meta);
    lua_pushcfunction(L, hold_new);
    lua_setfield(L, -2, "hold");
    lua_pushcfunction(L, is_stale);
    lua_setfield(L, -2, "is_stale");
}
