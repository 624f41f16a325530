/* unknown.c - see unknown.h. */
#include "unknown.h"

static const struct rtl_channel *const channels[] = {&rtl_channel_aw, &rtl_channel_w,
                                                     &rtl_channel_b,  &rtl_channel_ar,
                                                     &rtl_channel_r,  &rtl_channel_t};

/* The unknown bits of a pin that the RTL drives; NULL: it drives none of that name. */
static const uint8_t *unknown_of(const struct rtl_bind *b, void *inst, const struct rtl_pin *p)
{
    uint32_t n = b->model->n_pins;
    if (!p->at || p->direction != LUNQ_RTL_OUT)
        return NULL;
    if (p->index < n)
        return b->model->unknown(inst, p->index);
    return rtl_slice_unknown(&b->slices.list[p->index - n],
                             b->model->unknown(inst, b->slices.list[p->index - n].pin));
}

static bool is_unknown(const struct rtl_bind *b, void *inst, const struct rtl_pin *p)
{
    const uint8_t *u = unknown_of(b, inst, p);
    return u && *u & 1;
}

/* Which signal says what lanes of a data signal count; RTL_SIGNALS: all do. */
static enum rtl_signal strobe_of(const struct rtl_bus *f, enum rtl_signal data)
{
    enum rtl_signal k = data == WDATA                     ? WSTRB
                        : data == TDATA && f->s[TKEEP].at ? TKEEP
                        : data == TDATA                   ? TSTRB
                                                          : RTL_SIGNALS;
    return k != RTL_SIGNALS && f->s[k].at ? k : RTL_SIGNALS;
}

/* Bits that somebody takes: data of a read that failed are none. */
static bool has_unknown_bits(const struct rtl_bind *b, void *inst, const struct rtl_bus *f,
                             enum rtl_signal k)
{
    const struct rtl_pin *p = &f->s[k];
    const uint8_t *u = unknown_of(b, inst, p);
    enum rtl_signal lanes = strobe_of(f, k);
    if (k == RDATA && (rtl_get(&f->s[RRESP], 0) & 2))
        return false;
    for (size_t i = 0; u && i < rtl_pin_size(p); i++)
        if (u[i] && (lanes == RTL_SIGNALS || f->s[lanes].at[i / 8] >> i % 8 & 1))
            return true;
    return false;
}

static void check_payload(struct rtl_checks *c, const struct rtl_bind *b, void *inst,
                          const struct rtl_bus *f, const struct rtl_channel *ch)
{
    const struct rtl_pin *valid = &f->s[ch->valid];
    if (!unknown_of(b, inst, valid) || !rtl_is_high(valid))
        return;
    for (const enum rtl_signal *k = ch->payload; *k != RTL_SIGNALS; k++)
        if (has_unknown_bits(b, inst, f, *k))
            rtl_violated(c, f, "%s has unknown bits", rtl_signal_capitals(*k, (char[16]){0}));
}

int rtl_check_unknown(struct rtl_checks *c, const struct rtl_bind *b, void *inst,
                      struct lunq_error *err)
{
    for (size_t i = 0; i < b->n_buses; i++) {
        const struct rtl_bus *f = &b->buses[i];
        for (size_t n = 0; f->kind != RTL_UNBOUND && n < sizeof channels / sizeof *channels; n++) {
            const struct rtl_channel *ch = channels[n];
            bool valid = is_unknown(b, inst, &f->s[ch->valid]);
            if (valid || is_unknown(b, inst, &f->s[ch->valid + 1])) /* its READY */
                return lunq_fail(err, LUNQ_DEVICE, "%s%s of %s is unknown", ch->name,
                                 valid ? "VALID" : "READY", f->name);
            check_payload(c, b, inst, f, ch);
        }
    }
    return 0;
}
