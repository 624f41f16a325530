/* bind_bus.c - what a group of signals is: which bus, who is its master, is it whole (rtl.md 3). */
#include <stdio.h>

#include "bind.h"

static bool has(const struct rtl_bus *f, enum rtl_signal k)
{
    return f->s[k].name != NULL;
}

static bool is_ready(enum rtl_signal k)
{
    return k == AWREADY || k == WREADY || k == BREADY || k == ARREADY || k == RREADY || k == TREADY;
}

/* Valid, ready and last are one bit; so is nothing else that is looked at bit by bit. */
static bool is_single(enum rtl_signal k)
{
    return is_ready(k) || k == AWVALID || k == WVALID || k == BVALID || k == ARVALID ||
           k == RVALID || k == TVALID || k == WLAST || k == RLAST || k == TLAST;
}

/* Does the master of the bus drive this signal? */
static bool by_master(enum rtl_signal k)
{
    bool response = (k >= BRESP && k <= BUSER) || (k >= RDATA && k <= RUSER);
    return response == is_ready(k);
}

/* The RTL is the master when its first VALID is an output. */
static bool master(const struct rtl_bus *f)
{
    enum rtl_signal k = has(f, TVALID) ? TVALID : has(f, AWVALID) ? AWVALID : ARVALID;
    return f->s[k].direction == LUNQ_RTL_OUT;
}

static void refuse(struct rtl_bus *f, const char *what, enum rtl_signal k)
{
    f->kind = RTL_UNBOUND;
    snprintf(f->why, sizeof f->why, "%s: %s %s", f->name, what, rtl_signal_name(k));
}

/* The first that is missing of a list that ends with RTL_SIGNALS, or RTL_SIGNALS. */
static enum rtl_signal missing(const struct rtl_bus *f, const enum rtl_signal *list)
{
    while (*list != RTL_SIGNALS && has(f, *list))
        list++;
    return *list;
}

/* Ports for reading or writing only are legal; a channel that is there has to be whole. */
static bool is_whole(struct rtl_bus *f)
{
    static const enum rtl_signal write[] = {AWADDR, AWREADY, WDATA,  WVALID,
                                            WREADY, BVALID,  BREADY, RTL_SIGNALS},
                                 read[] = {ARADDR, ARREADY, RDATA, RVALID, RREADY, RTL_SIGNALS},
                                 stream[] = {TDATA, RTL_SIGNALS};
    enum rtl_signal k = RTL_SIGNALS;
    if (has(f, TVALID))
        k = missing(f, stream);
    else if (!has(f, AWVALID) && !has(f, ARVALID))
        k = has(f, TDATA) ? TVALID : has(f, WDATA) || has(f, AWADDR) ? AWVALID : ARVALID;
    if (k == RTL_SIGNALS && has(f, AWVALID))
        k = missing(f, write);
    if (k == RTL_SIGNALS && has(f, ARVALID))
        k = missing(f, read);
    if (k != RTL_SIGNALS)
        refuse(f, "no", k);
    return k == RTL_SIGNALS;
}

static bool fits(struct rtl_bus *f)
{
    bool m = master(f);
    for (int k = 0; k < RTL_SIGNALS; k++) {
        const struct rtl_pin *p = &f->s[k];
        if (!p->name)
            continue;
        if (p->direction != (by_master((enum rtl_signal)k) == m ? LUNQ_RTL_OUT : LUNQ_RTL_IN)) {
            refuse(f, "wrong direction of", (enum rtl_signal)k);
            return false;
        }
        if (is_single((enum rtl_signal)k) && p->width != 1) {
            refuse(f, "more than one bit in", (enum rtl_signal)k);
            return false;
        }
    }
    return true;
}

static bool widths(struct rtl_bus *f)
{
    bool stream = has(f, TVALID);
    enum rtl_signal d = stream ? TDATA : has(f, RDATA) ? RDATA : WDATA;
    unsigned bits = f->s[d].width;
    f->bytes = bits / 8;
    f->address = has(f, AWADDR) ? f->s[AWADDR].width : has(f, ARADDR) ? f->s[ARADDR].width : 0;
    if (bits % 8 || f->bytes > RTL_MOST_BYTES || (!stream && (f->bytes & (f->bytes - 1)))) {
        refuse(f, "an impossible width of", d);
        return false;
    }
    if (has(f, WDATA) && has(f, RDATA) && f->s[WDATA].width != bits) {
        refuse(f, "another width than rdata in", WDATA);
        return false;
    }
    return true;
}

void rtl_bus_decide(struct rtl_bus *f)
{
    bool full = has(f, AWLEN) || has(f, ARLEN) || has(f, RLAST) || has(f, WLAST);
    f->kind = RTL_UNBOUND;
    f->why[0] = 0;
    if (!is_whole(f) || !fits(f) || !widths(f))
        return;
    if (has(f, TVALID))
        f->kind = master(f) ? RTL_SOURCE : RTL_SINK;
    else if (master(f))
        f->kind = full ? RTL_FULL_MASTER : RTL_LITE_MASTER;
    else
        f->kind = full ? RTL_FULL_SLAVE : RTL_LITE_SLAVE;
}
