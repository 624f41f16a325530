/* irq.c - pins and their waiters; see irq.h. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "irq_internal.h"

/* ---- the set of a device ------------------------------------------------------------------- */

static void set_unref(struct lunq_irqs *set)
{
    if (--set->refs > 0)
        return;
    if (set->dev->irqs == set)
        set->dev->irqs = NULL;
    for (struct controller *c = set->controllers, *next; c; c = next) {
        next = c->next;
        lunq_mmio_unref(c->regs);
        free(c);
    }
    for (struct input *l = set->lines, *next; l; l = next) {
        next = l->next;
        lunq_loop_unwatch(&l->watch);
        free(l);
    }
    lunq_design_unref(set->design);
    free(set);
}

static struct lunq_irqs *set_of(struct lunq_device *d, struct lunq_error *err)
{
    struct lunq_irqs *set = d->irqs;
    if (!d->design && !d->ops->irq_lines) {
        lunq_fail(err, LUNQ_RUNTIME, "Device %s has no design: it has no interrupts.", d->name);
        return NULL;
    }
    if (!set) {
        set = calloc(1, sizeof *set);
        if (!set) {
            lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
            return NULL;
        }
        set->dev = d;
        set->design = d->design ? lunq_design_ref(d->design) : NULL;
        d->irqs = set;
    }
    set->refs++;
    return set;
}

static int invalid(const struct lunq_irq *irq, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_RUNTIME,
                     "Interrupt invalidated by Overlay change (%s: take it from "
                     "the overlay that is loaded now)",
                     irq->name);
}

static void leave(struct lunq_irq_waiter *w, struct input *in, struct lunq_irqs *set)
{
    *(w->prev ? &w->prev->next : &in->first) = w->next;
    *(w->next ? &w->next->prev : &in->last) = w->prev;
    w->prev = w->next = NULL;
    w->irq = NULL;
    if (--set->waiting == 0)
        lunq_loop_remove(&set->pump);
}

/* err NULL: because the design has gone. */
static void end_waits(struct input *in, const struct lunq_error *err)
{
    while (in->first) {
        struct lunq_irq_waiter *w = in->first;
        struct lunq_error e;
        int r = err ? err->kind : invalid(w->irq, &e);
        leave(w, in, w->irq->set);
        w->wake(w, r, err ? err : &e);
    }
}

static void end_all(struct lunq_irqs *set, const struct lunq_error *err)
{
    for (struct input *l = set->lines; l; l = l->next)
        end_waits(l, err);
    for (struct controller *c = set->controllers; c; c = c->next)
        for (unsigned i = 0; i < 32; i++)
            end_waits(&c->inputs[i], err);
}

void lunq_irqs_expire(struct lunq_device *d)
{
    struct lunq_irqs *set = d->irqs;
    if (!set)
        return;
    d->irqs = NULL;
    set->stale = true;
    for (struct input *l = set->lines; l; l = l->next) {
        lunq_loop_unwatch(&l->watch);
        if (l->enabled) /* LUNQ_VALUE: the new design has no such line, which is as good */
            d->ops->irq_arm(d, l->index, false, NULL);
    }
    end_all(set, NULL);
}

/* ---- opening ------------------------------------------------------------------------------- */

static int open_input(struct lunq_irq *irq, size_t controller, unsigned index, int raw_irq,
                      struct lunq_error *err)
{
    struct controller *c = NULL;
    int r;
    if (controller == LUNQ_NONE) {
        if (raw_irq < 0)
            return lunq_fail(err, LUNQ_UNSUPPORTED,
                             "Nobody knows the number of the processor's "
                             "interrupt that pin %s is wired to.",
                             irq->name);
        irq->input = lunq_irq_line(irq->set, (unsigned)raw_irq, err);
        return irq->input ? 0 : LUNQ_UNSUPPORTED;
    }
    if (index >= 32)
        return lunq_fail(err, LUNQ_VALUE,
                         "Pin %s: an interrupt controller has inputs 0 to 31, not "
                         "%u.",
                         irq->name, index);
    if (!irq->dev->ops->irq_arm)
        return lunq_fail(err, LUNQ_UNSUPPORTED, "Device %s has no interrupts.", irq->dev->name);
    r = lunq_intc_open(&c, irq->set, controller, err);
    if (r < 0)
        return r;
    irq->input = &c->inputs[index];
    return 0;
}

static int open_at(struct lunq_irq **out, struct lunq_device *d, const char *pin, size_t controller,
                   unsigned index, int raw_irq, struct lunq_error *err)
{
    struct lunq_irq *irq = calloc(1, sizeof *irq);
    int r;
    if (!irq)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    irq->dev = lunq_device_ref(d);
    irq->name = strdup(pin);
    irq->set = set_of(d, err);
    r = !irq->set    ? err->kind
        : !irq->name ? lunq_fail(err, LUNQ_MEMORY, "Out of memory.")
                     : open_input(irq, controller, index, raw_irq, err);
    if (r < 0) {
        lunq_irq_close(irq);
        return r;
    }
    *out = irq;
    return 0;
}

static const struct lunq_irq_pin *find_pin(const struct lunq_design *d, const char *path)
{
    for (size_t i = 0; d && i < d->n_pins; i++)
        if (!strcmp(d->pins[i].path, path))
            return &d->pins[i];
    return NULL;
}

/* "ip/irq[2]": where one bit of a vector arrives, or NULL. */
static const struct lunq_irq_wire *find_bit(const struct lunq_design *d, const char *path)
{
    const char *index = strrchr(path, '[');
    unsigned bit;
    int end = 0;
    if (!index || sscanf(index, "[%u]%n", &bit, &end) != 1 || !end || index[end])
        return NULL;
    for (size_t i = 0; d && i < d->n_pins; i++) {
        const struct lunq_irq_pin *p = &d->pins[i];
        size_t n = (size_t)(index - path);
        for (size_t k = 0; !strncmp(p->path, path, n) && !p->path[n] && k < p->n_wires; k++)
            if (p->wires[k].bit == bit)
                return &p->wires[k];
    }
    return NULL;
}

/* "irq3": a line the device has by itself. */
static bool own_line(struct lunq_device *d, const char *pin, unsigned *line)
{
    unsigned n = d->ops->irq_lines ? d->ops->irq_lines(d) : 0;
    char name[16];
    for (*line = 0; *line < n; ++*line) {
        snprintf(name, sizeof name, "irq%u", *line);
        if (!strcmp(name, pin))
            return true;
    }
    return false;
}

static int no_pin(struct lunq_device *d, const char *pin, struct lunq_error *err)
{
    unsigned n = d->ops->irq_lines ? d->ops->irq_lines(d) : 0;
    if (!d->ops->irq_lines)
        return lunq_fail(err, LUNQ_VALUE, "No Pin of name %s found", pin);
    if (n == 0)
        return lunq_fail(err, LUNQ_VALUE, "No Pin of name %s found: %s has no interrupts", pin,
                         d->name);
    return lunq_fail(err, LUNQ_VALUE, "No Pin of name %s found: %s has irq0 to irq%u", pin, d->name,
                     n - 1);
}

int lunq_irq_open(struct lunq_irq **out, struct lunq_device *d, const char *pin,
                  struct lunq_error *err)
{
    const struct lunq_irq_pin *p = find_pin(d->design, pin);
    const struct lunq_irq_wire *w = p ? NULL : find_bit(d->design, pin);
    unsigned line;
    if (w)
        return open_at(out, d, pin, w->controller, w->index, w->raw_irq, err);
    if (!p && own_line(d, pin, &line))
        return open_at(out, d, pin, LUNQ_NONE, 0, (int)line, err);
    if (!p)
        return no_pin(d, pin, err);
    return open_at(out, d, pin, p->controller, p->index, p->raw_irq, err);
}

int lunq_irq_open_at(struct lunq_irq **out, struct lunq_device *d, const char *pin,
                     const char *controller, unsigned index, int raw_irq, struct lunq_error *err)
{
    const struct lunq_design *design = d->design;
    size_t c = 0;
    if (!*controller)
        return open_at(out, d, pin, LUNQ_NONE, index, raw_irq, err);
    while (design && c < design->n_controllers && strcmp(design->controllers[c].path, controller))
        c++;
    if (!design || c == design->n_controllers)
        return lunq_fail(err, LUNQ_VALUE,
                         "Pin %s: the loaded design has no interrupt controller "
                         "%s.",
                         pin, controller);
    return open_at(out, d, pin, c, index, -1, err);
}

void lunq_irq_close(struct lunq_irq *irq)
{
    struct lunq_device *d;
    if (!irq)
        return;
    d = irq->dev;
    if (irq->set)
        set_unref(irq->set);
    free(irq->name);
    free(irq);
    lunq_device_unref(d);
}

const char *lunq_irq_name(const struct lunq_irq *irq)
{
    return irq->name;
}

struct lunq_device *lunq_irq_device(const struct lunq_irq *irq)
{
    return irq->dev;
}

int lunq_irq_check(const struct lunq_irq *irq, struct lunq_error *err)
{
    return irq->set->stale ? invalid(irq, err) : 0;
}

/* ---- waiting ------------------------------------------------------------------------------- */

static int pump_look(struct lunq_waiter *pump, bool late, struct lunq_error *err)
{
    struct lunq_irqs *set = (struct lunq_irqs *)pump;
    int r = set->stale ? 0 : lunq_irq_service(set->dev, err);
    (void)late; /* it has no time limit */
    return r < 0 ? r : 0;
}

/* The bus or a model failed: all who wait hear of it, and what is enabled is disabled again. */
static void give_up(struct lunq_irqs *set, const struct lunq_error *err)
{
    set->refs++;
    end_all(set, err);
    for (struct controller *c = set->controllers; c && !set->stale; c = c->next)
        for (unsigned i = 0; i < 32; i++)
            if (c->inputs[i].enabled && !c->inputs[i].child)
                lunq_input_disable(set, &c->inputs[i], NULL);
    set_unref(set);
}

static void pump_done(struct lunq_waiter *pump, int result, const struct lunq_error *err)
{
    struct lunq_error e;
    if (!err)
        lunq_fail(&e, result, "Waiting for interrupts has ended.");
    give_up((struct lunq_irqs *)pump, err ? err : &e);
}

/* Lines without a descriptor have to be asked in each step, and those that failed once. */
static int pump_start(struct lunq_irqs *set, struct lunq_error *err)
{
    const struct input *l = set->lines;
    while (l && (!l->enabled || l->watch.on) && !l->retry)
        l = l->next;
    if (!l || set->pump.line)
        return 0;
    set->pump.look = pump_look;
    set->pump.done = pump_done;
    return lunq_loop_add(&set->pump, set->dev, -1, NULL, err);
}

/* ---- serving -------------------------------------------------------------------------------- */

/* An armed line has fired and is disarmed. Its controller may still have inputs to listen to. */
static int serve_line(struct lunq_irqs *set, struct input *l, uint64_t count, uint64_t when,
                      int *woken, struct lunq_error *err)
{
    struct controller *c = l->child;
    int r, again = 0;
    if (count) {
        l->enabled = false;
        lunq_line_expect(l);
        *woken += lunq_input_fire(set, l, count, when);
    }
    if (!c)
        return 0;
    r = lunq_intc_service(c, when, woken, err);
    if (c->n_enabled && !set->stale)
        again = lunq_input_enable(set, l, r < 0 ? NULL : err);
    l->retry = r < 0 || again < 0; /* an edge does not come again by itself */
    return r < 0 ? r : again;
}

/* Of struct lunq_device_ops. */
typedef int take_fn(struct lunq_device *d, unsigned gic, uint64_t *count, uint64_t *when,
                    struct lunq_error *err);

static int ask_line(struct lunq_irqs *set, struct input *l, take_fn *take, int *woken,
                    struct lunq_error *err)
{
    uint64_t count = 0, when = 0;
    int r = l->enabled ? take(set->dev, l->index, &count, &when, err) : 0;
    return r == 0 && (count || l->retry) ? serve_line(set, l, count, when, woken, err) : r;
}

/* Asks the line `only`, or all when it is NULL. The number of waits that ended, or an error. */
static int service(struct lunq_irqs *set, struct input *only, take_fn *take, struct lunq_error *err)
{
    struct lunq_device *d = set->dev;
    int woken = 0, r = 0;
    if (!set->waiting || set->working)
        return 0;
    lunq_device_ref(d); /* a model may close what is in use here */
    set->refs++;
    set->working = true;
    for (struct input *l = only ? only : set->lines; l && r == 0; l = only ? NULL : l->next)
        r = ask_line(set, l, take, &woken, err);
    set->working = false;
    set_unref(set);
    lunq_device_unref(d);
    return r < 0 ? r : woken;
}

/* ---- descriptors --------------------------------------------------------------------------- */

/* Nobody waits any more, or again for something else: what came meanwhile is read, or the
 * descriptor would stay readable. */
static int drain(struct lunq_irqs *set, struct input *l, struct lunq_error *err)
{
    uint64_t count = 0, when;
    int r =
        set->stale ? LUNQ_RUNTIME : set->dev->ops->irq_take(set->dev, l->index, &count, &when, err);
    l->events += count;
    return r;
}

static void serve_watch(struct lunq_watch *w, take_fn *take)
{
    struct input *l = (struct input *)((char *)w - offsetof(struct input, watch));
    struct lunq_irqs *set = l->set;
    struct lunq_error e;
    int r;
    set->refs++;
    r = l->enabled && set->waiting ? service(set, l, take, &e) : drain(set, l, &e);
    if (r < 0) {
        lunq_loop_unwatch(w); /* until somebody waits again */
        if (!set->stale)
            give_up(set, &e);
    }
    set_unref(set);
}

static const struct lunq_device_ops *ops_of(const struct lunq_watch *w)
{
    return ((const struct input *)((const char *)w - offsetof(struct input, watch)))->set->dev->ops;
}

static void line_ready(struct lunq_watch *w)
{
    serve_watch(w, ops_of(w)->irq_take);
}

static void line_read(struct lunq_watch *w)
{
    serve_watch(w, ops_of(w)->irq_read);
}

int lunq_line_watch(struct input *l, struct lunq_error *err)
{
    struct lunq_device *d = l->set->dev;
    int fd = d->ops->irq_fd ? d->ops->irq_fd(d, l->index) : -1;
    if (fd < 0 || (l->watch.on && l->watch.fd == fd))
        return 0;
    lunq_loop_unwatch(&l->watch); /* the device has another one since */
    l->watch.fd = fd;
    l->watch.ready = line_ready;
    l->watch.read = d->ops->irq_read ? line_read : NULL;
    return lunq_loop_watch(&l->watch, err);
}

/* On a simulated device nobody acts from outside, though it may have descriptors. */
void lunq_line_expect(struct input *l)
{
    if (!l->owner && l->watch.on)
        lunq_loop_expect(&l->watch, l->enabled && !l->set->dev->ops->advance);
}

/* ---- beginning and ending ------------------------------------------------------------------- */

int lunq_irq_begin(struct lunq_irq *irq, struct lunq_irq_waiter *w, struct lunq_error *err)
{
    struct input *in = irq->input;
    int r;
    if (irq->set->stale)
        return invalid(irq, err);
    r = lunq_input_enable(irq->set, in, err);
    if (r == 0 && (r = pump_start(irq->set, err)) < 0 && !in->first)
        lunq_input_disable(irq->set, in, NULL);
    if (r < 0)
        return r;
    w->irq = irq;
    w->count = 0;
    w->next = NULL;
    w->prev = in->last;
    *(in->last ? &in->last->next : &in->first) = w;
    in->last = w;
    irq->set->waiting++;
    return 0;
}

void lunq_irq_end(struct lunq_irq_waiter *w)
{
    struct lunq_irq *irq = w->irq;
    if (!irq)
        return;
    leave(w, irq->input, irq->set);
    /* A bus error here has nobody to tell; whoever waits next gets it. */
    if (!irq->input->first && !irq->set->stale)
        lunq_input_disable(irq->set, irq->input, NULL);
}

int lunq_irq_service(struct lunq_device *d, struct lunq_error *err)
{
    return d->irqs ? service(d->irqs, NULL, d->ops->irq_take, err) : 0;
}

size_t lunq_irq_waiting(const struct lunq_device *d)
{
    return d->irqs ? d->irqs->waiting : 0;
}

static const struct input *find_input(const struct lunq_irqs *set, const char *controller,
                                      unsigned index, int raw_irq)
{
    const struct controller *c = set->controllers;
    const struct input *l = set->lines;
    if (!*controller) {
        while (l && (raw_irq < 0 || l->index != (unsigned)raw_irq))
            l = l->next;
        return l;
    }
    while (c && strcmp(c->path, controller))
        c = c->next;
    return c && index < 32 ? &c->inputs[index] : NULL;
}

bool lunq_irq_seen(const struct lunq_device *d, const char *controller, unsigned index, int raw_irq,
                   uint64_t *events, size_t *waiting)
{
    const struct input *in = d->irqs ? find_input(d->irqs, controller, index, raw_irq) : NULL;
    if (!in)
        return false;
    *events = in->events;
    *waiting = 0;
    for (const struct lunq_irq_waiter *w = in->first; w; w = w->next)
        ++*waiting;
    return true;
}

size_t lunq_irq_fds(const struct lunq_device *d, int *fds, size_t n)
{
    size_t have = 0;
    struct lunq_device *dev = d->irqs ? d->irqs->dev : NULL;
    if (!dev || !dev->ops->irq_fd)
        return 0;
    for (const struct input *l = dev->irqs->lines; l && have < n; l = l->next) {
        int fd = l->enabled ? dev->ops->irq_fd(dev, l->index) : -1;
        if (fd >= 0)
            fds[have++] = fd;
    }
    return have;
}

/* ---- one wait alone ------------------------------------------------------------------------ */

struct alone {
    struct lunq_irq_waiter w; /* first */
    int result;               /* 0: not over */
    struct lunq_error *err;
};

static void alone_wake(struct lunq_irq_waiter *w, int result, const struct lunq_error *err)
{
    struct alone *a = (struct alone *)w;
    a->result = result;
    if (result < 0 && a->err)
        *a->err = *err;
}

int lunq_irq_timeout(struct lunq_irq *irq, double seconds, struct lunq_error *err)
{
    char text[1024];
    lunq_irq_explain(irq, text, sizeof text);
    if (!(seconds >= 0 && seconds < 1e9)) { /* no limit: nothing could have ended it */
        lunq_fail_in(err, "Interrupt %s", irq->name);
        return err ? err->kind : LUNQ_TIMEOUT;
    }
    return lunq_fail(err, LUNQ_TIMEOUT, "Interrupt %s did not come within %.*g s.\n%s", irq->name,
                     seconds < 1000 ? 3 : 7, seconds, text); /* of 0.1 s 0.09998 may be left */
}

/* Sleeps until a line may have something, or lets the time of a simulated device pass. */
static int alone_step(struct lunq_device *d, struct lunq_wait *step, struct lunq_error *err)
{
    enum { MOST = 16, TURN_NS = 50000000 }; /* a signal just before the sleep is seen after that */
    struct pollfd p[MOST];
    int fds[MOST], r = lunq_wait_step(step, err);
    size_t n = r < 0 || d->ops->advance ? 0 : lunq_irq_fds(d, fds, MOST);
    uint64_t left = step->deadline - step->now;
    struct timespec t = {0, (long)(left < TURN_NS ? left : TURN_NS)};
    for (size_t i = 0; i < n; i++)
        p[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    if (n > 0 && n < MOST) { /* more: some would be missed */
        ppoll(p, n, &t, NULL);
        step->spins = 0;
    }
    return r;
}

int lunq_irq_wait(struct lunq_irq *irq, double seconds, uint64_t *count, uint64_t *when,
                  struct lunq_error *err)
{
    struct alone a = {.w.wake = alone_wake, .err = err};
    struct lunq_device *d = irq->dev;
    struct lunq_wait step;
    int r = lunq_irq_begin(irq, &a.w, err);
    if (r < 0)
        return r;
    lunq_wait_begin(&step, d, seconds);
    while (r == 0) {
        r = lunq_irq_service(d, err);
        if (a.result)
            r = a.result;
        else
            r = r < 0 ? r : alone_step(d, &step, err);
    }
    if (r == LUNQ_TIMEOUT)
        r = lunq_irq_timeout(irq, seconds, err);
    lunq_irq_end(&a.w);
    if (r < 0)
        return r;
    *count = a.w.count;
    *when = a.w.when;
    return 0;
}
