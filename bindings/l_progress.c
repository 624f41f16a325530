/* l_progress.c - how far something long is, for Lua code that works in pieces; see host/core/progress.h.
 *   local p <close> = core.progress("programming flash", bytes [, unit])   -- unit: nil means bytes
 *   p:at(done [, note])                -- after each piece: looks at the clock, and no more than that for long
 *   p:close()                          -- it is over, and what was shown goes away; may be repeated
 *   local p <close> = core.progress("a kernel")   -- a wait: said at the prompt only
 *   local p <close> = core.progress_block("a test")   -- says nothing until it is over: nobody calls p:at
 * nil where nobody is to see it. */
#include "../host/core/progress.h"
#include "l_wait.h"
#include "lunq_lua.h"

/* User values: what, unit, note. */
typedef struct l_progress {
    struct lunq_progress p;
} l_progress;

enum { WHAT = 1, UNIT, NOTE };

/* core.progress(what [, total [, unit]]): says that something long begins; nil where nobody sees it. */
static int progress_new(lua_State *L)
{
    const char *what = l_checkstr(L, 1, "what", NULL);
    bool wait = lua_isnoneornil(L, 2);
    uint64_t total = wait ? 0 : l_checksize(L, 2, "total");
    const char *unit = lua_isnoneornil(L, 3) ? NULL : l_checkstr(L, 3, "unit", NULL);
    l_progress *u;
    if (!lunq_progress_wanted() || (wait && !l_wait_turn))
        return 0;
    lua_settop(L, 3);
    u = l_new(L, L_PROGRESS, sizeof *u, 3);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, WHAT);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, -2, UNIT);
    lunq_progress_begin(&u->p, what, total);
    u->p.unit = unit;
    u->p.wait = wait;
    return 1;
}

/* core.progress_block(what): the same for what may never come back to say how far it is. */
static int progress_block(lua_State *L)
{
    const char *what = l_checkstr(L, 1, "what", NULL);
    l_progress *u;
    if (!lunq_progress_wanted())
        return 0;
    u = l_new(L, L_PROGRESS, sizeof *u, 3);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, WHAT);
    lunq_progress_block(&u->p, what);
    return 1;
}

static int progress_at(lua_State *L)
{
    l_progress *u = l_check(L, 1, L_PROGRESS);
    uint64_t done = l_checksize(L, 2, "done");
    if (!lua_isnoneornil(L, 3) && !u->p.blocks) {
        u->p.note = l_checkstr(L, 3, "note", NULL);
        lua_pushvalue(L, 3);
        lua_setiuservalue(L, 1, NOTE);
    }
    lunq_progress_at(&u->p, done);
    return 0;
}

static int progress_close(lua_State *L) /* :close(), __close and __gc */
{
    l_progress *u = l_check(L, 1, L_PROGRESS);
    lunq_progress_end(&u->p);
    return 0;
}

static const luaL_Reg methods[] = {{"at", progress_at}, {"close", progress_close}, {NULL, NULL}};
static const luaL_Reg meta[] = {
    {"__gc", progress_close}, {"__close", progress_close}, {NULL, NULL}};

void l_open_progress(lua_State *L)
{
    l_type(L, L_PROGRESS, "lunq.Progress", methods, meta);
    lua_pushcfunction(L, progress_new);
    lua_setfield(L, -2, "progress");
    lua_pushcfunction(L, progress_block);
    lua_setfield(L, -2, "progress_block");
}
