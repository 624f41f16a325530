/* engine.c - see engine.h. */
#include "engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "isolate.h"
#include "unknown.h"

/* ---- what the RTL prints, and how it ends ---------------------------------------------------- */

static void say(void *user, const char *line)
{
    struct rtl_engine *e = user;
    if (!*line)
        return;
    snprintf(e->said[e->n_said++ % RTL_SAID], RTL_SAID_BYTES, "%s", line);
    fprintf(stderr, "%s: %s\n", e->name, line);
}

const char *rtl_engine_stressed(const struct rtl_engine *e, char *buf)
{
    *buf = 0;
    if (e->stress.seed)
        snprintf(buf, RTL_STRESSED, ", stress=%" PRIu64, e->stress.seed);
    return buf;
}

#define SAID_TEXT (RTL_SAID * RTL_SAID_BYTES + 64)

/* " It printed last:" and the lines, or "". */
static const char *said_last(const struct rtl_engine *e, char *buf)
{
    size_t at = 0;
    *buf = 0;
    for (unsigned i = e->n_said > RTL_SAID ? e->n_said - RTL_SAID : 0; i < e->n_said; i++)
        at += (size_t)snprintf(buf + at, SAID_TEXT - at, "%s\n  %s",
                               at ? "" : " It printed last:", e->said[i % RTL_SAID]);
    return buf;
}

/* The RTL does nothing any more, and who waits for it is told. */
static void stop(struct rtl_engine *e)
{
    e->dead = true;
    for (size_t i = 0; i < e->n_slaves; i++)
        rtl_queue_reset(&e->queues[i]);
}

static int ended(struct rtl_engine *e, struct lunq_error *err)
{
    char said[SAID_TEXT], stressed[RTL_STRESSED];
    stop(e);
    lunq_fail(err, LUNQ_DEVICE, "The RTL of %s has ended: %s, cycle %" PRIu64 "%s.%s", e->name,
              e->model->error(e->inst), e->cycle, rtl_engine_stressed(e, stressed),
              said_last(e, said));
    return lunq_fault(err);
}

/* Outputs follow inputs. */
static inline int settle(struct rtl_engine *e, struct lunq_error *err)
{
    int end;
    if (e->bind.slices.n)
        rtl_slices_put(&e->bind.slices);
    end = e->model->eval(e->inst);
    if (e->bind.slices.n)
        rtl_slices_get(&e->bind.slices);
    return __builtin_expect(end == LUNQ_RTL_GOES_ON, 1) ? 0 : ended(e, err);
}

/* ---- partners of one clock -------------------------------------------------------------------- */

#define WITH_MAIN SIZE_MAX

/* Is this bus on a clock that has a time of its own (list[i] of the clocks)? SIZE_MAX: on one that goes with the main
 * one. */
static bool is_on(const struct rtl_engine *e, const struct rtl_bus *f, size_t clock)
{
    bool own;
    if (!e->clocks
             .own) /* in nearly every design, each cycle; then it is the main one that is asked for */
        return true;
    own = e->clocks.list[f->clock].half;
    return clock == WITH_MAIN ? !own : own && f->clock == clock;
}

static void sample_slave(struct rtl_engine *e, size_t i)
{
    if (e->queues[i].active) {
        rtl_queue_sample(&e->queues[i]);
        return;
    }
    if (e->checks.on)
        rtl_axil_check(&e->slaves[i]);
    if (e->slaves[i].busy)
        rtl_axil_sample(&e->slaves[i]);
}

/* The partners on one clock, before its rising edge. */
static void sample(struct rtl_engine *e, size_t clock)
{
    e->checks.cycle = e->cycle;
    for (size_t i = 0; i < e->n_slaves; i++)
        if (is_on(e, e->slaves[i].bus, clock))
            sample_slave(e, i);
    for (size_t i = 0; i < e->n_memories; i++)
        if (is_on(e, e->memories[i].bus, clock))
            rtl_memory_sample(&e->memories[i]);
    for (size_t i = 0; i < e->n_streams; i++)
        if (is_on(e, e->streams[i].bus, clock))
            rtl_stream_sample(&e->streams[i]);
}

/* A port that has ended its access is driven once more: back to rest. */
static void drive_slave(struct rtl_engine *e, size_t i)
{
    if (e->slaves[i].busy || e->slaves[i].cycles) {
        rtl_axil_drive(&e->slaves[i]);
        if (!e->slaves[i].busy)
            e->slaves[i].cycles = 0;
    }
    if (rtl_queue_waits(&e->queues[i]) && !e->slaves[i].busy)
        rtl_queue_drive(&e->queues[i]);
}

/* And after it. */
static void drive(struct rtl_engine *e, size_t clock)
{
    for (size_t i = 0; i < e->n_slaves; i++)
        if (is_on(e, e->slaves[i].bus, clock))
            drive_slave(e, i);
    for (size_t i = 0; i < e->n_memories; i++)
        if (is_on(e, e->memories[i].bus, clock))
            rtl_memory_drive(&e->memories[i]);
    for (size_t i = 0; i < e->n_streams; i++)
        if (is_on(e, e->streams[i].bus, clock))
            rtl_stream_drive(&e->streams[i]);
}

/* Everything settles at this moment. */
static inline int settle_at(struct rtl_engine *e, uint64_t ps, struct lunq_error *err)
{
    int r;
    e->model->set_time(e->inst, ps);
    r = settle(e, err);
    if (e->tracing)
        e->model->trace_dump(e->inst, ps);
    return r;
}

/* ---- clocks with a time of their own ------------------------------------------------------------ */

static uint64_t irq_levels(const struct rtl_engine *e)
{
    uint64_t now = 0;
    unsigned at = 0;
    for (size_t i = 0; i < e->bind.n_irqs; at += e->bind.irqs[i++].width)
        now |= rtl_get(&e->bind.irqs[i], 0) << at;
    return now;
}

/* Those that have an edge at this moment, and the partners of those that rise. */
static void flip_others(struct rtl_engine *e, uint64_t ps)
{
    for (size_t i = 0; i < e->clocks.n; i++) {
        struct rtl_clock *k = &e->clocks.list[i];
        k->rises = k->half && k->next == ps && !rtl_is_high(k->pin);
        if (k->rises)
            sample(e, i);
    }
    rtl_clocks_flip(&e->clocks, ps);
}

static bool drive_others(struct rtl_engine *e)
{
    bool any = false;
    for (size_t i = 0; i < e->clocks.n; i++) {
        struct rtl_clock *k = &e->clocks.list[i];
        if (!k->rises)
            continue;
        k->rises = false;
        drive(e, i);
        any = true;
    }
    return any;
}

/* Their edges before `ps`. What partners drive settles at once: another clock may be the next to look. */
static int run_others(struct rtl_engine *e, uint64_t ps, struct lunq_error *err)
{
    uint64_t t;
    int r = 0;
    while (r == 0 && (t = rtl_clocks_next(&e->clocks, ps)) != UINT64_MAX) {
        flip_others(e, t);
        r = settle_at(e, t, err);
        if (r == 0 && drive_others(e))
            r = settle(e, err);
        if (r == 0)
            e->pulses |= irq_levels(e);
    }
    return r;
}

/* ---- a cycle ------------------------------------------------------------------------------- */

int rtl_engine_begin(struct rtl_engine *e, struct rtl_axil *p, struct lunq_error *err)
{
    if (is_on(e, p->bus, WITH_MAIN))
        return 0;
    rtl_axil_drive(p);
    return settle(e, err);
}

static uint64_t next_rise(const struct rtl_engine *e)
{
    return e->cycle * e->period_ps;
}

/* An edge of the main clock at this moment, with those of others. */
static inline int edge(struct rtl_engine *e, bool level, uint64_t ps, struct lunq_error *err)
{
    int r;
    if (e->clocks.own)
        flip_others(e, ps);
    rtl_clocks_put(&e->clocks, level);
    r = settle_at(e, ps, err);
    if (r == 0 && e->clocks.own)
        drive_others(e);
    return r;
}

void rtl_engine_drive(struct rtl_engine *e)
{
    drive(e, WITH_MAIN);
}

/* Half a period before the rising edge; the clock is low when the first cycle begins. */
int rtl_engine_fall(struct rtl_engine *e, struct lunq_error *err)
{
    uint64_t ps = e->cycle ? next_rise(e) - e->period_ps / 2 : 0;
    int r = e->clocks.own ? run_others(e, ps, err) : 0;
    if (r == 0)
        r = edge(e, false, ps, err);
    if (e->recorder.ring)
        rtl_recorder_note(&e->recorder);
    return r;
}

/* Other clocks come first: what they change is there when the main one rises. */
void rtl_engine_sample(struct rtl_engine *e)
{
    if (e->clocks.own)
        e->late = run_others(e, next_rise(e), &e->trouble);
    if (e->late == 0)
        sample(e, WITH_MAIN);
}

/* Nothing that follows from such a bit could be trusted. */
static int has_unknown(struct rtl_engine *e, const struct lunq_error *why, struct lunq_error *err)
{
    char stressed[RTL_STRESSED];
    stop(e);
    lunq_fail(err, LUNQ_DEVICE,
              "The RTL of %s can't go on: %s, cycle %" PRIu64
              "%s. A register without a reset, or an input nobody drives? (?check=0 takes unknown "
              "bits as 0.)",
              e->name, why->message, e->cycle, rtl_engine_stressed(e, stressed));
    return lunq_fault(err);
}

int rtl_engine_rise(struct rtl_engine *e, struct lunq_error *err)
{
    struct lunq_error why;
    int r;
    if (e->late < 0) {
        *err = e->trouble;
        return e->late;
    }
    if (e->model->unknown && e->checks.on &&
        rtl_check_unknown(&e->checks, &e->bind, e->inst, &why) < 0)
        return has_unknown(e, &why, err);
    r = edge(e, true, next_rise(e), err);
    if (r == 0)
        e->cycle++;
    return r;
}

void rtl_engine_period(struct rtl_engine *e, uint64_t period_ps)
{
    e->period_ps = period_ps;
    for (size_t i = 0; i < e->clocks.n; i++)
        rtl_clocks_set(&e->clocks, i, 0, 0);
}

void rtl_engine_clock(struct rtl_engine *e, size_t i, uint64_t period_ps)
{
    if (period_ps != e->period_ps && i != e->clocks.main)
        rtl_clocks_set(&e->clocks, i, period_ps, e->cycle * e->period_ps);
}

/* Whether the model writes what a file of this name is taken for. */
static int check_format(const struct rtl_engine *e, const char *path, struct lunq_error *err)
{
    const char *is = e->model->flags & LUNQ_RTL_FST ? "fst" : "vcd",
               *other = is[0] == 'f' ? "vcd" : "fst";
    size_t n = strlen(path);
    if (n < 4 || path[n - 4] != '.' || strcasecmp(path + n - 3, other))
        return 0;
    return lunq_fail(err, LUNQ_VALUE,
                     "%s: the model of %s writes %s, so call the file %.*s.%s, or build a model "
                     "with lunq rtl build "
                     "--trace %s.",
                     path, e->name, is, (int)(n - 4), path, is, other);
}

int rtl_engine_trace(struct rtl_engine *e, const char *path, struct lunq_error *err)
{
    int r;
    if (!path && e->tracing)
        e->model->trace_close(e->inst);
    if (!path) {
        e->tracing = false;
        return 0;
    }
    if (e->tracing)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "The waves of %s go to a file already: device:trace(false) ends it, then "
                         "another can begin.",
                         e->name);
    if (!(e->model->flags & (LUNQ_RTL_VCD | LUNQ_RTL_FST)))
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "The model of %s was built without traces: lunq rtl build --trace fst (or "
                         "vcd) makes one with.",
                         e->name);
    r = check_format(e, path, err);
    if (r < 0)
        return r;
    r = e->model->trace_open(e->inst, path, 99);
    if (r < 0)
        return lunq_fail(err, LUNQ_IO, "%s can't be written.", path);
    e->tracing = true;
    return 0;
}

int rtl_engine_coverage(const struct rtl_engine *e, const char *path, struct lunq_error *err)
{
    if (!(e->model->flags & LUNQ_RTL_COVERAGE))
        return lunq_fail(
            err, LUNQ_UNSUPPORTED,
            "The model of %s was built without coverage: lunq rtl build --coverage line "
            "(or toggle, user) makes one with.",
            e->name);
    if (e->model->cover_write(e->inst, path) < 0)
        return lunq_fail(err, LUNQ_IO, "%s can't be written.", path);
    return 0;
}

uint64_t rtl_engine_edges(struct rtl_engine *e)
{
    uint64_t now = irq_levels(e) | e->pulses, changed;
    e->pulses = 0;
    changed = now ^ e->irqs;
    e->irqs = now;
    return changed;
}

static int cycle(struct rtl_engine *e, struct lunq_error *err)
{
    int r;
    rtl_engine_drive(e);
    r = rtl_engine_fall(e, err);
    if (r < 0)
        return r;
    rtl_engine_sample(e);
    return rtl_engine_rise(e, err);
}

/* ---- life ---------------------------------------------------------------------------------- */

static void put_resets(const struct rtl_engine *e, bool active)
{
    for (size_t i = 0; i < e->bind.n_resets; i++)
        rtl_set(&e->bind.resets[i].pin, active != e->bind.resets[i].low);
}

int rtl_engine_reset(struct rtl_engine *e, unsigned cycles, struct lunq_error *err)
{
    bool on = e->checks.on;
    int r = 0;
    for (size_t i = 0; i < e->n_slaves; i++) {
        rtl_queue_reset(&e->queues[i]);
        rtl_axil_quiet(&e->slaves[i]);
    }
    for (size_t i = 0; i < e->n_memories; i++)
        rtl_memory_reset(&e->memories[i]);
    for (size_t i = 0; i < e->n_streams; i++)
        rtl_stream_reset(&e->streams[i]);
    put_resets(e, true);
    e->checks.on = false; /* before reset has worked anything may be there */
    for (unsigned i = 0; r == 0 && i < cycles; i++)
        r = cycle(e, err);
    for (size_t i = 0; on && e->bind.n_resets && i < e->bind.n_buses; i++)
        rtl_check_reset(&e->checks, &e->bind.buses[i]);
    e->checks.on = on;
    put_resets(e, false);
    return r < 0 ? r : settle(e, err);
}

static bool is_stream(enum rtl_kind k)
{
    return k == RTL_SINK || k == RTL_SOURCE;
}

/* Room for what stands at the other end of each bus. */
static bool make_lists(struct rtl_engine *e)
{
    size_t slaves = 0, masters = 0, streams = 0;
    for (size_t i = 0; i < e->bind.n_buses; i++) {
        slaves += rtl_is_slave(e->bind.buses[i].kind);
        masters += rtl_is_master(e->bind.buses[i].kind);
        streams += is_stream(e->bind.buses[i].kind);
    }
    e->slaves = calloc(slaves + 1, sizeof *e->slaves);
    e->queues = calloc(slaves + 1, sizeof *e->queues);
    e->memories = calloc(masters + 1, sizeof *e->memories);
    e->streams = calloc(streams + 1, sizeof *e->streams);
    return e->slaves && e->queues && e->memories && e->streams;
}

static bool make_partners(struct rtl_engine *e)
{
    bool ok = make_lists(e);
    for (size_t i = 0; ok && i < e->bind.n_buses; i++) {
        const struct rtl_bus *f = &e->bind.buses[i];
        if (rtl_is_slave(f->kind)) {
            rtl_queue_init(&e->queues[e->n_slaves], f, &e->stress, &e->checks);
            rtl_axil_init(&e->slaves[e->n_slaves++], f, &e->stress, &e->checks);
        } else if (rtl_is_master(f->kind)) {
            rtl_memory_init(&e->memories[e->n_memories++], f, &e->stress, &e->checks);
        } else if (is_stream(f->kind)) {
            ok = rtl_stream_init(&e->streams[e->n_streams++], f, &e->stress, &e->checks);
        }
    }
    return ok;
}

static int start(struct rtl_engine *e, const struct lunq_module *said, int argc,
                 const char *const *argv, struct lunq_error *err)
{
    char words[SAID_TEXT];
    int r = rtl_bind_pins(&e->bind, e->model, said, err);
    if (r < 0)
        return r;
    if (!make_partners(e) || !rtl_clocks_init(&e->clocks, &e->bind))
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    e->inst = rtl_create_instance(e->model, argc, argv, say, e);
    if (!e->inst)
        return lunq_fail(err, LUNQ_DEVICE, "The model of %s makes no instance.%s", e->name,
                         said_last(e, words));
    rtl_bind_attach(&e->bind, e->inst);
    for (size_t i = 0; i < e->bind.n_enables; i++)
        rtl_set(&e->bind.enables[i], true);
    r = settle(e, err); /* initial blocks run, with the clock low */
    return r < 0 ? r : rtl_engine_reset(e, RTL_RESET_CYCLES, err);
}

int rtl_engine_open(struct rtl_engine *e, const struct lunq_rtl_model *m, const char *name,
                    const struct lunq_module *said, int argc, const char *const *argv,
                    struct lunq_error *err)
{
    int r;
    *e = (struct rtl_engine){
        .model = m, .name = name, .period_ps = 10000, .stress = e->stress, .checks = e->checks};
    r = start(e, said, argc, argv, err);
    if (r < 0)
        rtl_engine_close(e);
    return r;
}

void rtl_engine_close(struct rtl_engine *e)
{
    rtl_recorder_stop(&e->recorder);
    rtl_clocks_free(&e->clocks);
    if (e->tracing)
        e->model->trace_close(e->inst);
    e->tracing = false;
    if (e->inst)
        e->model->destroy(e->inst);
    e->inst = NULL;
    for (size_t i = 0; i < e->n_streams; i++)
        rtl_stream_free(&e->streams[i]);
    for (size_t i = 0; i < e->n_slaves; i++)
        rtl_queue_reset(&e->queues[i]);
    for (size_t i = 0; i < e->n_memories; i++)
        rtl_memory_free(&e->memories[i]);
    free(e->queues);
    free(e->slaves);
    free(e->memories);
    free(e->streams);
    e->queues = NULL;
    e->slaves = NULL;
    e->memories = NULL;
    e->streams = NULL;
    e->n_slaves = e->n_memories = e->n_streams = 0;
    rtl_bind_free(&e->bind);
}

struct rtl_axil *rtl_engine_slave(struct rtl_engine *e, const char *name)
{
    for (size_t i = 0; i < e->n_slaves; i++)
        if (!strcasecmp(e->slaves[i].bus->name, name))
            return &e->slaves[i];
    return NULL;
}

struct rtl_stream *rtl_engine_stream(struct rtl_engine *e, enum rtl_kind kind, const char *name)
{
    struct rtl_stream *only = NULL;
    size_t n = 0;
    for (size_t i = 0; i < e->n_streams; i++) {
        if (e->streams[i].bus->kind != kind)
            continue;
        if (name && !strcasecmp(e->streams[i].bus->name, name))
            return &e->streams[i];
        only = &e->streams[i];
        n++;
    }
    return n == 1 ? only : NULL;
}
