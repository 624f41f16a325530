/* pins.c - interrupt lines and wires of a recorded device. */
#include <string.h>

#include "recorder.h"

static void note_armed(struct recorder *c, unsigned gic, bool on)
{
    size_t i = 0;
    while (i < c->n_armed && c->armed[i] != gic)
        i++;
    if (!on && i < c->n_armed)
        c->armed[i] = c->armed[--c->n_armed];
    else if (on && i == c->n_armed && i < RECORDER_LINES)
        c->armed[c->n_armed++] = gic;
}

int recorder_irq_arm(struct lunq_device *d, unsigned gic, bool on, struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_ARM, .ask = {gic, on}};
    ASK(in->ops->irq_arm(in, gic, on, &own));
    if (result == 0)
        note_armed(c, gic, on);
    return result;
}

int recorder_irq_take(struct lunq_device *d, unsigned gic, uint64_t *count, uint64_t *when,
                      struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_TAKE, .ask = {gic}};
    ASK(in->ops->irq_take(in, gic, &r.answer[0], &r.answer[1], &own));
    *count = r.answer[0];
    *when = r.answer[1];
    return result;
}

static int level_behind(struct lunq_device *in, unsigned gic, uint64_t *level)
{
    int l = in->ops->irq_level(in, gic);
    *level = (uint64_t)(l + 1);
    return 0;
}

int recorder_irq_level(struct lunq_device *d, unsigned gic)
{
    struct lunq_trace_record r = {.what = TRACE_LEVEL, .ask = {gic}};
    struct lunq_error *err = NULL;
    ASK(level_behind(in, gic, &r.answer[0]));
    return result < 0 || r.answer[0] > 2 ? -1 : (int)r.answer[0] - 1;
}

int recorder_drive(struct lunq_device *d, const char *pin, uint64_t level, struct lunq_error *err)
{
    struct lunq_trace_record r = {
        .what = TRACE_DRIVE, .ask = {level}, .text = pin, .n_text = strlen(pin)};
    ASK(in->ops->drive(in, pin, level, &own));
    return result;
}

int recorder_wire(struct lunq_device *d, const char *pin, uint64_t *level, struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_WIRE, .text = pin, .n_text = strlen(pin)};
    ASK(in->ops->wire(in, pin, &r.answer[0], &own));
    *level = r.answer[0];
    return result;
}
