/* check.h - rules of AXI4 (IHI 0022) and AXI4-Stream (IHI 0051) that the RTL has to keep, looked at in
 * every cycle. What breaks one is kept, each kind once with how often it came (rtl.md 4.10). */
#ifndef LUNQ_RTL_CHECK_H
#define LUNQ_RTL_CHECK_H

#include "bind.h"

enum { RTL_VIOLATIONS = 32 }; /* kinds that are kept */

struct rtl_violation {
    char text[160]; /* "m_axi: ARADDR changed before ARREADY" */
    uint64_t cycle; /* of the first */
    uint64_t count;
};

struct rtl_checks {
    bool on;
    uint64_t cycle;                                         /* now */
    void (*tell)(void *ctx, const struct rtl_violation *v); /* of each new kind; or NULL */
    void *ctx;
    struct rtl_violation list[RTL_VIOLATIONS];
    unsigned n;
    uint64_t count; /* of all kinds */
};

/* A channel on which the RTL drives VALID. */
struct rtl_channel {
    const char *name; /* "AR" */
    enum rtl_signal valid;
    enum rtl_signal payload[12]; /* until RTL_SIGNALS */
};
extern const struct rtl_channel rtl_channel_aw, rtl_channel_w, rtl_channel_b, rtl_channel_ar,
    rtl_channel_r, rtl_channel_t;

/* What a channel showed in the cycle before, when it was not accepted. */
struct rtl_watch {
    bool held;
    uint8_t was[2 * RTL_MOST_BYTES + 64];
};

/* A rule was broken on this bus. */
void rtl_violated(struct rtl_checks *c, const struct rtl_bus *bus, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void rtl_look_held(struct rtl_checks *c, struct rtl_watch *w, const struct rtl_bus *bus,
                   const struct rtl_channel *ch, bool ready);
/* VALID stays, and so does all that goes with it, until READY. */
static inline void rtl_check_held(struct rtl_checks *c, struct rtl_watch *w,
                                  const struct rtl_bus *bus, const struct rtl_channel *ch,
                                  bool ready)
{
    if (w->held || (!ready && rtl_is_high(&bus->s[ch->valid])))
        rtl_look_held(c, w, bus, ch, ready);
}
/* A burst as it is requested: its size, length, type, alignment and the 4 KiB it has to stay in. */
struct rtl_burst;
void rtl_check_burst(struct rtl_checks *c, const struct rtl_bus *bus, const struct rtl_burst *b,
                     bool write);
/* The valids of the RTL are low while it is in reset. */
void rtl_check_reset(struct rtl_checks *c, const struct rtl_bus *bus);

#endif
