/* dfx_shutdown.c - DFX (or PR) AXI Shutdown Manager 1.0: ends AXI transfers before a region goes.
 * Registers: registers.md section 17 (embeddedsw, PYNQ): offset 0: 1 asks for the shutdown, 0 releases;
 * it reads 0xF when writes and reads are shut down. While a transfer is still under way (the fault
 * "stall") only the requests read as 1: bits 0 and 1 are taken as requested, 2 and 3 as done, which
 * PG377 has to confirm; drivers may rely on 0xF and 0 only. */
#include <stdlib.h>

#include "../model.h"

enum { REQUESTED = 0x3, SHUT = 0xf };

#define DRAIN_NS 500 /* until transfers under way are over */

struct shutdown {
    struct sim_inst *inst;
    uint32_t state;
    struct sim_event drain;
};

static void set_state(struct shutdown *s, uint32_t state)
{
    s->state = state;
    sim_wire_set(s->inst, "shutdown_requested", state != 0);
    sim_wire_set(s->inst, "in_shutdown", state == SHUT);
    sim_wire_set(s->inst, "wr_in_shutdown", state == SHUT);
    sim_wire_set(s->inst, "rd_in_shutdown", state == SHUT);
}

static void drained(struct sim_event *e)
{
    struct shutdown *s = (struct shutdown *)((char *)e - offsetof(struct shutdown, drain));
    if (sim_fault(s->inst, "stall", NULL))
        sim_plan(s->inst, e, 1000000); /* the transfer never ends */
    else
        set_state(s, SHUT);
}

static int shutdown_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                         uint64_t *value, struct lunq_error *err)
{
    struct shutdown *s = i->state;
    (void)slot, (void)width, (void)err;
    *value = (off & 0xfff) == 0 ? s->state : 0;
    return SIM_OKAY;
}

static int shutdown_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                          uint64_t value, struct lunq_error *err)
{
    struct shutdown *s = i->state;
    (void)slot, (void)width, (void)err;
    if ((off & 0xfff) != 0)
        return SIM_OKAY;
    if (!(value & 1)) {
        sim_cancel(i, &s->drain);
        set_state(s, 0);
    } else if (s->state == 0) {
        set_state(s, REQUESTED);
        sim_plan(i, &s->drain, sim_latency(i, DRAIN_NS));
    }
    return SIM_OKAY;
}

static int shutdown_create(struct sim_inst *i, struct lunq_error *err)
{
    struct shutdown *s = i->state = calloc(1, sizeof *s);
    if (!s)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    s->inst = i;
    s->drain.fire = drained;
    return 0;
}

static void shutdown_destroy(struct sim_inst *i)
{
    struct shutdown *s = i->state;
    if (s)
        sim_cancel(i, &s->drain);
    free(s);
}

static const char *const vlnv[] = {"xilinx.com:ip:dfx_axi_shutdown_manager:*",
                                   "xilinx.com:ip:pr_axi_shutdown_manager:*", NULL};

static const char *const outputs[] = {"shutdown_requested", "in_shutdown", "wr_in_shutdown",
                                      "rd_in_shutdown", NULL};

const struct sim_class sim_dfx_shutdown = {
    .name = "dfx_axi_shutdown_manager",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .outputs = outputs,
    .create = shutdown_create,
    .destroy = shutdown_destroy,
    .read = shutdown_read,
    .write = shutdown_write,
};
