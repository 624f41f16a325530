/* time.c - letting virtual time pass, what models report meanwhile, and the recording of it all. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* Events that may fire at one moment; more means that they plan each other without end. */
#define MAX_STORM 1000000
#define MAX_LOG (64u << 20) /* recording ends there, bytes */

void sim_update_direct(struct lunq_sim *s)
{
    s->dev.direct = !s->programming && !s->clock.events.first && !s->armed && !s->tracing &&
                    !s->counting && !s->wave && !s->ps.stopped && !s->n_held;
}

uint64_t sim_now(struct sim_inst *i)
{
    return i->sim->clock.now;
}

void sim_plan(struct sim_inst *i, struct sim_event *e, uint64_t delay)
{
    sim_clock_plan(&i->sim->clock, e, delay);
    i->sim->dev.direct = false;
}

void sim_cancel(struct sim_inst *i, struct sim_event *e)
{
    sim_clock_cancel(&i->sim->clock, e);
    sim_update_direct(i->sim);
}

uint64_t sim_latency(struct sim_inst *i, uint64_t ns)
{
    struct lunq_sim *s = i->sim;
    const struct lunq_sim_fault *f =
        s->armed ? sim_fault_strike(s, i, "slow_bus", NULL, UINT64_MAX) : NULL;
    return sim_clock_latency(&s->clock, ns) + (f ? f->ns : 0);
}

double sim_clock_scale(const struct sim_inst *i, const char *pin)
{
    int k = sim_ps_clock(i, pin);
    return k < 0 ? 1 : i->sim->ps.clock[k].scale;
}

uint64_t sim_clock_hz(const struct sim_inst *i, const char *pin)
{
    const struct lunq_port *p = lunq_module_port(i->module, pin);
    double hz = (p && p->clk_hz ? (double)p->clk_hz : 1e8) * sim_clock_scale(i, pin);
    return hz < 1 ? 1 : hz > 1e12 ? 1000000000000u : (uint64_t)(hz + 0.5); /* files say anything */
}

void sim_clock_follow(struct sim_inst *i, const char *pin, uint64_t *hz)
{
    *hz = sim_clock_hz(i, pin);
    if (i->n_follows < sizeof i->follows / sizeof *i->follows)
        i->follows[i->n_follows++] = (struct sim_follow){pin, hz};
}

int64_t sim_param(const struct sim_inst *i, const char *name, int64_t otherwise)
{
    return lunq_module_param_int(i->module, name, otherwise);
}

void sim_report(struct sim_inst *i, const struct lunq_error *err)
{
    if (!sim_unit_failed(i, err) && !i->sim->failure.kind)
        i->sim->failure = *err;
}

/* Gives the failure a model reported to the caller; 0 when there is none. Inside a model the
 * access that started it all is still to come back, so it waits for that one. */
int sim_take_failure(struct lunq_sim *s, struct lunq_error *err)
{
    int kind = s->failure.kind;
    if (!kind || s->depth > 0)
        return 0;
    if (err)
        *err = s->failure;
    s->failure.kind = 0;
    return kind;
}

/* Runs the first event due at or before `until`. False: there was none. */
static bool run_one(struct lunq_sim *s, uint64_t until)
{
    struct sim_event *e = sim_clock_next(&s->clock, until);
    if (!e)
        return false;
    s->depth++;
    s->until = until;
    e->fire(e);
    s->depth--;
    return true;
}

void sim_run_due(struct lunq_sim *s)
{
    unsigned n = 0;
    while (n < MAX_STORM && run_one(s, s->clock.now))
        n++;
    if (n == MAX_STORM && !s->failure.kind)
        lunq_fail(&s->failure, LUNQ_RUNTIME,
                  "The simulated design does not settle: %u events at %" PRIu64
                  " ns. A model plans "
                  "events without letting time pass.",
                  n, s->clock.now);
    sim_update_direct(s);
}

void sim_pass(struct lunq_sim *s, uint64_t ns)
{
    uint64_t until = s->clock.now + ns;
    unsigned n = 0;
    if (s->depth > 0)
        return;
    while (n < MAX_STORM && run_one(s, until))
        n++;
    if (until > s->clock.now)
        s->clock.now = until;
    sim_update_direct(s);
}

static int no_waiting(struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_RUNTIME,
                     "A model can't wait: time stands still while it runs. Use "
                     "self:after(ns, function) instead.");
}

/* Lets the device run until an event has happened, but not beyond `until`. */
int sim_advance(struct lunq_sim *s, uint64_t until, struct lunq_error *err)
{
    int r;
    if (s->depth > 0)
        return no_waiting(err);
    if (!s->clock.events.first && until == UINT64_MAX)
        return lunq_fail(err, LUNQ_TIMEOUT,
                         "Nothing is under way on %s: a wait without a time limit would never end.",
                         s->dev.name);
    lunq_device_ref(&s->dev); /* a model may close its device */
    if (!run_one(s, until) && until > s->clock.now)
        s->clock.now = until;
    sim_update_direct(s);
    r = sim_take_failure(s, err);
    if (r == LUNQ_TIMEOUT) { /* of a bus: who waits would take it for the end of its own time */
        r = LUNQ_DEVICE;
        if (err)
            err->kind = r;
    }
    lunq_device_unref(&s->dev);
    return r;
}

int lunq_sim_step(struct lunq_sim *s, struct lunq_error *err)
{
    int r, ran;
    if (s->depth > 0)
        return no_waiting(err);
    lunq_device_ref(&s->dev);
    ran = run_one(s, UINT64_MAX);
    sim_update_direct(s);
    r = sim_take_failure(s, err);
    lunq_device_unref(&s->dev);
    return r < 0 ? r : ran;
}

void sim_trace(struct lunq_sim *s, const char *fmt, ...)
{
    char line[512];
    size_t n = (size_t)snprintf(line, sizeof line, "%" PRIu64 " ", s->clock.now);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line + n, sizeof line - n - 1, fmt, ap);
    va_end(ap);
    n = strlen(line);
    line[n++] = '\n';
    if (s->log_size + n > s->log_room) {
        size_t room = s->log_room ? 2 * s->log_room : 65536;
        char *log = room <= MAX_LOG ? realloc(s->log, room) : NULL;
        if (!log) {
            s->tracing = false; /* what is there stays */
            return;
        }
        s->log = log;
        s->log_room = room;
    }
    memcpy(s->log + s->log_size, line, n);
    s->log_size += n;
}

void lunq_sim_record(struct lunq_sim *s, bool on)
{
    s->tracing = on;
    if (on)
        s->log_size = 0;
    sim_update_direct(s);
}

const char *lunq_sim_recorded(struct lunq_sim *s, size_t *size)
{
    *size = s->log_size;
    return s->log ? s->log : "";
}
