/* axil.c - see axil.h. */
#include "axil.h"

static void put(const struct rtl_axil *p, enum rtl_signal k, uint64_t v)
{
    rtl_put(&p->bus->s[k], v);
}

static bool high(const struct rtl_axil *p, enum rtl_signal k)
{
    return rtl_is_high(&p->bus->s[k]);
}

static unsigned log2_of(unsigned n)
{
    return (unsigned)__builtin_ctz(n);
}

void rtl_axil_init(struct rtl_axil *p, const struct rtl_bus *bus, struct rtl_stress *stress,
                   struct rtl_checks *checks)
{
    *p = (struct rtl_axil){.bus = bus, .stress = stress, .checks = checks};
}

void rtl_axil_quiet(struct rtl_axil *p)
{
    static const enum rtl_signal at_rest[] = {AWVALID, WVALID, BREADY, ARVALID, RREADY};
    for (size_t i = 0; i < sizeof at_rest / sizeof *at_rest; i++)
        put(p, at_rest[i], 0);
    p->busy = p->abandoned = false;
    p->seen_b.held = p->seen_r.held = false;
}

static unsigned lane(const struct rtl_axil *p)
{
    return (unsigned)(p->address & (p->bus->bytes - 1));
}

/* The valids, and whether it is ready for the answer, come with the next drive. */
static void begin(struct rtl_axil *p, uint64_t address, bool write)
{
    if (p->cycles && p->write != write)
        rtl_axil_drive(p); /* the last access goes to rest: it had other channels */
    p->busy = true;
    p->abandoned = false;
    p->write = write;
    p->cycles = 0;
    p->address = address;
    if (p->stress->stall) {
        p->order.aw += rtl_delay(p->stress);
        p->order.w += rtl_delay(p->stress);
        p->order.ar += rtl_delay(p->stress);
    }
}

/* One beat of `width` bytes; AXI4-Lite has none of these signals. */
static void put_burst(const struct rtl_axil *p, unsigned width, enum rtl_signal len,
                      enum rtl_signal size, enum rtl_signal burst)
{
    put(p, len, 0);
    put(p, size, log2_of(width));
    put(p, burst, 1); /* INCR */
}

void rtl_axil_read(struct rtl_axil *p, uint64_t address, unsigned width)
{
    begin(p, address, false);
    p->ar = true;
    put(p, ARADDR, address);
    put_burst(p, width, ARLEN, ARSIZE, ARBURST);
}

/* In its lanes; the others are 0. */
static void put_data(const struct rtl_axil *p, unsigned width, uint64_t value)
{
    const struct rtl_pin *data = &p->bus->s[WDATA];
    if (width < 8)
        value &= (UINT64_C(1) << 8 * width) - 1;
    if (data->bytes) {
        rtl_put(data, value << 8 * lane(p));
        return;
    }
    memset(data->at, 0, rtl_pin_size(data));
    memcpy(data->at + lane(p), &value, width);
}

/* From the lane of the address on. */
static uint64_t get_data(const struct rtl_axil *p)
{
    const struct rtl_pin *data = &p->bus->s[RDATA];
    unsigned left = p->bus->bytes - lane(p);
    uint64_t value = 0;
    if (data->bytes)
        return rtl_get(data, 0) >> 8 * lane(p);
    memcpy(&value, data->at + lane(p), left < 8 ? left : 8);
    return value;
}

void rtl_axil_write(struct rtl_axil *p, uint64_t address, unsigned width, uint64_t value)
{
    begin(p, address, true);
    p->aw = p->w = true;
    put(p, AWADDR, address);
    put_burst(p, width, AWLEN, AWSIZE, AWBURST);
    put_data(p, width, value);
    rtl_put_strobes(&p->bus->s[WSTRB], lane(p), width);
    put(p, WLAST, 1);
}

static void sample_write(struct rtl_axil *p)
{
    bool aw = high(p, AWVALID) && high(p, AWREADY), w = high(p, WVALID) && high(p, WREADY);
    p->aw = p->aw && !aw;
    p->w = p->w && !w;
    if (p->aw || p->w || !high(p, BVALID) || !high(p, BREADY))
        return;
    p->response = (enum rtl_response)(rtl_get(&p->bus->s[BRESP], RTL_OKAY) & 3);
    p->busy = false;
}

static void sample_read(struct rtl_axil *p)
{
    if (p->ar && high(p, ARVALID) && high(p, ARREADY))
        p->ar = false;
    if (p->ar || !high(p, RVALID) || !high(p, RREADY))
        return;
    p->data = get_data(p);
    p->response = (enum rtl_response)(rtl_get(&p->bus->s[RRESP], RTL_OKAY) & 3);
    p->busy = false;
}

void rtl_axil_sample(struct rtl_axil *p)
{
    p->cycles++;
    if (p->write)
        sample_write(p);
    else
        sample_read(p);
}

void rtl_axil_drive(struct rtl_axil *p)
{
    if (p->write) {
        rtl_set(&p->bus->s[AWVALID], p->aw && p->cycles >= p->order.aw);
        rtl_set(&p->bus->s[WVALID], p->w && p->cycles >= p->order.w);
        rtl_set(&p->bus->s[BREADY], p->busy && !rtl_stalls(p->stress));
    } else {
        rtl_set(&p->bus->s[ARVALID], p->ar && p->cycles >= p->order.ar);
        rtl_set(&p->bus->s[RREADY], p->busy && !rtl_stalls(p->stress));
    }
}

/* An answer comes after its request, and to one that is out. */
static void check_answer(struct rtl_axil *p, enum rtl_signal valid, bool mine, bool pending)
{
    const char *what = valid == BVALID ? "write" : "read",
               *name = valid == BVALID ? "BVALID" : "RVALID";
    if (!high(p, valid))
        return;
    if (!mine)
        rtl_violated(p->checks, p->bus, "%s without a %s", name, what);
    else if (pending)
        rtl_violated(p->checks, p->bus, "%s before the %s was accepted", name, what);
}

void rtl_axil_look(struct rtl_axil *p)
{
    bool aw, w, ar;
    if (p->bus->s[BVALID].at) {
        aw = p->aw && !(high(p, AWVALID) && high(p, AWREADY));
        w = p->w && !(high(p, WVALID) && high(p, WREADY));
        check_answer(p, BVALID, p->busy && p->write, aw || w);
        rtl_check_held(p->checks, &p->seen_b, p->bus, &rtl_channel_b, high(p, BREADY));
    }
    if (p->bus->s[RVALID].at) {
        ar = p->ar && !(high(p, ARVALID) && high(p, ARREADY));
        check_answer(p, RVALID, p->busy && !p->write, ar);
        if (p->bus->s[RLAST].at && high(p, RVALID) && high(p, RREADY) && !high(p, RLAST))
            rtl_violated(p->checks, p->bus, "no RLAST with the last beat");
        rtl_check_held(p->checks, &p->seen_r, p->bus, &rtl_channel_r, high(p, RREADY));
    }
}

const char *rtl_axil_missing(const struct rtl_axil *p)
{
    if (!p->write)
        return p->ar ? "ARREADY" : "RVALID";
    return p->aw && p->w ? "AWREADY and no WREADY" : p->aw ? "AWREADY" : p->w ? "WREADY" : "BVALID";
}
