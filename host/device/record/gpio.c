/* gpio.c - GPIO lines of the processor of a recorded device. */
#include <stdlib.h>
#include <string.h>

#include "../../core/gpio.h"
#include "recorder.h"

/* label, NUL, path, NUL: of a chip. */
static int chip_behind(struct lunq_device *in, size_t i, struct lunq_trace_record *r, char *names,
                       size_t size)
{
    struct lunq_gpio_chip chip = {0};
    size_t n;
    r->answer[0] = in->ops->gpio_chip(in, i, &chip);
    r->answer[1] = chip.base;
    r->answer[2] = chip.lines;
    r->answer[3] = chip.emio;
    snprintf(names, size, "%s", chip.label);
    n = strlen(names) + 1;
    snprintf(names + n, size - n, "%s", chip.path);
    r->data = (const uint8_t *)names;
    r->n_data = n + strlen(names + n) + 1;
    return 0;
}

bool recorder_gpio_chip(struct lunq_device *d, size_t i, struct lunq_gpio_chip *chip)
{
    struct lunq_trace_record r = {.what = TRACE_CHIP, .ask = {i}};
    struct lunq_error *err = NULL;
    char names[sizeof chip->label + sizeof chip->path];
    const char *label, *end;
    ASK(chip_behind(in, i, &r, names, sizeof names));
    if (result < 0 || !r.answer[0])
        return false;
    label = (const char *)r.data;
    end = r.n_data ? memchr(label, 0, r.n_data) : NULL;
    if (!end || r.data[r.n_data - 1])
        return false; /* damaged */
    *chip = (struct lunq_gpio_chip){.base = (unsigned)r.answer[1],
                                    .lines = (unsigned)r.answer[2],
                                    .emio = (unsigned)r.answer[3]};
    snprintf(chip->label, sizeof chip->label, "%s", label);
    snprintf(chip->path, sizeof chip->path, "%s", end + 1 < label + r.n_data ? end + 1 : "");
    return true;
}

static struct lunq_gpio_line *line_behind(const struct lunq_gpio_line *l)
{
    return (struct lunq_gpio_line *)(uintptr_t)l->key;
}

/* The device behind has a line of its own in its list. */
static int open_behind(struct lunq_device *in, struct lunq_gpio_line *l, struct lunq_error *err)
{
    struct lunq_gpio_line *b = calloc(1, sizeof *b);
    int r;
    if (!b)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    *b = (struct lunq_gpio_line){.dev = in,
                                 .chip = l->chip,
                                 .line = l->line,
                                 .index = l->index,
                                 .out = l->out,
                                 .next = in->gpio};
    r = in->ops->gpio_open(in, b, err);
    if (r < 0) {
        free(b);
        return r;
    }
    in->gpio = b;
    l->key = (uintptr_t)b;
    return 0;
}

int recorder_gpio_open(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_GPIO_OPEN, .ask = {l->chip, l->line, l->out}};
    l->key = 0;
    ASK(open_behind(in, l, &own));
    return result;
}

/* As recorder_free: a line may be given back by the garbage collector. */
void recorder_gpio_close(struct lunq_device *d, struct lunq_gpio_line *l)
{
    struct lunq_device *in = recorder_of(d)->inner;
    struct lunq_gpio_line *b = line_behind(l), **at;
    if (!in || !b)
        return;
    for (at = &in->gpio; *at && *at != b;)
        at = &(*at)->next;
    if (*at)
        *at = b->next;
    in->ops->gpio_close(in, b);
    free(b);
}

static int read_behind(struct lunq_device *in, struct lunq_gpio_line *b, uint64_t *level,
                       struct lunq_error *err)
{
    bool high = false;
    int r = in->ops->gpio_read(in, b, &high, err);
    *level = high;
    return r;
}

int recorder_gpio_read(struct lunq_device *d, struct lunq_gpio_line *l, bool *level,
                       struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_GPIO_READ, .ask = {l->chip, l->line}};
    ASK(read_behind(in, line_behind(l), &r.answer[0], &own));
    *level = r.answer[0] != 0;
    return result;
}

int recorder_gpio_write(struct lunq_device *d, struct lunq_gpio_line *l, bool level,
                        struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_GPIO_WRITE, .ask = {l->chip, l->line, level}};
    ASK(in->ops->gpio_write(in, line_behind(l), level, &own));
    return result;
}

static int watch_behind(struct lunq_device *in, struct lunq_gpio_line *b, struct lunq_error *err)
{
    int r = in->ops->gpio_watch(in, b, err);
    b->watched = r == 0;
    return r;
}

int recorder_gpio_watch(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_GPIO_WATCH, .ask = {l->chip, l->line}};
    ASK(watch_behind(in, line_behind(l), &own));
    return result;
}

static int edges_behind(struct lunq_device *in, struct lunq_gpio_line *b, uint64_t *answer,
                        struct lunq_error *err)
{
    int r = in->ops->gpio_edges ? in->ops->gpio_edges(in, b, err) : 0;
    answer[0] = b->rises;
    answer[1] = b->falls;
    answer[2] = b->rise_when;
    answer[3] = b->fall_when;
    return r;
}

int recorder_gpio_edges(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_GPIO_EDGES, .ask = {l->chip, l->line}};
    ASK(edges_behind(in, line_behind(l), r.answer, &own));
    l->rises = r.answer[0];
    l->falls = r.answer[1];
    l->rise_when = r.answer[2];
    l->fall_when = r.answer[3];
    return result;
}
