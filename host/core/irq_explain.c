/* irq_explain.c - the way of an interrupt to the processor, in words. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "irq_internal.h"

struct out {
    char *text;
    size_t size, at;
    const char *why; /* the first reason found, from the pin on */
};

static void say(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct out *o, const char *fmt, ...)
{
    va_list ap;
    int n;
    if (o->at + 1 >= o->size)
        return;
    va_start(ap, fmt);
    n = vsnprintf(o->text + o->at, o->size - o->at, fmt, ap);
    va_end(ap);
    o->at = n < 0 ? o->at : o->at + (size_t)n >= o->size ? o->size - 1 : o->at + (size_t)n;
}

static void because(struct out *o, const char *why)
{
    if (!o->why)
        o->why = why;
}

static bool is_concat(const struct lunq_module *m)
{
    return m && (lunq_module_is(m, "xlconcat") || lunq_module_is(m, "ilconcat"));
}

static bool arrives_at(const struct lunq_design *d, const struct lunq_irq_wire *w,
                       const struct input *in)
{
    if (!in->owner)
        return w->controller == LUNQ_NONE && w->raw_irq == (int)in->index;
    return w->controller != LUNQ_NONE &&
           d->controllers[w->controller].module == in->owner->module && w->index == in->index;
}

/* Concats on the way of what arrives at `in`. */
static void say_concats(struct out *o, const struct lunq_design *d, const struct input *in)
{
    for (size_t i = 0; d && i < d->n_pins; i++)
        for (size_t k = 0; is_concat(d->pins[i].module) && k < d->pins[i].n_wires; k++)
            if (arrives_at(d, &d->pins[i].wires[k], in))
                say(o, "\n  -> %s", d->pins[i].path);
}

/* Whether a controller has a reason to pass something on; true when it can't be asked. */
static bool has_pending(const struct controller *c)
{
    uint32_t isr = 0, ier = 0;
    struct lunq_error e;
    return lunq_mmio_read32(c->regs, INTC_ISR, &isr, &e) < 0 ||
           lunq_mmio_read32(c->regs, INTC_IER, &ier, &e) < 0 || (isr & ier);
}

static void say_input(struct out *o, const struct input *in)
{
    struct controller *c = in->owner;
    uint32_t bit = 1u << in->index, isr = 0, ier = 0, mer = 0;
    struct lunq_error e;
    say(o, "\n  -> %s input %u (%s): ", c->path, in->index, in->edge ? "edge" : "level");
    if (lunq_mmio_read32(c->regs, INTC_ISR, &isr, &e) < 0 ||
        lunq_mmio_read32(c->regs, INTC_IER, &ier, &e) < 0 ||
        lunq_mmio_read32(c->regs, INTC_MER, &mer, &e) < 0) {
        say(o, "not readable: %s", e.message);
        because(o, "the interrupt controller does not answer");
        return;
    }
    say(o, "%s, %s; ISR 0x%x, IER 0x%x, MER 0x%x", isr & bit ? "active" : "not active",
        ier & bit ? "enabled" : "disabled", isr, ier, mer);
    if (c->spurious)
        say(o, "; %llu spurious", (unsigned long long)c->spurious);
    if (in->child && isr & bit && !has_pending(in->child)) /* more than what was found below */
        o->why = "the output of the controller below is stuck, or something else is wired to this "
                 "input: that controller has nothing pending";
    if ((mer & 3) != 3)
        because(o, "the controller is off (MER is not 3): somebody has reset or reprogrammed it");
    else if (in->enabled && !(ier & bit))
        because(o, "the input is disabled although somebody waits: something else writes to the "
                   "controller");
    else if (in->enabled && !(isr & bit) && in->child)
        because(o,
                "the controller below does not reach this one: look at whether its irq output is "
                "wired here, and has the polarity the input expects");
    else if (in->enabled && !(isr & bit))
        because(o, "nothing arrives at the controller: look at the IP's own interrupt enables, and "
                   "at whether it has anything to report");
}

static void say_line(struct out *o, const struct lunq_device *d, const struct input *in)
{
    int level = d->ops->irq_level ? d->ops->irq_level((struct lunq_device *)d, in->index) : -1;
    say(o, "\n  -> interrupt %u of the %s: %s, %s", in->index,
        d->ops->irq_lines ? "device" : "processor",
        level < 0 ? "level not known"
        : level   ? "high"
                  : "low",
        in->enabled ? "armed" : "not armed");
    if (in->enabled && level == 0)
        because(o, in->child ? "the controller does not pass it on"
                             : "the pin is low: look at the IP's own interrupt enables, and at "
                               "whether it has anything to report");
    else if (in->enabled && level == 1)
        because(o, "the line is high and armed, but the processor was not told");
    else if (in->enabled && d->ops->irq_lines)
        because(
            o,
            "the card has not raised it: look at its own interrupt enables, and at whether it has "
            "anything to report");
}

const char *lunq_irq_explain(struct lunq_irq *irq, char *text, size_t size)
{
    struct out o = {text, size, 0, NULL};
    const struct input *in = irq->input;
    unsigned waiting = 0;
    for (const struct lunq_irq_waiter *w = in->first; w; w = w->next)
        waiting++;
    say(&o, "Interrupt %s: fired %llu times, %u waiting", irq->name, (unsigned long long)in->events,
        waiting);
    if (irq->set->stale) {
        say(&o, "\n  invalidated by Overlay change: another design is loaded");
        return text;
    }
    while (in) {
        say_concats(&o, irq->set->design, in);
        if (in->owner)
            say_input(&o, in);
        else
            say_line(&o, irq->dev, in);
        in = in->owner ? in->owner->up : NULL;
    }
    if (waiting && o.why)
        say(&o, "\nProbably %s.", o.why);
    return text;
}
