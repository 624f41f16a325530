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

void rtl_axil_init(struct rtl_axil *p, const struct rtl_bus *bus)
{
    *p = (struct rtl_axil){.bus = bus};
}

void rtl_axil_quiet(struct rtl_axil *p)
{
    static const enum rtl_signal at_rest[] = {AWVALID, WVALID, BREADY, ARVALID, RREADY};
    for (size_t i = 0; i < sizeof at_rest / sizeof *at_rest; i++)
        put(p, at_rest[i], 0);
    p->busy = p->abandoned = false;
}

static unsigned lane(const struct rtl_axil *p)
{
    return (unsigned)(p->address & (p->bus->bytes - 1));
}

static void begin(struct rtl_axil *p, uint64_t address, bool write)
{
    p->busy = true;
    p->abandoned = false;
    p->write = write;
    p->cycles = 0;
    p->address = address;
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
    put(p, ARVALID, 1);
    put(p, RREADY, 1);
}

static void put_valids(struct rtl_axil *p)
{
    rtl_set(&p->bus->s[AWVALID], p->aw && p->cycles >= p->order.aw);
    rtl_set(&p->bus->s[WVALID], p->w && p->cycles >= p->order.w);
}

void rtl_axil_write(struct rtl_axil *p, uint64_t address, unsigned width, uint64_t value)
{
    const struct rtl_pin *data = &p->bus->s[WDATA];
    begin(p, address, true);
    p->aw = p->w = true;
    put(p, AWADDR, address);
    put_burst(p, width, AWLEN, AWSIZE, AWBURST);
    memset(data->at, 0, rtl_pin_size(data));
    memcpy(data->at + lane(p), &value, width);
    rtl_put_strobes(&p->bus->s[WSTRB], lane(p), width);
    put(p, WLAST, 1);
    put(p, BREADY, 1);
    put_valids(p);
}

static void sample_write(struct rtl_axil *p)
{
    bool aw = high(p, AWVALID) && high(p, AWREADY), w = high(p, WVALID) && high(p, WREADY);
    p->aw = p->aw && !aw;
    p->w = p->w && !w;
    if (p->aw || p->w || !high(p, BVALID))
        return;
    p->response = (enum rtl_response)(rtl_get(&p->bus->s[BRESP], RTL_OKAY) & 3);
    p->busy = false;
}

static void sample_read(struct rtl_axil *p)
{
    const struct rtl_pin *data = &p->bus->s[RDATA];
    unsigned left = p->bus->bytes - lane(p);
    if (p->ar && high(p, ARREADY))
        p->ar = false;
    if (p->ar || !high(p, RVALID))
        return;
    p->data = 0;
    memcpy(&p->data, data->at + lane(p), left < 8 ? left : 8);
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
        put_valids(p);
        rtl_set(&p->bus->s[BREADY], p->busy);
    } else {
        rtl_set(&p->bus->s[ARVALID], p->ar);
        rtl_set(&p->bus->s[RREADY], p->busy);
    }
}

const char *rtl_axil_missing(const struct rtl_axil *p)
{
    if (!p->write)
        return p->ar ? "ARREADY" : "RVALID";
    return p->aw && p->w ? "AWREADY and no WREADY" : p->aw ? "AWREADY" : p->w ? "WREADY" : "BVALID";
}
