/* interrupt.c - Ctrl-C and SIGTERM: an error in the running Lua code, at the next instruction or
 * wait. A hook belongs to one coroutine, so the innermost one is kept in the context: the
 * replacements of coroutine.resume and wrap below do that. They also let a coroutine inside a task
 * wait: what it yields then is passed on to the scheduler. Else they are as Lua's lcorolib.c. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../bindings/l_wait.h"
#include "program.h"

static struct l_context *context;
static volatile sig_atomic_t signal_seen, signal_taken;
static bool quit_mode;
static volatile sig_atomic_t shielded;
static volatile long seen_at; /* when signal_seen came, ms; only the handler uses it */

/* A person who presses Ctrl-C twice does not mean more than one who presses it once. */
enum { PATIENCE_MS = 300 };

/* Runs in the interrupted coroutine, or late in one that was hooked in vain: then does nothing. */
static void hook(lua_State *L, lua_Debug *ar)
{
    int sig = signal_seen;
    bool reported = !lunq_interrupted; /* by a wait, which has raised it already */
    (void)ar;
    lua_sethook(L, NULL, 0, 0);
    if (!sig) {
        lunq_alarm_hook(L);
        return;
    }
    signal_seen = 0;
    lunq_interrupted = 0;
    if (shielded && sig == SIGINT)
        return;
    if (quit_mode) {
        lunq_state_close(L);
        lunq_interrupt_die(sig);
    }
    signal_taken = sig;
    if (reported)
        return;
    context->interrupted = true;
    l_fail(L, LUNQ_RUNTIME, sig == SIGTERM ? "terminated" : "interrupted");
}

void lunq_interrupt_hook(void)
{
    const int mask = LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT;
    lunq_loop_interrupt();
    lua_sethook(context->main, hook, mask, 1);
    lua_sethook(context->running, hook, mask, 1);
    if (context->running != context->calls)
        lua_sethook(context->calls, hook, mask, 1);
}

void lunq_interrupt_after(lua_State *L, int n)
{
    lua_sethook(L, hook, LUA_MASKCOUNT, n);
}

/* Safe in a signal handler. */
static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

static void on_signal(int sig)
{
    if (shielded && sig == SIGINT)
        return;
    /* A second signal while the first was not noticed for long: a C function that never comes back. */
    if (signal_seen && lunq_interrupted) {
        if (now_ms() - seen_at > PATIENCE_MS)
            lunq_interrupt_die(sig);
    } else {
        seen_at = now_ms();
    }
    signal_seen = sig;
    lunq_interrupted = 1;
    lunq_interrupt_hook();
}

void lunq_interrupt_die(int sig)
{
    signal(sig, SIG_DFL);
    raise(sig);
    exit(128 + sig); /* the signal was blocked */
}

int lunq_interrupt_taken(void)
{
    int sig = signal_taken ? signal_taken : signal_seen;
    signal_taken = signal_seen = 0;
    lunq_interrupted = 0;
    return sig;
}

/* Waits put their own words around "interrupted". */
bool lunq_interrupt_is(lua_State *L, int idx)
{
    const char *message;
    bool is;
    if ((!signal_taken && !signal_seen) || lua_type(L, idx) != LUA_TTABLE)
        return false;
    lua_pushliteral(L, "message");
    lua_rawget(L, idx < 0 ? idx - 1 : idx);
    message = lua_tostring(L, -1);
    is = message && (strstr(message, "interrupted") || strstr(message, "terminated"));
    lua_pop(L, 1);
    return is;
}

bool lunq_interrupt_forget(lua_State *L, int idx)
{
    if (!lunq_interrupt_is(L, idx) || signal_taken == SIGTERM || signal_seen == SIGTERM)
        return false;
    lunq_interrupt_taken();
    return true;
}

void lunq_interrupt_end(void)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
}

void lunq_interrupt_mode(bool quit)
{
    quit_mode = quit;
}

void lunq_interrupt_shield(bool on)
{
    shielded = on;
}

/* ---- coroutines ----------------------------------------------------------------------------- */

enum { FAILED = -1, WAITS = -2 };

/* Resumes co with the narg values on top of L: how many results were pushed; FAILED, with an error
 * value; or WAITS: co is part of a task and waits for something. lua_resume never raises, so
 * `running` is always put back. */
static int resume(lua_State *L, lua_State *co, int narg)
{
    struct l_context *ctx = l_context(L);
    lua_State *was = ctx->running;
    int status, nres;
    if (!lua_checkstack(co, narg)) {
        lua_pushliteral(L, "too many arguments to resume");
        return FAILED;
    }
    lua_xmove(L, co, narg);
    ctx->running = co;
    status = lua_resume(co, L, narg, &nres);
    ctx->running = was;
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(co, L, 1);
        return FAILED;
    }
    if (status == LUA_YIELD && l_is_waiting(co, nres)) {
        lua_pop(co, 1);
        return WAITS;
    }
    if (!lua_checkstack(L, nres + 1)) {
        lua_pop(co, nres);
        lua_pushliteral(L, "too many results to resume");
        return FAILED;
    }
    lua_xmove(co, L, nres);
    return nres;
}

/* Also the continuation, once what the coroutine waited for has happened. */
static int co_resume_on(lua_State *L, int status, lua_KContext narg)
{
    int n = resume(L, lua_tothread(L, 1), (int)narg);
    (void)status;
    if (n == WAITS)
        return l_pass_wait(L, 0, co_resume_on);
    lua_pushboolean(L, n >= 0);
    lua_insert(L, n >= 0 ? -(n + 1) : -2);
    return n >= 0 ? n + 1 : 2;
}

static int co_resume(lua_State *L)
{
    luaL_argexpected(L, lua_tothread(L, 1), 1, "coroutine");
    return co_resume_on(L, LUA_OK, lua_gettop(L) - 1);
}

static int wrapped_on(lua_State *L, int yielded, lua_KContext narg)
{
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int n = resume(L, co, (int)narg);
    (void)yielded;
    if (n == WAITS)
        return l_pass_wait(L, 0, wrapped_on);
    if (n >= 0)
        return n;
    if (lua_status(co) != LUA_OK && lua_status(co) != LUA_YIELD) {
        lua_resetthread(co); /* closes its variables; the error may be theirs then */
        lua_xmove(co, L, 1);
    }
    if (lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int wrapped(lua_State *L)
{
    return wrapped_on(L, LUA_OK, lua_gettop(L));
}

static int co_wrap(lua_State *L)
{
    lua_State *co;
    luaL_checktype(L, 1, LUA_TFUNCTION);
    co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    lua_pushcclosure(L, wrapped, 1);
    return 1;
}

void lunq_interrupt_install(lua_State *L)
{
    static const luaL_Reg functions[] = {{"resume", co_resume}, {"wrap", co_wrap}, {NULL, NULL}};
    struct sigaction sa = {.sa_handler = on_signal}; /* no SA_RESTART: a blocking read ends */
    context = l_context(L);
    lua_getglobal(L, "coroutine");
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    lunq_loop_alarm(SIGRTMIN + 5);
}
