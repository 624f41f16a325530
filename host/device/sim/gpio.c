/* gpio.c - GPIO lines of the processor. Those of the chips' EMIO banks are wires of the design:
 * outputs drive the port of the processing system, inputs read what its nets drive. The others end
 * at pins of a board, which scripts drive. The lines belong to the processor: a download leaves them
 * as they are.
 * EMIO outputs have no tri-state: the output register stands on GPIO_O whatever the direction, and
 * GPIO_T is 1 for inputs (UG585, "GPIO Control of EMIO": EMIOGPIOTN = DIRM & OEN). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* A call of the kernel; on a Cortex-A9 an ioctl on a GPIO line takes a few microseconds. */
#define GPIO_NS 1000

/* ---- chips --------------------------------------------------------------------------------- */

/* Bases as on PYNQ's images: kernels up to 6.1 gave 1024 numbers to 32-bit systems and 512 to
 * 64-bit ones, counted from the end. Lines: linux-boards.md A10. */
static const struct lunq_gpio_chip zynq = {"zynq_gpio", "", 906, 118, 54};
static const struct lunq_gpio_chip zynqmp = {"zynqmp_gpio", "", 338, 174, 78};

/* The processor's own: of the family, or of the design that is loaded. NULL: it has none. */
static const struct lunq_gpio_chip *own_chip(const struct lunq_sim *s)
{
    const char *arch = s->fabric.design ? s->fabric.design->arch : "zynq";
    if (s->config.family != SIM_ANY)
        return s->config.family == SIM_ZYNQMP ? &zynqmp : &zynq;
    if (!strncmp(arch, "zynquplus", 9))
        return &zynqmp;
    return !strcmp(arch, "zynq") || !*arch ? &zynq : NULL;
}

bool sim_gpio_chip(struct lunq_device *d, size_t i, struct lunq_gpio_chip *chip)
{
    const struct lunq_sim *s = (const struct lunq_sim *)d;
    const struct lunq_gpio_chip *own = own_chip(s);
    bool first = i == 0 && own;
    if (!first && (i != (own ? 1 : 0) || s->config.expander.lines == 0))
        return false;
    *chip = first ? *own : s->config.expander;
    if (first && s->config.gpio_base != UINT64_MAX)
        chip->base = (unsigned)s->config.gpio_base;
    snprintf(chip->path, sizeof chip->path, "%s/gpiochip%u", d->name, chip->base);
    return true;
}

/* The state of a line of the system. */
static struct sim_gpio_line *state(struct lunq_sim *s, size_t chip, unsigned line)
{
    return &(own_chip(s) && chip == 0 ? s->own_gpio : s->expander_gpio)[line];
}

/* The state of a line somebody has taken: a design of another family does not change which it is. */
static struct sim_gpio_line *state_of(const struct lunq_gpio_line *l)
{
    return (struct sim_gpio_line *)(uintptr_t)l->key;
}

/* ---- levels -------------------------------------------------------------------------------- */

static bool is_port(const char *port, const char *zynq_name, const char *zynqmp_name)
{
    return !strcmp(port, zynq_name) || !strcmp(port, zynqmp_name);
}

uint64_t sim_gpio_output(struct lunq_sim *s, const char *port, unsigned from)
{
    const struct lunq_gpio_chip *own = own_chip(s);
    bool tri = is_port(port, "GPIO_T", "emio_gpio_t");
    uint64_t level = 0;
    if (!own || !(tri || is_port(port, "GPIO_O", "emio_gpio_o")))
        return 0;
    for (unsigned i = 0; i < 64 && from < own->lines - own->emio - i; i++) {
        const struct sim_gpio_line *g = &s->own_gpio[own->emio + from + i];
        level |= (uint64_t)(tri ? !g->out : g->value) << i;
    }
    return level;
}

/* The number of the line of the logic that leads here, or -1: a pin of the board does. */
static int emio_line(const struct lunq_sim *s, const struct sim_gpio_line *g)
{
    const struct lunq_gpio_chip *own = own_chip(s);
    for (unsigned i = own ? own->emio : SIM_GPIO_LINES; i < SIM_GPIO_LINES; i++)
        if (g == &s->own_gpio[i])
            return (int)(i - own->emio);
    return -1;
}

static bool level_of(struct lunq_sim *s, const struct sim_gpio_line *g)
{
    const struct lunq_design *d = s->fabric.design;
    int emio = emio_line(s, g);
    const char *port;
    if (g->out)
        return g->value;
    if (emio < 0)
        return g->level;
    if (!d || !d->ps)
        return false;
    port = lunq_module_port(d->ps, "GPIO_I") ? "GPIO_I" : "emio_gpio_i";
    return sim_input_level(s, d->ps, port, (unsigned)emio) & 1;
}

static void look(struct lunq_sim *s, struct lunq_gpio_line *l)
{
    struct sim_gpio_line *g = state_of(l);
    bool level = level_of(s, g);
    if (level == g->seen)
        return;
    g->seen = level;
    if (level) {
        l->rises++;
        l->rise_when = s->clock.now;
    } else {
        l->falls++;
        l->fall_when = s->clock.now;
    }
    if (s->tracing)
        sim_trace(s, "gpio %u = %d", l->index, level);
}

void sim_gpio_changed(struct lunq_sim *s)
{
    for (struct lunq_gpio_line *l = s->dev.gpio; l && !s->programming; l = l->next)
        if (l->watched)
            look(s, l);
}

/* ---- the device table ---------------------------------------------------------------------- */

/* What a system refuses, by injected faults. */
static int refuse(struct lunq_sim *s, unsigned index, struct lunq_error *err)
{
    char number[16];
    snprintf(number, sizeof number, "%u", index);
    if (sim_fault_strike(s, NULL, "gpio_denied", number, UINT64_MAX))
        return lunq_fail(err, LUNQ_PERMISSION,
                         "Root permissions required. (GPIO %u on %s: an injected fault)", index,
                         s->dev.name);
    if (sim_fault_strike(s, NULL, "gpio_busy", number, UINT64_MAX))
        return lunq_fail(err, LUNQ_DEVICE,
                         "GPIO %u on %s is in use by another program or the kernel (an injected "
                         "fault).",
                         index, s->dev.name);
    return 0;
}

int sim_gpio_open(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct sim_gpio_line *g = state(s, l->chip, l->line);
    int r = s->armed ? refuse(s, l->index, err) : 0;
    if (r < 0)
        return r;
    l->key = (uintptr_t)g;
    g->out = l->out;
    if (l->out)
        g->value = false;
    sim_wires_changed(s); /* what a model has to say about it can wait for the next access */
    return 0;
}

void sim_gpio_close(struct lunq_device *d, struct lunq_gpio_line *l)
{
    (void)d, (void)l; /* the line stays as it is */
}

/* Time passes, and what is due happens. */
static void enter(struct lunq_sim *s)
{
    lunq_device_ref(&s->dev); /* a model may close its device */
    s->clock.now += GPIO_NS;
    if (s->depth == 0)
        sim_run_due(s);
}

static int leave(struct lunq_sim *s, struct lunq_error *err)
{
    int r = sim_take_failure(s, err);
    lunq_device_unref(&s->dev);
    return r;
}

int sim_gpio_read(struct lunq_device *d, struct lunq_gpio_line *l, bool *level,
                  struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    enter(s);
    *level = level_of(s, state_of(l));
    return leave(s, err);
}

int sim_gpio_write(struct lunq_device *d, struct lunq_gpio_line *l, bool level,
                   struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct sim_gpio_line *g = state_of(l);
    enter(s);
    if (s->tracing)
        sim_trace(s, "gpio %u = %d", l->index, level);
    if (g->value != level) {
        g->value = level;
        sim_wires_changed(s);
    }
    return leave(s, err);
}

int sim_gpio_watch(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    (void)err;
    state_of(l)->seen = level_of(s, state_of(l));
    return 0;
}

/* ---- for people ---------------------------------------------------------------------------- */

int sim_gpio_pin(struct lunq_sim *s, const char *text, uint64_t *get, const uint64_t *set,
                 struct lunq_error *err)
{
    const char *slash = strchr(text, '/');
    size_t n = slash ? (size_t)(slash - text) : 0;
    struct lunq_gpio_chip chip;
    struct sim_gpio_line *g;
    unsigned long line;
    size_t i = 0;
    char *end;
    while (n && sim_gpio_chip(&s->dev, i, &chip) &&
           (strlen(chip.label) != n || memcmp(chip.label, text, n)))
        i++;
    if (!n || !sim_gpio_chip(&s->dev, i, &chip))
        return 0;
    line = strtoul(slash + 1, &end, 10);
    if (slash[1] < '0' || slash[1] > '9' || *end || line >= chip.lines)
        return lunq_fail(err, LUNQ_VALUE, "%s has lines 0 to %u; \"%s\" is none of them.",
                         chip.label, chip.lines - 1, slash + 1);
    g = state(s, i, (unsigned)line);
    if (get)
        *get = level_of(s, g);
    if (!set)
        return 1;
    if (emio_line(s, g) >= 0)
        return lunq_fail(err, LUNQ_VALUE,
                         "Line %lu of %s leads into the programmable logic: drive what its net "
                         "comes from, or the pin of the processing system.",
                         line, chip.label);
    if (*set > 1)
        return lunq_fail(err, LUNQ_VALUE, "A GPIO line is 0 or 1.");
    g->level = *set == 1;
    sim_wires_changed(s);
    return 1;
}
