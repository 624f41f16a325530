/* axi_timer.c - AXI Timer 2.0: two counters, alone, as one of 64 bits, or as a PWM.
 * Registers: registers.md section 9 (HWH, ESW, QEMU; PG079). A period is two clocks longer than the
 * load value (Linux drivers/pwm/pwm-xilinx.c computes with it, up, down and for a PWM), and a
 * counter without ARHT rests at the value it rolled over to (the core's source: axi_timer_v2_0,
 * count_module.vhd). Captures are as in timer_control.vhd there; PG079 speaks of TINT instead:
 * - Without ARHT a captured value stays until TLR is read or written, whatever TINT is. The first
 *   edge after reset is not stored when nobody has done either.
 * - CAPT gates the input in front of the edge detector: setting it while the input is active is an
 *   edge.
 * - TINT needs ENT, storing does not.
 *
 * Nothing ticks: a counter is worked out from the time it was started at. An event is planned only
 * for a roll-over somebody would notice: TINT is not set yet, or a pin follows. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../model.h"

enum { TCSR = 0x0, TLR = 0x4, TCR = 0x8, STEP = 0x10 };
enum {
    MDT = 1 << 0,
    UDT = 1 << 1,
    GENT = 1 << 2,
    CAPT = 1 << 3,
    ARHT = 1 << 4,
    LOAD = 1 << 5,
    ENIT = 1 << 6,
    ENT = 1 << 7,
    TINT = 1 << 8,
    PWMA = 1 << 9,
    ENALL = 1 << 10,
    CASC = 1 << 11
};

#define NS UINT64_C(1000000000)
#define NEVER UINT64_MAX

struct counter {
    struct axi_timer *timer;
    unsigned n;
    uint32_t tcsr, tlr;
    bool running;
    uint64_t value; /* what it counts from; while it rests: what it shows */
    uint64_t epoch; /* ns: when it started */
    uint64_t base;  /* ticks after epoch at which it stood at `value` */
    bool trigger;   /* its capture input is active, and CAPT is set */
    bool fetched;   /* TLR was read or written since the last edge */
    struct sim_event event;
};

struct axi_timer {
    struct sim_inst *inst;
    uint64_t hz, mask;                    /* of one counter */
    bool single;                          /* C_ONE_TIMER_ONLY */
    bool trigger_low[2], generate_low[2]; /* active levels */
    struct counter c[2];
};

/* ---- arithmetic ---------------------------------------------------------------------------- */

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > NEVER - b ? NEVER : a + b;
}

static uint64_t to_ticks(const struct axi_timer *t, uint64_t ns)
{
    return ns / NS * t->hz + ns % NS * t->hz / NS;
}

/* The time of a tick, rounded up: then to_ticks of it is that tick. NEVER: after three centuries. */
static uint64_t to_ns(const struct axi_timer *t, uint64_t ticks)
{
    uint64_t s = ticks / t->hz, rest = ticks % t->hz;
    return s > NEVER / NS / 2 ? NEVER : s * NS + (rest * NS + t->hz - 1) / t->hz;
}

/* ---- one counter --------------------------------------------------------------------------- */

static bool cascaded(const struct axi_timer *t)
{
    return !t->single && (t->c[0].tcsr & CASC);
}

static bool pwm(const struct axi_timer *t)
{
    uint32_t both = t->c[0].tcsr & t->c[1].tcsr, any = t->c[0].tcsr | t->c[1].tcsr;
    return !t->single && (both & PWMA) && (both & GENT) && !(any & MDT);
}

static uint64_t mask_of(const struct counter *c)
{
    return cascaded(c->timer) ? NEVER : c->timer->mask;
}

static uint64_t load_of(const struct counter *c)
{
    const struct axi_timer *t = c->timer;
    return cascaded(t) ? t->c[0].tlr | (uint64_t)t->c[1].tlr << 32 : c->tlr & t->mask;
}

/* Ticks from a value to the roll-over. */
static uint64_t until_roll(const struct counter *c, uint64_t value)
{
    return add(c->tcsr & UDT ? value : mask_of(c) - value, 1);
}

static uint64_t step_from(const struct counter *c, uint64_t value, uint64_t ticks)
{
    return (c->tcsr & UDT ? value - ticks : value + ticks) & mask_of(c);
}

/* A PWM's second counter runs once in each period of the first. */
static bool reloads(const struct counter *c)
{
    return (c->tcsr & ARHT) && !(c->n == 1 && pwm(c->timer));
}

static uint64_t elapsed(const struct counter *c)
{
    return to_ticks(c->timer, sim_now(c->timer->inst) - c->epoch) - c->base;
}

/* Moves the start forward over whole periods, so that what follows knows only the last load. */
static void fold(struct counter *c)
{
    uint64_t ticks, first, load;
    if (!c->running || (c->tcsr & MDT) || !reloads(c))
        return;
    ticks = elapsed(c);
    first = add(until_roll(c, c->value), 1); /* rolled over, and loaded one clock later */
    if (ticks < first)
        return;
    load = load_of(c);
    ticks -= first;
    c->base += first + ticks - ticks % add(until_roll(c, load), 1);
    c->value = load;
}

static uint64_t count(struct counter *c)
{
    uint64_t ticks, roll;
    if (!c->running)
        return c->value;
    fold(c);
    ticks = elapsed(c);
    roll = until_roll(c, c->value);
    if (!(c->tcsr & MDT) && !reloads(c) && ticks > roll)
        ticks = roll; /* rests where it rolled over to */
    return step_from(c, c->value, ticks);
}

/* Ticks after the epoch of the next roll-over, or NEVER. */
static uint64_t next_roll(struct counter *c)
{
    uint64_t ticks, roll;
    if (!c->running || (c->tcsr & MDT))
        return NEVER;
    fold(c);
    ticks = elapsed(c);
    roll = until_roll(c, c->value);
    if (ticks >= roll) {
        if (!reloads(c))
            return NEVER;
        roll = add(roll, add(until_roll(c, load_of(c)), 1));
    }
    return add(c->base, roll);
}

static void plan(struct counter *c)
{
    struct sim_inst *i = c->timer->inst;
    bool wanted = !(c->tcsr & TINT) || (c->tcsr & GENT);
    uint64_t tick = wanted ? next_roll(c) : NEVER, at;
    sim_cancel(i, &c->event);
    at = tick == NEVER ? NEVER : to_ns(c->timer, tick);
    if (at != NEVER)
        sim_plan(i, &c->event, c->epoch + at - sim_now(i));
}

static void start(struct counter *c)
{
    c->epoch = sim_now(c->timer->inst);
    c->base = 0;
    c->running = true;
}

/* What was counted so far counts by the old rules, what comes by others. */
static void settle(struct counter *c)
{
    if (!c->running)
        return;
    c->value = count(c);
    c->base += elapsed(c);
}

static void stop(struct counter *c)
{
    c->value = count(c);
    c->running = false;
}

/* ---- pins ---------------------------------------------------------------------------------- */

static void wire(struct axi_timer *t)
{
    bool level = false;
    for (int n = 0; n < 2; n++)
        level |= (t->c[n].tcsr & TINT) && (t->c[n].tcsr & ENIT);
    sim_wire_set(t->inst, "interrupt", level);
}

static void generate(struct counter *c, bool active)
{
    sim_wire_set(c->timer->inst, c->n ? "generateout1" : "generateout0",
                 active != c->timer->generate_low[c->n]);
}

static void rolled_over(struct sim_event *e)
{
    struct counter *c = (struct counter *)((char *)e - offsetof(struct counter, event));
    struct axi_timer *t = c->timer;
    if (!sim_fault(t->inst, "no_done", c->n ? "timer1" : "timer0"))
        c->tcsr |= TINT;
    if (pwm(t)) {
        sim_wire_set(t->inst, "pwm0", c->n == 0);
        if (c->n == 0) { /* counts from one clock later on, when it is loaded */
            struct counter *high = &t->c[1];
            high->value = step_from(high, load_of(high), NEVER);
            start(high);
            plan(high);
        }
    } else if (c->tcsr & GENT) {
        generate(c, true); /* for one clock: nobody can look in between */
        generate(c, false);
    }
    wire(t);
    plan(c);
}

/* An active edge of a capture input. The first counter's is for both when they are one. */
static void capture(struct counter *c)
{
    struct axi_timer *t = c->timer;
    bool store = (c->tcsr & ARHT) || c->fetched;
    uint64_t value;
    c->fetched = false;
    if (!(c->tcsr & MDT) || (c->n == 1 && cascaded(t)) || sim_fault(t->inst, "lose_capture", NULL))
        return;
    value = count(c);
    if (store)
        c->tlr = (uint32_t)value;
    if (store && cascaded(t))
        t->c[1].tlr = (uint32_t)(value >> 32);
    if (c->tcsr & ENT)
        c->tcsr |= TINT;
    wire(t);
}

/* Looks for edges; `t` may have been written to as well as its pins. */
static void look(struct axi_timer *t)
{
    for (int n = 0; n < 2; n++) {
        struct counter *c = &t->c[n];
        bool level = sim_wire_get(t->inst, n ? "capturetrig1" : "capturetrig0") != 0;
        bool active = level != t->trigger_low[n] && (c->tcsr & CAPT);
        bool edge = active && !c->trigger;
        c->trigger = active;
        if (edge)
            capture(c);
    }
}

static void timer_wires(struct sim_inst *i)
{
    look(i->state);
}

/* ---- registers ----------------------------------------------------------------------------- */

/* What the control bits want of a counter: held at its load value, running or at rest. */
static void follow(struct counter *c)
{
    struct axi_timer *t = c->timer;
    bool second = c->n == 1 && cascaded(t); /* counts as the upper half of the first */
    bool run = (c->tcsr & ENT) && !(c->tcsr & LOAD) && !second;
    if (c->running && !run)
        stop(c);
    if ((c->tcsr & LOAD) && !second)
        c->value = load_of(c);
    if (!c->running && run)
        start(c);
    plan(c);
}

/* The counters are the same registers, as one or as two. */
static void join(struct axi_timer *t)
{
    t->c[0].value |= t->c[1].value << 32;
}

static void part(struct axi_timer *t)
{
    t->c[1].value = t->c[0].value >> 32;
    t->c[0].value &= t->mask;
    t->c[1].running = false;
}

static void write_control(struct counter *c, uint32_t v)
{
    struct axi_timer *t = c->timer;
    bool was = cascaded(t);
    uint32_t keep = MDT | UDT | GENT | CAPT | ARHT | LOAD | ENIT | ENT | PWMA;
    if (c->n == 0 && !t->single)
        keep |= CASC;
    if ((v ^ c->tcsr) & (MDT | UDT | GENT | ARHT | PWMA | CASC))
        for (int n = 0; n < 2; n++)
            settle(&t->c[n]);
    c->tcsr = (v & keep) | (c->tcsr & TINT & ~v);
    for (int n = 0; n < 2; n++)
        t->c[n].tcsr = (t->c[n].tcsr & ~(uint32_t)ENALL) | (v & ENALL) | (v & ENALL ? ENT : 0);
    if (cascaded(t) && !was) {
        stop(&t->c[1]);
        join(t);
    } else if (was && !cascaded(t)) {
        part(t);
    }
    follow(&t->c[0]);
    if (!t->single)
        follow(&t->c[1]);
    if (!pwm(t))
        sim_wire_set(t->inst, "pwm0", 0);
    wire(t);
    look(t);
}

static void write_load(struct counter *c, uint32_t v)
{
    struct axi_timer *t = c->timer;
    struct counter *whole = cascaded(t) ? &t->c[0] : c;
    fold(whole);
    c->tlr = v & (uint32_t)t->mask;
    c->fetched = true;
    if (whole->tcsr & LOAD)
        whole->value = load_of(whole);
    plan(whole);
}

static uint32_t shown(struct counter *c)
{
    if (!cascaded(c->timer))
        return (uint32_t)count(c);
    return (uint32_t)(count(&c->timer->c[0]) >> (c->n ? 32 : 0));
}

static int timer_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                      uint64_t *value, struct lunq_error *err)
{
    struct axi_timer *t = i->state;
    struct counter *c = &t->c[off >= STEP];
    (void)slot, (void)width, (void)err;
    *value = 0;
    if (off >= 2 * STEP || (c->n == 1 && t->single))
        return SIM_OKAY;
    switch (off % STEP) {
    case TCSR: *value = c->tcsr; break;
    case TLR:
        *value = c->tlr;
        c->fetched = true;
        break;
    case TCR: *value = shown(c); break;
    default: break;
    }
    return SIM_OKAY;
}

static int timer_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                       uint64_t value, struct lunq_error *err)
{
    struct axi_timer *t = i->state;
    struct counter *c = &t->c[off >= STEP];
    (void)slot, (void)width, (void)err;
    if (off >= 2 * STEP || (c->n == 1 && t->single))
        return SIM_OKAY;
    if (off % STEP == TCSR)
        write_control(c, (uint32_t)value);
    else if (off % STEP == TLR)
        write_load(c, (uint32_t)value);
    return SIM_OKAY;
}

/* ---- life ---------------------------------------------------------------------------------- */

static void timer_reset(struct sim_inst *i)
{
    struct axi_timer *t = i->state;
    for (unsigned n = 0; n < 2; n++) {
        struct counter *c = &t->c[n];
        sim_cancel(i, &c->event);
        c->tcsr = c->tlr = 0;
        c->value = c->epoch = c->base = 0;
        c->running = c->trigger = c->fetched = false;
        generate(c, false);
    }
    sim_wire_set(i, "pwm0", 0);
    wire(t);
}

/* Metadata has Active_High or Active_Low beside C_..., whose value stands in quotes. */
static bool active_low(const struct sim_inst *i, const char *param)
{
    return !strcmp(lunq_module_param(i->module, param, ""), "Active_Low");
}

static uint64_t hz_of(const struct sim_inst *i)
{
    int64_t hz = sim_param(i, "FREQ_HZ", 0);
    uint64_t now = sim_clock_hz(i, "s_axi_aclk");
    if (hz > 0 && hz <= (int64_t)NS)
        now = (uint64_t)((double)hz * sim_clock_scale(i, "s_axi_aclk") + 0.5);
    return now > 0 && now <= NS ? now : 100000000;
}

/* What was counted counts; from now on the ticks are of another length. */
static void timer_clocked(struct sim_inst *i)
{
    struct axi_timer *t = i->state;
    for (unsigned n = 0; n < 2; n++) {
        settle(&t->c[n]);
        t->c[n].epoch = sim_now(i);
        t->c[n].base = 0;
    }
    t->hz = hz_of(i);
    for (unsigned n = 0; n < 2; n++)
        plan(&t->c[n]);
}

static int timer_create(struct sim_inst *i, struct lunq_error *err)
{
    struct axi_timer *t = i->state = calloc(1, sizeof *t);
    int64_t width;
    if (!t)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    width = sim_param(i, "C_COUNT_WIDTH", 32);
    t->inst = i;
    t->hz = hz_of(i);
    t->mask = (UINT64_C(1) << (width >= 8 && width <= 32 ? width : 32)) - 1;
    t->single = sim_param(i, "C_ONE_TIMER_ONLY", 0) != 0;
    for (unsigned n = 0; n < 2; n++) {
        t->c[n].timer = t;
        t->c[n].n = n;
        t->c[n].event.fire = rolled_over;
        t->trigger_low[n] = active_low(i, n ? "TRIG1_ASSERT" : "TRIG0_ASSERT");
        t->generate_low[n] = active_low(i, n ? "GEN1_ASSERT" : "GEN0_ASSERT");
    }
    timer_reset(i);
    return 0;
}

static void timer_destroy(struct sim_inst *i)
{
    struct axi_timer *t = i->state;
    if (!t)
        return;
    sim_cancel(i, &t->c[0].event);
    sim_cancel(i, &t->c[1].event);
    free(t);
}

static const char *const vlnv[] = {"xilinx.com:ip:axi_timer:2.*", NULL};

const struct sim_class sim_axi_timer = {
    .name = "axi_timer",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .create = timer_create,
    .destroy = timer_destroy,

    .read = timer_read,
    .write = timer_write,
    .wires = timer_wires,
    .clocked = timer_clocked,
};
