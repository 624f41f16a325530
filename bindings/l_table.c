#include "l_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- errors and places --------------------------------------------------------------------- */

/* Appends ".name"; the result goes to l_table_leave(). */
size_t l_table_enter(struct l_table *t, const char *name)
{
    size_t n = strlen(t->path);
    snprintf(t->path + n, sizeof t->path - n, "%s%s", n ? "." : "", name);
    return n;
}

void l_table_leave(struct l_table *t, size_t n)
{
    t->path[n] = '\0';
}

const char *l_table_where(const struct l_table *t)
{
    return *t->path ? t->path : "the description";
}

static void check_memory(struct l_table *t, const void *p)
{
    if (!p)
        l_fail(t->L, LUNQ_MEMORY, "%s: no memory", l_table_where(t));
}

const char *l_table_intern(struct l_table *t, const char *s)
{
    const char *copy = lunq_design_intern(t->d, s, SIZE_MAX);
    check_memory(t, copy);
    return copy;
}

void *l_table_alloc(struct l_table *t, size_t n, size_t size)
{
    void *p = lunq_design_alloc(t->d, n * size);
    check_memory(t, p);
    return p;
}

void l_table_want(struct l_table *t, int type)
{
    if (lua_type(t->L, -1) != type)
        l_fail(t->L, LUNQ_TYPE, "%s should be a %s, not a %s", l_table_where(t),
               lua_typename(t->L, type), luaL_typename(t->L, -1));
}

/* The table on top has no other keys than these (a NULL-terminated list), and [1] if `first`. */
static void check_keys(struct l_table *t, const char *const *known, bool first)
{
    lua_pushnil(t->L);
    for (; lua_next(t->L, -2); lua_pop(t->L, 1)) {
        size_t i = 0, n = 0;
        char list[400] = "";
        if (first && lua_isinteger(t->L, -2) && lua_tointeger(t->L, -2) == 1)
            continue;
        if (lua_type(t->L, -2) != LUA_TSTRING)
            l_fail(t->L, LUNQ_TYPE, "%s has a %s as key; its keys are names", l_table_where(t),
                   luaL_typename(t->L, -2));
        while (known[i] && strcmp(known[i], lua_tostring(t->L, -2)))
            i++;
        if (known[i])
            continue;
        for (i = 0; known[i] && n < sizeof list; i++)
            n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", known[i]);
        l_table_enter(t, lua_tostring(t->L, -2));
        l_fail(t->L, LUNQ_VALUE, "%s: there is no such key (known: %s)", l_table_where(t), list);
    }
}

void l_table_keys(struct l_table *t, const char *const *known)
{
    check_keys(t, known, false);
}

void l_table_options(struct l_table *t, const char *const *known)
{
    check_keys(t, known, true);
}

/* ---- values: each looks up a key (or its alias) of the table on top ------------------------- */

/* Pushes the value; false and nothing pushed when it is nil. */
bool l_table_push(struct l_table *t, const char *key, const char *alias, const char **used)
{
    *used = key;
    lua_pushstring(t->L, key);
    if (lua_rawget(t->L, -2) != LUA_TNIL)
        return true;
    lua_pop(t->L, 1);
    if (!alias)
        return false;
    *used = alias;
    lua_pushstring(t->L, alias);
    if (lua_rawget(t->L, -2) != LUA_TNIL)
        return true;
    lua_pop(t->L, 1);
    return false;
}

/* The integer on top of the stack, within limits. */
int64_t l_table_int(struct l_table *t, int64_t min, int64_t max)
{
    int ok;
    int64_t v = lua_tointegerx(t->L, -1, &ok);
    if (lua_type(t->L, -1) != LUA_TNUMBER)
        l_fail(t->L, LUNQ_TYPE, "%s should be a whole number, not a %s", l_table_where(t),
               luaL_typename(t->L, -1));
    if (!ok || v < min || v > max)
        l_fail(t->L, LUNQ_VALUE,
               "%s should be a whole number from %" PRId64 " to 0x%" PRIX64 ", not %s",
               l_table_where(t), min, max, luaL_tolstring(t->L, -1, NULL));
    return v;
}

int64_t l_table_get_int(struct l_table *t, const char *key, const char *alias, int64_t min,
                        int64_t max, int64_t otherwise)
{
    int64_t v = otherwise;
    const char *used;
    if (l_table_push(t, key, alias, &used)) {
        size_t n = l_table_enter(t, used);
        v = l_table_int(t, min, max);
        l_table_leave(t, n);
        lua_pop(t->L, 1);
    }
    return v;
}

const char *l_table_get_str(struct l_table *t, const char *key, const char *alias,
                            const char *otherwise)
{
    const char *s = otherwise, *used;
    if (l_table_push(t, key, alias, &used)) {
        size_t n = l_table_enter(t, used);
        l_table_want(t, LUA_TSTRING);
        s = l_table_intern(t, lua_tostring(t->L, -1));
        l_table_leave(t, n);
        lua_pop(t->L, 1);
    }
    return s;
}

bool l_table_get_bool(struct l_table *t, const char *key, bool otherwise)
{
    bool v = otherwise;
    const char *used;
    if (l_table_push(t, key, NULL, &used)) {
        size_t n = l_table_enter(t, used);
        l_table_want(t, LUA_TBOOLEAN);
        v = lua_toboolean(t->L, -1);
        l_table_leave(t, n);
        lua_pop(t->L, 1);
    }
    return v;
}

/* ---- tables of named things ---------------------------------------------------------------- */

void l_table_each(struct l_table *t, const char *key, l_table_each_fn *one, void *arg)
{
    const char *used;
    size_t n, i = 0;
    if (!l_table_push(t, key, NULL, &used))
        return;
    n = l_table_enter(t, key);
    l_table_want(t, LUA_TTABLE);
    luaL_checkstack(t->L, 10, "the description is nested too deep");
    lua_pushnil(t->L);
    for (; lua_next(t->L, -2); lua_pop(t->L, 1)) {
        size_t m;
        if (lua_type(t->L, -2) != LUA_TSTRING || !*lua_tostring(t->L, -2))
            l_fail(t->L, LUNQ_TYPE, "%s: its keys should be names, not %s", l_table_where(t),
                   luaL_tolstring(t->L, -2, NULL));
        m = l_table_enter(t, lua_tostring(t->L, -2));
        one(t, lua_tostring(t->L, -2), i++, arg);
        l_table_leave(t, m);
    }
    l_table_leave(t, n);
    lua_pop(t->L, 1);
}

void l_table_list(struct l_table *t, const char *key, l_table_item_fn *one, void *arg)
{
    const char *used;
    size_t n, count = l_table_count(t, key);
    if (!l_table_push(t, key, NULL, &used))
        return;
    n = l_table_enter(t, key);
    luaL_checkstack(t->L, 10, "the description is nested too deep");
    for (size_t i = 0; i < count; i++) {
        char place[24];
        size_t m;
        snprintf(place, sizeof place, "%zu", i + 1);
        m = l_table_enter(t, place);
        if (lua_rawgeti(t->L, -1, (lua_Integer)i + 1) == LUA_TNIL)
            l_fail(t->L, LUNQ_TYPE, "%s is missing: a list with %zu entries has the keys 1 to %zu",
                   l_table_where(t), count, count);
        one(t, i, arg);
        l_table_leave(t, m);
        lua_pop(t->L, 1);
    }
    l_table_leave(t, n);
    lua_pop(t->L, 1);
}

size_t l_table_count(struct l_table *t, const char *key)
{
    const char *used;
    size_t n, count = 0;
    if (!l_table_push(t, key, NULL, &used))
        return 0;
    n = l_table_enter(t, key);
    l_table_want(t, LUA_TTABLE);
    lua_pushnil(t->L);
    for (; lua_next(t->L, -2); lua_pop(t->L, 1))
        count++;
    l_table_leave(t, n);
    lua_pop(t->L, 1);
    return count;
}
