/* card_models.c - what compute units of a simulated card compute, and the memory they reach: models in C here,
 * those in Lua through bindings/l_model_kernel.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card.h"

/* ---- models ----------------------------------------------------------------------------------- */

int sim_unit_no_model(const struct sim_unit *u, struct lunq_error *err)
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
    sim_unit_no_model(i->unit, &e);
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

void sim_unit_choose_model(struct lunq_sim *s, struct sim_unit *u)
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

uint8_t *sim_unit_memory(struct sim_inst *i, const char *port, uint64_t addr, size_t n)
{
    struct lunq_mem *m;
    uint8_t *p = sim_card_at(i->sim, addr, n, &m);
    if (!p || !i->unit)
        return p;
    for (size_t k = 0; k < i->unit->cu->n_args; k++) {
        const struct lunq_arg *a = &i->unit->cu->args[k];
        if (sim_takes_buffer(a) && (!port || !strcmp(port, a->port)) && connected(i->sim, a, m))
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
