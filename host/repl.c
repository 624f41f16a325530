/* repl.c - require "lunq.host": what lua/lunq/repl.lua needs from the program. Line editing is
 * libedit's own interface, not its readline imitation: keys can be bound to functions of ours, and
 * get_char() below is the one place that waits for a person.
 *   local ed <close> = host.editor{ history = path, complete = function(word) --> list }
 *   ed:read("> ") --> line | nil at the end (Ctrl-D) | false after Ctrl-C
 *   ed:add(line)                      remembers it, and saves the history file
 *   host.call(f, ...)                 --> true, results... | false, text for a person
 *   host.version, host.release */
#include <errno.h>
#include <histedit.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "program.h"

#define HISTORY_LINES 1000
#define EDITOR "lunq.Editor"

struct editor {
    EditLine *el;
    History *history;
    lua_State *L; /* valid during read: completion calls Lua */
    char prompt[32];
    char file[PATH_MAX]; /* "": history is not kept */
    mbstate_t mb;
    bool cancelled;
};

static volatile sig_atomic_t resized;

static void on_resize(int sig)
{
    (void)sig;
    resized = 1;
}

static struct editor *of(EditLine *el)
{
    void *p = NULL;
    el_get(el, EL_CLIENTDATA, &p);
    return p;
}

static char *prompt(EditLine *el)
{
    return of(el)->prompt;
}

/* ---- completion ----------------------------------------------------------------------------- */

static bool in_word(char c)
{
    return c == '_' || c == '.' || c == ':' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* complete(word) on the stack gives a list of full words. Inserts what they all share beyond the
 * word; lists them when that is nothing. */
static int complete_protected(lua_State *L)
{
    struct editor *ed = lua_touserdata(L, 1);
    const LineInfo *line = el_line(ed->el);
    const char *start = line->cursor, *first;
    size_t word, shared;
    lua_Integer n;
    while (start > line->buffer && in_word(start[-1]))
        start--;
    word = (size_t)(line->cursor - start);
    lua_rawgetp(L, LUA_REGISTRYINDEX, ed);
    lua_pushlstring(L, start, word);
    lua_call(L, 1, 1); /* editor list */
    luaL_checktype(L, 2, LUA_TTABLE);
    n = (lua_Integer)lua_rawlen(L, 2);
    if (n == 0)
        return 0;
    lua_rawgeti(L, 2, 1);
    first = luaL_checklstring(L, 3, &shared);
    for (lua_Integer i = 2; i <= n; i++) {
        const char *other;
        size_t k = 0;
        lua_rawgeti(L, 2, i);
        other = luaL_checkstring(L, 4);
        while (k < shared && other[k] == first[k])
            k++;
        shared = k;
        lua_settop(L, 3);
    }
    if (shared > word) {
        lua_pushlstring(L, first + word, shared - word);
        el_insertstr(ed->el, lua_tostring(L, -1));
    } else if (n > 1) {
        putchar('\n');
        for (lua_Integer i = 1; i <= n; i++) {
            lua_rawgeti(L, 2, i);
            printf("%s%s", lua_tostring(L, -1), i < n ? "  " : "\n");
            lua_pop(L, 1);
        }
    }
    return 0;
}

static void complete(EditLine *el)
{
    struct editor *ed = of(el);
    lua_State *L = ed->L;
    lua_pushcfunction(L, complete_protected);
    lua_pushlightuserdata(L, ed);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        lua_pop(L, 1); /* no completion then */
}

/* ---- keys ----------------------------------------------------------------------------------- */

/* Keys of ours are taken out here, before libedit sees them: functions bound with EL_ADDFN would
 * never be freed. The terminal sends no signals meanwhile (EL_SETTY -isig). */
enum { KEY_CANCEL = 3, KEY_TAB = 9, KEY_SUSPEND = 26 };

/* True when the key was one of ours and typing goes on. */
static bool own_key(EditLine *el, char key)
{
    if (key == KEY_TAB) {
        complete(el);
    } else if (key == KEY_SUSPEND) {
        el_set(el, EL_PREP_TERM, 0);
        raise(SIGTSTP);
        el_set(el, EL_PREP_TERM, 1);
    } else {
        return false;
    }
    el_set(el, EL_REFRESH);
    return true;
}

/* One character from the terminal: 1, 0 at the end, -1 when cancelled. */
static int get_char(EditLine *el, wchar_t *c)
{
    struct editor *ed = of(el);
    for (;;) {
        char byte;
        ssize_t n = read(STDIN_FILENO, &byte, 1);
        if (n == 0)
            return 0;
        if (n < 0 && errno == EINTR && !lunq_interrupted) {
            if (resized)
                el_resize(el);
            resized = 0;
            continue;
        }
        if (n < 0 || byte == KEY_CANCEL) {
            ed->cancelled = n > 0 || lunq_interrupted;
            if (n > 0)
                fputs("^C", stdout);
            return -1;
        }
        if (own_key(el, byte))
            continue;
        switch (mbrtowc(c, &byte, 1, &ed->mb)) {
        case (size_t)-2: continue; /* more bytes of it to come */
        case (size_t)-1:
            memset(&ed->mb, 0, sizeof ed->mb);
            *c = L'?';
            return 1;
        default: return 1;
        }
    }
}

/* ---- the editor ----------------------------------------------------------------------------- */

static struct editor *check(lua_State *L)
{
    struct editor *ed = luaL_checkudata(L, 1, EDITOR);
    if (!ed->el)
        luaL_error(L, "the editor is closed");
    return ed;
}

/* Makes the folders of a path; failing shows when the history is saved, and does no harm. */
static void make_folders(const char *path)
{
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%s", path);
    for (char *p = dir + 1; *p; p++)
        if (*p == '/') {
            *p = '\0';
            mkdir(dir, 0700);
            *p = '/';
        }
}

static void start(struct editor *ed)
{
    HistEvent e;
    setlocale(LC_CTYPE, ""); /* libedit decodes what is typed */
    ed->el = el_init("lunq", stdin, stdout, stderr);
    ed->history = history_init();
    if (!ed->el || !ed->history)
        return;
    el_set(ed->el, EL_CLIENTDATA, ed);
    el_set(ed->el, EL_SIGNAL, 0);
    el_set(ed->el, EL_PROMPT, prompt);
    el_set(ed->el, EL_EDITOR, "emacs");
    el_set(ed->el, EL_GETCFN, get_char);
    el_set(ed->el, EL_SETTY, "-d", "-isig", NULL);
    el_set(ed->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_set(ed->el, EL_HIST, history, ed->history);
    history(ed->history, &e, H_SETSIZE, HISTORY_LINES);
    history(ed->history, &e, H_SETUNIQUE, 1);
    if (*ed->file) {
        make_folders(ed->file);
        history(ed->history, &e, H_LOAD, ed->file);
    }
    signal(SIGWINCH, on_resize);
}

static int editor_new(lua_State *L)
{
    struct editor *ed;
    luaL_checktype(L, 1, LUA_TTABLE);
    ed = lua_newuserdatauv(L, sizeof *ed, 0);
    memset(ed, 0, sizeof *ed);
    luaL_setmetatable(L, EDITOR);
    if (lua_getfield(L, 1, "history") == LUA_TSTRING && lua_rawlen(L, -1) < sizeof ed->file)
        strcpy(ed->file, lua_tostring(L, -1));
    lua_pop(L, 1);
    lua_getfield(L, 1, "complete");
    lua_rawsetp(L, LUA_REGISTRYINDEX, ed);
    start(ed);
    if (!ed->el || !ed->history)
        return luaL_error(L, "the terminal can't be used for editing");
    return 1;
}

static int editor_read(lua_State *L)
{
    struct editor *ed = check(L);
    const char *line;
    int n = 0;
    snprintf(ed->prompt, sizeof ed->prompt, "%s", luaL_optstring(L, 2, "> "));
    luaL_checkstack(L, 20, NULL); /* complete() must not raise */
    ed->L = L;
    ed->cancelled = false;
    fflush(stdout);
    el_set(ed->el, EL_PREP_TERM, 1); /* before the prompt shows: a Ctrl-D typed at once is a key */
    line = el_gets(ed->el, &n);
    ed->L = NULL;
    if (ed->cancelled || !line || n <= 0) {
        putchar('\n');
        if (ed->cancelled && lunq_interrupt_taken() == SIGTERM)
            ed->cancelled = false; /* asked to end: as after Ctrl-D */
        if (ed->cancelled)
            lua_pushboolean(L, 0);
        else
            lua_pushnil(L);
        return 1;
    }
    lua_pushlstring(L, line, (size_t)n - (line[n - 1] == '\n'));
    return 1;
}

static int editor_add(lua_State *L)
{
    struct editor *ed = check(L);
    HistEvent e;
    history(ed->history, &e, H_ENTER, luaL_checkstring(L, 2));
    if (*ed->file)
        history(ed->history, &e, H_SAVE, ed->file);
    return 0;
}

static int editor_close(lua_State *L)
{
    struct editor *ed = luaL_checkudata(L, 1, EDITOR);
    if (ed->el)
        el_end(ed->el);
    if (ed->history)
        history_end(ed->history);
    ed->el = NULL;
    ed->history = NULL;
    return 0;
}

/* ---- the module ----------------------------------------------------------------------------- */

/* host.call(f, ...): what the prompt does with a chunk. */
static int host_call(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushcfunction(L, lunq_report_handler);
    lua_insert(L, 1);
    if (lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 1) == LUA_OK) {
        lua_pushboolean(L, 1);
        lua_replace(L, 1);
        return lua_gettop(L);
    }
    lunq_interrupt_taken();
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    lunq_report_text(L);
    lua_remove(L, -2);
    return 2;
}

int luaopen_lunq_host(lua_State *L)
{
    static const luaL_Reg functions[] = {{"editor", editor_new}, {"call", host_call}, {NULL, NULL}};
    static const luaL_Reg methods[] = {
        {"read", editor_read}, {"add", editor_add}, {"close", editor_close}, {NULL, NULL}};
    static const luaL_Reg meta[] = {
        {"__gc", editor_close}, {"__close", editor_close}, {NULL, NULL}};
    if (luaL_newmetatable(L, EDITOR)) {
        luaL_setfuncs(L, meta, 0);
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
        lua_pushliteral(L, EDITOR);
        lua_setfield(L, -2, "__metatable");
    }
    luaL_newlib(L, functions);
    lua_pushliteral(L, LUNQ_VERSION);
    lua_setfield(L, -2, "version");
    lua_pushliteral(L, LUA_RELEASE);
    lua_setfield(L, -2, "release");
    return 1;
}
