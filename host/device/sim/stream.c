/* stream.c - AXI4-Stream: a master offers bytes, a slave takes what it has room for.
 * A link stores nothing. A refused master waits until its slave calls sim_link_ready. */
#include <string.h>
#include <strings.h>

#include "private.h"

struct sim_link *sim_link_out(struct sim_inst *i, const char *interface)
{
    struct sim_link *l = i->out;
    while (l && interface && (!l->master_if || strcasecmp(l->master_if->name, interface)))
        l = l->next_out;
    return l;
}

struct sim_link *sim_link_in(struct sim_inst *i, const char *interface)
{
    struct sim_link *l = i->in;
    while (l && interface && (!l->slave_if || strcasecmp(l->slave_if->name, interface)))
        l = l->next_in;
    return l;
}

/* ---- faults on a link ---------------------------------------------------------------------- */

/* Does a fault of this kind hit the link? Faults name the sender and its interface, or the
 * receiver and its own. */
static const struct lunq_sim_fault *strike(struct sim_link *l, const char *kind)
{
    struct lunq_sim *s = (l->master ? l->master : l->slave)->sim;
    const struct lunq_sim_fault *f = NULL;
    if (l->master)
        f = sim_fault_strike(s, l->master, kind, l->master_if ? l->master_if->name : NULL,
                             UINT64_MAX);
    /* A receiver that also sends is meant as a sender, unless the fault names the interface. */
    if (!f && l->slave)
        f = sim_fault_strike_input(s, l->slave, kind, l->slave_if ? l->slave_if->name : NULL);
    return f;
}

/* Cuts the data at the byte after which a fault wants an early TLAST. */
static void apply_early_tlast(struct sim_link *l, size_t *n, bool *last)
{
    const struct lunq_sim_fault *f = strike(l, "early_tlast");
    uint64_t at = f ? f->bytes : 0;
    if (!f || l->in_packet >= at || l->in_packet + *n < at)
        return;
    *n = (size_t)(at - l->in_packet);
    *last = true;
}

/* ---- sending ------------------------------------------------------------------------------- */

size_t sim_refuse(struct sim_inst *i)
{
    const char *what = i->module->vlnv ? i->module->vlnv : i->path;
    if (!i->stalled_once)
        lunq_warn("user",
                  "Data for %s goes nowhere: the simulated device has no model of %s that takes "
                  "it, so the stream stalls. Write one: lunq.Model:extend { models = { \"%s\" } }.",
                  i->path, what, what);
    i->stalled_once = true;
    return 0;
}

static size_t offer(struct sim_link *l, const uint8_t *data, size_t n, bool last)
{
    struct sim_inst *slave = l->slave;
    size_t taken;
    if (l->sink)
        return sim_end_accept(l->sink, data, n, last);
    if (!slave) /* leaves the design: nobody is there to refuse */
        return n;
    if (sim_is_silent(slave, NULL))
        return 0;
    if (!slave->cls->accept)
        return sim_refuse(slave);
    if (slave->sim->streaming >= SIM_MAX_DEPTH) /* streams in a circle without a FIFO between */
        return 0;
    slave->sim->streaming++;
    taken = slave->cls->accept(slave, l, data, n, last);
    slave->sim->streaming--;
    return taken;
}

static void note(struct sim_link *l, const uint8_t *data, size_t taken, bool last)
{
    struct lunq_sim *s = (l->master ? l->master : l->slave)->sim;
    l->bytes += taken;
    l->in_packet += taken;
    if (last) {
        l->packets++;
        l->in_packet = 0;
    }
    if (s->tracing)
        sim_trace(s, "%s -> %s %zu bytes%s", l->master ? l->master->path : "outside",
                  l->slave ? l->slave->path : "outside", taken, last ? " TLAST" : "");
    if (s->wave && taken)
        sim_wave_sent(l, taken, last);
    if (l->monitors && taken)
        sim_end_saw(l->monitors, data, taken, last);
}

static void set_waiting(struct sim_link *l, bool waiting)
{
    struct lunq_sim *s = (l->master ? l->master : l->slave)->sim;
    l->waiting = waiting;
    if (s->wave)
        sim_wave_waiting(l);
}

size_t sim_send_side(struct sim_link *l, const uint8_t *data, size_t n, bool last,
                     const struct lunq_axis_side *side)
{
    if (!l)
        return n;
    if (l->source) {
        sim_end_refused(l->source);
        return 0;
    }
    l->side = *side;
    return sim_link_send(l, data, n, last);
}

size_t sim_send(struct sim_link *l, const uint8_t *data, size_t n, bool last)
{
    return sim_send_side(l, data, n, last, &(struct lunq_axis_side){0});
}

size_t sim_link_send(struct sim_link *l, const uint8_t *data, size_t n, bool last)
{
    struct lunq_sim *s;
    size_t want = n, taken;
    bool end = last, lost;
    s = (l->master ? l->master : l->slave)->sim;
    if (s->armed) {
        if (strike(l, "stall")) {
            set_waiting(l, true);
            return 0;
        }
        apply_early_tlast(l, &want, &end);
        if (end && !l->tlast_lost && strike(l, "lose_tlast"))
            l->tlast_lost = true; /* until its beat has gone, in however many pieces */
    }
    lost = end && l->tlast_lost;
    end = end && !lost;
    taken = offer(l, data, want, end);
    if (lost && taken == want)
        l->tlast_lost = false;
    note(l, data, taken, end && taken == want);
    if (taken == want && want < n) { /* the rest after an early TLAST is a packet of its own */
        size_t more = offer(l, data + want, n - want, last);
        note(l, data + want, more, last && more == n - want);
        taken += more;
    }
    if (taken < n)
        set_waiting(l, true);
    return taken;
}

void sim_link_ready(struct sim_link *l)
{
    if (!l || !l->waiting)
        return;
    set_waiting(l, false);
    if (l->source)
        sim_end_ready(l->source);
    else if (l->master && l->master->cls->resume)
        l->master->cls->resume(l->master, l);
}

/* ---- for people ---------------------------------------------------------------------------- */

size_t lunq_sim_streams(struct lunq_sim *s)
{
    return s->fabric.n_links;
}

void lunq_sim_stream(struct lunq_sim *s, size_t index, struct lunq_sim_stream *st)
{
    const struct sim_link *l = s->fabric.links[index];
    *st = (struct lunq_sim_stream){
        .from = l->master ? l->master->path : NULL,
        .from_if = l->master && l->master_if ? l->master_if->name : NULL,
        .to = l->slave ? l->slave->path : NULL,
        .to_if = l->slave && l->slave_if ? l->slave_if->name : NULL,
        .bytes = l->bytes,
        .packets = l->packets,
        .waiting = l->waiting,
    };
}
