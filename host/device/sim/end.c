/* end.c - a test bench's ends of streams (core/axis.h): where they are on the links of the design, and
 * moving their packets as time passes. Data goes in pieces, as models send it, each as long as the
 * beats between two pauses take. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../../core/axis.h"
#include "private.h"

struct sim_end {
    struct sim_event move; /* source: the next piece; sink: the end of its pause */
    struct lunq_sim *sim;
    struct lunq_axis *x;
    struct sim_link *link; /* NULL: the design has gone */
    uint64_t beat;         /* ns */
    bool refused;    /* source: the slave takes nothing now; sink: the master was told to wait */
    bool blocked;    /* sink: in a pause */
    bool cut;        /* source: the master it stands in for has data */
    bool busy, gone; /* its data is on the way; it is to be freed after that */
    uint8_t *piece;  /* that data, `room` bytes: a model may close the source meanwhile */
    size_t room;
    struct sim_end *next, *next_monitor;
};

/* ---- finding a stream ---------------------------------------------------------------------- */

static bool is_end(const char *port, const struct sim_inst *i, const struct lunq_bus *bus)
{
    size_t n = i ? strlen(i->path) : 0;
    return i && bus && !strncmp(port, i->path, n) && port[n] == '/' &&
           !strcasecmp(port + n + 1, bus->name);
}

/* The external port of the design that a link with only one end leads to, or NULL. */
static const char *external_name(const struct lunq_sim *s, const struct sim_link *l)
{
    const struct lunq_design *d = s->fabric.design;
    for (size_t i = 0; l->name && (!l->master || !l->slave) && i < d->n_external_buses; i++)
        if (d->external_buses[i].bus && !strcmp(d->external_buses[i].bus, l->name))
            return d->external_buses[i].name;
    return NULL;
}

static struct sim_link *find(const struct lunq_sim *s, const char *port)
{
    for (size_t i = 0; i < s->fabric.n_links; i++) {
        struct sim_link *l = s->fabric.links[i];
        const char *outside = external_name(s, l);
        if (is_end(port, l->master, l->master_if) || is_end(port, l->slave, l->slave_if) ||
            (outside && !strcmp(outside, port)))
            return l;
    }
    return NULL;
}

/* "path/INTERFACE", or NULL for an end outside the design. */
static char *end_name(const struct sim_inst *i, const struct lunq_bus *bus)
{
    char text[1024];
    if (!i)
        return NULL;
    snprintf(text, sizeof text, "%s/%s", i->path, bus ? bus->name : "?");
    return strdup(text);
}

static const char *or_outside(const char *name, const char *outside)
{
    return name ? name : outside ? outside : "outside";
}

/* The streams there are, as many as a message has room for. */
static void list_streams(const struct lunq_sim *s, char *text, size_t size)
{
    enum { MOST = 6 };
    size_t n = s->fabric.n_links, at = 0;
    *text = 0;
    for (size_t i = 0; i < n && i < MOST && at < size; i++) {
        const struct sim_link *l = s->fabric.links[i];
        const char *outside = external_name(s, l);
        char *from = end_name(l->master, l->master_if), *to = end_name(l->slave, l->slave_if);
        at += (size_t)snprintf(text + at, size - at, "\n  %s -> %s", or_outside(from, outside),
                               or_outside(to, outside));
        free(from);
        free(to);
    }
    if (n > MOST && at < size)
        snprintf(text + at, size - at, "\n  and %zu more: device:streams()", n - MOST);
}

static int no_such_stream(const struct lunq_sim *s, const char *port, struct lunq_error *err)
{
    char list[1024];
    if (!s->fabric.design)
        return lunq_fail(err, LUNQ_RUNTIME, "No design is loaded on %s: it has no streams.",
                         s->dev.name);
    list_streams(s, list, sizeof list);
    return lunq_fail(err, LUNQ_VALUE,
                     "The loaded design has no stream \"%s\": one is named by the interface at "
                     "either of its ends. It has%s",
                     port, *list ? list : " none.");
}

/* ---- facts about it ------------------------------------------------------------------------ */

/* A number the metadata says at either end; 0: none does. */
static uint64_t fact(const struct sim_link *l, const char *name, uint64_t otherwise)
{
    const struct lunq_bus *ends[] = {l->slave_if, l->master_if};
    for (size_t e = 0; e < 2; e++)
        for (size_t i = 0; ends[e] && i < ends[e]->n_params; i++)
            if (!strcasecmp(ends[e]->params[i].name, name))
                return strtoull(ends[e]->params[i].value, NULL, 10);
    return otherwise;
}

static unsigned beat_bytes(const struct sim_link *l)
{
    uint64_t n = fact(l, "TDATA_NUM_BYTES", 0);
    if (n == 0 && l->slave_if)
        n = l->slave_if->data_width / 8;
    if (n == 0 && l->master_if)
        n = l->master_if->data_width / 8;
    return n > 0 && n <= 512 ? (unsigned)n : 4;
}

static uint64_t beat_ns(const struct sim_link *l)
{
    uint64_t hz = fact(l, "FREQ_HZ", 0);
    return hz >= 1000000 && hz < 1000000000 ? 1000000000 / hz : 10; /* 100 MHz when nobody says */
}

/* ---- being there --------------------------------------------------------------------------- */

static struct sim_end **place(struct sim_end *e, struct sim_link *l)
{
    return e->x->role == LUNQ_AXIS_SOURCE ? &l->source
           : e->x->role == LUNQ_AXIS_SINK ? &l->sink
                                          : &l->monitors;
}

/* False: another one of this role is there, where there can be only one. */
static bool put_on(struct sim_end *e, struct sim_link *l)
{
    struct sim_end **at = place(e, l);
    if (*at && e->x->role != LUNQ_AXIS_MONITOR)
        return false;
    e->next_monitor = *at;
    *at = e;
    e->link = l;
    e->beat = beat_ns(l);
    return true;
}

static void take_off(struct sim_end *e)
{
    struct sim_end **at;
    if (!e->link)
        return;
    for (at = place(e, e->link); *at != e;)
        at = &(*at)->next_monitor;
    *at = e->next_monitor;
    e->next_monitor = NULL;
    e->link = NULL;
}

static void forget_state(struct sim_end *e)
{
    sim_clock_cancel(&e->sim->clock, &e->move);
    sim_update_direct(e->sim);
    e->refused = e->blocked = e->cut = false;
}

static void free_end(struct sim_end *e)
{
    free(e->piece);
    free(e);
}

static void move(struct sim_event *event);

static void plan(struct sim_end *e, uint64_t beats)
{
    sim_clock_plan(&e->sim->clock, &e->move, beats * e->beat);
    e->sim->dev.direct = false;
}

int sim_end_attach(struct lunq_device *d, struct lunq_axis *x, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct sim_link *l = find(s, x->port);
    struct sim_end *e;
    if (!l)
        return no_such_stream(s, x->port, err);
    e = calloc(1, sizeof *e);
    if (!e)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    e->sim = s;
    e->x = x;
    e->move.fire = move;
    if (!put_on(e, l)) {
        free(e);
        return lunq_fail(err, LUNQ_RUNTIME, "%s has a %s already: close that one first.", x->port,
                         x->role == LUNQ_AXIS_SOURCE ? "source" : "sink");
    }
    x->end = e;
    x->master = end_name(l->master, l->master_if);
    x->slave = end_name(l->slave, l->slave_if);
    x->width = beat_bytes(l);
    x->keep = fact(l, "HAS_TKEEP", 1) != 0;
    x->last = fact(l, "HAS_TLAST", 1) != 0;
    e->next = s->ends;
    s->ends = e;
    return 0;
}

void sim_end_detach(struct lunq_device *d, struct lunq_axis *x)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct sim_end *e = x->end, **at = &s->ends;
    struct sim_link *l = e->link;
    bool resume = e->cut;
    x->end = NULL;
    take_off(e);
    forget_state(e);
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    if (resume && l->master && l->master->cls->resume)
        l->master->cls->resume(l->master, l);
    if (l && x->role == LUNQ_AXIS_SINK)
        sim_link_ready(l); /* who was refused tries again, with the receiver of the design */
    if (e->busy)
        e->gone = true;
    else
        free_end(e);
}

void sim_end_kick(struct lunq_device *d, struct lunq_axis *x)
{
    struct sim_end *e = x->end;
    (void)d;
    if (!e->link || x->role == LUNQ_AXIS_MONITOR)
        return;
    if (x->role == LUNQ_AXIS_SINK ? !e->blocked : !e->refused && !e->move.due.in)
        plan(e, 0);
}

void sim_ends_unlink(struct lunq_sim *s)
{
    for (struct sim_end *e = s->ends; e; e = e->next) {
        take_off(e);
        forget_state(e);
    }
}

void sim_ends_relink(struct lunq_sim *s, bool all)
{
    for (struct sim_end *e = s->ends; e; e = e->next) {
        struct sim_link *l = all || e->x->over ? NULL : find(s, e->x->port);
        if (l && put_on(e, l))
            sim_end_kick(&s->dev, e->x);
        else if (!e->x->over)
            lunq_axis_over(e->x);
    }
}

/* ---- moving -------------------------------------------------------------------------------- */

static bool set_piece(struct sim_end *e, const uint8_t *data, size_t n)
{
    if (n > e->room) {
        uint8_t *piece = realloc(e->piece, n);
        if (!piece)
            return false;
        e->piece = piece;
        e->room = n;
    }
    memcpy(e->piece, data, n);
    return true;
}

static void out_of_memory(struct sim_end *e)
{
    if (!e->sim->failure.kind)
        lunq_fail(&e->sim->failure, LUNQ_MEMORY, "Out of memory for the stream %s.", e->x->port);
}

/* The next piece: as many beats as go without a pause. */
static void source_move(struct sim_end *e)
{
    struct lunq_axis *x = e->x;
    struct lunq_axis_side side;
    const uint8_t *data;
    bool last;
    size_t n = lunq_axis_head(x, &data, &last, &side), beats = (n + x->width - 1) / x->width, run,
           taken;
    if (n == 0)
        return;
    run = lunq_axis_run(x, beats);
    if (run > 0) {
        size_t piece = run < beats ? run * x->width : n;
        if (!set_piece(e, data, piece)) {
            out_of_memory(e);
            return;
        }
        e->busy = true;
        e->link->side = side;
        taken = sim_link_send(e->link, e->piece, piece, last && run == beats);
        e->busy = false;
        if (e->gone) {
            free_end(e);
            return;
        }
        lunq_axis_taken(x, taken);
        e->refused = taken < piece;
        if (e->refused)
            return;
    }
    plan(e, run < beats ? run + lunq_axis_gap(x) : run);
}

/* A pause of the sink is over, or it was told to go on: the master may send. */
static void sink_move(struct sim_end *e)
{
    e->blocked = false;
    if (e->refused && !e->x->paused) {
        e->refused = false;
        sim_link_ready(e->link);
    }
}

static void move(struct sim_event *event)
{
    struct sim_end *e = (struct sim_end *)event;
    if (!e->link)
        return;
    if (e->x->role == LUNQ_AXIS_SOURCE)
        source_move(e);
    else
        sink_move(e);
}

void sim_end_refused(struct sim_end *source)
{
    source->cut = true;
}

void sim_end_ready(struct sim_end *source)
{
    source->refused = false;
    plan(source, 0);
}

/* The data counts as taken all the same: to whoever uses the device next, it has failed. */
static void keep(struct sim_end *e, const uint8_t *data, size_t n, bool last)
{
    if (!lunq_axis_arrived(e->x, data, n, last, &e->link->side))
        out_of_memory(e);
}

size_t sim_end_accept(struct sim_end *e, const uint8_t *data, size_t n, bool last)
{
    struct lunq_axis *x = e->x;
    size_t beats = (n + x->width - 1) / x->width, run;
    if (x->paused || e->blocked) {
        e->refused = true;
        return 0;
    }
    run = lunq_axis_run(x, beats);
    if (run < beats) {
        e->blocked = e->refused = true;
        plan(e, run + lunq_axis_gap(x));
        n = run * x->width;
        last = false;
    }
    if (n > 0)
        keep(e, data, n, last);
    return n;
}

void sim_end_saw(struct sim_end *monitors, const uint8_t *data, size_t n, bool last)
{
    for (struct sim_end *e = monitors; e; e = e->next_monitor)
        keep(e, data, n, last);
}
