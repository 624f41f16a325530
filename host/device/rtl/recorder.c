/* recorder.c - see recorder.h. */
#include "recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Models keep their pins side by side, with little between: one copy takes them all. */
static void find_span(struct rtl_recorder *r, size_t bytes)
{
    const uint8_t *low = r->pins[0].at, *high = low;
    for (uint32_t i = 0; i < r->model->n_pins; i++) {
        const struct rtl_pin *p = &r->pins[i];
        if ((uintptr_t)p->at < (uintptr_t)low)
            low = p->at;
        if ((uintptr_t)(p->at + rtl_pin_size(p)) > (uintptr_t)high)
            high = p->at + rtl_pin_size(p);
    }
    if ((uintptr_t)high - (uintptr_t)low > 4 * bytes)
        return;
    r->span = low;
    r->record = (size_t)(high - low);
    for (uint32_t i = 0; i < r->model->n_pins; i++)
        r->offsets[i] = (size_t)(r->pins[i].at - low);
}

static bool list_pins(struct rtl_recorder *r, void *inst)
{
    const struct lunq_rtl_model *m = r->model;
    r->pins = calloc(m->n_pins, sizeof *r->pins);
    r->offsets = calloc(m->n_pins, sizeof *r->offsets);
    for (uint32_t i = 0; r->pins && r->offsets && i < m->n_pins; i++) {
        const struct lunq_rtl_pin *q = &m->pins[i];
        r->pins[i] =
            (struct rtl_pin){m->pin(inst, i), q->name, i, q->width, q->bytes, q->direction};
        r->offsets[i] = r->record;
        r->record += rtl_pin_size(&r->pins[i]);
    }
    return r->pins && r->offsets;
}

int rtl_recorder_start(struct rtl_recorder *r, const struct lunq_rtl_model *m, void *inst,
                       uint64_t cycles, struct lunq_error *err)
{
    rtl_recorder_stop(r);
    if (cycles == 0)
        return 0;
    *r = (struct rtl_recorder){.model = m, .depth = 1};
    while (r->depth < cycles)
        r->depth *= 2;
    if (list_pins(r, inst)) {
        find_span(r, r->record);
        r->ring = r->record <= SIZE_MAX / r->depth ? malloc(r->depth * r->record) : NULL;
    }
    if (r->ring)
        return 0;
    rtl_recorder_stop(r);
    return lunq_fail(err, LUNQ_MEMORY, "No memory for a recording of %" PRIu64 " cycles.", cycles);
}

void rtl_recorder_stop(struct rtl_recorder *r)
{
    free(r->pins);
    free(r->offsets);
    free(r->ring);
    *r = (struct rtl_recorder){0};
}

void rtl_recorder_note(struct rtl_recorder *r)
{
    uint8_t *to = r->ring + (r->cycles++ & (r->depth - 1)) * r->record;
    if (r->span) {
        memcpy(to, r->span, r->record);
        return;
    }
    for (uint32_t i = 0; i < r->model->n_pins; i++)
        memcpy(to + r->offsets[i], r->pins[i].at, rtl_pin_size(&r->pins[i]));
}

/* ---- as a file ----------------------------------------------------------------------------- */

static void put_head(FILE *f, const struct rtl_recorder *r)
{
    fprintf(f, "$timescale 1ps $end\n$scope module %s $end\n", r->model->top);
    for (uint32_t i = 0; i < r->model->n_pins; i++) {
        const struct rtl_pin *p = &r->pins[i];
        fprintf(f, "$var wire %" PRIu32 " p%" PRIu32 " %s", p->width, i, p->name);
        if (p->width > 1)
            fprintf(f, " [%" PRIu32 ":0]", p->width - 1);
        fputs(" $end\n", f);
    }
    fputs("$upscope $end\n$enddefinitions $end\n", f);
}

static void put_value(FILE *f, const struct rtl_pin *p, const uint8_t *bytes)
{
    if (p->width > 1)
        fputc('b', f);
    for (uint32_t bit = p->width; bit-- > 0;)
        fputc('0' + (bytes[bit / 8] >> bit % 8 & 1), f);
    fprintf(f, "%sp%" PRIu32 "\n", p->width > 1 ? " " : "", p->index);
}

/* Those that are other than in the cycle before; NULL: all. */
static void put_changes(FILE *f, const struct rtl_recorder *r, const uint8_t *was,
                        const uint8_t *is)
{
    for (uint32_t i = 0; i < r->model->n_pins; i++) {
        size_t at = r->offsets[i];
        if (!was || memcmp(was + at, is + at, rtl_pin_size(&r->pins[i])))
            put_value(f, &r->pins[i], is + at);
    }
}

/* Clocks are low in every record: it is what the rising edge of its cycle finds. */
int rtl_recorder_write(const struct rtl_recorder *r, const char *path, uint64_t now,
                       uint64_t period_ps, struct lunq_error *err)
{
    uint64_t first = r->cycles > r->depth ? r->cycles - r->depth : 0;
    const uint8_t *was = NULL;
    FILE *f;
    bool ok;
    if (!r->ring)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "The flight recorder is off: open the device with ?record=65536.");
    f = fopen(path, "w");
    if (!f)
        return lunq_fail(err, LUNQ_IO, "%s can't be written: %s.", path, strerror(errno));
    put_head(f, r);
    for (uint64_t k = first; k < r->cycles; k++) {
        const uint8_t *is = r->ring + (k & (r->depth - 1)) * r->record;
        fprintf(f, "#%" PRIu64 "\n", (now - (r->cycles - k)) * period_ps);
        put_changes(f, r, was, is);
        was = is;
    }
    fprintf(f, "#%" PRIu64 "\n", now * period_ps);
    ok = !ferror(f);
    if (fclose(f) || !ok)
        return lunq_fail(err, LUNQ_IO, "%s can't be written: %s.", path, strerror(errno));
    return 0;
}
