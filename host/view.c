/* view.c - host.view(): a part of the terminal that is drawn anew in place, while everything else goes on.
 *   local view <close> = host.view()   -- nil: output or input is no terminal, or one that can't
 *   view:size() --> columns, rows
 *   view:draw(text)                    -- whole lines, none wider than the terminal, all of them on it
 *   view:wait(seconds) --> true: a key came, which is taken and not shown, or Ctrl-C
 * What others print meanwhile appears above it. One at a time; for the main thread: a task can't wait here.
 * An error of code that a view was to show goes through view:stopped(e), true when that was Ctrl-C. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "../bindings/l_wait.h"
#include "kept.h"
#include "program.h"

#define VIEW "lunq.View"

struct view {
    struct kept kept;
    struct termios before, quiet;
    bool open, came;
    char *text; /* what was drawn last; NULL: nothing yet */
    size_t size;
    unsigned lines, columns; /* its height, and how wide the terminal was */
    struct lunq_watch watch; /* of standard input */
    struct lunq_event key;
};

static struct winsize size_of(const struct view *v)
{
    struct winsize w;
    if (ioctl(v->kept.screen, TIOCGWINSZ, &w) < 0 || !w.ws_col || !w.ws_row)
        w = (struct winsize){.ws_col = 80, .ws_row = 24};
    return w;
}

/* ---- drawing ------------------------------------------------------------------------------------ */

/* To where the view begins. A terminal that has become narrower may have broken its lines, in a way
 * nobody knows: then all of it is cleared. */
static void go_up(struct view *v)
{
    char up[16];
    unsigned columns = size_of(v).ws_col;
    if (v->lines && columns < v->columns)
        kept_write(&v->kept, "\033[H\033[J", 6);
    else if (v->lines)
        kept_write(&v->kept, up, (size_t)snprintf(up, sizeof up, "\033[%uA", v->lines));
    v->columns = columns;
    v->lines = 0;
}

/* Over what was there, line by line, so that nothing flickers. */
static void put(struct view *v)
{
    const char *p = v->text, *end = v->text + v->size;
    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        kept_write(&v->kept, p, (size_t)((stop ? stop : end) - p));
        kept_write(&v->kept, "\033[K\n", 4);
        v->lines++;
        p = stop ? stop + 1 : end;
    }
    kept_write(&v->kept, "\033[J", 3);
}

static void show_others(struct view *v)
{
    if (!kept_news(&v->kept))
        return;
    go_up(v);
    kept_write(&v->kept, "\033[J", 3);
    kept_show(&v->kept);
    put(v);
}

/* ---- waiting ------------------------------------------------------------------------------------ */

static void on_readable(struct lunq_watch *watch)
{
    struct view *v = (struct view *)((char *)watch - offsetof(struct view, watch));
    lunq_loop_unwatch(watch); /* until somebody waits again */
    v->came = true;
    lunq_event_set(&v->key, 0);
}

static void turn(void *data)
{
    show_others(*(struct view **)data);
}

static int wait_for_key(lua_State *L)
{
    static const struct l_op op = {.what = "a key", .size = sizeof(struct view *), .turn = turn};
    struct view *v = lua_touserdata(L, 1);
    double seconds = lua_tonumber(L, 2);
    lua_settop(L, 0);
    return l_wait(L, &op, &v, NULL, seconds, &v->key); /* by the wall clock */
}

static struct view *check(lua_State *L)
{
    struct view *v = luaL_checkudata(L, 1, VIEW);
    if (!v->open)
        luaL_error(L, "the view is closed");
    return v;
}

static int view_wait(lua_State *L)
{
    struct view *v = check(L);
    double seconds = luaL_checknumber(L, 2);
    struct lunq_error e;
    uint64_t when;
    bool ok;
    v->came = false;
    tcsetattr(STDIN_FILENO, TCSANOW, &v->quiet); /* again: who stopped and went on has lost it */
    lunq_event_take(&v->key, &when);
    if (lunq_loop_watch(&v->watch, &e) < 0)
        return l_raise(L, &e);
    lunq_loop_expect(&v->watch, true);
    lua_pushcfunction(L, wait_for_key);
    lua_pushlightuserdata(L, v);
    lua_pushnumber(L, seconds);
    ok = lua_pcall(L, 2, 0, 0) == LUA_OK;
    lunq_loop_unwatch(&v->watch);
    if (v->came)
        tcflush(STDIN_FILENO, TCIFLUSH);
    if (!ok && !lunq_interrupt_forget(L, -1))
        return lua_error(L);
    lua_pushboolean(L, v->came || !ok);
    return 1;
}

static int view_stopped(lua_State *L)
{
    luaL_checkudata(L, 1, VIEW);
    luaL_checkany(L, 2);
    lua_pushboolean(L, lunq_interrupt_forget(L, 2));
    return 1;
}

/* ---- the view ----------------------------------------------------------------------------------- */

static int view_size(lua_State *L)
{
    struct winsize w = size_of(check(L));
    lua_pushinteger(L, w.ws_col);
    lua_pushinteger(L, w.ws_row);
    return 2;
}

static int view_draw(lua_State *L)
{
    struct view *v = check(L);
    size_t size;
    const char *text = luaL_checklstring(L, 2, &size);
    char *copy = realloc(v->text, size + 1);
    if (!copy)
        return luaL_error(L, "not enough memory");
    memcpy(copy, text, size);
    v->text = copy;
    v->size = size;
    go_up(v);
    if (kept_news(&v->kept)) {
        kept_write(&v->kept, "\033[J", 3);
        kept_show(&v->kept);
    }
    put(v);
    return 0;
}

static int view_close(lua_State *L)
{
    struct view *v = luaL_checkudata(L, 1, VIEW);
    if (v->open) {
        tcsetattr(STDIN_FILENO, TCSANOW, &v->before);
        kept_close(&v->kept);
        free(v->text);
    }
    v->open = false;
    v->text = NULL;
    return 0;
}

static bool can_be_drawn_on(void)
{
    const char *term = getenv("TERM");
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb");
}

static void make_type(lua_State *L)
{
    static const luaL_Reg methods[] = {{"size", view_size},       {"draw", view_draw},
                                       {"wait", view_wait},       {"close", view_close},
                                       {"stopped", view_stopped}, {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__gc", view_close}, {"__close", view_close}, {NULL, NULL}};
    if (luaL_newmetatable(L, VIEW)) {
        luaL_setfuncs(L, meta, 0);
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
        lua_pushliteral(L, VIEW);
        lua_setfield(L, -2, "__metatable");
    }
    lua_pop(L, 1);
}

int lunq_host_view(lua_State *L)
{
    struct view *v;
    if (!can_be_drawn_on())
        return 0;
    if (l_sched(L)->current)
        return l_fail(L, LUNQ_RUNTIME,
                      "A live view (watch, monitor) waits for a key, which a task can't: call it "
                      "outside of tasks; they go on meanwhile.");
    make_type(L);
    v = lua_newuserdatauv(L, sizeof *v, 0);
    *v = (struct view){.watch = {.fd = STDIN_FILENO, .ready = on_readable}};
    luaL_setmetatable(L, VIEW);
    if (!kept_open(&v->kept) || tcgetattr(STDIN_FILENO, &v->before) < 0) {
        kept_close(&v->kept);
        return 0;
    }
    v->open = true;
    v->quiet = v->before;
    v->quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &v->quiet);
    kept_begin(&v->kept);
    return 1;
}
