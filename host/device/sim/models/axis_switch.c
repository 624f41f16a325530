/* axis_switch.c - AXI4-Stream switch 1.1: routes set by registers (C_ROUTING_MODE 1), or streams of
 * several slaves led to masters by TDEST (to the only one in any case).
 * Registers: registers.md section 17 (ESW; PG085). What is written to MI_MUX counts from REG_UPDATE on.
 * A slave that two masters ask for goes to the lower one; the other is off. To be verified on a board:
 * how long REG_UPDATE takes (here: a few clocks). */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "../model.h"

enum { CTRL = 0x000, MI_MUX = 0x040, SLOTS = 16 };
enum { REG_UPDATE = 1 << 1 };
#define DISABLE (UINT32_C(1) << 31)
#define UPDATE_NS 200
#define NOBODY (-1)

struct axis_switch {
    struct sim_inst *inst;
    bool registers; /* C_ROUTING_MODE 1 */
    unsigned masters, slaves;
    uint32_t mux[SLOTS]; /* as written */
    int from[SLOTS];     /* slave of each master, in effect; NOBODY: off */
    bool updating;
    struct sim_event update;
};

static struct sim_link *port(struct axis_switch *s, char kind, unsigned n)
{
    char name[24];
    snprintf(name, sizeof name, "%c%02u_AXIS", kind, n);
    return kind == 'M' ? sim_link_out(s->inst, name) : sim_link_in(s->inst, name);
}

/* The master a slave's data goes to, or NOBODY. */
static int master_of(const struct axis_switch *s, int slave)
{
    for (unsigned m = 0; m < s->masters; m++)
        if (s->from[m] == slave)
            return (int)m;
    return NOBODY;
}

/* ---- routes -------------------------------------------------------------------------------- */

static void updated(struct sim_event *e)
{
    struct axis_switch *s =
        (struct axis_switch *)((char *)e - offsetof(struct axis_switch, update));
    s->updating = false;
    for (unsigned m = 0; m < s->masters; m++)
        s->from[m] = NOBODY;
    for (unsigned m = 0; m < s->masters; m++) {
        int slave = s->mux[m] & DISABLE ? NOBODY : (int)(s->mux[m] & 0xf);
        if (slave != NOBODY && slave < (int)s->slaves && master_of(s, slave) == NOBODY)
            s->from[m] = slave;
    }
    for (unsigned n = 0; n < s->slaves; n++)
        sim_link_ready(port(s, 'S', n));
}

/* ---- streams ------------------------------------------------------------------------------- */

static int slave_number(struct axis_switch *s, const struct sim_link *l)
{
    for (unsigned n = 0; n < s->slaves; n++)
        if (port(s, 'S', n) == l)
            return (int)n;
    return NOBODY;
}

/* A number of a master interface (M01_AXIS_BASETDEST), or of all in one (C_M_AXIS_BASETDEST_ARRAY is not read). */
static uint64_t dest_of(const struct axis_switch *s, unsigned master, const char *what)
{
    char name[40];
    snprintf(name, sizeof name, "M%02u_AXIS_%sTDEST", master, what);
    return (uint64_t)sim_param(s->inst, name, master); /* Vivado's own: one for each */
}

/* The master a TDEST is for: the only one takes all; NOBODY: the data is dropped (PG085, decode error). */
static int route(const struct axis_switch *s, uint64_t dest)
{
    for (unsigned m = 0; m < s->masters; m++)
        if (s->masters == 1 || (dest >= dest_of(s, m, "BASE") && dest <= dest_of(s, m, "HIGH")))
            return (int)m;
    return NOBODY;
}

static void drop(struct axis_switch *s, uint64_t dest)
{
    if (!s->inst->stalled_once)
        lunq_warn("user", "%s drops data for TDEST %" PRIu64 ", which none of its masters has.",
                  s->inst->path, dest);
    s->inst->stalled_once = true;
}

/* Slaves share a master a packet at a time: from[] is who has it. */
static size_t by_dest(struct axis_switch *s, int slave, const struct sim_link *l,
                      const uint8_t *data, size_t n, bool last)
{
    int m = route(s, l->side.dest);
    size_t taken;
    if (m == NOBODY) {
        drop(s, l->side.dest);
        return n;
    }
    if (s->from[m] != NOBODY && s->from[m] != slave)
        return 0;
    s->from[m] = slave;
    taken = sim_send_side(port(s, 'M', (unsigned)m), data, n, last, &l->side);
    if (taken == n && last) {
        s->from[m] = NOBODY;
        for (unsigned k = 0; k < s->slaves; k++)
            if ((int)k != slave)
                sim_link_ready(port(s, 'S', k));
    }
    return taken;
}

static size_t switch_accept(struct sim_inst *i, struct sim_link *l, const uint8_t *data, size_t n,
                            bool last)
{
    struct axis_switch *s = i->state;
    int slave = slave_number(s, l), master;
    if (slave == NOBODY)
        return 0;
    if (!s->registers)
        return by_dest(s, slave, l, data, n, last);
    master = s->updating ? NOBODY : master_of(s, slave);
    return master == NOBODY
               ? 0
               : sim_send_side(port(s, 'M', (unsigned)master), data, n, last, &l->side);
}

static void switch_resume(struct sim_inst *i, struct sim_link *l)
{
    struct axis_switch *s = i->state;
    for (unsigned m = 0; m < s->masters; m++)
        if (port(s, 'M', m) == l && s->from[m] != NOBODY)
            sim_link_ready(port(s, 'S', (unsigned)s->from[m]));
}

/* ---- registers ----------------------------------------------------------------------------- */

static int switch_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                       uint64_t *value, struct lunq_error *err)
{
    const struct axis_switch *s = i->state;
    (void)slot, (void)width, (void)err;
    *value = 0;
    if (off == CTRL)
        *value = s->updating ? REG_UPDATE : 0;
    else if (off >= MI_MUX && off < MI_MUX + 4 * s->masters)
        *value = s->mux[(off - MI_MUX) / 4];
    return SIM_OKAY;
}

static int switch_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                        uint64_t value, struct lunq_error *err)
{
    struct axis_switch *s = i->state;
    (void)slot, (void)width, (void)err;
    if (off == CTRL && (value & REG_UPDATE)) {
        s->updating = true;
        if (!sim_fault(i, "no_done", NULL))
            sim_plan(i, &s->update, sim_latency(i, UPDATE_NS));
    } else if (off >= MI_MUX && off < MI_MUX + 4 * s->masters) {
        s->mux[(off - MI_MUX) / 4] = (uint32_t)value & (DISABLE | 0xf);
    }
    return SIM_OKAY;
}

/* ---- life ---------------------------------------------------------------------------------- */

static unsigned count(const struct sim_inst *i, const char *param, const char *otherwise)
{
    int64_t n = sim_param(i, param, sim_param(i, otherwise, 2));
    return n >= 1 && n <= SLOTS ? (unsigned)n : 2;
}

static void switch_reset(struct sim_inst *i)
{
    struct axis_switch *s = i->state;
    sim_cancel(i, &s->update);
    s->updating = false;
    for (unsigned m = 0; m < SLOTS; m++) {
        s->mux[m] = DISABLE;
        s->from[m] = NOBODY;
    }
}

static int switch_create(struct sim_inst *i, struct lunq_error *err)
{
    struct axis_switch *s = i->state = calloc(1, sizeof *s);
    if (!s)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    s->inst = i;
    s->registers = sim_param(i, "C_ROUTING_MODE", sim_param(i, "ROUTING_MODE", 0)) == 1;
    s->masters = count(i, "C_NUM_MI_SLOTS", "NUM_MI");
    s->slaves = count(i, "C_NUM_SI_SLOTS", "NUM_SI");
    s->update.fire = updated;
    switch_reset(i);
    return 0;
}

static void switch_destroy(struct sim_inst *i)
{
    struct axis_switch *s = i->state;
    if (!s)
        return;
    sim_cancel(i, &s->update);
    free(s);
}

static const char *const vlnv[] = {"xilinx.com:ip:axis_switch:*", NULL};

const struct sim_class sim_axis_switch = {
    .name = "axis_switch",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .create = switch_create,
    .destroy = switch_destroy,

    .read = switch_read,
    .write = switch_write,
    .accept = switch_accept,
    .resume = switch_resume,
};
