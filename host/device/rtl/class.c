/* class.c - RTL as the model of an IP (sim/model.h): its life, its registers, its wires. */
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

#include "block.h"
#include "device.h"

static struct rtl_use *use_of(const struct sim_inst *i)
{
    return (struct rtl_use *)((char *)(uintptr_t)i->cls - offsetof(struct rtl_use, cls));
}

/* ---- registers ----------------------------------------------------------------------------- */

/* The port behind a slot: the one of its name, or the only one. */
struct rtl_axil *rtl_port_of(struct rtl_inst *r, const struct sim_slot *slot)
{
    struct rtl_engine *e = &r->engine;
    if (r->slot == slot)
        return r->port;
    r->slot = slot;
    r->port = slot->slave ? rtl_engine_slave(e, slot->slave) : NULL;
    if (!r->port && e->n_slaves == 1)
        r->port = &e->slaves[0];
    return r->port;
}

/* Whether an access can begin; else *err says why not. */
static bool can_begin(struct rtl_inst *r, const struct rtl_axil *p, const struct sim_slot *slot,
                      bool write, struct lunq_error *err)
{
    const char *verb = write ? "write" : "read";
    if (!p)
        lunq_fail(err, LUNQ_IO, "the RTL has no slave port %s",
                  slot->slave ? slot->slave : "at all");
    else if (!p->bus->s[write ? AWVALID : ARVALID].at)
        lunq_fail(err, LUNQ_IO, "port %s can't be %s", p->bus->name, write ? "written" : "read");
    else if (p->busy && p->abandoned)
        lunq_fail(err, LUNQ_IO,
                  "port %s still waits: no %s for the %s of 0x%" PRIx64
                  " that ran out of time; loading the design again is a reset",
                  p->bus->name, rtl_axil_missing(p), p->write ? "write" : "read", p->address);
    else if (rtl_engine_queue(&r->engine, p)->active)
        return rtl_block_yields(r, p, err);
    else if (p->busy || r->domain->in_cycle)
        lunq_fail(err, LUNQ_IO, "port %s is busy: a %s inside another access", p->bus->name, verb);
    else
        return true;
    return false;
}

/* A design may give a slave any base: what goes over the end of a word of the bus there has no lanes. */
static bool has_lanes(const struct rtl_axil *p, uint64_t address, unsigned width,
                      struct lunq_error *err)
{
    if (width <= p->bus->bytes - (address & (p->bus->bytes - 1)))
        return true;
    lunq_fail(err, LUNQ_IO, "%u bytes at 0x%" PRIx64 " cross a word of port %s", width, address,
              p->bus->name);
    return false;
}

void rtl_timed_out(struct rtl_inst *r, const struct rtl_bus *bus, bool write, uint64_t address,
                   const char *missing)
{
    char stressed[RTL_STRESSED];
    struct lunq_error e;
    lunq_fail(&e, LUNQ_TIMEOUT,
              "%s/%s: %s 0x%" PRIx64 ": no %s within %" PRIu32
              " cycles%s. The port stays blocked until "
              "the slave answers or the design is loaded again.",
              r->inst->path, bus->name, write ? "write" : "read", address, missing,
              r->domain->device->settings.timeout, rtl_engine_stressed(&r->engine, stressed));
    sim_report(r->inst, &e);
}

/* From begin to the answer. */
static int finish(struct rtl_inst *r, struct rtl_axil *p, struct lunq_error *err)
{
    struct rtl_domain *d = r->domain;
    uint32_t limit = d->device->settings.timeout;
    struct lunq_error e;
    if (rtl_engine_begin(&r->engine, p, &e) < 0) {
        r->ended = e;
        sim_report(r->inst, &e);
        return SIM_SLVERR;
    }
    rtl_domain_hold(d);
    while (p->busy && !r->engine.dead && p->cycles < limit)
        rtl_domain_cycle(d);
    rtl_domain_release(d);
    if (r->engine.dead)
        return SIM_SLVERR;
    if (p->busy) {
        p->abandoned = true; /* VALID has to stay (AXI): nobody else gets through */
        rtl_timed_out(r, p->bus, p->write, p->address, rtl_axil_missing(p));
        return SIM_SLVERR;
    }
    if (p->response >= RTL_SLVERR)
        lunq_fail(err, LUNQ_IO, "answer of %s in cycle %" PRIu64, p->bus->name, r->engine.cycle);
    return p->response == RTL_SLVERR   ? SIM_SLVERR
           : p->response == RTL_DECERR ? SIM_DECERR
                                       : SIM_OKAY;
}

static bool is_dead(const struct rtl_inst *r)
{
    if (r->ended.kind)
        sim_report(r->inst, &r->ended);
    return r->ended.kind;
}

static int read_one(struct rtl_inst *r, struct rtl_axil *p, const struct sim_slot *slot,
                    uint64_t off, unsigned width, uint64_t *value, struct lunq_error *err)
{
    int resp;
    if (is_dead(r) || !can_begin(r, p, slot, false, err) ||
        !has_lanes(p, slot->base + off, width, err))
        return SIM_SLVERR;
    p->order = r->domain->device->settings.order;
    rtl_axil_read(p, slot->base + off, width);
    resp = finish(r, p, err);
    *value = width < 8 ? p->data & ((UINT64_C(1) << 8 * width) - 1) : p->data;
    return resp;
}

static int write_one(struct rtl_inst *r, struct rtl_axil *p, const struct sim_slot *slot,
                     uint64_t off, unsigned width, uint64_t value, struct lunq_error *err)
{
    if (is_dead(r) || !can_begin(r, p, slot, true, err) ||
        !has_lanes(p, slot->base + off, width, err))
        return SIM_SLVERR;
    if (width < p->bus->bytes && !p->bus->s[WSTRB].at) {
        lunq_fail(err, LUNQ_IO, "port %s has no WSTRB: write %u bytes", p->bus->name,
                  p->bus->bytes);
        return SIM_SLVERR;
    }
    p->order = r->domain->device->settings.order;
    rtl_axil_write(p, slot->base + off, width, value);
    return finish(r, p, err);
}

/* A doubleword on a bus of 32 bits is two accesses, the lower first, as interconnects do it. */
static unsigned most(const struct rtl_axil *p)
{
    return p && p->bus->bytes < 8 ? p->bus->bytes : 8;
}

static int rtl_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                    uint64_t *value, struct lunq_error *err)
{
    struct rtl_inst *r = i->state;
    struct rtl_axil *p = rtl_port_of(r, slot);
    unsigned step = most(p);
    uint64_t part = 0;
    int resp = SIM_OKAY;
    if (width <= step)
        return read_one(r, p, slot, off, width, value, err);
    *value = 0;
    for (unsigned at = 0; at < width && resp == SIM_OKAY; at += step) {
        resp = read_one(r, p, slot, off + at, step, &part, err);
        *value |= part << 8 * at;
    }
    return resp;
}

static int rtl_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t value, struct lunq_error *err)
{
    struct rtl_inst *r = i->state;
    struct rtl_axil *p = rtl_port_of(r, slot);
    unsigned step = most(p);
    int resp = SIM_OKAY;
    if (width <= step)
        return write_one(r, p, slot, off, width, value, err);
    for (unsigned at = 0; at < width && resp == SIM_OKAY; at += step)
        resp = write_one(r, p, slot, off + at, step, value >> 8 * at, err);
    return resp;
}

/* ---- wires --------------------------------------------------------------------------------- */

static void rtl_wires(struct sim_inst *i)
{
    struct rtl_inst *r = i->state;
    if (r && r->domain && rtl_take_inputs(r))
        rtl_domain_wake(r->domain);
}

static void rtl_clocked(struct sim_inst *i)
{
    struct rtl_inst *r = i->state;
    struct lunq_error e;
    if (r->domain && rtl_domain_join(use_of(i)->device, r, &e) < 0)
        sim_report(i, &e);
}

/* ---- streams ------------------------------------------------------------------------------- */

static size_t rtl_accept(struct sim_inst *i, struct sim_link *l, const uint8_t *data, size_t n,
                         bool last)
{
    struct rtl_inst *r = i->state;
    struct rtl_stream *s =
        rtl_engine_stream(&r->engine, RTL_SINK, l->slave_if ? l->slave_if->name : NULL);
    size_t taken;
    if (!s || r->ended.kind)
        return sim_refuse(i);
    taken = rtl_stream_put(s, data, n, last, &l->side);
    rtl_domain_wake(r->domain);
    return taken;
}

static void rtl_resume(struct sim_inst *i, struct sim_link *l)
{
    struct rtl_inst *r = i->state;
    struct rtl_stream *s =
        rtl_engine_stream(&r->engine, RTL_SOURCE, l->master_if ? l->master_if->name : NULL);
    if (!s || r->ended.kind)
        return;
    rtl_stream_resume(s);
    rtl_domain_wake(r->domain);
}

/* ---- masters ------------------------------------------------------------------------------- */

static bool make_partners(struct rtl_inst *r)
{
    r->links = calloc(r->engine.n_streams + 1, sizeof *r->links);
    for (size_t i = 0; r->links && i < r->engine.n_streams; i++)
        rtl_link_init(&r->links[i], r->inst, &r->engine.streams[i]);
    r->masters = calloc(r->engine.n_memories + 1, sizeof *r->masters);
    for (size_t i = 0; r->masters && i < r->engine.n_memories; i++)
        rtl_master_init(&r->masters[i], r->inst, &r->engine.memories[i],
                        use_of(r->inst)->device->settings.in_order);
    return r->links && r->masters;
}

static void free_partners(struct rtl_inst *r)
{
    for (size_t i = 0; r->masters && i < r->engine.n_memories; i++)
        rtl_master_free(&r->masters[i]);
    free(r->masters);
    free(r->links);
}

/* ---- life ---------------------------------------------------------------------------------- */

static void tell(void *ctx, const struct rtl_violation *v)
{
    const struct rtl_inst *r = ctx;
    char stressed[RTL_STRESSED];
    struct lunq_error e;
    lunq_fail(&e, LUNQ_DEVICE, "The RTL of %s breaks a rule of its bus: %s, cycle %" PRIu64 "%s.",
              r->inst->path, v->text, v->cycle, rtl_engine_stressed(&r->engine, stressed));
    if (!use_of(r->inst)->device->settings.strict) {
        lunq_warn("user", "%s", e.message);
        return;
    }
    lunq_fault(&e);
    sim_report(r->inst, &e);
}

static void configure(struct rtl_inst *r, const struct rtl_settings *s)
{
    r->engine.checks = (struct rtl_checks){.on = s->check, .tell = tell, .ctx = r};
    if (!s->stress)
        return;
    rtl_stress_seed(&r->engine.stress, s->stress);
    r->engine.stress.latency = s->latency;
    r->engine.stress.stall = s->stall * 256 / 100;
}

static int rtl_create(struct sim_inst *i, struct lunq_error *err)
{
    struct rtl_use *use = use_of(i);
    struct rtl_inst *r = i->state = calloc(1, sizeof *r);
    struct rtl_bind *b;
    int rc;
    if (!r)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    r->inst = i;
    b = &r->engine.bind;
    configure(r, &use->device->settings);
    rc = rtl_engine_open(&r->engine, use->model, i->path, i->module, use->plus.n,
                         (const char *const *)use->plus.list, err);
    if (rc < 0)
        return rc;
    rc = rtl_recorder_start(&r->engine.recorder, use->model, r->engine.inst,
                            use->device->settings.record, err);
    if (rc < 0)
        return rc;
    r->outputs = calloc(b->n_left + 1, sizeof *r->outputs);
    if (!r->outputs || !make_partners(r))
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    sim_clock_follow(i, b->n_clocks ? b->clocks[r->engine.clocks.main].name : "", &r->hz);
    rc = rtl_domain_join(use->device, r, err);
    if (rc < 0)
        return rc;
    rtl_block_init(r);
    rtl_show_outputs(r);
    return 0;
}

static void rtl_destroy(struct sim_inst *i)
{
    struct rtl_inst *r = i->state;
    if (!r)
        return;
    rtl_domain_leave(r);
    free_partners(r);
    rtl_leave_coverage(&r->engine);
    rtl_engine_close(&r->engine);
    free(r->outputs);
    free(r);
    i->state = NULL;
}

void rtl_class_init(struct rtl_use *use)
{
    use->cls = (struct sim_class){
        .name = use->model->top,
        .origin = "RTL",
        .timed = true,
        .create = rtl_create,
        .destroy = rtl_destroy,
        .read = rtl_read,
        .write = rtl_write,
        .block = rtl_block,
        .accept = rtl_accept,
        .resume = rtl_resume,
        .wires = rtl_wires,
        .clocked = rtl_clocked,
    };
}
