/* l_kernel.c - lunq.Kernel: one or several compute units of a kernel of a card, the Lua face of
 * host/core/kernel.h. lua/lunq/kernel.lua gives its calls to the IP of an overlay; they are in
 * l_kernel_call.c.
 *   local k = core.kernel(device, design, { "vadd_1", "vadd_2" }, arguments)   -- lunq.kernel.arguments
 *   k:call(a, b, c, n)                      -- starts it and waits
 *   k:call { a = a, b = b, c = c, n = 4 }   -- by name
 *   local h = k:start(a, b, c, n, { waitfor = { h1, h2 } })   --> lunq.Run, see l_run.c
 *   k.name, k.units, k.device, k.signature, k.args            -- #k: the number of units
 *   k:close()                               -- runs under way go on
 *   core.kernel_activity(device)            -- what all of them are doing, for live views */
#include "l_kernel.h"

#include <string.h>

#include "l_design.h"
#include "l_device.h"

enum { SELF = 1, ARGUMENTS = 1 };

/* ---- opening ---------------------------------------------------------------------------------- */

static size_t find_unit(lua_State *L, const struct lunq_card *card, int idx)
{
    const char *name = l_checkstr(L, idx, "the name of a compute unit", NULL);
    for (size_t i = 0; i < card->n_cus; i++)
        if (!strcmp(card->cus[i].name, name))
            return i;
    return (size_t)l_fail(L, LUNQ_ATTRIBUTE, "the design has no compute unit %.100s", name);
}

/* The list of names at idx, as indices in a userdata that is pushed. */
static size_t *read_units(lua_State *L, const struct lunq_card *card, int idx, size_t *n)
{
    size_t *units;
    if (!lua_istable(L, idx))
        l_fail(L, LUNQ_TYPE, "the compute units should be a list of names, not %s",
               luaL_typename(L, idx));
    *n = lua_rawlen(L, idx);
    if (*n > card->n_cus)
        l_fail(L, LUNQ_VALUE, "the design has %zu compute units, not %zu", card->n_cus, *n);
    units = lua_newuserdatauv(L, (*n + 1) * sizeof *units, 0);
    for (size_t i = 0; i < *n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        units[i] = find_unit(L, card, -1);
        lua_pop(L, 1);
    }
    return units;
}

/* The entry on top: { index =, code =, bits = }, as lunq.kernel.arguments makes them. */
static struct l_packing read_packing(lua_State *L, size_t n_args)
{
    static const char *const codes[] = {"buffer", "signed", "unsigned", "float",
                                        "double", "other",  NULL};
    struct l_packing p = {.code = L_PACK_OTHER};
    int64_t index = (lua_getfield(L, -1, "index"), l_checkint(L, -1, "index"));
    int64_t bits = (lua_getfield(L, -2, "bits"), l_optint(L, -1, "bits", 64));
    const char *code = (lua_getfield(L, -3, "code"), l_checkstr(L, -1, "code", NULL));
    if (index < 0 || (uint64_t)index >= n_args || bits < 1 || bits > 64)
        l_fail(L, LUNQ_VALUE, "arguments: there is no such index or width");
    for (int i = 0; codes[i]; i++)
        if (!strcmp(code, codes[i]))
            p.code = (unsigned char)i;
    p.index = (unsigned short)index;
    p.bits = (unsigned char)bits;
    lua_pop(L, 3);
    return p;
}

static void read_packings(lua_State *L, int idx, l_kernel *u, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        u->p[i] = read_packing(L, u->k->n_args);
        lua_pop(L, 1);
    }
    u->n = n;
}

/* core.kernel(device, design, units, arguments): opens compute units of one kernel, given as a list of
 * names. Raises `runtime` when another design is loaded, `value` when the units differ in their
 * arguments, `unsupported` when it can't be started (ap_ctrl_none, user_managed) or the device runs no
 * kernels. */
static int kernel_new(lua_State *L)
{
    struct lunq_device *d = l_checkdevice(L, 1);
    struct l_design *design = l_check(L, 2, L_DESIGN);
    struct lunq_error e;
    l_kernel *u;
    size_t *units, n_units, n;
    lua_settop(L, 4);
    if (!design->d)
        return l_fail(L, LUNQ_RUNTIME, "Design is closed.");
    units = read_units(L, &design->d->card, 3, &n_units);
    lua_getfield(L, 4, "packing");
    n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;
    if (n > 64)
        return l_fail(L, LUNQ_VALUE, "a kernel has 64 arguments at most");
    u = l_new(L, L_KERNEL, sizeof *u + n * sizeof *u->p, 1);
    lua_pushvalue(L, 4);
    lua_setiuservalue(L, -2, ARGUMENTS);
    if (l_checkdevice(L, 1) != d || lunq_kernel_open(&u->k, d, design->d, units, n_units, &e) < 0)
        return l_raise(L, &e);
    read_packings(L, lua_absindex(L, -2), u, n);
    return 1;
}

static int kernel_close(lua_State *L) /* :close(), __close and __gc */
{
    l_kernel *u = l_check(L, 1, L_KERNEL);
    struct lunq_kernel *k = u->k;
    u->k = NULL;
    lunq_kernel_unref(k);
    return 0;
}

/* ---- for all of its files -------------------------------------------------------------------- */

l_kernel *l_kernel_open(lua_State *L)
{
    l_kernel *u = l_check(L, SELF, L_KERNEL);
    if (!u->k)
        l_fail(L, LUNQ_RUNTIME, "Kernel is closed: its overlay was freed. Load it again.");
    return u;
}

void l_kernel_ask(lua_State *L, const char *method, size_t i, int idx)
{
    idx = lua_absindex(L, idx);
    luaL_checkstack(L, 6, NULL);
    lua_getiuservalue(L, SELF, ARGUMENTS);
    lua_getfield(L, -1, method);
    lua_insert(L, -2);
    lua_pushinteger(L, (lua_Integer)i);
    lua_pushvalue(L, idx);
    lua_call(L, 3, 1);
}

/* ---- fields ------------------------------------------------------------------------------------- */

const char *l_kernel_name(const struct lunq_kernel *k)
{
    return k->n_cus == 1 ? k->cus[0]->name : k->cus[0]->kernel;
}

static void push_units(lua_State *L, const struct lunq_kernel *k)
{
    lua_createtable(L, (int)k->n_cus, 0);
    for (size_t i = 0; i < k->n_cus; i++) {
        lua_pushstring(L, k->cus[i]->name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static int kernel_index(lua_State *L)
{
    l_kernel *u = l_check(L, SELF, L_KERNEL);
    const char *key;
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (!strcmp(key, "signature") || !strcmp(key, "args"))
        l_kernel_ask(L, key, 0, 2);
    else if (!strcmp(key, "closed"))
        lua_pushboolean(L, !u->k);
    else if (!strcmp(key, "name"))
        lua_pushstring(L, l_kernel_name(l_kernel_open(L)->k));
    else if (!strcmp(key, "units"))
        push_units(L, l_kernel_open(L)->k);
    else if (!strcmp(key, "device"))
        l_push_device(L, l_kernel_open(L)->k->dev);
    else
        return l_fail(L, LUNQ_ATTRIBUTE,
                      "a kernel has no \"%s\": call, start, close, name, units, device, signature, "
                      "args",
                      luaL_tolstring(L, 2, NULL));
    return 1;
}

static int kernel_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)l_kernel_open(L)->k->n_cus);
    return 1;
}

static int kernel_tostring(lua_State *L)
{
    const l_kernel *u = l_check(L, SELF, L_KERNEL);
    luaL_Buffer b;
    if (!u->k) {
        lua_pushliteral(L, "Kernel (closed)");
        return 1;
    }
    luaL_buffinit(L, &b);
    lua_pushfstring(L, "Kernel %s of %s", u->k->cus[0]->kernel, u->k->dev->name);
    luaL_addvalue(&b);
    for (size_t i = 0; u->k && i < u->k->n_cus; i++) {
        luaL_addstring(&b, i ? ", " : ": ");
        luaL_addstring(&b, u->k->cus[i]->name);
    }
    luaL_pushresult(&b);
    return 1;
}

/* core.kernel_activity(device): the open kernels, a list of { units = { names }, name, running, waiting,
 * ended }: how many runs the card has, wait for others, have ended. For live views; asks no card. */
static int kernel_activity(lua_State *L)
{
    const struct lunq_device *d = l_checkdevice(L, 1);
    lua_Integer n = 0;
    lua_newtable(L);
    for (const struct lunq_kernel *k = d->kernels; k; k = k->next) {
        size_t running, waiting;
        lunq_kernel_runs(k, &running, &waiting);
        lua_createtable(L, 0, 5);
        push_units(L, k);
        lua_setfield(L, -2, "units");
        l_set_text(L, "name", l_kernel_name(k));
        l_set_integer(L, "running", running);
        l_set_integer(L, "waiting", waiting);
        l_set_integer(L, "ended", k->ended);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

/* ---- registration ------------------------------------------------------------------------------- */

static const luaL_Reg methods[] = {
    {"call", l_kernel_call}, {"start", l_kernel_start}, {"close", kernel_close}, {NULL, NULL}};
static const luaL_Reg meta[] = {{"__gc", kernel_close},
                                {"__close", kernel_close},
                                {"__len", kernel_len},
                                {"__tostring", kernel_tostring},
                                {NULL, NULL}};
static const luaL_Reg functions[] = {{"kernel", kernel_new},
                                     {"kernel_methods", l_kernel_methods},
                                     {"kernel_activity", kernel_activity},
                                     {"kernel_arguments", l_kernel_arguments},
                                     {NULL, NULL}};

static const char *const fields[] = {"args",      "closed", "device", "name",
                                     "signature", "units",  NULL};

void l_open_kernel(lua_State *L)
{
    l_type(L, L_KERNEL, "lunq.Kernel", methods, meta);
    l_fields(L, "lunq.Kernel", kernel_index, fields);
    luaL_setfuncs(L, functions, 0);
    l_open_run(L);
}
