/* check.c - see check.h. */
#include "check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "burst.h"

const struct rtl_channel
    rtl_channel_aw = {"AW",
                      AWVALID,
                      {AWADDR, AWLEN, AWSIZE, AWBURST, AWID, AWPROT, AWLOCK, AWCACHE, RTL_SIGNALS}},
    rtl_channel_w = {"W", WVALID, {WDATA, WSTRB, WLAST, RTL_SIGNALS}},
    rtl_channel_b = {"B", BVALID, {BRESP, BID, RTL_SIGNALS}},
    rtl_channel_ar = {"AR",
                      ARVALID,
                      {ARADDR, ARLEN, ARSIZE, ARBURST, ARID, ARPROT, ARLOCK, ARCACHE, RTL_SIGNALS}},
    rtl_channel_r = {"R", RVALID, {RDATA, RRESP, RLAST, RID, RTL_SIGNALS}},
    rtl_channel_t = {"T", TVALID, {TDATA, TKEEP, TSTRB, TLAST, TID, TDEST, TUSER, RTL_SIGNALS}};

/* ---- what was broken ----------------------------------------------------------------------- */

static struct rtl_violation *entry(struct rtl_checks *c, const char *text)
{
    for (unsigned i = 0; i < c->n; i++)
        if (!strcmp(c->list[i].text, text))
            return &c->list[i];
    if (c->n == RTL_VIOLATIONS)
        return NULL;
    c->list[c->n] = (struct rtl_violation){.cycle = c->cycle};
    snprintf(c->list[c->n].text, sizeof c->list[c->n].text, "%s", text);
    return &c->list[c->n++];
}

void rtl_violated(struct rtl_checks *c, const struct rtl_bus *bus, const char *fmt, ...)
{
    char text[sizeof c->list[0].text];
    size_t n = (size_t)snprintf(text, sizeof text, "%s: ", bus->name);
    struct rtl_violation *v;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text + n, sizeof text - n, fmt, ap);
    va_end(ap);
    c->count++;
    v = entry(c, text);
    if (v && v->count++ == 0 && c->tell)
        c->tell(c->ctx, v);
}

/* ---- channels ------------------------------------------------------------------------------ */

/* Bytes of a signal that are kept at `at`: all, as far as there is room. */
static size_t room_of(const struct rtl_watch *w, const struct rtl_pin *p, size_t at)
{
    size_t n = p->at ? rtl_pin_size(p) : 0, room = sizeof w->was - at;
    return n < room ? n : room;
}

static void keep(struct rtl_watch *w, const struct rtl_bus *bus, const struct rtl_channel *ch)
{
    size_t at = 0;
    for (const enum rtl_signal *k = ch->payload; *k != RTL_SIGNALS; k++) {
        const struct rtl_pin *p = &bus->s[*k];
        size_t n = room_of(w, p, at);
        if (n)
            memcpy(w->was + at, p->at, n);
        at += n;
    }
}

/* The first signal that is not what it was, or RTL_SIGNALS. */
static enum rtl_signal changed(const struct rtl_watch *w, const struct rtl_bus *bus,
                               const struct rtl_channel *ch)
{
    size_t at = 0;
    for (const enum rtl_signal *k = ch->payload; *k != RTL_SIGNALS; k++) {
        const struct rtl_pin *p = &bus->s[*k];
        size_t n = room_of(w, p, at);
        if (n && memcmp(w->was + at, p->at, n))
            return *k;
        at += n;
    }
    return RTL_SIGNALS;
}

void rtl_look_held(struct rtl_checks *c, struct rtl_watch *w, const struct rtl_bus *bus,
                   const struct rtl_channel *ch, bool ready)
{
    bool valid = rtl_is_high(&bus->s[ch->valid]), same = w->held && valid;
    enum rtl_signal k;
    char name[16];
    if (w->held && !valid) {
        rtl_violated(c, bus, "%sVALID fell before %sREADY", ch->name, ch->name);
    } else if (w->held && (k = changed(w, bus, ch)) != RTL_SIGNALS) {
        rtl_violated(c, bus, "%s changed before %sREADY", rtl_signal_capitals(k, name), ch->name);
        same = false;
    }
    w->held = valid && !ready;
    if (w->held && !same)
        keep(w, bus, ch);
}

/* ---- bursts -------------------------------------------------------------------------------- */

static void check_exclusive(struct rtl_checks *c, const struct rtl_bus *bus,
                            const struct rtl_burst *b, const char *what, uint64_t bytes)
{
    if ((bytes & (bytes - 1)) || bytes > 128 || b->last > 15)
        rtl_violated(c, bus, "an exclusive %s of %" PRIu64 " bytes", what, bytes);
    else if (b->address & (bytes - 1))
        rtl_violated(c, bus, "an exclusive %s that is not aligned", what);
}

void rtl_check_burst(struct rtl_checks *c, const struct rtl_bus *bus, const struct rtl_burst *b,
                     bool write)
{
    const char *what = write ? "write" : "read";
    uint64_t beat = UINT64_C(1) << b->size, first = b->address & ~(beat - 1),
             beats = b->last + 1ull;
    if (beat > bus->bytes)
        rtl_violated(c, bus, "a %s in beats of %" PRIu64 " bytes on a bus of %u", what, beat,
                     bus->bytes);
    if (b->type == 3)
        rtl_violated(c, bus, "a %s of the reserved burst type 3", what);
    if (b->type == RTL_INCR && (first & 4095) + beats * beat > 4096)
        rtl_violated(c, bus, "a %s burst crosses 4 KiB", what);
    if (b->type == RTL_WRAP && beats != 2 && beats != 4 && beats != 8 && beats != 16)
        rtl_violated(c, bus, "a wrapping %s of %" PRIu64 " beats", what, beats);
    if (b->type == RTL_WRAP && b->address != first)
        rtl_violated(c, bus, "a wrapping %s from an address that is not aligned", what);
    if (b->type == RTL_FIXED && beats > 16)
        rtl_violated(c, bus, "a fixed %s of %" PRIu64 " beats", what, beats);
    if (b->exclusive)
        check_exclusive(c, bus, b, what, beats * beat);
}

/* ---- reset --------------------------------------------------------------------------------- */

void rtl_check_reset(struct rtl_checks *c, const struct rtl_bus *bus)
{
    static const enum rtl_signal valids[] = {AWVALID, WVALID, BVALID, ARVALID, RVALID, TVALID};
    char name[16];
    for (size_t i = 0; bus->kind != RTL_UNBOUND && i < sizeof valids / sizeof *valids; i++) {
        const struct rtl_pin *p = &bus->s[valids[i]];
        if (p->at && p->direction == LUNQ_RTL_OUT && rtl_is_high(p))
            rtl_violated(c, bus, "%s is high in reset", rtl_signal_capitals(valids[i], name));
    }
}
