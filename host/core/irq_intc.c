/* irq_intc.c - AXI INTC controllers as a tree: enabling, disabling and finding out who fired. */
#include <stdlib.h>

#include "flight.h"
#include "irq_internal.h"

/* ---- opening ------------------------------------------------------------------------------- */

struct input *lunq_irq_line(struct lunq_irqs *set, unsigned gic, struct lunq_error *err)
{
    struct input *l = set->lines;
    while (l && l->index != gic)
        l = l->next;
    if (l)
        return l;
    if (!set->dev->ops->irq_arm) {
        lunq_fail(err, LUNQ_UNSUPPORTED, "Device %s has no interrupts.", set->dev->name);
        return NULL;
    }
    l = calloc(1, sizeof *l);
    if (!l) {
        lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
        return NULL;
    }
    l->index = gic;
    l->set = set;
    l->next = set->lines;
    set->lines = l;
    return l;
}

static const struct lunq_ip *registers_of(const struct lunq_design *d, const struct lunq_module *m)
{
    for (size_t i = 0; i < d->n_ip; i++)
        if (d->ip[i].module == m && d->ip[i].has_address)
            return &d->ip[i];
    return NULL;
}

/* All inputs off, whatever is left from before acknowledged, the output on (registers.md 10). */
static int start(struct controller *c, struct lunq_error *err)
{
    int r = lunq_mmio_write32(c->regs, INTC_IER, 0, err);
    if (r == 0)
        r = lunq_mmio_write32(c->regs, INTC_IAR, UINT32_MAX, err);
    return r < 0 ? r : lunq_mmio_write32(c->regs, INTC_MER, 3, err);
}

static uint32_t inputs_of(const struct lunq_module *m)
{
    int64_t n = lunq_module_param_int(m, "C_NUM_INTR_INPUTS", 32);
    return n > 0 && n < 32 ? (1u << n) - 1 : UINT32_MAX;
}

static struct controller *find(struct lunq_irqs *set, const struct lunq_module *m)
{
    struct controller *c = set->controllers;
    while (c && c->module != m)
        c = c->next;
    return c;
}

static int open_one(struct controller **out, struct lunq_irqs *set,
                    const struct lunq_irq_controller *info, struct controller *parent,
                    struct lunq_error *err)
{
    const struct lunq_ip *ip = registers_of(set->design, info->module);
    uint32_t edges = (uint32_t)lunq_module_param_int(info->module, "C_KIND_OF_INTR", 0);
    struct controller *c;
    struct input *up;
    int r;
    if (!ip)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "Interrupt controller %s has no address the "
                         "processor can reach.",
                         info->path);
    if (parent ? info->index >= 32 : info->raw_irq < 0)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "Nobody knows the number of the processor's "
                         "interrupt that controller %s is wired to.",
                         info->path);
    up = parent ? &parent->inputs[info->index] : lunq_irq_line(set, (unsigned)info->raw_irq, err);
    if (!up)
        return err ? err->kind : LUNQ_MEMORY;
    c = calloc(1, sizeof *c);
    if (!c)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    *c = (struct controller){.set = set, .module = info->module, .path = info->path, .up = up};
    c->has_ipr = lunq_module_param_int(info->module, "C_HAS_IPR", 1) != 0;
    c->has_set = lunq_module_param_int(info->module, "C_HAS_SIE", 1) != 0 &&
                 lunq_module_param_int(info->module, "C_HAS_CIE", 1) != 0;
    c->pulses = lunq_module_param_int(info->module, "C_IRQ_IS_LEVEL", 1) == 0;
    c->there = inputs_of(info->module);
    c->harmless = c->there & ~edges;
    for (unsigned i = 0; i < 32; i++)
        c->inputs[i] = (struct input){.owner = c, .index = i, .edge = edges >> i & 1};
    r = lunq_mmio_open(&c->regs, set->dev, ip->phys_addr, ip->addr_range, true, err);
    if (r == 0)
        r = start(c, err);
    if (r < 0) {
        lunq_mmio_unref(c->regs);
        free(c);
        return lunq_fail_in(err, "Interrupt controller %s", info->path);
    }
    up->child = c;
    c->next = set->controllers;
    set->controllers = c;
    *out = c;
    return 0;
}

/* From the processor down, so that a controller finds the one above it. */
int lunq_intc_open(struct controller **out, struct lunq_irqs *set, size_t index,
                   struct lunq_error *err)
{
    const struct lunq_design *d = set->design;
    size_t way[MAX_CASCADE] = {0}, n = 0;
    struct controller *c = NULL;
    for (; index != LUNQ_NONE; index = d->controllers[index].parent) {
        if (d->controllers[index].dangling)
            return lunq_fail(err, LUNQ_UNSUPPORTED,
                             "Interrupt controller %s is not connected to "
                             "the processor.",
                             d->controllers[index].path);
        if (n == MAX_CASCADE)
            return lunq_fail(err, LUNQ_UNSUPPORTED,
                             "More than %d interrupt controllers in a row "
                             "below %s.",
                             MAX_CASCADE, d->controllers[index].path);
        way[n++] = index;
    }
    while (n-- > 0) {
        const struct lunq_irq_controller *info = &d->controllers[way[n]];
        struct controller *have = find(set, info->module);
        int r = have ? 0 : open_one(&have, set, info, c, err);
        if (r < 0)
            return r;
        c = have;
    }
    *out = c;
    return 0;
}

/* ---- enabling ------------------------------------------------------------------------------ */

static int set_enables(struct controller *c, uint32_t mask, bool on, struct lunq_error *err)
{
    uint32_t ier = on ? c->ier | mask : c->ier & ~mask;
    int r = c->has_set ? lunq_mmio_write32(c->regs, on ? INTC_SIE : INTC_CIE, mask, err)
                       : lunq_mmio_write32(c->regs, INTC_IER, ier, err);
    if (r == 0)
        c->ier = ier;
    return r;
}

/* The next service asks c, whatever the stages above say. */
static void ask(struct controller *c)
{
    struct input *in = c->up;
    for (; in->owner; in = in->owner->up)
        in->owner->again |= 1u << in->index;
    in->retry = true;
}

static int enable_here(struct lunq_irqs *set, struct input *in, struct lunq_error *err)
{
    struct controller *c = in->owner;
    uint32_t bit = 1u << (in->index & 31);
    int r = 0;
    if (!c) {
        r = set->dev->ops->irq_arm(set->dev, in->index, true, err);
        if (r == 0 && (r = lunq_line_watch(in, err)) < 0)
            set->dev->ops->irq_arm(set->dev, in->index, false, NULL);
        return r;
    }
    if (c->pulses && !c->harmless) /* rearm() may have had to give up */
        ask(c);
    if (!in->edge) /* the source was cleared since, or it fires at once and rightly */
        r = lunq_mmio_write32(c->regs, INTC_IAR, bit, err);
    return r < 0 ? r : set_enables(c, bit, true, err);
}

int lunq_input_disable(struct lunq_irqs *set, struct input *in, struct lunq_error *err)
{
    int result = 0;
    while (in && in->enabled) { /* all stages, also after a failure */
        struct controller *c = in->owner;
        int r = c ? set_enables(c, 1u << in->index, false, err)
                  : set->dev->ops->irq_arm(set->dev, in->index, false, err);
        result = result < 0 ? result : r;
        in->enabled = false;
        lunq_line_expect(in);
        in = c && --c->n_enabled == 0 ? c->up : NULL;
    }
    return result;
}

int lunq_input_enable(struct lunq_irqs *set, struct input *in, struct lunq_error *err)
{
    struct input *lowest = in;
    while (in && !in->enabled) {
        int r = enable_here(set, in, err);
        if (r < 0) {
            lunq_input_disable(set, lowest, NULL); /* the stages below it */
            return r;
        }
        in->enabled = true;
        lunq_line_expect(in);
        in = in->owner && in->owner->n_enabled++ == 0 ? in->owner->up : NULL;
    }
    return 0;
}

/* ---- dispatch ------------------------------------------------------------------------------ */

int lunq_input_fire(struct lunq_irqs *set, struct input *in, uint64_t count, uint64_t when)
{
    struct lunq_irq_waiter *w = in->first;
    int woken = 0;
    if (w && lunq_flight_on)
        lunq_flight_note(set->dev, LUNQ_FLIGHT_INTERRUPT, w->irq->name, 0, count);
    in->first = in->last = NULL; /* those who wait again wait for the next one */
    in->events += count;
    while (w) {
        struct lunq_irq_waiter *next = w->next;
        w->irq = NULL;
        w->prev = w->next = NULL;
        w->count += count;
        w->when = when;
        if (--set->waiting == 0)
            lunq_loop_remove(&set->pump);
        woken++;
        w->wake(w, 1, NULL);
        w = next;
    }
    return woken;
}

static int read_pending(struct controller *c, uint32_t *pending, struct lunq_error *err)
{
    int r = lunq_mmio_read32(c->regs, c->has_ipr ? INTC_IPR : INTC_ISR, pending, err);
    if (!c->has_ipr)
        *pending &= c->ier;
    return r;
}

/* The inputs of a mask that have (or have not) something hanging on them, of one kind. */
static uint32_t choose(const struct controller *c, uint32_t mask, bool child, bool edge_only)
{
    uint32_t chosen = 0;
    for (uint32_t rest = mask; rest; rest &= rest - 1) {
        const struct input *in = &c->inputs[__builtin_ctz(rest)];
        if ((in->child != NULL) == child && (in->edge || !edge_only))
            chosen |= 1u << in->index;
    }
    return chosen;
}

/* Disables what fired. What nobody had enabled is not taken: an edge stays in the controller. */
static int take(struct controller *c, uint32_t pending, struct lunq_error *err)
{
    uint32_t leaves = choose(c, pending & ~c->taken, false, false);
    int r = leaves ? set_enables(c, leaves, false, err) : 0;
    for (uint32_t rest = r < 0 ? 0 : leaves; rest; rest &= rest - 1) {
        struct input *in = &c->inputs[__builtin_ctz(rest)];
        if (in->enabled) {
            c->n_enabled--;
            c->taken |= 1u << in->index;
        } else {
            c->spurious++;
        }
        in->enabled = false;
    }
    return r;
}

/* The inputs of a mask that somebody waits for. */
static uint32_t awaited(const struct controller *c, uint32_t mask)
{
    uint32_t chosen = 0;
    for (uint32_t rest = mask; rest; rest &= rest - 1) {
        unsigned i = (unsigned)__builtin_ctz(rest);
        if (c->inputs[i].first)
            chosen |= 1u << i;
    }
    return chosen;
}

/* Acknowledges the edges among what was taken, so that the next ones are kept. Where an error has ended
 * the waits before they were told, the edge stays in the controller for who waits again. */
static int acknowledge(struct controller *c, uint32_t *fired, struct lunq_error *err)
{
    uint32_t edges;
    int r;
    c->taken = awaited(c, c->taken);
    edges = choose(c, c->taken, false, true);
    r = edges ? lunq_mmio_write32(c->regs, INTC_IAR, edges, err) : 0;
    if (r < 0)
        return r;
    *fired = c->taken;
    c->taken = 0;
    return 0;
}

/* A controller's output is acknowledged as any source: an edge before, a level after the work. */
static int serve_child(struct input *in, uint64_t when, int *woken, struct lunq_error *err)
{
    struct controller *c = in->owner;
    uint32_t bit = 1u << in->index;
    int r = in->edge ? lunq_mmio_write32(c->regs, INTC_IAR, bit, err) : 0;
    c->again |= bit;
    if (r == 0)
        r = lunq_intc_service(in->child, when, woken, err);
    if (r == 0)
        c->again &= ~bit;
    if (r == 0 && !in->edge)
        r = lunq_mmio_write32(c->regs, INTC_IAR, bit, err);
    if (r == 0 && in->child->n_enabled == 0 && in->enabled)
        r = lunq_input_disable(c->set, in, err);
    return r;
}

/* One round over what is pending, low to high. */
static int serve_round(struct controller *c, uint32_t pending, uint64_t when, int *woken,
                       struct lunq_error *err)
{
    uint32_t fired = 0, children = choose(c, pending, true, false);
    int r = take(c, pending, err);
    if (r == 0)
        r = acknowledge(c, &fired, err);
    for (uint32_t rest = fired | children; rest; rest &= rest - 1) {
        struct input *in = &c->inputs[__builtin_ctz(rest)];
        if (fired >> in->index & 1) { /* also after an error: it has been taken */
            if (in->enabled)          /* again, since an error of an earlier round */
                lunq_input_disable(c->set, in, NULL);
            *woken += lunq_input_fire(c->set, in, 1, when);
        } else if (r == 0)
            r = serve_child(in, when, woken, err);
        else
            c->again |= 1u << in->index;
    }
    return r;
}

/* An output that pulses does so once, then waits for an acknowledgement of anything: without one it
 * stays silent for ever, and what fired may have been levels, whose acknowledgement comes later, or
 * nothing that is still enabled (intc_core.vhd of axi_intc v4.1, WAIT_ACK). An acknowledgement of a
 * level loses nothing. Where there are none it goes to an edge that is not there, best one that
 * nobody waits for. */
static int rearm(struct controller *c, struct lunq_error *err)
{
    uint32_t isr, mask = c->harmless;
    int r = 0;
    if (!c->pulses)
        return 0;
    if (!mask) {
        r = lunq_mmio_read32(c->regs, INTC_ISR, &isr, err);
        mask = r < 0 ? 0 : c->there & ~isr;
        mask = mask & ~c->ier ? mask & ~c->ier : mask;
        mask = mask ? 1u << (31 - __builtin_clz(mask)) : 0;
    }
    return mask ? lunq_mmio_write32(c->regs, INTC_IAR, mask, err) : r;
}

/* Rounds without end: what the registers say can't be. */
static int nonsense(const struct controller *c, uint32_t pending, struct lunq_error *err)
{
    uint32_t children = choose(c, pending, true, false);
    const struct input *in = &c->inputs[__builtin_ctz(children | 1u << 31)];
    if (children)
        return lunq_fail(err, LUNQ_IO,
                         "Input %u of interrupt controller %s stays active although %s, which "
                         "hangs there, has nothing pending: its irq output is stuck, or something "
                         "else is wired to the input.",
                         in->index, c->path, in->child->path);
    return lunq_fail(err, LUNQ_IO,
                     "Interrupt controller %s reports inputs that are disabled; its "
                     "registers do not answer as an AXI INTC's.",
                     c->path);
}

/* Until nothing is pending: an input that came during the round gives no new edge above. Every round
 * disables what it found, so they end, unless a controller answers nonsense. */
static int serve_rounds(struct controller *c, uint64_t when, int *woken, struct lunq_error *err)
{
    uint32_t pending = 0;
    for (unsigned round = 0; round < 64; round++) {
        int r = read_pending(c, &pending, err);
        pending |= c->taken | c->again;
        if (r < 0 || !pending)
            return r;
        r = serve_round(c, pending, when, woken, err);
        if (r < 0)
            return r;
        if (!c->n_enabled && !c->taken && !c->again)
            return 0;
    }
    return nonsense(c, pending, err);
}

int lunq_intc_service(struct controller *c, uint64_t when, int *woken, struct lunq_error *err)
{
    int r = serve_rounds(c, when, woken, err);
    return r < 0 ? r : rearm(c, err);
}
