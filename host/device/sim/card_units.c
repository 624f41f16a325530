/* card_units.c - compute units of a simulated card, and the scheduler that feeds them (XRT's, xrt.md 1 and
 * 8): each has a queue of runs; it gets the register image of the first, is started through its control
 * port, and the next follows when it is done. What a unit computes is its model; the registers are
 * those of models/hls.c, so a program may start a unit by hand, too. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/memory.h"
#include "../../core/run.h"
#include "card.h"

/* From a start to the first clock of the unit: through the scheduler of the card, which takes 2.8 us for each
 * of many runs (xrt.md 9). One that waits in the queue is launched sooner. */
#define LAUNCH_NS 2000
#define NEXT_NS 300
/* When the scheduler gives up a unit that does not take a run at all. */
#define RESPONSE_NS 1000000

#define FIRST_ARG 0x10 /* below are control and interrupt registers (registers.md 15) */

/* A run in a unit's queue; lunq_run.key, kept with it. */
struct ticket {
    struct lunq_run *run;
    struct sim_unit *unit;
    struct ticket *next;
};

struct sim_unit {
    struct sim_inst *inst;
    const struct lunq_cu *cu;
    bool (*compute)(struct sim_inst *i); /* of its model; NULL: it has none */
    struct ticket *first, *last;
    size_t waiting;                /* in the queue, with the first */
    bool busy;                     /* the first is on it */
    enum lunq_run_state fate;      /* how that will end */
    char *why;                     /* malloc */
    struct sim_event verdict;      /* ends it when the core does not */
    struct lunq_sim_kernel kernel; /* the model in C, or .run NULL */
};

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

/* ---- models ----------------------------------------------------------------------------------- */

/* A kernel nobody has described: to whoever started it. */
static int no_model(const struct sim_unit *u, struct lunq_error *err)
{
    const struct lunq_module *m = u->inst->module;
    char args[256] = "";
    for (size_t i = 0; i < u->cu->n_args; i++) {
        size_t at = strlen(args);
        snprintf(args + at, sizeof args - at, ", %s", u->cu->args[i].name);
    }
    return lunq_fail(err, LUNQ_UNSUPPORTED,
                     "Kernel %s (%s) has no model: nobody has told the simulated card what it "
                     "computes. Write lunq.model \"%s\" { kernel = function(self%s) ... end }, see "
                     "docs/simulator.md, Cards.",
                     u->cu->kernel, u->cu->name, m->vlnv ? m->vlnv : u->cu->kernel, args);
}

static bool compute_nothing(struct sim_inst *i)
{
    struct lunq_error e;
    no_model(i->unit, &e);
    sim_report(i, &e);
    return true;
}

static bool compute_in_c(struct sim_inst *i)
{
    struct sim_unit *u = i->unit;
    struct lunq_sim_call call = {.inst = i, .cu = u->cu, .ctx = u->kernel.ctx};
    struct lunq_error e;
    if (u->kernel.run(&call, &e) < 0) {
        lunq_fail_in(&e, "Model of %s", i->path);
        sim_report(i, &e);
    }
    return true;
}

static bool is_named(const struct lunq_sim_kernel *k, const struct sim_unit *u)
{
    const char *vlnv = u->inst->module->vlnv;
    size_t n = strlen(k->name);
    if (!strcmp(k->name, u->cu->kernel) || !strcmp(k->name, u->cu->name))
        return true;
    return vlnv && !strncmp(k->name, vlnv, n) && (vlnv[n] == 0 || vlnv[n] == ':');
}

int lunq_sim_bind_kernel(struct lunq_sim *s, const struct lunq_sim_kernel *k,
                         struct lunq_error *err)
{
    struct lunq_sim_kernel *list;
    if (!s->card)
        return lunq_fail(err, LUNQ_UNSUPPORTED, "Device %s is no card: it has no kernels.",
                         s->dev.name);
    list = realloc(s->card->kernels, (s->card->n_kernels + 1) * sizeof *list);
    if (!list)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    s->card->kernels = list;
    list[s->card->n_kernels++] = *k;
    return 0;
}

/* A model in Lua, which has set compute, comes before those in C. */
static void choose_model(struct lunq_sim *s, struct sim_unit *u)
{
    struct sim_inst *i = u->inst;
    for (size_t k = s->card->n_kernels; !i->compute && k-- > 0;) {
        if (!is_named(&s->card->kernels[k], u))
            continue;
        u->kernel = s->card->kernels[k];
        i->compute = compute_in_c;
    }
    u->compute = i->compute;
    if (!i->compute)
        i->compute = compute_nothing;
}

/* ---- what a model reaches --------------------------------------------------------------------- */

static bool connected(const struct lunq_sim *s, const struct lunq_arg *a, const struct lunq_mem *m)
{
    const struct lunq_card *card = &s->card->shown->card;
    for (size_t i = 0; i < a->n_memories; i++)
        if (a->memories[i] < card->n_memories &&
            card->memories[a->memories[i]].row == s->dev.banks[m->bank].row)
            return true;
    return a->n_memories == 0;
}

static bool takes_buffer(const struct lunq_arg *a)
{
    return a->kind == LUNQ_ARG_GLOBAL || a->kind == LUNQ_ARG_CONSTANT;
}

uint8_t *sim_unit_memory(struct sim_inst *i, const char *port, uint64_t addr, size_t n)
{
    struct lunq_mem *m;
    uint8_t *p = sim_card_at(i->sim, addr, n, &m);
    if (!p || !i->unit)
        return p;
    for (size_t k = 0; k < i->unit->cu->n_args; k++) {
        const struct lunq_arg *a = &i->unit->cu->args[k];
        if (takes_buffer(a) && (!port || !strcmp(port, a->port)) && connected(i->sim, a, m))
            return p;
    }
    return NULL;
}

const struct lunq_cu *sim_unit_cu(const struct sim_inst *i)
{
    return i->unit ? i->unit->cu : NULL;
}

static int bad_address(const struct lunq_sim *s, const struct lunq_arg *a, uint64_t addr,
                       const struct lunq_mem *m, struct lunq_error *err)
{
    if (!m)
        return lunq_fail(err, LUNQ_IO,
                         "Bus error (DECERR): argument %s is the address 0x%" PRIx64
                         ", and no live buffer is there.",
                         a->name, addr);
    return lunq_fail(err, LUNQ_IO,
                     "Bus error (DECERR): argument %s is the address 0x%" PRIx64
                     " in bank %s, which it is not connected to.",
                     a->name, addr, s->dev.banks[m->bank].name);
}

uint8_t *sim_unit_argument(struct sim_inst *i, size_t arg, struct lunq_mem **mem, size_t *bytes,
                           struct lunq_error *err)
{
    const struct lunq_arg *a = &i->unit->cu->args[arg];
    const uint8_t *regs = sim_hls_registers(i);
    struct lunq_sim *s = i->sim;
    struct lunq_mem *m = NULL;
    uint64_t addr, delay = 0;
    uint8_t *p;
    int resp = SIM_OKAY;
    if (s->armed)
        resp = sim_fault_access(s, i, a->port, UINT64_MAX, &delay);
    if (resp != SIM_OKAY) {
        lunq_fail(err, LUNQ_IO, "Bus error (%s) at port %s, argument %s: an injected fault.",
                  resp == SIM_DECERR ? "DECERR" : "SLVERR", a->port, a->name);
        return NULL;
    }
    memcpy(&addr, regs + a->offset, sizeof addr);
    p = sim_card_at(s, addr, 1, &m);
    if (!p || !connected(s, a, m)) {
        bad_address(s, a, addr, m, err);
        return NULL;
    }
    *bytes = (size_t)(m->size - (addr - m->address));
    *mem = m;
    return p;
}

void *lunq_sim_call_buffer(struct lunq_sim_call *c, size_t i, size_t *bytes, struct lunq_error *err)
{
    struct lunq_mem *m;
    return sim_unit_argument(c->inst, i, &m, bytes, err);
}

uint64_t lunq_sim_call_scalar(struct lunq_sim_call *c, size_t i)
{
    const struct lunq_arg *a = &c->cu->args[i];
    uint64_t value = 0;
    memcpy(&value, sim_hls_registers(c->inst) + a->offset, a->size < 8 ? a->size : 8);
    return value;
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
    struct ticket *t = r->key;
    bool idle = is_idle(units[cu]);
    (void)d;
    u = units[cu];
    if (!u->compute)
        return no_model(u, err);
    if (!sim_hls_registers(u->inst) || (!t && !(t = r->key = calloc(1, sizeof *t))))
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    r->cu = cu;
    *t = (struct ticket){.run = r, .unit = units[cu]};
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

static void leave_queue(struct sim_unit *u, struct ticket *t)
{
    struct ticket *before = u->first;
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
    struct ticket *t = r->key;
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
        uint64_t size = takes_buffer(a) ? 8 : a->size;
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
        choose_model(s, u);
    }
}
