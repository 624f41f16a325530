/* l_kernel_call.c - calling a kernel: which value is which argument, packing, what it waits for.
 * Numbers that fit and buffers are packed here; everything else, and what to say when something does
 * not fit, is asked of lunq.kernel.arguments. */
#include <string.h>

#include "l_buffer.h"
#include "l_kernel.h"
#include "l_run.h"

/* What a call says besides arguments. */
struct options {
    int waitfor;    /* stack index; 0: nothing */
    double seconds; /* < 0: lunq.time_limit */
};

enum { SELF = 1, FIRST = 2 };

/* The arguments say what is wrong: they raise. */
static int complain(lua_State *L, const char *method, size_t i, int idx)
{
    l_kernel_ask(L, method, i, idx);
    return l_fail(L, LUNQ_TYPE, "wrong arguments for a kernel");
}

/* ---- packing ------------------------------------------------------------------------------------ */

static bool fits(lua_Integer v, const struct l_packing *p)
{
    int64_t half = p->bits < 64 ? INT64_C(1) << (p->bits - 1) : 0;
    if (p->code == L_PACK_SIGNED)
        return p->bits == 64 || (v >= -half && v < half);
    return p->bits == 64 || (v >= 0 && v >> p->bits == 0);
}

static void set_buffer(lua_State *L, const struct l_packing *p, struct lunq_run *r, int idx)
{
    const struct lunq_array *a = &((const l_buffer *)lua_touserdata(L, idx))->a;
    struct lunq_error e;
    int rc = 0;
    if (a->mem->dev || lunq_mem_gone(a->mem)) /* of a host array the run says more */
        rc = lunq_array_check_dma(a, &e);
    if (rc < 0)
        lunq_fail_in(&e, "%s: argument %s", l_kernel_name(r->kernel),
                     r->kernel->args[p->index].name);
    else
        rc = lunq_run_set_buffer(r, p->index, a->mem, a->offset, &e);
    if (rc < 0)
        l_raise(L, &e);
}

/* What C has no rule for: text in, bytes out. */
static void set_encoded(lua_State *L, const struct l_packing *p, struct lunq_run *r, size_t i,
                        int idx)
{
    struct lunq_error e;
    const char *bytes;
    size_t n;
    l_kernel_ask(L, "encode", i + 1, idx);
    bytes = l_checkstr(L, -1, "an encoded argument", &n);
    if (lunq_run_set(r, p->index, bytes, n, &e) < 0)
        l_raise(L, &e);
    lua_pop(L, 1);
}

/* The value at idx as argument i of a call. The run keeps the kernel: code of the script's that runs
 * meanwhile may close u. */
static void set_argument(lua_State *L, const l_kernel *u, struct lunq_run *r, size_t i, int idx)
{
    const struct l_packing *p = &u->p[i];
    const void *data;
    struct lunq_error e;
    uint64_t size = r->kernel->args[p->index].size;
    int64_t v;
    float f4;
    double f8;
    if (p->code == L_PACK_BUFFER && l_test(L, idx, L_BUFFER)) {
        set_buffer(L, p, r, idx);
        return;
    }
    if ((p->code == L_PACK_SIGNED || p->code == L_PACK_UNSIGNED) && size <= sizeof v &&
        lua_isinteger(L, idx) && fits(v = lua_tointeger(L, idx), p)) {
        data = &v; /* little endian: the lowest bytes come first */
    } else if (p->code == L_PACK_FLOAT && lua_type(L, idx) == LUA_TNUMBER) {
        f4 = (float)lua_tonumber(L, idx);
        data = &f4;
    } else if (p->code == L_PACK_DOUBLE && lua_type(L, idx) == LUA_TNUMBER) {
        f8 = lua_tonumber(L, idx);
        data = &f8;
    } else {
        set_encoded(L, p, r, i, idx);
        return;
    }
    if (lunq_run_set(r, p->index, data, (size_t)size, &e) < 0)
        l_raise(L, &e);
}

/* ---- which value is which argument -------------------------------------------------------------- */

static double check_seconds(lua_State *L, int idx)
{
    double seconds = l_optnum(L, idx, "timeout", -1);
    if (!lua_isnoneornil(L, idx) && !(seconds >= 0))
        l_fail(L, LUNQ_VALUE, "timeout should be a number of seconds, at least 0");
    return seconds;
}

/* The options in the table at idx, whose waitfor stays on the stack; their number. */
static size_t read_options(lua_State *L, int idx, struct options *o)
{
    size_t n = 0;
    if (lua_getfield(L, idx, "timeout") != LUA_TNIL) {
        o->seconds = check_seconds(L, -1);
        n++;
    }
    lua_pop(L, 1);
    o->waitfor = lua_gettop(L) + 1;
    return lua_getfield(L, idx, "waitfor") == LUA_TNIL ? n : n + 1;
}

static size_t count_entries(lua_State *L, int idx)
{
    size_t n = 0;
    lua_pushnil(L);
    for (; lua_next(L, idx); lua_pop(L, 1))
        n++;
    return n;
}

/* One plain table with names in it, or with nothing. */
static bool says_names(lua_State *L, int given)
{
    bool names;
    if (given != 1 || !lua_istable(L, FIRST) || lua_getmetatable(L, FIRST))
        return false;
    lua_pushnil(L);
    if (!lua_next(L, FIRST))
        return true;
    names = lua_type(L, -2) == LUA_TSTRING;
    lua_pop(L, 2);
    return names;
}

static void by_name(lua_State *L, const l_kernel *u, struct lunq_run *r, struct options *o)
{
    size_t said = u->n;
    for (size_t i = 0; i < u->n; i++) {
        if (lua_getfield(L, FIRST, r->kernel->args[u->p[i].index].name) == LUA_TNIL)
            complain(L, "left_out", i + 1, FIRST);
        set_argument(L, u, r, i, lua_gettop(L));
        lua_pop(L, 1);
    }
    said += read_options(L, FIRST, o);
    if (count_entries(L, FIRST) != said)
        complain(L, "unknown", 0, FIRST);
}

/* The last value is a table of options, or nil, when it is one too many. */
static void by_position(lua_State *L, const l_kernel *u, struct lunq_run *r, int given,
                        struct options *o)
{
    size_t n = (size_t)given;
    int last = SELF + given;
    if (n == u->n + 1 && lua_istable(L, last) && !lua_getmetatable(L, last)) {
        if (count_entries(L, last) != read_options(L, last, o))
            complain(L, "unknown_option", 0, last);
    } else if (n != u->n && !(n == u->n + 1 && lua_isnil(L, last))) {
        complain(L, "miscounted", n, n ? last : SELF);
    }
    for (size_t i = 0; i < u->n; i++)
        set_argument(L, u, r, i, FIRST + (int)i);
}

/* ---- predecessors ------------------------------------------------------------------------------- */

enum { FEW = 32 };

/* The runs at idx, a list or one run: fills at most `room` of list and returns how many there are. */
static size_t read_runs(lua_State *L, int idx, struct lunq_run **list, size_t room)
{
    size_t n = 0;
    if (!lua_toboolean(L, idx))
        return 0;
    if (!lua_istable(L, idx)) {
        list[0] = l_checkrun(L, idx);
        return 1;
    }
    lua_pushnil(L);
    for (; lua_next(L, idx); lua_pop(L, 1)) {
        struct lunq_run *r = lua_toboolean(L, -1) ? l_checkrun(L, -1) : NULL;
        if (r && n++ < room)
            list[n - 1] = r;
    }
    return n;
}

/* Starts the run on top of the stack after those of waitfor. */
static void start_after(lua_State *L, struct lunq_run *r, int waitfor)
{
    struct lunq_run *few[FEW], **list = few;
    struct lunq_error e;
    size_t n = waitfor ? read_runs(L, waitfor, few, FEW) : 0;
    if (n > FEW) {
        list = lua_newuserdatauv(L, n * sizeof *list, 0);
        size_t now = read_runs(L, waitfor, list, n); /* finalizers may have run */
        n = now < n ? now : n;
    }
    if (lunq_run_start(r, list, n, &e) < 0)
        l_raise(L, &e);
}

/* ---- calls -------------------------------------------------------------------------------------- */

/* Starts the kernel at SELF with the arguments behind it. The run is on top of the stack then. */
static l_run *begin(lua_State *L, struct options *o)
{
    int given = lua_gettop(L) - 1, at = lua_gettop(L) + 1;
    l_run *h = l_newrun(L);
    l_kernel *u = l_kernel_open(L);
    l_run_begin(L, h, u->k);
    if (says_names(L, given))
        by_name(L, u, h->r, o);
    else
        by_position(L, u, h->r, given, o);
    start_after(L, h->r, o->waitfor);
    lua_settop(L, at);
    return h;
}

/* k:start(...): starts it and does not wait. Arguments in the order of k.signature, or one table of them
 * by name; last, or among the names, { waitfor = a list of runs that have to complete before }.
 * Gives a lunq.Run. Raises `type`, `value`, `attribute` for wrong arguments, `runtime` when the design
 * is not loaded any more. */
int l_kernel_start(lua_State *L)
{
    struct options o = {0, -1};
    begin(L, &o);
    return 1;
}

/* k:call(...): starts it and waits until it is done. Arguments as start takes them; { timeout = } gives
 * it so many seconds instead of lunq.time_limit. Raises as start, `timeout`, and how the run failed. */
int l_kernel_call(lua_State *L)
{
    struct options o = {0, -1};
    l_run *h = begin(L, &o);
    return l_run_wait(L, h, o.seconds < 0 ? l_opttimeout(L, lua_gettop(L) + 1) : o.seconds);
}

/* A call by the IP that upvalue 2 is, of the kernel that upvalue 1 is. */
static void check_ip(lua_State *L)
{
    if (!lua_rawequal(L, 1, lua_upvalueindex(2)))
        l_fail(L, LUNQ_TYPE, "call and start are methods of an IP: ip:call(...), with a colon");
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_replace(L, SELF);
}

static int ip_call(lua_State *L)
{
    check_ip(L);
    return l_kernel_call(L);
}

static int ip_start(lua_State *L)
{
    check_ip(L);
    return l_kernel_start(L);
}

/* core.kernel_methods(kernel, ip): ip.call and ip.start. */
int l_kernel_methods(lua_State *L)
{
    static const lua_CFunction functions[] = {ip_call, ip_start};
    l_check(L, 1, L_KERNEL);
    lua_settop(L, 2);
    for (int i = 0; i < 2; i++) {
        lua_pushvalue(L, 1);
        lua_pushvalue(L, 2);
        lua_pushcclosure(L, functions[i], 2);
    }
    return 2;
}
