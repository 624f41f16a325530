/* l_luv.c - require "luv": Debian's lua-luv on LUNQ's own event loop. luv makes a loop of its own
 * unless it is given one before it opens (luv_set_loop, in the library itself), so it is loaded
 * here, and not by Lua's searcher. What it starts is served whenever a script or a task waits. */
#include <dlfcn.h>
#include <lualib.h>
#include <math.h>
#include <string.h>

#include "l_callback.h"
#include "l_wait.h"

static const char module_key; /* registry: the module, once it was loaded */

/* ---- calling back ---------------------------------------------------------------------------- */

enum { NO_EXIT = 1 }; /* LUVF_CALLBACK_NOEXIT of luv.h */

typedef int luv_pcall(lua_State *L, int narg, int nres, int flags);
typedef int luv_cpcall(lua_State *L, lua_CFunction f, void *arg, int flags);

static struct {
    void (*set_loop)(lua_State *L, struct uv_loop_s *loop);
    void (*set_callback)(lua_State *L, luv_pcall *f);
    void (*set_thread)(lua_State *L, luv_pcall *f);
    void (*set_cthread)(lua_State *L, luv_cpcall *f);
    void (*set_thread_cb)(lua_State *(*acquire)(void), void (*release)(lua_State *L));
    luv_pcall *pcall;
    luv_cpcall *cpcall;
    lua_CFunction open;
} luv;

static struct lunq_event called_back; /* for uv.run "once" */

/* luv's own ends the process at the first error of a callback. */
static int call_back(lua_State *L, int narg, int nres, int flags)
{
    int top = lua_gettop(L) - narg - 1, status = l_callback(L, narg, nres, "luv");
    (void)flags;
    lunq_event_set(&called_back, 0);
    return status == LUA_OK ? lua_gettop(L) - top : -status;
}

/* In luv's threads: its own function, which prints the error, but with the process going on. */
static int call_in_thread(lua_State *L, int narg, int nres, int flags)
{
    return luv.pcall(L, narg, nres, flags | NO_EXIT);
}

static int call_c_in_thread(lua_State *L, lua_CFunction f, void *arg, int flags)
{
    return luv.cpcall(L, f, arg, flags | NO_EXIT);
}

/* The state of a new thread, as luv's own makes it; it knows nothing of LUNQ. */
static lua_State *new_thread_state(void)
{
    lua_State *L = luaL_newstate();
    if (!L)
        return NULL;
    luaL_openlibs(L);
    luv.set_thread(L, call_in_thread);
    luv.set_cthread(L, call_c_in_thread);
    luaL_requiref(L, "luv", luv.open, 0);
    lua_settop(L, 0);
    return L;
}

/* ---- running the loop ------------------------------------------------------------------------ */

static int push_alive(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    (void)data, (void)count, (void)when;
    lua_pushboolean(L, lunq_loop_uv_alive());
    return 1;
}

static const struct l_op run_op = {.what = "the handles of luv", .push = push_alive};

/* uv.run([mode]) waits as everything else does, so that tasks and hardware go on meanwhile, and
 * Ctrl-C and a time limit around it end it. */
static int uv_run_(lua_State *L)
{
    static const char *const modes[] = {"default", "once", "nowait", NULL};
    int mode = luaL_checkoption(L, 1, "default", modes);
    struct lunq_event *e = mode == 1 ? &called_back : lunq_loop_uv_idle();
    uint64_t when;
    if (mode == 2)
        lunq_loop_uv_turn();
    if (mode == 2 || !lunq_loop_uv_alive())
        return push_alive(L, NULL, 0, 0);
    lunq_event_take(e, &when);
    return l_wait(L, &run_op, NULL, NULL, INFINITY, e);
}

/* uv.stop() ends every uv.run that waits. */
static int uv_stop_(lua_State *L)
{
    (void)L;
    lunq_event_set(lunq_loop_uv_idle(), 0);
    lunq_event_set(&called_back, 0);
    return 0;
}

static int uv_loop_close_(lua_State *L)
{
    return l_fail(L, LUNQ_UNSUPPORTED,
                  "The loop belongs to LUNQ, which closes it at the end of the process. To end "
                  "uv.run, close the handles or call uv.stop.");
}

static const luaL_Reg own[] = {
    {"run", uv_run_}, {"stop", uv_stop_}, {"loop_close", uv_loop_close_}, {NULL, NULL}};

/* ---- loading --------------------------------------------------------------------------------- */

static int not_found(lua_State *L, const char *why)
{
    return luaL_error(L, "module 'luv' can't be loaded: %s (on Debian: apt-get install lua-luv)",
                      why);
}

/* The library stays loaded until the process ends: its handles may outlive the state. */
static void *open_library(lua_State *L)
{
    void *lib;
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "searchpath");
    lua_pushliteral(L, "luv");
    lua_getfield(L, -3, "cpath");
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2))
        not_found(L, "there is no luv.so where package.cpath looks");
    lib = dlopen(lua_tostring(L, -2), RTLD_NOW);
    if (!lib)
        not_found(L, dlerror());
    return lib;
}

static void find_functions(lua_State *L, void *lib)
{
    const struct {
        const char *name;
        void *at; /* a pointer to a function */
    } list[] = {{"luv_set_loop", &luv.set_loop},     {"luv_set_callback", &luv.set_callback},
                {"luv_set_thread", &luv.set_thread}, {"luv_set_cthread", &luv.set_cthread},
                {"luv_cfpcall", &luv.pcall},         {"luv_cfcpcall", &luv.cpcall},
                {"luaopen_luv", &luv.open},          {"luv_set_thread_cb", &luv.set_thread_cb}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        void *f = dlsym(lib, list[i].name);
        if (!f)
            not_found(L, lua_pushfstring(L, "this luv has no %s", list[i].name));
        memcpy(list[i].at, &f, sizeof f);
    }
}

/* luv keeps the state it gets here for its callbacks: the main thread's, for the coroutine that
 * loads it may be gone by then. */
static int load_luv(lua_State *L)
{
    lua_State *main = l_context(L)->main;
    struct uv_loop_s *loop = lunq_loop_uv();
    find_functions(L, open_library(L));
    if (!loop)
        return not_found(L, "there is no event loop: out of memory or descriptors");
    luv.set_loop(main, loop);
    luv.set_callback(main, call_back);
    luv.set_thread_cb(new_thread_state, lua_close);
    lua_settop(L, 1);
    lua_pushcfunction(L, luv.open);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    luaL_setfuncs(L, own, 0);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &module_key);
    return 1;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* close_handle(handle): for uv.walk. */
static int close_handle(lua_State *L)
{
    lua_settop(L, 1);
    lua_getfield(L, 1, "is_closing");
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (lua_toboolean(L, -1))
        return 0;
    lua_getfield(L, 1, "close");
    lua_pushvalue(L, 1);
    lua_call(L, 1, 0);
    return 0;
}

static int close_all(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &module_key);
    lua_getfield(L, -1, "walk");
    lua_pushcfunction(L, close_handle);
    lua_call(L, 1, 0);
    return 0;
}

/* luv's callbacks need the state, so its handles go before the state does. What they call may open
 * new ones, but not forever. */
void l_luv_close(lua_State *L)
{
    bool loaded = lua_rawgetp(L, LUA_REGISTRYINDEX, &module_key) != LUA_TNIL;
    lua_pop(L, 1);
    if (lunq_loop_uv_turning()) /* os.exit in a callback: they go with the process */
        return;
    for (int i = 0; loaded && i < 10 && lunq_loop_busy(); i++) {
        lua_pushcfunction(L, close_all);
        if (lua_pcall(L, 0, 0, 0) != LUA_OK)
            lua_pop(L, 1);
        lunq_loop_finish();
    }
}

void l_open_luv(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, load_luv);
    lua_setfield(L, -2, "luv");
    lua_pop(L, 1);
}
