/* axis_fifo.c - AXI4-Stream cores that only pass data on: axis_data_fifo with its depth, and the
 * register slices, converters and clock crossings, which here are wires. */
#include <stdlib.h>

#include "../model.h"
#include "packets.h"

struct fifo {
    struct packets q;
    bool whole;   /* packet mode: nothing leaves before its TLAST is in */
    bool refused; /* the sender was told to wait */
    struct sim_event move;
    struct sim_inst *inst;
    uint64_t hz;
};

/* From in to out: three clocks, in ns. */
static uint64_t delay(const struct fifo *f)
{
    return 3 * UINT64_C(1000000000) / f->hz;
}

static size_t fifo_accept(struct sim_inst *i, struct sim_link *l, const uint8_t *data, size_t n,
                          bool last)
{
    struct fifo *f = i->state;
    size_t taken =
        sim_fault(i, "fifo_full", NULL) ? 0 : packets_put_side(&f->q, data, n, last, &l->side);
    f->refused = taken < n;
    if (taken > 0 && !f->move.due.in)
        sim_plan(i, &f->move, delay(f));
    return taken;
}

/* Packet mode lets a packet go that fills the FIFO: it could never end otherwise. */
static bool may_leave(const struct fifo *f)
{
    return !f->whole || packets_is_whole(&f->q) || packets_occupied(&f->q) == f->q.room;
}

static void fifo_move(struct sim_event *e)
{
    struct fifo *f = (struct fifo *)((char *)e - offsetof(struct fifo, move));
    struct sim_link *out = sim_link_out(f->inst, NULL);
    const uint8_t *data;
    size_t n, taken;
    bool last;
    while ((n = packets_head(&f->q, &data, &last)) > 0 && may_leave(f)) {
        if (sim_fault(f->inst, "fifo_empty", NULL)) {
            sim_plan(f->inst, &f->move, 10 * delay(f) + 1); /* until the fault is gone */
            break;
        }
        taken = sim_send_side(out, data, n, last, &packets_at(&f->q, 0)->side);
        packets_take(&f->q, taken);
        if (taken < n)
            break;
    }
    if (f->refused && packets_occupied(&f->q) < f->q.room) {
        f->refused = false;
        sim_link_ready(sim_link_in(f->inst, NULL));
    }
}

static void fifo_resume(struct sim_inst *i, struct sim_link *l)
{
    struct fifo *f = i->state;
    (void)l;
    if (f->q.n > 0 && !f->move.due.in)
        sim_plan(i, &f->move, 0);
}

static void fifo_destroy(struct sim_inst *i)
{
    struct fifo *f = i->state;
    if (!f)
        return;
    sim_cancel(i, &f->move);
    packets_free(&f->q);
    free(f);
}

static size_t bytes_per_beat(const struct sim_inst *i)
{
    int64_t n = sim_param(i, "TDATA_NUM_BYTES", 0);
    if (n <= 0)
        n = sim_param(i, "C_AXIS_TDATA_WIDTH", 32) / 8;
    return n > 0 && n <= 512 ? (size_t)n : 4;
}

static int fifo_create(struct sim_inst *i, struct lunq_error *err)
{
    struct fifo *f = i->state = calloc(1, sizeof *f);
    int64_t depth = sim_param(i, "FIFO_DEPTH", sim_param(i, "C_FIFO_DEPTH", 512));
    if (!f)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    f->inst = i;
    f->move.fire = fifo_move;
    f->whole = sim_param(i, "FIFO_MODE", 1) == 2;
    sim_clock_follow(i, "s_axis_aclk", &f->hz);
    if (!packets_init(&f->q, bytes_per_beat(i), depth < 2 || depth > 1 << 16 ? 512 : (size_t)depth))
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    return 0;
}

static const char *const fifo_vlnv[] = {"xilinx.com:ip:axis_data_fifo:*", NULL};

const struct sim_class sim_axis_fifo = {
    .name = "axis_data_fifo",
    .origin = "C",
    .vlnv = fifo_vlnv,
    .create = fifo_create,
    .destroy = fifo_destroy,
    .accept = fifo_accept,
    .resume = fifo_resume,
};

/* ---- wires --------------------------------------------------------------------------------- */

static size_t wire_accept(struct sim_inst *i, struct sim_link *l, const uint8_t *data, size_t n,
                          bool last)
{
    return sim_send_side(sim_link_out(i, NULL), data, n, last, &l->side);
}

static void wire_resume(struct sim_inst *i, struct sim_link *l)
{
    (void)l;
    sim_link_ready(sim_link_in(i, NULL));
}

/* A subset converter may reorder bytes (TDATA_REMAP); here it passes them on as they are. */
static const char *const wire_vlnv[] = {
    "xilinx.com:ip:axis_register_slice:*",
    "xilinx.com:ip:axis_dwidth_converter:*",
    "xilinx.com:ip:axis_clock_converter:*",
    "xilinx.com:ip:axis_subset_converter:*",
    NULL,
};

const struct sim_class sim_axis_wire = {
    .name = "axis wire",
    .origin = "C",
    .vlnv = wire_vlnv,
    .accept = wire_accept,
    .resume = wire_resume,
};
