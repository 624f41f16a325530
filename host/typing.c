/* typing.c - see typing.h. */
#include "typing.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../bindings/l_wait.h"
#include "kept.h"

/* Terminals put these around what is pasted, when asked to (xterm's bracketed paste). */
#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
static const char paste_begins[] = "\033[200~", paste_ends[] = "\033[201~";

struct typing {
    struct typing_line line;
    struct lunq_watch watch; /* of standard input */
    struct lunq_event key;
    struct kept kept; /* what others print while a line is typed */
    FILE *out;        /* to kept.screen */
    bool marks;       /* the terminal knows PASTE_ON */
    bool pasting;
    char ahead[8]; /* read, but not given out */
    unsigned char nahead;
};

static volatile sig_atomic_t resized;

static void on_resize(int sig)
{
    (void)sig;
    resized = 1;
    lunq_loop_interrupt();
}

/* ---- output of others ------------------------------------------------------------------------ */

/* Between two steps of the loop. */
static void look_around(struct typing *t)
{
    if (resized) {
        resized = 0;
        t->line.resized(t->line.editor);
    }
    if (!kept_news(&t->kept))
        return;
    t->line.hide(t->line.editor);
    kept_show(&t->kept);
    t->line.show(t->line.editor);
}

void typing_begin(struct typing *t)
{
    kept_begin(&t->kept);
    if (t->marks)
        kept_write(&t->kept, PASTE_ON, sizeof PASTE_ON - 1);
}

void typing_end(struct typing *t)
{
    if (t->marks)
        kept_write(&t->kept, PASTE_OFF, sizeof PASTE_OFF - 1);
    kept_end(&t->kept);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void on_readable(struct lunq_watch *watch)
{
    struct typing *t = (struct typing *)((char *)watch - offsetof(struct typing, watch));
    lunq_loop_unwatch(watch); /* until somebody waits again */
    lunq_event_set(&t->key, 0);
}

static bool has_input(void)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&p, 1, 0) > 0; /* a signal is no input */
}

static void turn(void *data)
{
    look_around(*(struct typing **)data);
}

static int wait_for_key(lua_State *L)
{
    static const struct l_op op = {"a key", sizeof(struct typing *), .turn = turn};
    struct typing *t = lua_touserdata(L, 1);
    lua_settop(L, 0);
    return l_wait(L, &op, &t, NULL, INFINITY, &t->key);
}

/* Serves the loop until there is input. False when that was interrupted. */
static bool serve(struct typing *t, lua_State *L)
{
    bool ok = true;
    while (ok && !has_input()) {
        struct lunq_error e;
        uint64_t when;
        lunq_event_take(&t->key, &when);
        if (lunq_loop_watch(&t->watch, &e) < 0)
            return true; /* the read waits */
        lunq_loop_expect(&t->watch, true);
        lua_pushcfunction(L, wait_for_key);
        lua_pushlightuserdata(L, t);
        ok = lua_pcall(L, 1, 0, 0) == LUA_OK;
        if (!ok)
            lua_pop(L, 1);
        lunq_loop_unwatch(&t->watch);
    }
    look_around(t);
    return ok;
}

static enum typing_key read_byte(struct typing *t, lua_State *L, char *byte)
{
    if (t->nahead > 0) {
        *byte = t->ahead[0];
        memmove(t->ahead, t->ahead + 1, --t->nahead);
        return KEY_BYTE;
    }
    for (;;) {
        ssize_t n;
        if (!serve(t, L))
            return KEY_NONE;
        n = read(STDIN_FILENO, byte, 1);
        if (n >= 0)
            return n > 0 ? KEY_BYTE : KEY_END;
        if (errno != EINTR || lunq_interrupted)
            return KEY_NONE;
    }
}

/* After an ESC: whether `mark` follows, which is taken then. Anything else is kept for later. Terminals
 * send such a sequence at once, so it is only looked for in what is there already. */
static bool take_mark(struct typing *t, lua_State *L, const char *mark)
{
    char got[sizeof t->ahead];
    unsigned char n = 0, want = (unsigned char)(strlen(mark) - 1);
    bool same = true;
    while (same && n < want && has_input()) {
        if (read_byte(t, L, &got[n]) != KEY_BYTE)
            break;
        same = got[n] == mark[n + 1];
        n++;
    }
    if (same && n == want)
        return true;
    memcpy(t->ahead, got, n); /* it was empty */
    t->nahead = n;
    return false;
}

enum typing_key typing_key(struct typing *t, lua_State *L, char *byte, bool *pasted)
{
    bool fresh;
    enum typing_key k;
    do {
        fresh = t->nahead == 0; /* what was looked at once is not looked at again */
        k = read_byte(t, L, byte);
        if (k != KEY_BYTE || *byte != '\033' || !fresh)
            break;
        if (!take_mark(t, L, t->pasting ? paste_ends : paste_begins))
            break;
        t->pasting = !t->pasting;
    } while (true);
    *pasted = t->pasting;
    return k;
}

/* ---- the terminal ---------------------------------------------------------------------------- */

static unsigned size_of(struct typing *t, bool columns)
{
    struct winsize w;
    if (ioctl(t->kept.screen, TIOCGWINSZ, &w) < 0 || !w.ws_col || !w.ws_row)
        return columns ? 80 : 24;
    return columns ? w.ws_col : w.ws_row;
}

unsigned typing_columns(struct typing *t)
{
    return size_of(t, true);
}

unsigned typing_rows(struct typing *t)
{
    return size_of(t, false);
}

FILE *typing_out(struct typing *t)
{
    return t->out;
}

/* Terminals older than the marks show their rest. */
static bool knows_marks(void)
{
    const char *term = getenv("TERM");
    return term && *term && strcmp(term, "dumb") && strncmp(term, "vt", 2);
}

struct typing *typing_open(const struct typing_line *line)
{
    struct typing *t = calloc(1, sizeof *t);
    int screen;
    if (!t)
        return NULL;
    t->line = *line;
    t->marks = knows_marks();
    t->watch.fd = STDIN_FILENO;
    t->watch.ready = on_readable;
    screen = kept_open(&t->kept) ? fcntl(t->kept.screen, F_DUPFD_CLOEXEC, 3) : -1;
    t->out = screen >= 0 ? fdopen(screen, "w") : NULL;
    if (!t->out) {
        if (screen >= 0)
            close(screen);
        typing_close(t);
        return NULL;
    }
    signal(SIGWINCH, on_resize);
    return t;
}

void typing_close(struct typing *t)
{
    if (!t)
        return;
    if (t->kept.begun) { /* the program ends in the middle of a line */
        kept_write(&t->kept, "\n", 1);
        typing_end(t);
    }
    signal(SIGWINCH, SIG_DFL);
    lunq_loop_unwatch(&t->watch);
    if (t->out)
        fclose(t->out);
    kept_close(&t->kept);
    free(t);
}
