/* key.c - host.key(seconds): waits for a key while everything else goes on; for live views. */
#include <stddef.h>
#include <termios.h>
#include <unistd.h>

#include "../bindings/l_wait.h"
#include "program.h"

struct key {
    struct lunq_watch watch; /* of standard input */
    struct lunq_event event;
    bool came;
};

static void on_readable(struct lunq_watch *watch)
{
    struct key *k = (struct key *)((char *)watch - offsetof(struct key, watch));
    lunq_loop_unwatch(watch); /* until somebody waits again */
    k->came = true;
    lunq_event_set(&k->event, 0);
}

static int wait_for_key(lua_State *L)
{
    static const struct l_op op = {.what = "a key", .size = sizeof(struct key *)};
    struct key *k = lua_touserdata(L, 1);
    double seconds = lua_tonumber(L, 2);
    lua_settop(L, 0);
    return l_wait(L, &op, &k, NULL, seconds, &k->event); /* by the wall clock */
}

/* host.key(seconds): whether a key came meanwhile, which is taken and not shown. Just waits where
 * standard input is no terminal. For the main thread: a task can't wait here. */
int lunq_host_key(lua_State *L)
{
    struct key k = {.watch = {.fd = STDIN_FILENO, .ready = on_readable}};
    double seconds = luaL_checknumber(L, 1);
    struct termios before, quiet;
    struct lunq_error e;
    bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    int r;
    if (terminal) {
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
        if (lunq_loop_watch(&k.watch, &e) == 0)
            lunq_loop_expect(&k.watch, true);
    }
    lua_pushcfunction(L, wait_for_key);
    lua_pushlightuserdata(L, &k);
    lua_pushnumber(L, seconds);
    r = lua_pcall(L, 2, 0, 0);
    lunq_loop_unwatch(&k.watch);
    if (terminal) {
        if (k.came)
            tcflush(STDIN_FILENO, TCIFLUSH);
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
    }
    if (r != LUA_OK)
        return lua_error(L);
    lua_pushboolean(L, k.came);
    return 1;
}
