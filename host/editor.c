/* editor.c - the line editor of the prompt, on libedit's own interface, not its readline imitation:
 * keys can be taken out before libedit sees them, and get_char() is the one place that waits for a
 * person, serving the event loop meanwhile (typing.c).
 *   local ed <close> = host.editor{ history = path, complete = function(line, columns, rows) --> insert,
 *                                     show }
 *   ed:read("> ") --> line | nil at the end (Ctrl-D) | false after Ctrl-C
 *   ed:add(line)                      remembers it, also in the history file
 *   ed:size() --> columns, rows */
#include <histedit.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "history.h"
#include "program.h"
#include "typing.h"

#define HISTORY_LINES 1000
#define EDITOR "lunq.Editor"

struct editor {
    EditLine *el;
    History *history;
    struct typing *terminal;
    lua_State *L; /* valid during read: completion calls Lua */
    char prompt[64];
    char file[PATH_MAX]; /* "": history is not kept */
    mbstate_t mb;
    bool cancelled;
};

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

/* ---- around the output of others ------------------------------------------------------------- */

/* How many columns text takes. What can't be shown counts as one. */
static size_t width_of(const char *p, const char *end)
{
    mbstate_t mb = {0};
    size_t width = 0;
    while (p < end) {
        wchar_t c;
        size_t n = mbrtowc(&c, p, (size_t)(end - p), &mb);
        if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
            memset(&mb, 0, sizeof mb);
            n = 1;
            width++;
        } else {
            int w = wcwidth(c);
            width += w > 0 ? (size_t)w : 1;
        }
        p += n;
    }
    return width;
}

static void hide(void *editor)
{
    struct editor *ed = editor;
    const LineInfo *line = el_line(ed->el);
    size_t before = strlen(ed->prompt) + width_of(line->buffer, line->cursor);
    size_t up = before / typing_columns(ed->terminal);
    FILE *out = typing_out(ed->terminal);
    if (up > 0)
        fprintf(out, "\033[%zuA", up);
    fputs("\r\033[J", out);
    fflush(out);
}

static void show(void *editor)
{
    struct editor *ed = editor;
    el_set(ed->el, EL_REFRESH);
}

static void resized(void *editor)
{
    struct editor *ed = editor;
    hide(ed);
    el_resize(ed->el);
    show(ed);
}

/* ---- completion ------------------------------------------------------------------------------ */

/* complete(line up to the cursor, columns, rows) gives what to insert, and else what to show. */
static int complete_protected(lua_State *L)
{
    struct editor *ed = lua_touserdata(L, 1);
    const LineInfo *line = el_line(ed->el);
    lua_rawgetp(L, LUA_REGISTRYINDEX, ed);
    lua_pushlstring(L, line->buffer, (size_t)(line->cursor - line->buffer));
    lua_pushinteger(L, typing_columns(ed->terminal));
    lua_pushinteger(L, typing_rows(ed->terminal));
    lua_call(L, 3, 2); /* editor insert show */
    hide(ed);
    if (lua_type(L, 2) == LUA_TSTRING && lua_rawlen(L, 2) > 0) {
        el_insertstr(ed->el, lua_tostring(L, 2));
    } else if (lua_type(L, 3) == LUA_TSTRING) {
        FILE *out = typing_out(ed->terminal);
        fprintf(out, "%s%.*s\n%s\n", ed->prompt, (int)(line->lastchar - line->buffer), line->buffer,
                lua_tostring(L, 3));
        fflush(out);
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

/* ---- keys ------------------------------------------------------------------------------------ */

/* Keys of ours are taken out here, before libedit sees them: functions bound with EL_ADDFN would
 * never be freed. Ctrl-C is a signal also while a line is typed, for it must reach a task that never
 * waits; Ctrl-Z is a key, for the terminal has to be put back first (start()). */
enum { KEY_TAB = 9, KEY_SUSPEND = 26 };

/* True when the key was one of ours and typing goes on. */
static bool own_key(EditLine *el, char key, bool pasted)
{
    if (key == KEY_TAB && pasted) {
        hide(of(el));
        el_insertstr(el, "  "); /* a tab's width on the screen is not known to libedit */
    } else if (key == KEY_TAB) {
        complete(el);
    } else if (key == KEY_SUSPEND) {
        el_set(el, EL_PREP_TERM, 0);
        fputc('\n', typing_out(of(el)->terminal));
        fflush(typing_out(of(el)->terminal));
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
        bool pasted;
        enum typing_key k = typing_key(ed->terminal, ed->L, &byte, &pasted);
        if (k == KEY_END)
            return 0;
        if (k == KEY_NONE) {
            ed->cancelled = lunq_interrupt_taken() == SIGINT;
            if (ed->cancelled)
                fputs("^C", typing_out(ed->terminal));
            return -1;
        }
        if (own_key(el, byte, pasted))
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

/* ---- the editor ------------------------------------------------------------------------------ */

static struct editor *check(lua_State *L)
{
    struct editor *ed = luaL_checkudata(L, 1, EDITOR);
    if (!ed->el)
        luaL_error(L, "the editor is closed");
    return ed;
}

static bool start(struct editor *ed)
{
    const struct typing_line line = {hide, show, resized, ed};
    HistEvent e;
    setlocale(LC_CTYPE, ""); /* libedit decodes what is typed */
    ed->terminal = typing_open(&line);
    if (!ed->terminal)
        return false;
    ed->el = el_init("lunq", stdin, typing_out(ed->terminal), stderr);
    ed->history = history_init();
    if (!ed->el || !ed->history)
        return false;
    el_set(ed->el, EL_CLIENTDATA, ed);
    el_set(ed->el, EL_SIGNAL, 0);
    el_set(ed->el, EL_PROMPT, prompt);
    el_set(ed->el, EL_EDITOR, "emacs");
    el_set(ed->el, EL_GETCFN, get_char);
    el_set(ed->el, EL_SETTY, "-d", "isig", "susp=", "quit=", NULL);
    el_set(ed->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_set(ed->el, EL_HIST, history, ed->history);
    history(ed->history, &e, H_SETSIZE, HISTORY_LINES);
    history(ed->history, &e, H_SETUNIQUE, 1);
    if (*ed->file)
        history_load(ed->history, ed->file, HISTORY_LINES);
    return true;
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
    if (!start(ed))
        return luaL_error(L, "the terminal can't be used for editing");
    return 1;
}

static const char *typed_line(struct editor *ed, int *n)
{
    const char *line;
    el_set(ed->el, EL_PREP_TERM, 1); /* before the prompt shows: a Ctrl-D typed at once is a key */
    typing_begin(ed->terminal);
    line = el_gets(ed->el, n);
    if (ed->cancelled || !line || *n <= 0)
        fputc('\n', typing_out(ed->terminal));
    fflush(typing_out(ed->terminal));
    typing_end(ed->terminal);
    return line;
}

static int editor_read(lua_State *L)
{
    struct editor *ed = check(L);
    const char *line;
    int n = 0;
    snprintf(ed->prompt, sizeof ed->prompt, "%s", luaL_optstring(L, 2, "> "));
    luaL_checkstack(L, 20, NULL); /* complete() and typing_key() must not raise */
    ed->L = L;
    ed->cancelled = false;
    lunq_interrupt_shield(false);
    line = typed_line(ed, &n);
    lunq_interrupt_shield(true);
    lunq_interrupt_taken();
    ed->L = NULL;
    if (ed->cancelled || !line || n <= 0) {
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
    history_add(ed->history, ed->file, luaL_checkstring(L, 2));
    return 0;
}

static int editor_size(lua_State *L)
{
    struct editor *ed = check(L);
    lua_pushinteger(L, typing_columns(ed->terminal));
    lua_pushinteger(L, typing_rows(ed->terminal));
    return 2;
}

static int editor_close(lua_State *L)
{
    struct editor *ed = luaL_checkudata(L, 1, EDITOR);
    if (ed->el)
        el_end(ed->el);
    if (ed->history)
        history_end(ed->history);
    typing_close(ed->terminal);
    ed->el = NULL;
    ed->history = NULL;
    ed->terminal = NULL;
    return 0;
}

int lunq_editor_new(lua_State *L)
{
    static const luaL_Reg methods[] = {{"read", editor_read},
                                       {"add", editor_add},
                                       {"size", editor_size},
                                       {"close", editor_close},
                                       {NULL, NULL}};
    static const luaL_Reg meta[] = {
        {"__gc", editor_close}, {"__close", editor_close}, {NULL, NULL}};
    if (luaL_newmetatable(L, EDITOR)) {
        luaL_setfuncs(L, meta, 0);
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
        lua_pushliteral(L, EDITOR);
        lua_setfield(L, -2, "__metatable");
    }
    lua_pop(L, 1);
    return editor_new(L);
}
