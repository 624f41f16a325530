/* record.c - the table of functions of both devices. Each request is put into a record; the tape
 * answers it, or the device behind is asked and the tape keeps what it said. */
#include "record.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "recorder.h"

enum { MOST_BANKS = 64, NAP_NS = 1000000 };

static void dev_destroy(struct lunq_device *d);

/* ---- accesses and time ---------------------------------------------------------------------- */

static int dev_read(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
                    struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_READ, .ask = {addr, width}};
    ASK(in->ops->read ? in->ops->read(in, addr, width, &r.answer[0], &own)
                      : recorder_map_read(c, addr, width, &r.answer[0], &own));
    *value = r.answer[0];
    return result;
}

static int dev_write(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
                     struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_WRITE, .ask = {addr, width, value}};
    ASK(in->ops->write ? in->ops->write(in, addr, width, value, &own)
                       : recorder_map_write(c, addr, width, value, &own));
    return result;
}

static uint64_t dev_now(struct lunq_device *d)
{
    struct recorder *c = recorder_of(d);
    return tape_time(&c->tape, c->inner ? lunq_device_now(c->inner) : 0);
}

/* Hardware goes on by itself: a nap until `until`, one of the armed interrupt lines or NAP_NS. */
static int nap(struct recorder *c, uint64_t until)
{
    struct pollfd p[RECORDER_LINES];
    struct lunq_device *in = c->inner;
    uint64_t now = lunq_device_now(in), left = until > now ? until - now : 0;
    struct timespec t = {0, (long)(left < NAP_NS ? left : NAP_NS)};
    nfds_t n = 0;
    for (size_t i = 0; in->ops->irq_fd && i < c->n_armed; i++)
        p[n++] = (struct pollfd){.fd = in->ops->irq_fd(in, c->armed[i]), .events = POLLIN};
    ppoll(p, n, &t, NULL); /* a signal ends it too: the caller looks for that */
    return 0;
}

static int dev_advance(struct lunq_device *d, uint64_t until, struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_ADVANCE, .ask = {until}};
    ASK(in->ops->advance ? in->ops->advance(in, until, &own) : nap(c, until));
    return result;
}

/* ---- designs -------------------------------------------------------------------------------- */

static uint64_t add_text(uint64_t digest, const char *s)
{
    return lunq_trace_digest(digest, s ? s : "", (s ? strlen(s) : 0) + 1);
}

/* Of what software sees: addresses, kinds, interrupts, streams; not of the file's bytes. */
static uint64_t digest_of(const struct lunq_program *p)
{
    const struct lunq_design *d = p->design;
    uint64_t h = add_text(0, p->region);
    for (size_t i = 0; i < d->n_ip; i++) {
        char range[64];
        snprintf(range, sizeof range, "%llx %llx", (unsigned long long)d->ip[i].phys_addr,
                 (unsigned long long)d->ip[i].addr_range);
        h = add_text(add_text(h, d->ip[i].key), range);
        h = add_text(h, d->ip[i].module ? d->ip[i].module->vlnv : NULL);
    }
    for (size_t i = 0; i < d->n_pins; i++) {
        char input[32];
        snprintf(input, sizeof input, "%u %d", d->pins[i].index, d->pins[i].raw_irq);
        h = add_text(add_text(h, d->pins[i].path), input);
    }
    return h;
}

static int dev_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    const char *slash = strrchr(p->design->file, '/');
    struct lunq_trace_record r = {.what = TRACE_LOAD, .ask = {digest_of(p)}};
    if (p->design->card.present)
        return lunq_fail(
            err, LUNQ_UNSUPPORTED,
            "%s is a design for a card, whose kernels can't be recorded: lunq record is "
            "for boards.",
            p->design->file);
    r.text = slash ? slash + 1 : p->design->file;
    r.n_text = strlen(r.text);
    ASK(lunq_device_program(in, p, &own));
    return result;
}

/* What the device looks at before an access, and says of a bus error, follows from its design. */
static void dev_adopt(struct lunq_device *d, struct lunq_design *design)
{
    if (recorder_of(d)->inner) /* else the tape answers */
        lunq_device_adopt(recorder_of(d)->inner, design);
}

/* ---- the processing system ------------------------------------------------------------------ */

static enum lunq_ps dev_ps(struct lunq_device *d, uint64_t *ref_hz)
{
    *ref_hz = recorder_of(d)->ref_hz;
    return recorder_of(d)->ps;
}

static int dev_clock_get(struct lunq_device *d, unsigned index, uint64_t *hz,
                         struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_CLOCK_GET, .ask = {index}};
    ASK(in->ops->clock_get(in, index, &r.answer[0], &own));
    *hz = r.answer[0];
    return result;
}

static int dev_clock_set(struct lunq_device *d, unsigned index, uint64_t hz, struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_CLOCK_SET, .ask = {index, hz}};
    ASK(in->ops->clock_set(in, index, hz, &own));
    return result;
}

static void dev_clocks_changed(struct lunq_device *d)
{
    struct lunq_device *in = recorder_of(d)->inner; /* NULL: the tape answers */
    if (in && in->ops->clocks_changed)
        in->ops->clocks_changed(in);
}

/* ---- the table ------------------------------------------------------------------------------ */

static const struct lunq_device_ops all = {
    .destroy = dev_destroy,
    .program = dev_program,
    .adopt = dev_adopt,
    .read = dev_read,
    .write = dev_write,
    .alloc = recorder_alloc,
    .free = recorder_free,
    .sync = recorder_sync,
    .irq_arm = recorder_irq_arm,
    .irq_take = recorder_irq_take,
    .irq_level = recorder_irq_level,
    .drive = recorder_drive,
    .wire = recorder_wire,
    .gpio_chip = recorder_gpio_chip,
    .gpio_open = recorder_gpio_open,
    .gpio_close = recorder_gpio_close,
    .gpio_read = recorder_gpio_read,
    .gpio_write = recorder_gpio_write,
    .gpio_watch = recorder_gpio_watch,
    .gpio_edges = recorder_gpio_edges,
    .ps = dev_ps,
    .clock_get = dev_clock_get,
    .clock_set = dev_clock_set,
    .clocks_changed = dev_clocks_changed,
    .now = dev_now,
    .advance = dev_advance,
};

/* The entries a device may leave out, one bit each; the order is part of the file's format. */
static unsigned entries(const struct lunq_device_ops *o)
{
    return (unsigned)(o->program != NULL) | (unsigned)((o->read && o->write) || o->map) << 1 |
           (unsigned)(o->alloc != NULL) << 2 | (unsigned)(o->irq_arm != NULL) << 3 |
           (unsigned)(o->irq_level != NULL) << 4 | (unsigned)(o->drive != NULL) << 5 |
           (unsigned)(o->wire != NULL) << 6 | (unsigned)(o->gpio_chip != NULL) << 7 |
           (unsigned)(o->gpio_watch != NULL) << 8 | (unsigned)(o->ps != NULL) << 9 |
           (unsigned)(o->clock_get != NULL) << 10 | (unsigned)(o->clock_set != NULL) << 11;
}

#define WITHOUT(bit, entry) c->ops.entry = have & 1u << (bit) ? c->ops.entry : NULL

static void set_up(struct recorder *c, const char *name, size_t n_name, const char *kind,
                   size_t n_kind, uint64_t have, bool needs_bitstream)
{
    char text[sizeof c->dev.name];
    snprintf(text, sizeof text, "%.*s", (int)n_name, name);
    snprintf(c->kind, sizeof c->kind, "%.*s", (int)n_kind, kind);
    c->ops = all;
    c->ops.kind = c->kind;
    c->ops.needs_bitstream = needs_bitstream;
    WITHOUT(0, program);
    WITHOUT(1, read);
    WITHOUT(1, write);
    WITHOUT(2, alloc);
    WITHOUT(3, irq_arm);
    WITHOUT(4, irq_level);
    WITHOUT(5, drive);
    WITHOUT(6, wire);
    WITHOUT(7, gpio_chip);
    WITHOUT(8, gpio_watch);
    WITHOUT(9, ps);
    WITHOUT(10, clock_get);
    WITHOUT(11, clock_set);
    lunq_device_init(&c->dev, &c->ops, text);
}

static int add_bank(struct recorder *c, const char *name, size_t n, uint64_t base, uint64_t size)
{
    struct lunq_bank *more = realloc(c->dev.banks, (c->dev.n_banks + 1) * sizeof *more);
    char *copy = strndup(name, n);
    if (more)
        c->dev.banks = more;
    if (!more || !copy) {
        free(copy);
        return LUNQ_MEMORY;
    }
    more[c->dev.n_banks++] = (struct lunq_bank){.name = copy, .base = base, .size = size};
    return 0;
}

static void dev_destroy(struct lunq_device *d)
{
    struct recorder *c = recorder_of(d);
    tape_close(&c->tape);
    recorder_unmap(c);
    lunq_device_unref(c->inner);
    for (size_t i = 0; i < d->n_banks; i++)
        free((char *)d->banks[i].name);
    free(d->banks);
    free(c);
}

struct lunq_device *lunq_recorded(struct lunq_device *d)
{
    return lunq_is_tape(d) && recorder_of(d)->inner ? recorder_of(d)->inner : d;
}

bool lunq_is_tape(const struct lunq_device *d)
{
    return d && d->ops->destroy == dev_destroy;
}

/* ---- record --------------------------------------------------------------------------------- */

/* The first records: what the device is. */
static int write_header(struct recorder *c, struct lunq_error *err)
{
    struct lunq_device *in = c->inner;
    struct lunq_trace_record r = {.what = TRACE_DEVICE,
                                  .answer = {in->default_bank},
                                  .passed = c->tape.now = lunq_device_now(in),
                                  .text = in->name,
                                  .n_text = strlen(in->name),
                                  .data = (const uint8_t *)in->ops->kind,
                                  .n_data = strlen(in->ops->kind)};
    r.ask[0] = entries(in->ops);
    r.ask[1] = in->ops->needs_bitstream;
    r.ask[2] = c->ps = in->ops->ps ? in->ops->ps(in, &c->ref_hz) : LUNQ_PS_NONE;
    r.ask[3] = c->ref_hz;
    lunq_trace_write(c->tape.out, &r);
    set_up(c, r.text, r.n_text, in->ops->kind, r.n_data, r.ask[0], r.ask[1]);
    c->dev.default_bank = in->default_bank;
    for (size_t i = 0; i < in->n_banks; i++) {
        const struct lunq_bank *b = &in->banks[i];
        struct lunq_trace_record bank = {.what = TRACE_BANK,
                                         .ask = {b->base, b->size},
                                         .text = b->name,
                                         .n_text = strlen(b->name)};
        lunq_trace_write(c->tape.out, &bank);
        if (add_bank(c, b->name, bank.n_text, b->base, b->size) < 0)
            return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    return 0;
}

/* "record:FILE:DEVICE"; FILE has no colon in it. */
int lunq_record_open(struct lunq_device **out, const char *spec, struct lunq_error *err)
{
    const char *file = strchr(spec, ':'), *inner = file ? strchr(file + 1, ':') : NULL;
    struct recorder *c;
    int r;
    if (!inner || inner == file + 1 || !inner[1])
        return lunq_fail(err, LUNQ_VALUE,
                         "Device \"%s\": to record, name a file and a device, as in "
                         "record:bench.trace:sim.",
                         spec);
    c = calloc(1, sizeof *c);
    if (!c)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    r = lunq_device_open(&c->inner, inner + 1, err);
    if (r == 0)
        r = tape_record(&c->tape, file + 1, (size_t)(inner - file - 1), err);
    if (r == 0)
        r = write_header(c, err);
    if (r < 0) {
        dev_destroy(&c->dev);
        return r;
    }
    *out = &c->dev;
    return 0;
}

/* ---- replay --------------------------------------------------------------------------------- */

static int bad_header(struct recorder *c, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_VALUE, "%s: the trace does not begin with a device: it is damaged.",
                     c->tape.file);
}

static bool take(struct tape *t, enum lunq_trace_what what, struct lunq_trace_record *r)
{
    if (!t->more || t->next.what != what)
        return false;
    *r = t->next;
    t->now += r->passed;
    t->more = lunq_trace_next(&t->reader, &t->next, NULL) == 1;
    return true;
}

static int read_header(struct recorder *c, struct lunq_error *err)
{
    struct lunq_trace_record r, bank;
    if (!take(&c->tape, TRACE_DEVICE, &r) || r.ask[2] > LUNQ_PS_ZYNQMP || !r.n_data)
        return bad_header(c, err);
    c->ps = (enum lunq_ps)r.ask[2];
    c->ref_hz = r.ask[3];
    set_up(c, r.text, r.n_text, (const char *)r.data, r.n_data, r.ask[0], r.ask[1]);
    while (c->dev.n_banks < MOST_BANKS && take(&c->tape, TRACE_BANK, &bank))
        if (add_bank(c, bank.text, bank.n_text, bank.ask[0], bank.ask[1]) < 0)
            return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    if (r.answer[0] >= c->dev.n_banks && r.answer[0] > 0)
        return bad_header(c, err);
    c->dev.default_bank = (size_t)r.answer[0];
    return 0;
}

int lunq_replay_open(struct lunq_device **out, const char *spec, struct lunq_error *err)
{
    const char *file = strchr(spec, ':');
    struct recorder *c;
    int r;
    if (!file || !file[1])
        return lunq_fail(err, LUNQ_VALUE,
                         "Device \"%s\": name the trace to replay, as in replay:bench.trace.",
                         spec);
    c = calloc(1, sizeof *c);
    if (!c)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    r = tape_replay(&c->tape, file + 1, err);
    if (r == 0)
        r = read_header(c, err);
    if (r < 0) {
        c->tape.more = false; /* nothing was left */
        dev_destroy(&c->dev);
        return r;
    }
    *out = &c->dev;
    return 0;
}
