#include <math.h>
#include <stdlib.h>

#include "loop_outside.h"

#define MS 1000000u /* ns */
/* Hardware that has to be looked at: at once for the first looks, then at growing intervals, as
 * lunq_wait_step does. */
enum { SPINS = 200, POLL_NS = 50000 };
/* Pieces of simulated time between looks: the first, and the longest without a time limit. */
enum { PIECE_NS = 64, LONGEST_PIECE_NS = 1000000 };
/* The first piece of time that several simulated devices pass together. */
enum { TOGETHER_NS = 1000 };

/* All waits in one time base. */
struct lunq_timeline {
    struct lunq_device *dev; /* NULL: the wall clock */
    uint64_t serial;         /* the device's; the wall clock comes last */
    struct lunq_heap limits;
    size_t limited; /* waits in it that let time pass for their limit: all but background ones */
    struct lunq_waiter *first, *last; /* those that look */
    size_t waiters;
    uint64_t pause;     /* the next piece of time while somebody looks, ns */
    uint64_t wall_seen; /* wall time up to which simulated time was let pass; 0: not paced */
    struct lunq_timeline *next;
};

static struct {
    struct lunq_timeline wall;
    struct lunq_timeline *lines; /* with waiters, by serial */
    uint64_t started;            /* waits so far: their order */
    uint64_t ended;              /* waits that ended, and other news */
    struct lunq_waiter *looking; /* its look is running; NULL once it was removed meanwhile */
    struct lunq_waiter *cursor;  /* next one to look */
    bool stepping;
    unsigned idle; /* steps since something ended */
    unsigned turn;
    uint64_t nap;      /* the longest sleep of a step, ns */
    uint64_t wall_now; /* in this step, while nothing has run since; 0: not known */
    /* Somebody waits for more than one simulated device: the next piece of time of each; else 0. */
    uint64_t together;
} loop = {.wall = {.serial = UINT64_MAX}, .nap = UINT64_MAX};

void lunq_loop_nap(uint64_t ns)
{
    loop.nap = ns;
}

uint64_t lunq_loop_ended(void)
{
    return loop.ended;
}

/* ---- waits ---------------------------------------------------------------------------------- */

static struct lunq_timeline *line_of(struct lunq_device *d)
{
    if (!d || !d->ops->advance)
        return &loop.wall;
    if (!d->line && (d->line = calloc(1, sizeof *d->line))) {
        d->line->dev = d;
        d->line->serial = d->serial;
    }
    return d->line;
}

static void enlist(struct lunq_timeline *t)
{
    struct lunq_timeline **at = &loop.lines;
    if (t->waiters++ > 0)
        return;
    while (*at && (*at)->serial < t->serial)
        at = &(*at)->next;
    t->next = *at;
    *at = t;
    t->wall_seen = 0;
    if (t->dev)
        lunq_device_ref(t->dev);
}

/* May close the device, and t with it. */
static void delist(struct lunq_timeline *t)
{
    struct lunq_timeline **at = &loop.lines;
    if (--t->waiters > 0)
        return;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    lunq_device_unref(t->dev);
}

static uint64_t limit_of(uint64_t now, double seconds)
{
    /* As lunq_wait_begin: beyond 30 years there is no limit, and nothing can overflow. */
    if (!(seconds >= 0) || isinf(seconds) || seconds > 1e9)
        return UINT64_MAX;
    return now + (uint64_t)(seconds * 1e9);
}

uint64_t lunq_loop_now(struct lunq_device *d)
{
    return lunq_device_now(d && d->ops->advance ? d : NULL);
}

/* Among those who look in each step. */
static void look_on(struct lunq_waiter *w)
{
    struct lunq_timeline *t = w->line;
    if (w->looks)
        return;
    w->looks = true;
    w->next = NULL;
    w->prev = t->last;
    *(t->last ? &t->last->next : &t->first) = w;
    t->last = w;
}

static void look_away(struct lunq_waiter *w)
{
    struct lunq_timeline *t = w->line;
    if (!w->looks)
        return;
    w->looks = false;
    if (loop.cursor == w)
        loop.cursor = w->next;
    *(w->prev ? &w->prev->next : &t->first) = w->next;
    *(w->next ? &w->next->prev : &t->last) = w->prev;
}

int lunq_loop_add(struct lunq_waiter *w, struct lunq_device *d, double seconds,
                  struct lunq_event *event, struct lunq_error *err)
{
    struct lunq_timeline *t = line_of(d);
    if (!t)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    enlist(t);
    w->line = t;
    w->due = (struct lunq_node){.at = limit_of(lunq_device_now(t->dev), seconds),
                                .order = loop.started++};
    if (w->due.at != UINT64_MAX)
        lunq_heap_put(&t->limits, &w->due);
    t->limited += w->due.in && !w->background;
    w->looks = false;
    if (w->look) {
        t->pause = PIECE_NS;
        look_on(w);
    }
    w->event = event;
    w->event_next = w->event_prev = NULL;
    if (event) {
        w->event_prev = event->last;
        *(event->last ? &event->last->event_next : &event->first) = w;
        event->last = w;
    }
    loop.idle = 0;
    return 0;
}

static void leave_event(struct lunq_waiter *w)
{
    struct lunq_event *e = w->event;
    w->event = NULL;
    *(w->event_prev ? &w->event_prev->event_next : &e->first) = w->event_next;
    *(w->event_next ? &w->event_next->event_prev : &e->last) = w->event_prev;
}

void lunq_loop_remove(struct lunq_waiter *w)
{
    struct lunq_timeline *t = w->line;
    if (!t)
        return;
    if (loop.looking == w)
        loop.looking = NULL;
    look_away(w);
    w->line = NULL;
    t->limited -= w->due.in && !w->background;
    lunq_heap_take(&t->limits, &w->due);
    if (w->event)
        leave_event(w);
    delist(t);
}

void lunq_loop_end(struct lunq_waiter *w, int result, const struct lunq_error *err)
{
    if (!w->line)
        return;
    lunq_loop_remove(w);
    loop.ended++;
    w->done(w, result, err);
}

void lunq_loop_news(void)
{
    loop.ended++;
}

bool lunq_loop_has_limit(const struct lunq_waiter *w)
{
    return w->due.in;
}

struct lunq_device *lunq_loop_device(const struct lunq_waiter *w)
{
    return w->line ? w->line->dev : NULL;
}

bool lunq_loop_serving(void)
{
    return loop.stepping;
}

bool lunq_loop_busy(void)
{
    return loop.lines || lunq_outside_alive();
}

/* ---- events --------------------------------------------------------------------------------- */

void lunq_event_set(struct lunq_event *e, uint64_t when)
{
    uint64_t count = ++e->count;
    e->when = when;
    if (!e->first)
        return;
    e->count = 0;
    /* Whoever waits again from here on waits for the next time: only those up to `last` wake. */
    for (struct lunq_waiter *w = e->first, *last = e->last, *next; w; w = next) {
        next = w == last ? NULL : w->event_next;
        w->count = count;
        w->when = when;
        if (w->look) {
            look_on(w);
            lunq_loop_news();
        } else {
            lunq_loop_end(w, 1, NULL);
        }
    }
}

uint64_t lunq_event_take(struct lunq_event *e, uint64_t *when)
{
    uint64_t count = e->count;
    e->count = 0;
    *when = e->when;
    return count;
}

/* ---- serving -------------------------------------------------------------------------------- */

/* Has w look, and ends the wait when that, or its time limit, says so. A look may run a model, and
 * that anything: w may be gone afterwards. */
static void look(struct lunq_waiter *w, bool late)
{
    struct lunq_error e;
    int r = 0;
    if (late)
        lunq_fail(&e, LUNQ_TIMEOUT, "time is over");
    loop.wall_now = 0;
    loop.looking = w;
    if (w->look)
        r = w->look(w, late, &e);
    if (loop.looking != w)
        return;
    loop.looking = NULL;
    if (r == 0 && late)
        r = LUNQ_TIMEOUT;
    if (r != 0)
        lunq_loop_end(w, r, r < 0 ? &e : NULL);
    else if (w->event)
        look_away(w);
}

static struct lunq_waiter *waiter_of(struct lunq_node *n)
{
    return (struct lunq_waiter *)((char *)n - offsetof(struct lunq_waiter, due));
}

/* First those whose time is over, the earliest limit first; then the others look, in order of
 * start. The caller holds the device. */
static void serve(struct lunq_timeline *t)
{
    uint64_t now = lunq_device_now(t->dev);
    if (!t->dev)
        loop.wall_now = now;
    while (t->limits.first && t->limits.first->at <= now)
        look(waiter_of(t->limits.first), true);
    for (struct lunq_waiter *w = t->first; w; w = loop.cursor) {
        loop.cursor = w->next;
        look(w, false);
    }
}

/* Calls f for each timeline, in order; f may end waits, and with them timelines. */
static void each_line(void (*f)(struct lunq_timeline *t))
{
    struct lunq_timeline *t = loop.lines;
    while (t) {
        struct lunq_device *d = t->dev;
        uint64_t serial = t->serial;
        if (d)
            lunq_device_ref(d);
        f(t);
        lunq_device_unref(d);
        if (serial == UINT64_MAX)
            return;
        for (t = loop.lines; t && t->serial <= serial;)
            t = t->next;
    }
}

/* ---- time ----------------------------------------------------------------------------------- */

static bool moved, others, simulated; /* of this step; simulated: a device was to let time pass */

/* Where somebody looks and nothing is planned, a step to the time limit would be two looks in all,
 * and a model that answers the third read would never be asked. So time passes in pieces, twice as
 * long each time, as in lunq_mmio_poll. */
static uint64_t next_piece(struct lunq_timeline *t, uint64_t limit)
{
    uint64_t now = lunq_device_now(t->dev), left = limit > now ? limit - now : 0;
    bool endless = limit == UINT64_MAX;
    if (endless && t->pause >= LONGEST_PIECE_NS)
        return limit; /* the device says when nothing will ever happen */
    if (t->pause < (endless ? LONGEST_PIECE_NS : left / 64))
        t->pause *= 2;
    return t->pause < left ? now + t->pause : limit;
}

/* How far a simulated device may go now: to the first time limit, but not past the wall clock
 * while somebody outside may act. */
static uint64_t horizon(struct lunq_timeline *t)
{
    uint64_t until = t->limited ? t->limits.first->at : UINT64_MAX, wall, now;
    if (t->first)
        until = next_piece(t, until);
    if (!others) {
        t->wall_seen = 0;
        now = lunq_device_now(t->dev);
        if (until == UINT64_MAX || until <= now || !loop.together)
            return until;
        return loop.together < until - now ? now + loop.together : until;
    }
    wall = lunq_device_now(NULL);
    now = lunq_device_now(t->dev) + (t->wall_seen ? wall - t->wall_seen : 0);
    t->wall_seen = wall;
    return now < until ? now : until;
}

/* A device where only a time limit is left would jump to it in one step, while another one has work to
 * do whose end somebody else is to see: several go on by the same pieces, twice as long each step. */
static void set_together(bool quiet)
{
    size_t n = 0;
    for (struct lunq_timeline *t = loop.lines; t; t = t->next)
        n += t->dev != NULL;
    if (n < 2)
        loop.together = 0;
    else if (!quiet || loop.together == 0)
        loop.together = TOGETHER_NS;
    else if (loop.together < (uint64_t)1 << 62)
        loop.together *= 2;
}

/* A device that fails tells whoever has waited longest for it. */
static void device_failed(struct lunq_timeline *t, const struct lunq_error *e)
{
    struct lunq_waiter *w = t->first ? t->first : NULL;
    if (!w && t->limits.first)
        w = waiter_of(t->limits.first);
    if (w)
        lunq_loop_end(w, e->kind, e);
}

static void pass_time(struct lunq_timeline *t)
{
    struct lunq_error e;
    uint64_t until;
    int r;
    if (!t->dev)
        return;
    simulated = true;
    loop.wall_now = 0;
    until = horizon(t);
    r = t->dev->ops->advance(t->dev, until, &e);
    if (r < 0 && r != LUNQ_TIMEOUT) /* that one says: nothing is planned, and no limit */
        device_failed(t, &e);
    moved = moved || r == 0;
}

/* How long the process may sleep, ns; UINT64_MAX: until somebody outside acts. */
static uint64_t sleep_time(void)
{
    uint64_t ns = UINT64_MAX;
    for (struct lunq_timeline *t = loop.lines; t; t = t->next) {
        uint64_t limit = t->limits.first ? t->limits.first->at : UINT64_MAX;
        uint64_t now = !t->dev && loop.wall_now ? loop.wall_now : lunq_device_now(t->dev),
                 most = UINT64_MAX;
        if (t->dev && !others) /* it had its chance to move */
            continue;
        if (limit != UINT64_MAX)
            most = limit > now ? limit - now : 0;
        if (t->dev) /* paced: what its models have planned is not known */
            most = most < MS / 10 ? most : MS / 10;
        else if (t->first)
            most = loop.idle <= SPINS                   ? 0
                   : loop.idle - SPINS < POLL_NS / 1000 ? (loop.idle - SPINS) * 1000
                                                        : POLL_NS;
        ns = most < ns ? most : ns;
    }
    return ns;
}

static int interrupted(struct lunq_error *err)
{
    lunq_interrupted = 0;
    return lunq_fail(err, LUNQ_RUNTIME, "interrupted");
}

static int step(bool block, struct lunq_error *err)
{
    uint64_t ended = loop.ended, ns;
    if (lunq_interrupted)
        return interrupted(err);
    /* Whoever is outside gets his turn even when tasks never stop having something to do. */
    if ((++loop.turn & 15) == 0)
        lunq_outside_look();
    loop.wall_now = 0;
    each_line(serve);
    if (loop.ended != ended || !block) {
        loop.idle = 0;
        return 1;
    }
    loop.idle++;
    others = lunq_outside_alive();
    set_together(loop.idle > 1);
    moved = simulated = false;
    each_line(pass_time);
    if (simulated || !others || !lunq_outside_reads()) /* else the sleep looks */
        lunq_outside_look_watches();
    if (loop.ended != ended || (moved && !others))
        return 1;
    ns = sleep_time();
    if (ns == UINT64_MAX && !others)
        return 0;
    lunq_outside_sleep(loop.nap == UINT64_MAX ? loop.wall_now : 0, ns < loop.nap ? ns : loop.nap);
    return 1;
}

int lunq_loop_step(bool block, struct lunq_error *err)
{
    int r;
    if (loop.stepping) /* out of a look or a model */
        return lunq_fail(err, LUNQ_RUNTIME,
                         "The event loop is serving a device or a callback: "
                         "nothing can wait in there.");
    loop.stepping = true;
    r = step(block, err);
    loop.stepping = false;
    return r;
}

/* ---- one wait, for C ------------------------------------------------------------------------ */

struct lone {
    struct lunq_waiter *w;
    void (*done)(struct lunq_waiter *w, int result, const struct lunq_error *err);
    int result;
    struct lunq_error err;
};

static struct lone *lone;

static void lone_done(struct lunq_waiter *w, int result, const struct lunq_error *err)
{
    lone->result = result;
    if (err)
        lone->err = *err;
    (void)w;
}

int lunq_loop_wait(struct lunq_waiter *w, struct lunq_error *err)
{
    struct lone me = {.w = w, .done = w->done}, *outer = lone;
    int r = 1;
    lone = &me;
    w->done = lone_done;
    while (r == 1 && me.result == 0)
        r = lunq_loop_step(true, &me.err);
    if (r == 0)
        r = lunq_fail(&me.err, LUNQ_TIMEOUT,
                      "Nothing is under way: a wait without a time limit "
                      "would never end.");
    lunq_loop_remove(w);
    w->done = me.done;
    lone = outer;
    if (me.result > 0)
        return 0;
    if (err)
        *err = me.err;
    return me.result < 0 ? me.result : r;
}
