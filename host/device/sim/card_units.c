/* card_units.c - compute units of a simulated card, and the scheduler that feeds them (XRT's, xrt.md 1 and
 * 8): each has a queue of runs; it gets the register image of the first, is started through its control
 * port, and the next follows when it is done. What a unit computes is its model (card_models.c); the
 * registers are those of models/hls.c, so a program may start a unit by hand, too. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/run.h"
#include "card.h"

/* From a start to the first clock of the unit: through the scheduler of the card, which takes 2.8 us for each
 * of many runs (xrt.md 9). One that waits in the queue is launched sooner. */
#define LAUNCH_NS 2000
#define NEXT_NS 300
/* When the scheduler gives up a unit that does not take a run at all. */
#define RESPONSE_NS 1000000

#define FIRST_ARG 0x10 /* below are control and interrupt registers (registers.md 15) */

/* ---- one run after the other ------------------------------------------------------------------ */

static void launch(struct sim_unit *u, uint64_t ns)
{
    struct lunq_run *r = u->first->run;
    struct lunq_sim *s = u->inst->sim;
    uint8_t *regs = sim_hls_registers(u->inst);
    u->busy = true;
    u->fate = LUNQ_RUN_COMPLETED;
    if (s->tracing)
        sim_trace(s, "launch %s", u->inst->path);
    if (sim_fault(u->inst, "no_response", NULL)) {
        u->fate = LUNQ_RUN_NO_RESPONSE;
        sim_plan(u->inst, &u->verdict, RESPONSE_NS);
        return;
    }
    if (r->kernel->regs_size > FIRST_ARG)
        memcpy(regs + FIRST_ARG, r->regs + FIRST_ARG, r->kernel->regs_size - FIRST_ARG);
    sim_hls_start(u->inst, ns);
}

static bool is_idle(const struct sim_unit *u)
{
    return !u->first && !sim_hls_is_running(u->inst);
}

/* The first run of the queue has ended: the next one starts, then whoever waited for it. */
static void end_first(struct sim_unit *u)
{
    struct lunq_sim *s = u->inst->sim;
    struct lunq_run *r = u->first->run;
    enum lunq_run_state fate = u->fate;
    char *why = u->why;
    u->why = NULL;
    u->busy = false;
    u->first = u->first->next;
    if (!u->first)
        u->last = NULL;
    u->waiting--;
    if (s->tracing)
        sim_trace(s, "end %s %s", u->inst->path, lunq_run_state_name(fate));
    if (u->first)
        launch(u, NEXT_NS);
    lunq_run_ended(r, fate, why);
    free(why);
}

/* The core is done. Started by hand it had nothing to do with the queue, which goes on. */
static void core_ended(struct sim_inst *i)
{
    struct sim_unit *u = i->unit;
    if (!u->busy) {
        if (u->first)
            launch(u, NEXT_NS);
        return;
    }
    sim_hls_acknowledge(i);
    sim_cancel(i, &u->verdict);
    if (u->fate == LUNQ_RUN_COMPLETED && sim_fault(i, "kernel_error", NULL)) {
        u->fate = LUNQ_RUN_ERROR;
        u->why = strdup("an injected fault");
    }
    end_first(u);
}

static void verdict(struct sim_event *e)
{
    struct sim_unit *u = (struct sim_unit *)((char *)e - offsetof(struct sim_unit, verdict));
    sim_hls_stop(u->inst);
    if (u->busy)
        end_first(u);
}

bool sim_unit_failed(struct sim_inst *i, const struct lunq_error *err)
{
    struct sim_unit *u = i->unit;
    if (!u || !u->busy)
        return false;
    if (u->fate != LUNQ_RUN_COMPLETED)
        return true; /* the first failure is the cause */
    u->fate = LUNQ_RUN_ERROR;
    u->why = strdup(err->message);
    sim_plan(i, &u->verdict, 0);
    return true;
}

/* ---- the device's entries --------------------------------------------------------------------- */

/* lunq_kernel.key: its units. */
int sim_card_kernel_open(struct lunq_device *d, struct lunq_kernel *k, struct lunq_error *err)
{
    struct sim_card *card = ((struct lunq_sim *)d)->card;
    struct sim_unit **units = calloc(k->n_cus, sizeof(struct sim_unit *));
    if (!units)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    for (size_t i = 0; i < k->n_cus; i++) {
        units[i] = &card->units[k->cus[i] - k->design->card.cus];
        if (units[i]->inst)
            continue;
        free(units);
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "%s (%s) can't be started: its registers are not those of an HLS kernel.",
                         k->cus[i]->name, k->cus[i]->kernel);
    }
    k->key = units;
    return 0;
}

void sim_card_kernel_close(struct lunq_device *d, struct lunq_kernel *k)
{
    (void)d;
    free(k->key);
}

/* The free one first, else the one with the shortest queue. */
static size_t choose_unit(const struct lunq_kernel *k)
{
    struct sim_unit *const *units = k->key;
    size_t best = 0;
    for (size_t i = 0; i < k->n_cus; i++) {
        if (is_idle(units[i]))
            return i;
        if (units[i]->waiting < units[best]->waiting)
            best = i;
    }
    return best;
}

int sim_card_run_start(struct lunq_device *d, struct lunq_run *r, struct lunq_error *err)
{
    struct sim_unit *const *units = r->kernel->key, *u;
    size_t cu = choose_unit(r->kernel);
    struct sim_ticket *t = r->key;
    bool idle = is_idle(units[cu]);
    (void)d;
    u = units[cu];
    if (!u->compute)
        return sim_unit_no_model(u, err);
    if (!sim_hls_registers(u->inst) || (!t && !(t = r->key = calloc(1, sizeof *t))))
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    r->cu = cu;
    *t = (struct sim_ticket){.run = r, .unit = units[cu]};
    if (units[cu]->last)
        units[cu]->last->next = t;
    else
        units[cu]->first = t;
    units[cu]->last = t;
    units[cu]->waiting++;
    if (idle)
        launch(units[cu], LAUNCH_NS);
    return 0;
}

static void leave_queue(struct sim_unit *u, struct sim_ticket *t)
{
    struct sim_ticket *before = u->first;
    while (before->next != t)
        before = before->next;
    before->next = t->next;
    if (u->last == t)
        u->last = before;
    u->waiting--;
}

/* A unit's reset, as a scheduler that can do it has it. */
int sim_card_run_abort(struct lunq_device *d, struct lunq_run *r, struct lunq_error *err)
{
    struct sim_ticket *t = r->key;
    struct sim_unit *u = t->unit;
    (void)d, (void)err;
    if (u->first == t && u->busy) {
        sim_cancel(u->inst, &u->verdict);
        sim_hls_stop(u->inst);
        u->fate = LUNQ_RUN_ABORTED;
        end_first(u);
    } else if (u->first == t) { /* behind a start by hand */
        u->fate = LUNQ_RUN_ABORTED;
        end_first(u);
    } else {
        leave_queue(u, t);
        lunq_run_ended(r, LUNQ_RUN_ABORTED, NULL);
    }
    return 0;
}

void sim_card_run_free(struct lunq_device *d, struct lunq_run *r)
{
    (void)d;
    free(r->key);
}

/* ---- life ------------------------------------------------------------------------------------- */

struct sim_unit *sim_units_new(size_t n)
{
    return calloc(n + 1, sizeof(struct sim_unit));
}

void sim_units_free(struct lunq_sim *s, struct sim_unit *units, size_t n)
{
    for (size_t i = 0; units && i < n; i++) {
        sim_clock_cancel(&s->clock, &units[i].verdict);
        while (units[i].first) { /* of an instance that is gone */
            struct lunq_run *r = units[i].first->run;
            units[i].first = units[i].first->next;
            lunq_run_ended(r, LUNQ_RUN_ABORTED, "another design was loaded");
        }
        free(units[i].why);
    }
    free(units);
}

/* Its arguments lie in its registers: readers have looked, whoever builds a design has not. */
static bool fits(const struct lunq_cu *cu, const struct sim_inst *i)
{
    uint64_t range = sim_hls_range(i);
    for (size_t k = 0; k < cu->n_args; k++) {
        const struct lunq_arg *a = &cu->args[k];
        uint64_t size = sim_takes_buffer(a) ? 8 : a->size;
        if (a->kind != LUNQ_ARG_STREAM && a->kind != LUNQ_ARG_LOCAL &&
            (a->offset > range || size > range - a->offset))
            return false;
    }
    return true;
}

void sim_units_bind(struct lunq_sim *s, struct sim_unit *units, const struct lunq_design *d)
{
    for (size_t i = 0; i < d->card.n_cus; i++) {
        struct sim_inst *inst = sim_inst_of(s, d->card.cus[i].module);
        struct sim_unit *u = &units[i];
        if (!inst || inst->base != &sim_hls || !fits(&d->card.cus[i], inst))
            continue;
        u->cu = &d->card.cus[i];
        u->inst = inst;
        u->verdict.fire = verdict;
        inst->unit = u;
        inst->ended = core_ended;
        sim_unit_choose_model(s, u);
    }
}
