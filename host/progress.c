/* progress.c - shows on the terminal how far something long is (host/core/progress.h), and at the prompt
 * what is waited for. One line below the cursor, which stays where it is: what was printed before is not
 * touched, and what is printed next takes its place. Only where output and errors are a terminal that can
 * do that, and never while a line is typed or a live view is shown. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../bindings/l_wait.h"
#include "blocked.h"
#include "core/progress.h"
#include "kept.h"
#include "program.h"

enum { BAR = 10, NAP_NS = 100000000 };

static struct lunq_progress waiting; /* of the main thread's wait at the prompt */
static struct kept kept;             /* what tasks print during it, from when it is shown */
static bool keeping, terminal;

/* ---- words ------------------------------------------------------------------------------------ */

struct line {
    char text[512];
    size_t n;
};

static void add(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *l, const char *fmt, ...)
{
    va_list ap;
    int n;
    va_start(ap, fmt);
    n = vsnprintf(l->text + l->n, sizeof l->text - l->n, fmt, ap);
    va_end(ap);
    if (n > 0)
        l->n += (size_t)n < sizeof l->text - l->n ? (size_t)n : sizeof l->text - l->n - 1;
}

/* "1.5M" */
static void add_bytes(struct line *l, uint64_t n)
{
    static const char units[] = " KMGTP";
    double v = (double)n;
    int u = 0;
    for (; v >= 1024 && units[u + 1]; u++)
        v /= 1024;
    add(l, u ? "%.*f%c" : "%.*f", u && v < 10 ? 1 : 0, v, units[u]);
}

static void add_amount(struct line *l, const struct lunq_progress *p)
{
    int full = (int)(BAR * (double)p->done / (double)p->total);
    if (p->unit) {
        add(l, ": %llu of %llu%s%s", (unsigned long long)p->done, (unsigned long long)p->total,
            *p->unit ? " " : "", p->unit);
        return;
    }
    full = full < 0 ? 0 : full > BAR ? BAR : full;
    add(l, ": [%.*s%.*s] %3.0f%% of ", full, "##########", BAR - full, "----------",
        100 * (double)p->done / (double)p->total);
    add_bytes(l, p->total);
}

static void add_all(struct line *l, const struct lunq_progress *p, double seconds)
{
    add(l, "%s%s", p->wait ? "waiting for " : "", p->what);
    if (p->total)
        add_amount(l, p);
    if (p->note)
        add(l, ", %s", p->note);
    add(l, ", %.1f s", seconds);
    if (p->limit > 0)
        add(l, " of %g s", p->limit);
    if (p->wait)
        add(l, " (Ctrl-C ends it)");
}

/* A file name may have anything in it. */
static void make_harmless(struct line *l)
{
    for (size_t i = 0; i < l->n; i++)
        if ((unsigned char)l->text[i] < ' ' || l->text[i] == 127)
            l->text[i] = '?';
}

/* ---- drawing ---------------------------------------------------------------------------------- */

static int screen(void)
{
    return keeping ? kept.screen : STDOUT_FILENO;
}

static void put(const char *text, size_t n)
{
    const struct kept to = {.screen = screen()};
    kept_write(&to, text, n);
}

static size_t columns(void)
{
    struct winsize w;
    return ioctl(screen(), TIOCGWINSZ, &w) == 0 && w.ws_col > 1 ? w.ws_col : 80;
}

/* Whole characters of UTF-8, no more than fit. */
static size_t cut(const struct line *l, size_t most)
{
    size_t shown = 0, i = 0;
    for (; i < l->n; i++)
        if ((l->text[i] & 0xc0) != 0x80 && shown++ == most)
            break;
    return i;
}

/* Makes sure that there is a line below, clears what is to the right (a line of before, which the cursor
 * has come down to), and writes below. */
static void show(const struct lunq_progress *p, double seconds)
{
    struct line l = {.n = 0};
    char all[sizeof l.text + 64];
    int n;
    if (kept_somewhere() && !keeping)
        return;
    if (p == &waiting && !keeping && kept_open(&kept)) {
        kept_begin(&kept);
        keeping = true;
    }
    add_all(&l, p, seconds);
    make_harmless(&l);
    fflush(stdout);
    n = snprintf(all, sizeof all, "\033D\033[A\0337\033[K\r\033[B%.*s\033[K\0338",
                 (int)cut(&l, columns() - 1), l.text);
    put(all, (size_t)n); /* in one piece: this may be the thread of blocked.c */
}

static void hide(void)
{
    static const char clear[] = "\0337\033[K\r\033[B\033[K\0338";
    if (kept_somewhere() && !keeping)
        return;
    fflush(stdout);
    put(clear, sizeof clear - 1);
}

static bool ready(void)
{
    return terminal && !kept_somewhere();
}

static void watch(const struct lunq_progress *p);

static const struct lunq_progress_sink to = {ready, show, hide, watch};

static void watch(const struct lunq_progress *p)
{
    if (p)
        blocked_begin(p, &to);
    else
        blocked_end();
}

void lunq_progress_install(void)
{
    const char *term = getenv("TERM");
    terminal = isatty(STDOUT_FILENO) && isatty(STDERR_FILENO) && term && *term &&
               strcmp(term, "dumb") != 0;
    if (terminal)
        lunq_progress_to(&to);
}

/* ---- waits at the prompt ---------------------------------------------------------------------- */

static void let_go(void)
{
    lunq_progress_end(&waiting);
    if (!keeping)
        return;
    keeping = false;
    kept_close(&kept);
}

/* A sleep needs no words. */
static bool worth_words(const struct l_op *op)
{
    return op->look || op->expired;
}

static void begin_wait(const struct l_wait *w)
{
    lunq_progress_begin(&waiting, w->op->what, 0);
    waiting.wait = true;
    if (!lunq_loop_device(&w->w) && !isinf(w->seconds)) /* by the clock of who sits there */
        waiting.limit = w->seconds;
}

/* Before each step of a wait (w), and when it is over (NULL). */
static void turn(struct l_wait *w)
{
    struct lunq_progress *p = lunq_progress_current();
    if (!w) {
        let_go();
        return;
    }
    if (!p && worth_words(w->op)) {
        begin_wait(w);
        p = lunq_progress_current();
    }
    if (!p)
        return;
    if (keeping && kept_news(&kept)) {
        hide();
        kept_show(&kept);
        p->next = 0;
    }
    if (p == &waiting && w->op->progress && lunq_progress_due(p))
        w->op->progress(w->data.bytes, &p->done, &p->total);
    lunq_progress_at(p, p->done);
}

void lunq_progress_of_waits(bool on)
{
    if (!terminal)
        return;
    l_wait_turn = on ? turn : NULL;
    lunq_loop_nap(on ? NAP_NS : UINT64_MAX);
}
