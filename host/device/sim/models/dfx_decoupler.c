/* dfx_decoupler.c - DFX (or PR) Decoupler 1.0: keeps a region that is being reconfigured away from the
 * rest. Registers: registers.md section 17 (embeddedsw): offset 0 bit 0 decouples, and reads the state.
 * A design may drive the `decouple` pin instead; either is enough. The state takes a few clocks to
 * arrive (clock domain crossings, PG375); what the decoupled signals carry is not modelled. */
#include <stdlib.h>

#include "../model.h"

#define CROSSING_NS 250
#define RETRY_NS 1000000 /* how often a clock that stands still is looked at */

struct decoupler {
    struct sim_inst *inst;
    uint32_t asked, state;
    struct sim_event settle;
};

static uint32_t wanted(const struct decoupler *d)
{
    return d->asked | (uint32_t)(sim_wire_get(d->inst, "decouple") & 1);
}

static void settle(struct sim_event *e)
{
    struct decoupler *d = (struct decoupler *)((char *)e - offsetof(struct decoupler, settle));
    if (sim_fault(d->inst, "stall", NULL)) { /* its clock stands still */
        sim_plan(d->inst, e, RETRY_NS);
        return;
    }
    d->state = wanted(d);
    sim_wire_set(d->inst, "decouple_status", d->state);
}

static void follow(struct decoupler *d)
{
    if (wanted(d) != d->state && !d->settle.due.in)
        sim_plan(d->inst, &d->settle, sim_latency(d->inst, CROSSING_NS));
}

static void decoupler_wires(struct sim_inst *i)
{
    if (i->state)
        follow(i->state);
}

static int decoupler_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                          uint64_t *value, struct lunq_error *err)
{
    struct decoupler *d = i->state;
    (void)slot, (void)width, (void)err;
    follow(d);
    *value = (off & 0xfff) == 0 ? d->state : 0;
    return SIM_OKAY;
}

static int decoupler_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                           uint64_t value, struct lunq_error *err)
{
    struct decoupler *d = i->state;
    (void)slot, (void)width, (void)err;
    if ((off & 0xfff) == 0)
        d->asked = value & 1;
    follow(d);
    return SIM_OKAY;
}

static int decoupler_create(struct sim_inst *i, struct lunq_error *err)
{
    struct decoupler *d = i->state = calloc(1, sizeof *d);
    if (!d)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    d->inst = i;
    d->settle.fire = settle;
    return 0;
}

static void decoupler_destroy(struct sim_inst *i)
{
    struct decoupler *d = i->state;
    if (d)
        sim_cancel(i, &d->settle);
    free(d);
}

static const char *const vlnv[] = {"xilinx.com:ip:dfx_decoupler:*", "xilinx.com:ip:pr_decoupler:*",
                                   NULL};

static const char *const inputs[] = {"decouple", NULL};
static const char *const outputs[] = {"decouple_status", NULL};

const struct sim_class sim_dfx_decoupler = {
    .name = "dfx_decoupler",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .inputs = inputs,
    .outputs = outputs,
    .create = decoupler_create,
    .destroy = decoupler_destroy,
    .read = decoupler_read,
    .write = decoupler_write,
    .wires = decoupler_wires,
};
