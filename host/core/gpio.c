#include "gpio.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flight.h"

struct lunq_gpio_pin {
    struct lunq_device *dev;     /* with a reference */
    struct lunq_gpio_line *line; /* NULL: stale */
    unsigned index;
    bool output, bound;
    uint64_t rises, falls; /* delivered to this user */
    struct lunq_gpio_pin *next;
};

/* ---- chips --------------------------------------------------------------------------------- */

unsigned lunq_gpio_emio(const char *label)
{
    static const struct {
        const char *label;
        unsigned emio;
    } known[] = {{"zynq_gpio", 54}, {"zynqmp_gpio", 78}, {"versal_gpio", 26}, {"pmc_gpio", 52}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(known[i].label, label))
            return known[i].emio;
    return LUNQ_NO_EMIO;
}

size_t lunq_gpio_find(struct lunq_device *d, const char *label, struct lunq_gpio_chip *chip)
{
    for (size_t i = 0; d->ops->gpio_chip && d->ops->gpio_chip(d, i, chip); i++)
        if (label ? !strcmp(chip->label, label)
                  : !strcmp(chip->label, "zynqmp_gpio") || !strcmp(chip->label, "zynq_gpio"))
            return i;
    return LUNQ_NONE;
}

static int no_line(struct lunq_device *d, uint64_t index, struct lunq_error *err)
{
    struct lunq_gpio_chip chip;
    char list[512] = "";
    size_t n = 0;
    for (size_t i = 0; d->ops->gpio_chip && d->ops->gpio_chip(d, i, &chip) && n < sizeof list;
         i++) {
        if (chip.lines == 0)
            return lunq_fail(
                err, LUNQ_PERMISSION,
                "There is no GPIO %" PRIu64 " on %s that this user may use: %s can't be "
                "opened. Become a member of its group (udev rules of LUNQ: group lunq), "
                "or root.",
                index, d->name, chip.path);
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s %u to %u", n ? ", " : "", chip.label,
                              chip.base, chip.base + chip.lines - 1);
    }
    if (!n)
        return lunq_fail(err, LUNQ_UNSUPPORTED, "Device %s has no GPIO lines.", d->name);
    return lunq_fail(err, LUNQ_INDEX,
                     "There is no GPIO %" PRIu64 " on %s, which has %s. Line n to the programmable "
                     "logic is lunq.GPIO.get_gpio_pin(n).",
                     index, d->name, list);
}

/* ---- lines --------------------------------------------------------------------------------- */

static struct lunq_gpio_line *line_of(const struct lunq_device *d, uint64_t index)
{
    struct lunq_gpio_line *l = d->gpio;
    while (l && l->index != index)
        l = l->next;
    return l;
}

static int take_line(struct lunq_gpio_line **out, struct lunq_device *d, uint64_t index,
                     bool output, struct lunq_error *err)
{
    struct lunq_gpio_chip chip;
    struct lunq_gpio_line *l;
    size_t i = 0;
    int r;
    while (d->ops->gpio_chip && d->ops->gpio_chip(d, i, &chip) &&
           (index < chip.base || index - chip.base >= chip.lines))
        i++;
    if (!d->ops->gpio_chip || !d->ops->gpio_chip(d, i, &chip))
        return no_line(d, index, err);
    if (!(l = calloc(1, sizeof *l)))
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    *l = (struct lunq_gpio_line){.dev = d,
                                 .chip = i,
                                 .line = (unsigned)(index - chip.base),
                                 .index = (unsigned)index,
                                 .out = output,
                                 .next = d->gpio};
    r = d->ops->gpio_open(d, l, err);
    if (r < 0) {
        free(l);
        return r;
    }
    *out = d->gpio = l;
    return 0;
}

static void give_back(struct lunq_gpio_line *l)
{
    struct lunq_gpio_line **at = &l->dev->gpio;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    l->dev->ops->gpio_close(l->dev, l);
    free(l);
}

/* ---- users --------------------------------------------------------------------------------- */

int lunq_gpio_open(struct lunq_gpio_pin **out, struct lunq_device *d, uint64_t index, bool output,
                   bool bound, struct lunq_error *err)
{
    struct lunq_gpio_line *l = line_of(d, index);
    struct lunq_gpio_pin *p;
    int r;
    if (l && l->out != output)
        return lunq_fail(err, LUNQ_ATTRIBUTE,
                         "GPIO already in use in other direction (GPIO %u is an %s of this "
                         "program; release it first)",
                         l->index, l->out ? "output" : "input");
    if (!(p = calloc(1, sizeof *p)))
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    r = l ? 0 : take_line(&l, d, index, output, err);
    if (r < 0) {
        free(p);
        return r;
    }
    *p = (struct lunq_gpio_pin){.dev = lunq_device_ref(d),
                                .line = l,
                                .index = l->index,
                                .output = output,
                                .bound = bound,
                                .rises = l->rises,
                                .falls = l->falls,
                                .next = l->pins};
    *out = l->pins = p;
    return 0;
}

static void leave(struct lunq_gpio_pin *p)
{
    struct lunq_gpio_line *l = p->line;
    struct lunq_gpio_pin **at;
    if (!l)
        return;
    for (at = &l->pins; *at != p;)
        at = &(*at)->next;
    *at = p->next;
    p->line = NULL;
    if (!l->pins)
        give_back(l);
}

void lunq_gpio_close(struct lunq_gpio_pin *p)
{
    if (!p)
        return;
    leave(p);
    lunq_device_unref(p->dev);
    free(p);
}

void lunq_gpio_expire(struct lunq_device *d)
{
    struct lunq_gpio_line *next_line;
    for (struct lunq_gpio_line *l = d->gpio; l; l = next_line) {
        struct lunq_gpio_pin *p = l->pins, *next;
        next_line = l->next; /* the last user takes the line away */
        for (; p; p = next) {
            next = p->next;
            if (p->bound)
                leave(p);
        }
    }
}

struct lunq_device *lunq_gpio_device(const struct lunq_gpio_pin *p)
{
    return p->dev;
}

unsigned lunq_gpio_index(const struct lunq_gpio_pin *p)
{
    return p->index;
}

bool lunq_gpio_is_output(const struct lunq_gpio_pin *p)
{
    return p->output;
}

static int check(const struct lunq_gpio_pin *p, struct lunq_error *err)
{
    if (p->line)
        return 0;
    return lunq_fail(err, LUNQ_RUNTIME,
                     "GPIO %u invalidated by Overlay change: take it from the loaded overlay "
                     "again.",
                     p->index);
}

static void note(const struct lunq_gpio_pin *p, enum lunq_flight_what what, bool level)
{
    char name[32];
    if (!lunq_flight_on)
        return;
    snprintf(name, sizeof name, "GPIO %u", p->index);
    lunq_flight_note(p->dev, what, name, 0, level);
}

int lunq_gpio_read(struct lunq_gpio_pin *p, bool *level, struct lunq_error *err)
{
    int r = check(p, err);
    if (r < 0)
        return r;
    if (p->output)
        return lunq_fail(err, LUNQ_ATTRIBUTE, "Cannot read GPIO output.");
    r = p->dev->ops->gpio_read(p->dev, p->line, level, err);
    if (r == 0)
        note(p, LUNQ_FLIGHT_LEVEL, *level);
    return r;
}

static int check_output(const struct lunq_gpio_pin *p, struct lunq_error *err)
{
    int r = check(p, err);
    return r < 0 || p->output ? r : lunq_fail(err, LUNQ_ATTRIBUTE, "Cannot write GPIO input.");
}

int lunq_gpio_write(struct lunq_gpio_pin *p, int64_t level, struct lunq_error *err)
{
    int r = check_output(p, err);
    if (r < 0)
        return r;
    if (level != 0 && level != 1)
        return lunq_fail(err, LUNQ_VALUE, "Can only write integer 0 or 1.");
    r = p->dev->ops->gpio_write(p->dev, p->line, level == 1, err);
    if (r == 0)
        note(p, LUNQ_FLIGHT_SET, level == 1);
    if (r == 0 && p->line) /* a model may have loaded another design */
        p->line->level = level == 1;
    return r;
}

int lunq_gpio_written(struct lunq_gpio_pin *p, bool *level, struct lunq_error *err)
{
    int r = check_output(p, err);
    *level = r == 0 && p->line->level;
    return r;
}

/* ---- edges --------------------------------------------------------------------------------- */

/* From now on edges are counted. Nothing on a device that can't. */
static int watch(struct lunq_gpio_line *l, struct lunq_error *err)
{
    int r = l->watched || !l->dev->ops->gpio_watch ? 0 : l->dev->ops->gpio_watch(l->dev, l, err);
    l->watched = r == 0 && l->dev->ops->gpio_watch;
    return r;
}

static int count(struct lunq_gpio_line *l, struct lunq_error *err)
{
    return l->dev->ops->gpio_edges ? l->dev->ops->gpio_edges(l->dev, l, err) : 0;
}

int lunq_gpio_level_look(struct lunq_gpio_level *w, struct lunq_error *err)
{
    struct lunq_gpio_line *l = w->pin->line;
    int r = check(w->pin, err);
    if (r == 0 && !w->pin->output)
        r = w->started ? count(l, err) : watch(l, err);
    if (r < 0)
        return r;
    if (!w->started || !l->watched || l->rises + l->falls != w->edges) {
        w->started = true;
        w->edges = l->rises + l->falls;
        r = lunq_gpio_read(w->pin, &w->level, err);
    }
    return r < 0 ? r : w->level == w->wanted;
}

int lunq_gpio_wait_begin(struct lunq_gpio_wait *w, struct lunq_gpio_pin *p, unsigned edges,
                         struct lunq_error *err)
{
    int r = check(p, err);
    if (r < 0)
        return r;
    if (p->output)
        return lunq_fail(err, LUNQ_ATTRIBUTE, "Cannot read GPIO output.");
    if (!p->dev->ops->gpio_watch)
        return lunq_fail(err, LUNQ_UNSUPPORTED, "Device %s does not notice edges of GPIO lines.",
                         p->dev->name);
    r = watch(p->line, err);
    if (r < 0)
        return r;
    *w = (struct lunq_gpio_wait){p, edges, p->rises, p->falls};
    return 0;
}

int lunq_gpio_wait_look(struct lunq_gpio_wait *w, uint64_t *n, uint64_t *when,
                        struct lunq_error *err)
{
    struct lunq_gpio_pin *p = w->pin;
    struct lunq_gpio_line *l = p->line;
    int r = check(p, err);
    r = r < 0 ? r : count(l, err);
    if (r < 0)
        return r;
    *n = *when = 0;
    if (w->edges & LUNQ_RISING && l->rises != w->rises) {
        *n += l->rises - w->rises;
        *when = l->rise_when;
        p->rises = l->rises;
    }
    if (w->edges & LUNQ_FALLING && l->falls != w->falls) {
        *n += l->falls - w->falls;
        *when = l->fall_when > *when ? l->fall_when : *when;
        p->falls = l->falls;
    }
    return *n > 0;
}

int lunq_gpio_timeout(const struct lunq_gpio_wait *w, double seconds, struct lunq_error *err)
{
    static const char *const names[] = {"", "rising ", "falling ", ""};
    bool level;
    int r = lunq_gpio_read(w->pin, &level, err);
    if (r < 0)
        return r;
    return lunq_fail(err, LUNQ_TIMEOUT,
                     "GPIO %u had no %sedge within %g s; it is %s. Is something wired to it that "
                     "changes it?",
                     w->pin->index, names[w->edges & 3], seconds, level ? "high" : "low");
}
