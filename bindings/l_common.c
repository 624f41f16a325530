/* l_common.c - the context, types, checks and errors of lunq_lua.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/core/coverage.h"
#include "../host/core/flight.h"
#include "../host/core/run.h"
#include "l_callback.h"
#include "l_task.h"
#include "lunq_lua.h"

static const char *const class_names[L_CLASSES] = {
    [L_DESIGN] = "lunq.Design",
    [L_DEVICE] = "lunq.Device",
    [L_REGISTER] = "lunq.Register",
    [L_BUFFER] = "lunq.Buffer",
    [L_DMA] = "lunq.DMA",
    [L_DMA_CHANNEL] = "lunq.DMAChannel",
    [L_DMA_RING] = "lunq.DMARingCore",
    [L_MODEL] = "lunq.Model",
    [L_BATCH] = "lunq.Batch",
    [L_BITSTREAM] = "lunq.Bitstream",
    [L_LOCKFILE] = "lunq.ProgramLock",
    [L_DT] = "lunq.DeviceTree",
    [L_IRQ] = "lunq.InterruptPin",
    [L_IRQ_HOLD] = "lunq.InterruptWait",
    [L_HOLD] = "lunq.Hold",
    [L_PEER] = "lunq.AttachedPeer",
    [L_WAVE] = "lunq.Wave",
    [L_SERVE] = "lunq.Served",
    [L_AXIS] = "lunq.StreamEnd",
    [L_PROGRESS] = "lunq.Progress",
    [L_TASK] = "lunq.Task",
    [L_EVENT] = "lunq.Event",
    [L_GPIO] = "lunq.GPIO",
    [L_KERNEL] = "lunq.Kernel",
    [L_RUN] = "lunq.Run",
};

struct l_context *l_context_new(lua_State *L)
{
    struct l_context *ctx = lua_newuserdatauv(L, sizeof *ctx, 0);
    memset(ctx, 0, sizeof *ctx);
    ctx->main = ctx->running = L;
    lua_rawsetp(L, LUA_REGISTRYINDEX, (void *)class_names);
    *(struct l_context **)lua_getextraspace(L) = ctx;
    ctx->calls = lua_newthread(L); /* copies the extra space */
    lua_rawsetp(L, LUA_REGISTRYINDEX, (void *)&class_names[1]);
    return ctx;
}

void l_context_close(lua_State *L)
{
    struct l_context *ctx = l_context(L);
    l_tasks_close(L);
    l_luv_close(L);
    for (size_t i = 0; i < ctx->n_devices; i++) {
        lunq_runs_close(ctx->devices[i]);
        lunq_device_unref(ctx->devices[i]);
    }
    ctx->n_devices = 0;
    lunq_device_unref(ctx->active);
    ctx->active = NULL;
    lunq_set_warning_hook(NULL, NULL);
    lunq_flight_stop();
    lunq_coverage_stop();
}

void l_type(lua_State *L, enum l_class c, const char *name, const luaL_Reg *methods,
            const luaL_Reg *meta)
{
    if (luaL_newmetatable(L, name)) { /* sets __name */
        lua_pushstring(L, name);
        lua_setfield(L, -2, "__metatable");
        luaL_setfuncs(L, meta, 0);
        if (methods) {
            lua_newtable(L);
            luaL_setfuncs(L, methods, 0);
            if (lua_getfield(L, -2, "__index") == LUA_TNIL) { /* no C function of its own */
                lua_pushvalue(L, -2);
                lua_setfield(L, -4, "__index");
            }
            lua_pop(L, 1);
            lua_setfield(L, -2, "methods"); /* for help and completion */
        }
        l_context(L)->meta[c] = lua_topointer(L, -1);
    }
    lua_pop(L, 1);
}

void l_fields(lua_State *L, const char *class_name, lua_CFunction index, const char *const *names)
{
    luaL_getmetatable(L, class_name);
    lua_newtable(L);
    for (; *names; names++) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, *names);
    }
    lua_setfield(L, -2, "properties");
    if (index) {
        lua_getfield(L, -1, "methods");
        lua_pushcclosure(L, index, 1);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}

void *l_new(lua_State *L, enum l_class c, size_t size, int uv)
{
    void *p = lua_newuserdatauv(L, size, uv);
    memset(p, 0, size);
    luaL_setmetatable(L, class_names[c]);
    return p;
}

void *l_test(lua_State *L, int idx, enum l_class c)
{
    void *p = lua_touserdata(L, idx);
    const void *mt;
    if (!p || !lua_getmetatable(L, idx))
        return NULL;
    mt = lua_topointer(L, -1);
    lua_pop(L, 1);
    return mt == l_context(L)->meta[c] ? p : NULL;
}

static const char *type_name(lua_State *L, int idx)
{
    if (luaL_getmetafield(L, idx, "__name") == LUA_TSTRING)
        return lua_tostring(L, -1); /* the metatable keeps it alive */
    return lua_type(L, idx) == LUA_TLIGHTUSERDATA ? "light userdata" : luaL_typename(L, idx);
}

int l_wrong_type(lua_State *L, int idx, const char *wanted)
{
    l_fail(L, LUNQ_TYPE, "argument %d should be a %s, not %s%s", idx, wanted,
           lua_isnone(L, idx) ? "nothing" : type_name(L, idx),
           idx == 1 ? " (a method needs ':', as in obj:name())" : "");
}

void *l_check_slow(lua_State *L, int idx, enum l_class c)
{
    void *p = l_test(L, idx, c);
    if (!p)
        l_wrong_type(L, idx, class_names[c]);
    return p;
}

/* ---- errors -------------------------------------------------------------------------------- */

static int error_tostring(lua_State *L)
{
    if (lua_getfield(L, 1, "message") != LUA_TSTRING)
        lua_pushliteral(L, "(error without message)");
    return 1;
}

void l_push_error(lua_State *L, const struct lunq_error *e)
{
    lua_createtable(L, 0, 2);
    lua_pushstring(L, lunq_kind_name(e->kind));
    lua_setfield(L, -2, "kind");
    lua_pushstring(L, e->message);
    lua_setfield(L, -2, "message");
    if (e->fault) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "fault");
    }
    luaL_setmetatable(L, "lunq.Error");
}

int l_raise(lua_State *L, const struct lunq_error *e)
{
    l_push_error(L, e);
    lua_error(L);
    __builtin_unreachable(); /* lua.h does not say that lua_error never returns */
}

int l_fail(lua_State *L, int kind, const char *fmt, ...)
{
    struct lunq_error e;
    va_list ap;
    e.kind = kind;
    e.fault = false;
    va_start(ap, fmt);
    vsnprintf(e.message, sizeof e.message, fmt, ap);
    va_end(ap);
    l_raise(L, &e);
}

void l_open_error(lua_State *L)
{
    if (luaL_newmetatable(L, "lunq.Error")) {
        lua_pushcfunction(L, error_tostring);
        lua_setfield(L, -2, "__tostring");
    }
    lua_setfield(L, -2, "error_meta");
}

/* ---- fields -------------------------------------------------------------------------------- */

void l_set_integer(lua_State *L, const char *key, uint64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, key);
}

void l_set_boolean(lua_State *L, const char *key, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, key);
}

void l_set_text(lua_State *L, const char *key, const char *value)
{
    lua_pushstring(L, value); /* NULL pushes nil */
    lua_setfield(L, -2, key);
}

/* ---- checks -------------------------------------------------------------------------------- */

static int bad_arg(lua_State *L, int idx, const char *what, const char *wanted)
{
    return l_fail(L, LUNQ_TYPE, "%s should be %s, not %s", what, wanted,
                  lua_isnone(L, idx) ? "nothing" : type_name(L, idx));
}

int64_t l_checkint(lua_State *L, int idx, const char *what)
{
    int ok;
    int64_t v = lua_tointegerx(L, idx, &ok);
    if (ok && lua_type(L, idx) == LUA_TNUMBER)
        return v;
    if (lua_type(L, idx) == LUA_TNUMBER)
        return l_fail(L, LUNQ_VALUE, "%s should be a whole number, not %g", what,
                      lua_tonumber(L, idx));
    return bad_arg(L, idx, what, "a whole number");
}

int64_t l_optint(lua_State *L, int idx, const char *what, int64_t otherwise)
{
    return lua_isnoneornil(L, idx) ? otherwise : l_checkint(L, idx, what);
}

uint64_t l_checksize(lua_State *L, int idx, const char *what)
{
    int64_t v = l_checkint(L, idx, what);
    if (v < 0)
        return (uint64_t)l_fail(L, LUNQ_VALUE, "%s cannot be negative (%" PRId64 ")", what, v);
    return (uint64_t)v;
}

size_t l_checkcount(lua_State *L, int idx, const char *what)
{
    uint64_t v = l_checksize(L, idx, what);
    return v > SIZE_MAX ? SIZE_MAX : (size_t)v;
}

double l_optnum(lua_State *L, int idx, const char *what, double otherwise)
{
    if (lua_isnoneornil(L, idx))
        return otherwise;
    if (lua_type(L, idx) != LUA_TNUMBER)
        return bad_arg(L, idx, what, "a number");
    return lua_tonumber(L, idx);
}

const char *l_checkstr(lua_State *L, int idx, const char *what, size_t *len)
{
    if (lua_type(L, idx) != LUA_TSTRING)
        bad_arg(L, idx, what, "a string");
    return lua_tolstring(L, idx, len);
}

uint64_t l_checkword(lua_State *L, int idx, unsigned width, const char *what)
{
    int64_t v = l_checkint(L, idx, what);
    if (width < 8 && (v < -(INT64_C(1) << (8 * width - 1)) || v >= INT64_C(1) << (8 * width)))
        return (uint64_t)l_fail(L, LUNQ_VALUE, "%s %" PRId64 " does not fit in %u bits", what, v,
                                8 * width);
    return width < 8 ? (uint64_t)v & ((UINT64_C(1) << (8 * width)) - 1) : (uint64_t)v;
}

/* ---- warnings ------------------------------------------------------------------------------- */

/* Registry key of the hook: the address of this variable. */
static const char hook_key;

/* hook(category, text), with both as light userdata so that nothing is allocated unprotected. */
static int call_hook(lua_State *L)
{
    const char *category = lua_touserdata(L, 1), *text = lua_touserdata(L, 2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &hook_key);
    lua_pushstring(L, category);
    lua_pushstring(L, text);
    lua_call(L, 2, 0);
    return 0;
}

static int hook_failed(lua_State *L)
{
    luaL_tolstring(L, 1, NULL);
    return 1;
}

/* Warnings come out of C code anywhere, which expects lunq_warn to return. */
static void warning_to_lua(void *ptr, const char *category, const char *text)
{
    struct l_context *ctx = ptr;
    lua_State *L = ctx->calls;
    if (!lua_checkstack(L, 4)) {
        fprintf(stderr, "lunq: warning: %s\n", text);
        return;
    }
    lua_pushcfunction(L, hook_failed);
    lua_pushcfunction(L, call_hook);
    lua_pushlightuserdata(L, (void *)category);
    lua_pushlightuserdata(L, (void *)text);
    if (lua_pcall(L, 2, 0, -4) != LUA_OK) {
        const char *why = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";
        fprintf(stderr, "lunq: warning: %s\nlunq: the warning hook failed: %s\n", text, why);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* core.warn(category, text): a warning, on standard error or to the hook. */
static int warn(lua_State *L)
{
    lunq_warn(l_checkstr(L, 1, "category", NULL), "%s", l_checkstr(L, 2, "text", NULL));
    return 0;
}

/* core.set_warning_hook(function or nil): what gets category and text of each warning from now on. */
static int set_warning_hook(lua_State *L)
{
    if (!lua_isnoneornil(L, 1) && !lua_isfunction(L, 1))
        return l_fail(L, LUNQ_TYPE, "the warning hook should be a function or nil, not %s",
                      luaL_typename(L, 1));
    lua_settop(L, 1);
    if (lua_isnil(L, 1))
        lunq_set_warning_hook(NULL, NULL);
    else
        lunq_set_warning_hook(warning_to_lua, l_context(L));
    lua_rawsetp(L, LUA_REGISTRYINDEX, &hook_key);
    return 0;
}

static const luaL_Reg warning_functions[] = {
    {"warn", warn}, {"set_warning_hook", set_warning_hook}, {NULL, NULL}};

/* ---- the module ---------------------------------------------------------------------------- */

const char l_core_key;

int luaopen_lunq_core(lua_State *L)
{
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &l_core_key);
    l_open_error(L);
    luaL_setfuncs(L, warning_functions, 0);
    lua_pushnumber(L, 10); /* lunq.time_limit: seconds a wait is limited to */
    lua_setfield(L, -2, "time_limit");
    lua_pushliteral(L, LUNQ_VERSION);
    lua_setfield(L, -2, "version");
    l_open_system(L);
    l_open_linux(L);
    l_open_lockfile(L);
    l_open_design(L);
    l_open_device(L);
    l_open_mmio(L);
    l_open_register(L);
    l_open_buffer(L);
    l_open_dma(L);
    l_open_hold(L);
    l_open_irq(L);
    l_open_gpio(L);
    l_open_pci(L);
    l_open_kernel(L);
    l_open_clocks(L);
    l_open_model(L);
    l_open_peer(L);
    l_open_wave(L);
    l_open_rtl(L);
    l_open_serve(L);
    l_open_axis(L);
    l_open_progress(L);
    l_open_flight(L);
    l_open_coverage(L);
    l_open_loader(L);
    l_open_task(L);
    l_open_event(L);
    l_open_callback(L);
    return 1;
}
