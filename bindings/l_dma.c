/* l_dma.c - the engine of an AXI DMA, the Lua face of host/core/dma.h. drivers/axi_dma.lua makes
 * the driver of it.
 *   local engine = core.dma(mmio, "axi_dma_0", parameters [, { mm2s = pin, s2mm = pin }])
 *      -- the interrupts, as interrupt_pins has them; true: enabled, but nobody knows where it arrives
 *   engine:channel("mm2s")  --> lunq.DMAChannel, or nil when the design leaves it out
 *   engine:reset()          -- both channels; ends their transfers
 *   engine:release()        -- ends transfers under way, before the design is replaced
 *   engine:explain()        --> registers decoded, likely cause
 *   engine:limits()         --> mode "simple" | "sg" | "micro", max, length_width, align, ...
 *   engine:close()          -- may be repeated */
#include "l_dma.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "l_mmio.h"

struct lunq_dma *l_dma_open(lua_State *L, const l_dma *u)
{
    if (!u->dma)
        l_fail(L, LUNQ_RUNTIME, "DMA engine is closed: use the objects of the loaded overlay.");
    return u->dma;
}

static void check_rest(lua_State *L, const l_dma *u)
{
    if (l_dma_at_work(L, u))
        l_fail(L, LUNQ_RUNTIME,
               "The DMA engine is at work: it can't be used from inside its own "
               "transfer or wait (by a model, for example).");
}

struct lunq_dma *l_dma_begin(lua_State *L, l_dma *u)
{
    struct lunq_dma *dma = l_dma_open(L, u);
    check_rest(L, u);
    u->working = true;
    return dma;
}

/* ---- parameters ---------------------------------------------------------------------------- */

struct table {
    lua_State *L;
    int idx;
};

/* A number, a boolean, or text as HWH has it: decimal, 0x..., true, false. */
static int64_t value_at_top(lua_State *L, const char *name, int64_t otherwise)
{
    const char *s;
    char *end;
    int64_t v;
    int ok;
    if (lua_isboolean(L, -1))
        return lua_toboolean(L, -1);
    if (lua_isnil(L, -1))
        return otherwise;
    if (lua_type(L, -1) == LUA_TNUMBER) {
        v = lua_tointegerx(L, -1, &ok);
        return ok ? v : l_fail(L, LUNQ_VALUE, "parameter %s should be a whole number", name);
    }
    if (lua_type(L, -1) != LUA_TSTRING)
        return l_fail(L, LUNQ_TYPE, "parameter %s should be a number, not %s", name,
                      luaL_typename(L, -1));
    s = lua_tostring(L, -1);
    if (!strcmp(s, "true") || !strcmp(s, "false"))
        return *s == 't';
    v = strtoll(s, &end, !strncmp(s, "0x", 2) || !strncmp(s, "0X", 2) ? 16 : 10);
    return *s && !*end
               ? v
               : l_fail(L, LUNQ_VALUE, "parameter %s should be a number, not \"%s\"", name, s);
}

/* Designs spell parameters in lower case, in upper case, or both. */
static int64_t table_param(void *ctx, const char *name, int64_t otherwise)
{
    struct table *t = ctx;
    char upper[64];
    size_t i;
    int64_t v;
    for (i = 0; i < sizeof upper - 1 && name[i]; i++)
        upper[i] = (char)toupper((unsigned char)name[i]);
    upper[i] = 0;
    if (lua_getfield(t->L, t->idx, name) == LUA_TNIL) {
        lua_pop(t->L, 1);
        lua_getfield(t->L, t->idx, upper);
    }
    v = value_at_top(t->L, name, otherwise);
    lua_pop(t->L, 1);
    return v;
}

static const char *const dir_names[] = {"mm2s", "s2mm"};

static bool has_irq(lua_State *L, int idx, enum lunq_dma_dir dir)
{
    bool v;
    if (!lua_istable(L, idx))
        return false;
    lua_getfield(L, idx, dir_names[dir]);
    v = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return v;
}

static int64_t pin_number(lua_State *L, const char *name)
{
    int64_t v;
    lua_getfield(L, -1, name);
    v = l_optint(L, lua_gettop(L), name, -1);
    lua_pop(L, 1);
    return v;
}

/* Tells the engine where an interrupt arrives, out of the table of options at idx. */
static void wire(lua_State *L, int idx, struct lunq_dma *dma, enum lunq_dma_dir dir)
{
    const char *pin, *controller = NULL;
    int64_t index, raw;
    struct lunq_error e;
    if (!lua_istable(L, idx) || lua_getfield(L, idx, dir_names[dir]) != LUA_TTABLE)
        return;
    idx = lua_gettop(L);
    lua_getfield(L, idx, "fullpath");
    pin = l_checkstr(L, -1, "fullpath", NULL);
    lua_getfield(L, idx, "controller");
    if (!lua_isnil(L, -1))
        controller = l_checkstr(L, -1, "controller", NULL);
    lua_pushvalue(L, idx);
    index = pin_number(L, "index");
    raw = pin_number(L, "raw_irq");
    if (lunq_dma_wire(dma, dir, pin, controller, index < 0 ? 0 : (unsigned)index, (int)raw, &e) < 0)
        l_raise(L, &e);
}

/* ---- life ---------------------------------------------------------------------------------- */

static int dma_new(lua_State *L)
{
    struct lunq_mmio *regs = l_checkmmio(L, 1);
    const char *name = l_checkstr(L, 2, "name", NULL);
    struct table t = {L, 3};
    struct lunq_dma_params p;
    struct lunq_error e;
    l_dma *u;
    if (!lua_istable(L, 3))
        return l_fail(L, LUNQ_TYPE, "parameters should be a table, not %s", luaL_typename(L, 3));
    if (lunq_dma_params_read(&p, table_param, &t, &e) < 0)
        return l_raise(L, &e);
    lua_settop(L, 4);
    p.irq[LUNQ_MM2S] = has_irq(L, 4, LUNQ_MM2S);
    p.irq[LUNQ_S2MM] = has_irq(L, 4, LUNQ_S2MM);
    u = l_new(L, L_DMA, sizeof *u, 0);
    /* A window of its own: whoever closes the script's window does not take the engine's means of
     * stopping a transfer away. */
    if (lunq_mmio_open(&u->regs, regs->dev, regs->addr, regs->asked, regs->bound, &e) < 0 ||
        lunq_dma_open(&u->dma, u->regs, name, &p, &e) < 0)
        return l_raise(L, &e);
    wire(L, 4, u->dma, LUNQ_MM2S);
    wire(L, 4, u->dma, LUNQ_S2MM);
    lua_settop(L, 5);
    return 1;
}

static int dma_close(lua_State *L) /* :close(), __close and __gc */
{
    l_dma *u = l_check(L, 1, L_DMA);
    l_dma was = *u;
    check_rest(L, u);
    u->dma = NULL;
    u->regs = NULL;
    lunq_dma_close(was.dma);
    lunq_mmio_unref(was.regs);
    return 0;
}

/* ---- methods ------------------------------------------------------------------------------- */

static int dma_channel(lua_State *L)
{
    struct lunq_dma *dma = l_dma_open(L, l_check(L, 1, L_DMA));
    const char *name = l_checkstr(L, 2, "channel", NULL);
    enum lunq_dma_dir dir = strcmp(name, "mm2s") ? LUNQ_S2MM : LUNQ_MM2S;
    if (dir == LUNQ_S2MM && strcmp(name, "s2mm"))
        return l_fail(L, LUNQ_VALUE, "a channel is \"mm2s\" or \"s2mm\", not \"%s\"", name);
    if (!lunq_dma_params(dma)->include[dir])
        lua_pushnil(L);
    else
        l_push_dma_channel(L, 1, dir);
    return 1;
}

static int dma_reset(lua_State *L)
{
    l_dma *u = l_check(L, 1, L_DMA);
    struct lunq_error e;
    int r = lunq_dma_reset(l_dma_begin(L, u), &e);
    l_dma_end(u);
    if (r < 0)
        return l_raise(L, &e);
    return 0;
}

static int dma_release(lua_State *L)
{
    l_dma *u = l_check(L, 1, L_DMA);
    struct lunq_error e;
    int r = lunq_dma_release(l_dma_begin(L, u), &e);
    l_dma_end(u);
    if (r < 0)
        return l_raise(L, &e);
    return 0;
}

static int dma_explain(lua_State *L)
{
    l_dma *u = l_check(L, 1, L_DMA);
    char text[2048];
    lunq_dma_explain(l_dma_begin(L, u), text, sizeof text);
    l_dma_end(u);
    lua_pushstring(L, text);
    return 1;
}

/* engine:limits() --> { mode=, max=, length_width=, addr_width=, align={mm2s=,s2mm=}, dre={...} } */
static int dma_limits(lua_State *L)
{
    const struct lunq_dma_params *p = lunq_dma_params(l_dma_open(L, l_check(L, 1, L_DMA)));
    lua_createtable(L, 0, 6);
    lua_pushstring(L, p->sg ? "sg" : p->micro ? "micro" : "simple");
    lua_setfield(L, -2, "mode");
    lua_pushinteger(L, (lua_Integer)((UINT64_C(1) << p->length_width) - 1));
    lua_setfield(L, -2, "max");
    lua_pushinteger(L, p->length_width);
    lua_setfield(L, -2, "length_width");
    lua_pushinteger(L, p->addr_width);
    lua_setfield(L, -2, "addr_width");
    lua_createtable(L, 0, 2);
    for (int d = 0; d < 2; d++) {
        lua_pushinteger(L, p->align[d]);
        lua_setfield(L, -2, dir_names[d]);
    }
    lua_setfield(L, -2, "align");
    lua_createtable(L, 0, 2);
    for (int d = 0; d < 2; d++) {
        lua_pushboolean(L, p->dre[d]);
        lua_setfield(L, -2, dir_names[d]);
    }
    lua_setfield(L, -2, "dre");
    return 1;
}

static int dma_tostring(lua_State *L)
{
    l_dma *u = l_check(L, 1, L_DMA);
    if (!u->dma)
        lua_pushliteral(L, "DMA (closed)");
    else
        lua_pushfstring(L, "DMA %s at %p", lunq_dma_params(u->dma)->sg ? "sg" : "simple",
                        (void *)(uintptr_t)u->regs->addr);
    return 1;
}

static const luaL_Reg methods[] = {{"channel", dma_channel},
                                   {"reset", dma_reset},
                                   {"release", dma_release},
                                   {"explain", dma_explain},
                                   {"limits", dma_limits},
                                   {"close", dma_close},
                                   {NULL, NULL}};
static const luaL_Reg meta[] = {
    {"__gc", dma_close}, {"__close", dma_close}, {"__tostring", dma_tostring}, {NULL, NULL}};

void l_open_dma(lua_State *L)
{
    l_type(L, L_DMA, "lunq.DMA", methods, meta);
    l_open_dma_channel(L);
    l_open_dma_ring(L);
    lua_pushcfunction(L, dma_new);
    lua_setfield(L, -2, "dma");
}
