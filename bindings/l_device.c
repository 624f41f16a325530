/* l_device.c - lunq.Device: opening devices, the active one, and what a script may ask a device.
 *   local d <close> = core.device_open("sim?seed=7")
 *   d:program(design)                  d.loads, d.serial, d.name, d.kind, d.design, d.memory.bytes
 *   d.root                             -- a board with Linux: what stands before /proc, /sys, /dev, "" but in tests
 *   d.lost                             -- the last program failed, and what was there before is gone
 *   d.open.windows, d.open.interrupts  -- register windows and waits for interrupts, now
 *   d.ranges                          --> { { name = "bar0", base, size }, ... }: what lunq.MMIO takes
 *     by name, on any design
 *   d:now(), d:advance(1000)           -- nanoseconds of device time
 *   core.active_device(), core.active_device(d), core.devices()
 *   core.device_choice([asked [, root]]) --> what a program is started with, why, and an error or nil
 *   core.device_names([text])         --> list: what a text stands for, "sim:alveo*4" for four cards
 *   core.device_kinds()               --> {"sim", ...}: the kinds of devices this build has, and a
 *     list of those only others have
 * The context holds every open device, so that one stays open between a script's objects; close()
 * gives it back, and memory and windows that are still in use keep the C side alive. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../host/core/irq.h"
#include "../host/core/mmio.h"
#include "../host/core/run.h"
#include "l_design.h"
#include "l_device.h"
#include "l_wait.h"

static const char objects; /* its address is the registry key: device address -> userdata, weak */

/* ---- the list of open devices -------------------------------------------------------------- */

static bool is_listed(const struct l_context *ctx, const struct lunq_device *d)
{
    for (size_t i = 0; i < ctx->n_devices; i++)
        if (ctx->devices[i] == d)
            return true;
    return false;
}

static void unlist(struct l_context *ctx, struct lunq_device *d)
{
    for (size_t i = 0; i < ctx->n_devices; i++) {
        if (ctx->devices[i] != d)
            continue;
        memmove(&ctx->devices[i], &ctx->devices[i + 1],
                (--ctx->n_devices - i) * sizeof *ctx->devices);
        lunq_device_unref(d);
        return;
    }
}

static void list(lua_State *L, struct lunq_device *d)
{
    struct l_context *ctx = l_context(L);
    size_t max = sizeof ctx->devices / sizeof *ctx->devices;
    if (ctx->n_devices == max)
        lua_gc(L, LUA_GCCOLLECT); /* closes those nobody can reach */
    if (ctx->n_devices == max)
        l_fail(L, LUNQ_DEVICE, "%zu devices are open, which is the most there can be: close one.",
               max);
    ctx->devices[ctx->n_devices++] = lunq_device_ref(d);
}

void l_push_device(lua_State *L, struct lunq_device *d)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &objects);
    if (lua_rawgetp(L, -1, d) == LUA_TNIL) {
        l_devobj *u = l_new(L, L_DEVICE, sizeof *u, 1);
        u->d = lunq_device_ref(d);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, -4, d);
        lua_remove(L, -2);
    }
    lua_remove(L, -2);
}

struct lunq_device *l_checkdevice(lua_State *L, int idx)
{
    l_devobj *u = l_check(L, idx, L_DEVICE);
    if (!u->d)
        l_fail(L, LUNQ_RUNTIME, "Device is closed.");
    return u->d;
}

/* Opens into a new userdata, which is then on top. */
static struct lunq_device *open_device(lua_State *L, const char *spec)
{
    struct lunq_error e;
    l_devobj *u = l_new(L, L_DEVICE, sizeof *u, 1);
    int r = lunq_device_open(&u->d, spec, &e);
    if (r == LUNQ_MEMORY) { /* six simulated boards fill the addresses of a 32-bit program */
        lua_gc(L, LUA_GCCOLLECT);
        r = lunq_device_open(&u->d, spec, &e);
    }
    if (r < 0)
        l_raise(L, &e);
    l_model_provide(L, u->d);
    l_rtl_opened(L, u->d);
    list(L, u->d);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &objects);
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, u->d);
    lua_pop(L, 1);
    return u->d;
}

static void set_active(struct l_context *ctx, struct lunq_device *d)
{
    struct lunq_device *old = ctx->active;
    ctx->active = lunq_device_ref(d);
    lunq_device_unref(old);
}

/* The devices a program is started with. Raises what keeps it from a board. */
static const char *default_device(lua_State *L, struct lunq_choice *c)
{
    struct lunq_error e;
    if (lunq_device_choose(c, getenv("LUNQ_DEVICE"), getenv("LUNQ_ROOT"), &e) < 0)
        l_raise(L, &e);
    return c->spec;
}

/* The active device; the first use opens the one LUNQ_DEVICE names, or the first of several. */
static struct lunq_device *active_device(lua_State *L)
{
    struct l_context *ctx = l_context(L);
    char name[1][LUNQ_DEVICE_NAME];
    struct lunq_choice choice;
    struct lunq_error e;
    if (ctx->active)
        return ctx->active;
    if (lunq_device_list(default_device(L, &choice), name, 1, &e) < 0)
        l_raise(L, &e);
    set_active(ctx, open_device(L, name[0]));
    lua_pop(L, 1);
    return ctx->active;
}

struct lunq_device *l_device(lua_State *L, int idx)
{
    return lua_isnoneornil(L, idx) ? active_device(L) : l_checkdevice(L, idx);
}

/* ---- module functions ---------------------------------------------------------------------- */

static int device_open(lua_State *L)
{
    open_device(L, l_checkstr(L, 1, "device", NULL));
    return 1;
}

static int device_kinds(lua_State *L)
{
    const char *kind;
    lua_newtable(L);
    for (size_t i = 0; (kind = lunq_device_kind(i)); i++) {
        lua_pushstring(L, kind);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_newtable(L);
    for (size_t i = 0; (kind = lunq_device_kind_elsewhere(i)); i++) {
        lua_pushstring(L, kind);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 2;
}

/* core.device_choice([asked [, root]]) --> text, why, error: the device a program is started with when
 * LUNQ_DEVICE is `asked` and LUNQ_ROOT is `root` (nil: what they are); why it is that one ("as asked for", "no
 * board here", the board's model); and for a board that can't be used the error that says what to do. */
static int device_choice(lua_State *L)
{
    const char *asked =
        lua_isnoneornil(L, 1) ? getenv("LUNQ_DEVICE") : l_checkstr(L, 1, "device", NULL);
    const char *root = lua_isnoneornil(L, 2) ? getenv("LUNQ_ROOT") : l_checkstr(L, 2, "root", NULL);
    struct lunq_choice c;
    struct lunq_error e;
    int r = lunq_device_choose(&c, asked, root, &e);
    lua_pushstring(L, c.spec);
    lua_pushstring(L, c.why);
    if (r == 0)
        return 2;
    l_push_error(L, &e);
    return 3;
}

/* core.device_names([text]): the devices a text stands for, each as the text that opens it; LUNQ_DEVICE's
 * when no text is given. Raises `value`, `device`. */
static int device_names(lua_State *L)
{
    struct l_context *ctx = l_context(L);
    char names[sizeof ctx->devices / sizeof *ctx->devices][LUNQ_DEVICE_NAME];
    struct lunq_choice choice;
    struct lunq_error e;
    const char *spec =
        lua_isnoneornil(L, 1) ? default_device(L, &choice) : l_checkstr(L, 1, "device", NULL);
    int max = (int)(sizeof names / sizeof *names),
        n = lunq_device_list(spec, names, (size_t)max, &e);
    if (n < 0)
        return l_raise(L, &e);
    if (n > max)
        return l_fail(L, LUNQ_DEVICE, "%s stands for %d devices; %d can be open.", spec, n, max);
    lua_createtable(L, n, 0);
    for (int i = 0; i < n; i++) {
        lua_pushstring(L, names[i]);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

/* core.active_device([device]) --> device; nil to open the default only when it is needed */
static int device_active(lua_State *L)
{
    if (!lua_isnoneornil(L, 1)) {
        struct lunq_device *d = l_checkdevice(L, 1);
        set_active(l_context(L), d);
    }
    l_push_device(L, active_device(L));
    return 1;
}

static int device_list(lua_State *L)
{
    struct l_context *ctx = l_context(L);
    lua_createtable(L, (int)ctx->n_devices, 0);
    for (size_t i = 0; i < ctx->n_devices; i++) {
        l_push_device(L, ctx->devices[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* ---- methods ------------------------------------------------------------------------------- */

/* :program(design[, { bitstream=, region=, overlay=, overlay_name=, secure=, key= }]): loads a design as it is, without the
 * clocks and drivers lunq.Overlay brings. overlay: a lunq.DeviceTree that names the bitstream; the Linux of a
 * board loads it by applying that. secure, key: as lunq.secure gives them. */
static int device_program(lua_State *L)
{
    struct lunq_device *d = l_checkdevice(L, 1);
    struct lunq_program p = {0};
    struct lunq_error e;
    p.design = ((struct l_design *)l_check(L, 2, L_DESIGN))->d;
    if (!p.design)
        return l_fail(L, LUNQ_RUNTIME, "Design is closed.");
    if (!lua_isnoneornil(L, 3)) {
        if (!lua_istable(L, 3))
            return l_fail(L, LUNQ_TYPE, "options of program should be a table, not %s",
                          luaL_typename(L, 3));
        lua_settop(L, 3);
        if (lua_getfield(L, 3, "bitstream") != LUA_TNIL)
            p.bitstream = *(struct lunq_bitstream **)l_check(L, 4, L_BITSTREAM);
        if (lua_getfield(L, 3, "region") != LUA_TNIL)
            p.region = l_checkstr(L, 5, "region", NULL);
        if (lua_getfield(L, 3, "overlay") != LUA_TNIL) {
            p.overlay = l_check_dt(L, 6);
            lua_getfield(L, 3, "overlay_name");
            p.overlay_name = l_checkstr(L, 7, "overlay_name", NULL);
        }
        lua_settop(L, 7);
        if (lua_getfield(L, 3, "secure") != LUA_TNIL)
            p.secure = (unsigned)luaL_checkinteger(L, 8);
        if (lua_getfield(L, 3, "key") != LUA_TNIL && lua_rawlen(L, 9) == LUNQ_KEY_DIGITS)
            p.key = l_checkstr(L, 9, "key", NULL);
    }
    if (lunq_device_program(d, &p, &e) < 0) {
        lua_pushnil(L);
        if (!d->design)
            lua_setiuservalue(L, 1, 1);
        return l_raise(L, &e);
    }
    if (!p.region) {
        lua_pushvalue(L, 2);
        lua_setiuservalue(L, 1, 1);
    }
    return 0;
}

/* :adopt(design): a design that is loaded already, by another program, is taken for what the device has; nothing
 * is done to the hardware. */
static int device_adopt(lua_State *L)
{
    struct lunq_device *d = l_checkdevice(L, 1);
    struct lunq_design *design = ((struct l_design *)l_check(L, 2, L_DESIGN))->d;
    if (!design)
        return l_fail(L, LUNQ_RUNTIME, "Design is closed.");
    lunq_device_adopt(d, design);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, 1, 1);
    return 0;
}

static int device_now(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)lunq_device_now(l_checkdevice(L, 1)));
    return 1;
}

static int advance_alone(void *data, bool late, struct lunq_error *err)
{
    (void)data, (void)err;
    return late;
}

/* Drivers look, let time pass and look again, also where Lua can't suspend. */
static const struct l_op advance_op = {.what = "the end of a sleep", .alone = advance_alone};

/* :advance(ns) lets device time pass; real hardware simply waits that long. */
static int device_advance(lua_State *L)
{
    struct lunq_device *d = l_checkdevice(L, 1);
    uint64_t ns = l_checksize(L, 2, "nanoseconds"), now = lunq_device_now(d);
    uint64_t until = ns > UINT64_MAX - 1 - now ? UINT64_MAX - 1 : now + ns;
    struct lunq_wait w;
    struct lunq_error e;
    int r = 0;
    if (l_wait_shared(L)) /* half a nanosecond more: whole ones stay what they are */
        return l_wait(L, &advance_op, NULL, d, ((double)ns + 0.5) / 1e9, NULL);
    lunq_wait_begin(&w, d, -1);
    w.deadline = until;
    while (r == 0 && lunq_device_now(d) < until)
        r = lunq_wait_step(&w, &e);
    return r < 0 && r != LUNQ_TIMEOUT ? l_raise(L, &e) : 0;
}

/* What is allocated in bank i, as fields of the table on top. */
static void set_usage(lua_State *L, const struct lunq_device *d, size_t i)
{
    lua_Integer bytes = 0, n = 0;
    for (const struct lunq_mem *m = d->memory; m; m = m->next) {
        if (m->bank != i)
            continue;
        bytes += (lua_Integer)m->size;
        n++;
    }
    l_set_integer(L, "used", bytes);
    l_set_integer(L, "buffers", n);
}

/* :banks(): a list of { name, base, size, coherent, used (bytes), buffers (how many) }. */
static int device_banks(lua_State *L)
{
    struct lunq_device *d = l_checkdevice(L, 1);
    lua_createtable(L, (int)d->n_banks, 0);
    for (size_t i = 0; i < d->n_banks; i++) {
        lua_createtable(L, 0, 4);
        l_set_text(L, "name", d->banks[i].name);
        l_set_integer(L, "base", d->banks[i].base);
        l_set_integer(L, "size", d->banks[i].size);
        l_set_boolean(L, "coherent", d->banks[i].coherent);
        set_usage(L, d, i);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* __gc: only this handle goes. The device stays while it is active or something uses it. */
static int device_gc(lua_State *L)
{
    l_devobj *u = l_check(L, 1, L_DEVICE);
    struct l_context *ctx = l_context(L);
    struct lunq_device *d = u->d;
    u->d = NULL;
    if (!d)
        return 0;
    if (d->refs == 2 && d != ctx->active && is_listed(ctx, d))
        unlist(ctx, d); /* the list and this handle are all there was */
    lunq_device_unref(d);
    return 0;
}

/* :close() ends its runs of kernels and takes the device off the list. May be repeated. */
static int device_close(lua_State *L)
{
    l_devobj *u = l_check(L, 1, L_DEVICE);
    struct l_context *ctx = l_context(L);
    struct lunq_device *d = u->d;
    if (!d)
        return 0;
    l_not_in_model(L, "a device");
    u->d = NULL;
    lunq_runs_close(d); /* a run that waits for ever would hold the device as long */
    unlist(ctx, d);
    if (ctx->active == d) {
        ctx->active = NULL;
        lunq_device_unref(d);
    }
    lua_pushnil(L);
    lua_setiuservalue(L, 1, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &objects);
    lua_pushnil(L);
    lua_rawsetp(L, -2, d); /* its address may be used again */
    lunq_device_unref(d);
    return 0;
}

static int device_tostring(lua_State *L)
{
    l_devobj *u = l_check(L, 1, L_DEVICE);
    if (!u->d)
        lua_pushliteral(L, "Device (closed)");
    else
        lua_pushfstring(L, "Device %s", u->d->name);
    return 1;
}

/* { windows = register windows that are open, interrupts = waits under way } */
static void push_open(lua_State *L, const struct lunq_device *d)
{
    lua_Integer windows = 0;
    for (const struct lunq_mmio *m = d->windows; m; m = m->next)
        windows++;
    lua_createtable(L, 0, 2);
    l_set_integer(L, "windows", windows);
    l_set_integer(L, "interrupts", lunq_irq_waiting(d));
}

static void push_memory(lua_State *L, const struct lunq_device *d)
{
    lua_createtable(L, 0, 2);
    l_set_integer(L, "bytes", d->mem_bytes);
    l_set_integer(L, "count", d->mem_count);
}

/* A list of { name, base, size }. */
static void push_ranges(lua_State *L, struct lunq_device *d)
{
    struct lunq_device_range range;
    lua_newtable(L);
    for (size_t i = 0; d->ops->range && d->ops->range(d, i, &range); i++) {
        lua_createtable(L, 0, 3);
        l_set_text(L, "name", range.name);
        l_set_integer(L, "base", range.base);
        l_set_integer(L, "size", range.size);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_stress(lua_State *L, uint64_t seed)
{
    if (seed)
        lua_pushinteger(L, (lua_Integer)seed);
    else
        lua_pushnil(L);
}

/* Fields; methods are looked up first, in upvalue 1. */
static int device_index(lua_State *L)
{
    l_devobj *u = l_check(L, 1, L_DEVICE);
    const char *key;
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (!strcmp(key, "closed"))
        lua_pushboolean(L, !u->d);
    else if (!strcmp(key, "name"))
        lua_pushstring(L, l_checkdevice(L, 1)->name);
    else if (!strcmp(key, "kind"))
        lua_pushstring(L, l_checkdevice(L, 1)->ops->kind);
    else if (!strcmp(key, "needs_bitstream"))
        lua_pushboolean(L, l_checkdevice(L, 1)->ops->needs_bitstream);
    else if (!strcmp(key, "loads"))
        lua_pushinteger(L, (lua_Integer)l_checkdevice(L, 1)->loads);
    else if (!strcmp(key, "serial"))
        lua_pushinteger(L, (lua_Integer)l_checkdevice(L, 1)->serial);
    else if (!strcmp(key, "lost"))
        lua_pushboolean(L, l_checkdevice(L, 1)->lost);
    else if (!strcmp(key, "root"))
        lua_pushstring(L, l_checkdevice(L, 1)->root);
    else if (!strcmp(key, "cycle"))
        lua_pushinteger(L, (lua_Integer)l_rtl_cycle(l_checkdevice(L, 1)));
    else if (!strcmp(key, "stress"))
        push_stress(L, l_rtl_stress(l_checkdevice(L, 1)));
    else if (!strcmp(key, "time"))
        lua_pushnumber(L, (lua_Number)lunq_device_now(l_checkdevice(L, 1)) / 1e9);
    else if (!strcmp(key, "direct"))
        lua_pushboolean(L, l_checkdevice(L, 1)->direct);
    else if (!strcmp(key, "design"))
        lua_getiuservalue(L, 1, 1);
    else if (!strcmp(key, "ranges"))
        push_ranges(L, l_checkdevice(L, 1));
    else if (!strcmp(key, "memory"))
        push_memory(L, l_checkdevice(L, 1));
    else if (!strcmp(key, "open"))
        push_open(L, l_checkdevice(L, 1));
    else
        return l_no_such_name(L, "lunq.Device", 2, lua_upvalueindex(1));
    return 1;
}

static const luaL_Reg methods[] = {
    {"program", device_program},
    {"adopt", device_adopt},
    {"now", device_now},
    {"advance", device_advance},
    {"banks", device_banks},
    {"close", device_close},
    {NULL, NULL},
};

static const luaL_Reg meta[] = {
    {"__gc", device_gc},
    {"__close", device_close},
    {"__tostring", device_tostring},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"device_open", device_open},
    {"active_device", device_active},
    {"devices", device_list},
    {"device_names", device_names},
    {"device_kinds", device_kinds},
    {"device_choice", device_choice},
    {NULL, NULL},
};

static const char *const fields[] = {
    "closed", "cycle",           "time", "design", "direct", "kind",   "loads",  "lost", "memory",
    "name",   "needs_bitstream", "open", "ranges", "root",   "serial", "stress", NULL};

void l_open_device(lua_State *L)
{
    l_type(L, L_DEVICE, "lunq.Device", methods, meta);
    luaL_getmetatable(L, "lunq.Device");
    lua_getfield(L, -1, "methods");
    luaL_setfuncs(L, l_sim_methods, 0);
    luaL_setfuncs(L, l_peer_methods, 0);
    luaL_setfuncs(L, l_rtl_methods, 0);
    lua_pop(L, 2);
    l_fields(L, "lunq.Device", device_index, fields);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &objects) == LUA_TNIL) {
        lua_newtable(L);
        lua_createtable(L, 0, 1);
        lua_pushliteral(L, "v");
        lua_setfield(L, -2, "__mode");
        lua_setmetatable(L, -2);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &objects);
    }
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
