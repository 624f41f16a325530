/* axil.h - the master of a slave port of the RTL: one access at a time, on AXI4-Lite, and as bursts of
 * one beat on AXI4. It lives in cycles: begin puts the request on the pins, each cycle samples and
 * drives, until it is no longer busy (rtl.md 4, 1 to 5). */
#ifndef LUNQ_RTL_AXIL_H
#define LUNQ_RTL_AXIL_H

#include "check.h"
#include "stress.h"

enum rtl_response { RTL_OKAY, RTL_EXOKAY, RTL_SLVERR, RTL_DECERR };

/* When AW and W of a write and AR of a read come, in cycles after its begin. AW and W both 0: together. */
struct rtl_order {
    uint32_t aw, w, ar;
};

struct rtl_axil {
    const struct rtl_bus *bus;
    struct rtl_stress *stress;
    struct rtl_checks *checks;
    struct rtl_watch seen_b, seen_r;
    struct rtl_order order;
    bool busy;      /* a request is out: the port can take no other */
    bool abandoned; /* nobody waits for it any more */
    bool write;
    bool aw, w, ar;   /* not yet accepted */
    uint32_t cycles;  /* of the access so far */
    uint64_t address; /* of the access */
    uint64_t data;    /* what was read, at bit 0 */
    enum rtl_response response;
};

void rtl_axil_init(struct rtl_axil *p, const struct rtl_bus *bus, struct rtl_stress *stress,
                   struct rtl_checks *checks);
void rtl_axil_quiet(struct rtl_axil *p); /* all its outputs at rest, as in reset */

/* `width` bytes (1, 2, 4, 8, naturally aligned, at most those of the bus). */
void rtl_axil_read(struct rtl_axil *p, uint64_t address, unsigned width);
void rtl_axil_write(struct rtl_axil *p, uint64_t address, unsigned width, uint64_t value);

void rtl_axil_sample(struct rtl_axil *p); /* of a busy port: before the rising edge */
void rtl_axil_drive(struct rtl_axil *p);  /* and after it */
void rtl_axil_look(struct rtl_axil *p);
/* Of any port, before sample: are its answers as they have to be? */
static inline void rtl_axil_check(struct rtl_axil *p)
{
    const struct rtl_pin *b = &p->bus->s[BVALID], *r = &p->bus->s[RVALID];
    if (p->seen_b.held || p->seen_r.held || (b->at && rtl_is_high(b)) || (r->at && rtl_is_high(r)))
        rtl_axil_look(p);
}

/* What the slave has not done yet: "AWREADY and no WREADY". */
const char *rtl_axil_missing(const struct rtl_axil *p);

#endif
