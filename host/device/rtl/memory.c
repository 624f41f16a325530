/* memory.c - see memory.h. */
#include "memory.h"

#define POISON 0xee /* in lanes that carry no data: nobody may use them */

static bool has(const struct rtl_memory *m, enum rtl_signal k)
{
    return m->bus->s[k].at != NULL;
}

static bool high(const struct rtl_memory *m, enum rtl_signal k)
{
    return rtl_is_high(&m->bus->s[k]);
}

static uint64_t get(const struct rtl_memory *m, enum rtl_signal k, uint64_t otherwise)
{
    return rtl_get(&m->bus->s[k], otherwise);
}

static void put(const struct rtl_memory *m, enum rtl_signal k, uint64_t v)
{
    rtl_put(&m->bus->s[k], v);
}

void rtl_memory_init(struct rtl_memory *m, const struct rtl_bus *bus, struct rtl_stress *stress,
                     struct rtl_checks *checks)
{
    *m = (struct rtl_memory){.bus = bus, .stress = stress, .checks = checks};
}

void rtl_memory_reset(struct rtl_memory *m)
{
    const struct rtl_target *target = m->target;
    rtl_memory_init(m, m->bus, m->stress, m->checks);
    m->target = target;
}

/* ---- where data go ------------------------------------------------------------------------- */

/* n bytes of plain memory, or NULL. */
static inline uint8_t *bytes_at(struct rtl_memory *m, struct rtl_span *s, uint64_t addr, unsigned n)
{
    if (addr - s->base >= s->size || s->size - (addr - s->base) < n) {
        s->mem = m->target ? m->target->bytes(m->target->ctx, addr, &s->size) : NULL;
        s->base = addr;
        if (!s->mem)
            s->size = 0;
        if (s->size < n)
            return NULL;
    }
    return s->mem + (addr - s->base);
}

static enum rtl_response fetch(struct rtl_memory *m, uint64_t addr, uint8_t *data, unsigned n)
{
    const uint8_t *p = bytes_at(m, &m->read, addr, n);
    if (!p)
        return m->target ? m->target->read(m->target->ctx, addr, data, n) : RTL_DECERR;
    memcpy(data, p, n);
    return RTL_OKAY;
}

static enum rtl_response store(struct rtl_memory *m, uint64_t addr, const uint8_t *data, unsigned n)
{
    uint8_t *p = bytes_at(m, &m->written, addr, n);
    if (!p)
        return m->target ? m->target->write(m->target->ctx, addr, data, n) : RTL_DECERR;
    memcpy(p, data, n);
    return RTL_OKAY;
}

/* ---- bursts -------------------------------------------------------------------------------- */

/* A beat wider than the bus, which is forbidden, is taken as one of the bus's width. */
static struct rtl_request take(const struct rtl_memory *m, enum rtl_signal addr, uint64_t cycle)
{
    int more = addr - AWADDR; /* both address channels are in the same order */
    uint32_t widest = (uint32_t)__builtin_ctz(m->bus->bytes);
    struct rtl_burst b = {
        .address = get(m, addr, 0),
        .id = get(m, (enum rtl_signal)(AWID + more), 0),
        .last = (uint32_t)get(m, (enum rtl_signal)(AWLEN + more), 0) & 255,
        .size = (uint32_t)get(m, (enum rtl_signal)(AWSIZE + more), widest) & 7,
        .type = (uint32_t)get(m, (enum rtl_signal)(AWBURST + more), RTL_INCR) & 3,
        .exclusive = get(m, (enum rtl_signal)(AWLOCK + more), 0) & 1,
    };
    if (m->checks->on)
        rtl_check_burst(m->checks, m->bus, &b, addr == AWADDR);
    if (b.size > widest)
        b.size = widest;
    return (struct rtl_request){.burst = b, .from = cycle + m->stress->latency};
}

/* ---- reading ------------------------------------------------------------------------------- */

static void sample_read(struct rtl_memory *m, uint64_t cycle)
{
    if (m->checks->on)
        rtl_check_held(m->checks, &m->seen_ar, m->bus, &rtl_channel_ar, m->arready);
    if (m->arready && high(m, ARVALID))
        m->reads[m->end_read++ % RTL_READS] = take(m, ARADDR, cycle);
    if (m->rvalid && high(m, RREADY)) {
        struct rtl_burst *b = &m->reads[m->first_read % RTL_READS].burst;
        m->rvalid = false;
        m->beats++;
        if (b->beat++ == b->last)
            m->first_read++;
    }
}

static void put_beat(struct rtl_memory *m, const struct rtl_burst *b)
{
    const struct rtl_pin *data = &m->bus->s[RDATA];
    uint64_t addr = rtl_beat_address(b, b->beat), size = UINT64_C(1) << b->size;
    unsigned n = (unsigned)(size - (addr & (size - 1))), lane = addr & (m->bus->bytes - 1);
    enum rtl_response r;
    if (n < m->bus->bytes)
        memset(data->at, POISON, m->bus->bytes);
    r = fetch(m, addr, data->at + lane, n);
    if (r >= RTL_SLVERR)
        memset(data->at, POISON, m->bus->bytes);
    put(m, RRESP, r);
    put(m, RLAST, b->beat == b->last);
    put(m, RID, b->id);
}

static void drive_read(struct rtl_memory *m, uint64_t cycle)
{
    const struct rtl_request *r = &m->reads[m->first_read % RTL_READS];
    m->arready = m->end_read - m->first_read < RTL_READS - 1 && !rtl_stalls(m->stress);
    rtl_set(&m->bus->s[ARREADY], m->arready);
    if (!m->rvalid && m->first_read != m->end_read && r->from <= cycle && !rtl_stalls(m->stress)) {
        put_beat(m, &r->burst);
        m->rvalid = true;
    }
    rtl_set(&m->bus->s[RVALID], m->rvalid);
}

/* ---- writing ------------------------------------------------------------------------------- */

/* How many strobes from lane i on, up to `end`, are all set; those a pin is too narrow for are not. */
static unsigned strobes(const struct rtl_pin *p, unsigned i, unsigned end)
{
    unsigned first = i;
    if (!p->at)
        return end - i;
    if (end > p->width)
        end = p->width;
    while (i < end) {
        if (i % 8 == 0 && end - i >= 8 && p->at[i / 8] == 0xff)
            i += 8;
        else if (p->at[i / 8] >> i % 8 & 1)
            i++;
        else
            break;
    }
    return i - first;
}

/* Bytes with a strobe, run by run; those outside the beat are left alone. */
static enum rtl_response store_lanes(struct rtl_memory *m, uint64_t addr, uint64_t size)
{
    const uint8_t *data = m->bus->s[WDATA].at;
    uint64_t base = addr & ~(uint64_t)(m->bus->bytes - 1);
    unsigned lane = (unsigned)(addr - base), end = (unsigned)((addr & ~(size - 1)) + size - base);
    enum rtl_response worst = RTL_OKAY, r;
    while (lane < end) {
        unsigned n = strobes(&m->bus->s[WSTRB], lane, end);
        r = n ? store(m, base + lane, data + lane, n) : RTL_OKAY;
        if (r > worst)
            worst = r;
        lane += n ? n : 1;
    }
    return worst;
}

static void check_strobes(const struct rtl_memory *m, const struct rtl_burst *b, unsigned size)
{
    unsigned lane = (unsigned)(rtl_beat_address(b, b->beat) & (m->bus->bytes - 1)),
             end = (lane & ~(size - 1)) + size;
    for (unsigned i = 0; i < m->bus->bytes; i++)
        if ((i < lane || i >= end) && strobes(&m->bus->s[WSTRB], i, i + 1)) {
            rtl_violated(m->checks, m->bus, "WSTRB outside the beat");
            return;
        }
}

static void check_data(const struct rtl_memory *m, const struct rtl_burst *b)
{
    unsigned size = 1u << b->size;
    bool last = b->beat == b->last;
    if (has(m, WLAST) && high(m, WLAST) != last)
        rtl_violated(m->checks, m->bus,
                     last ? "no WLAST with the last beat" : "WLAST before the last beat");
    if (has(m, WSTRB) && (size != m->bus->bytes || b->address & (size - 1)))
        check_strobes(m, b, size);
}

static void sample_data(struct rtl_memory *m, uint64_t cycle)
{
    struct rtl_request *w = &m->writes[m->first_write % RTL_WRITES];
    struct rtl_burst *b = &w->burst;
    enum rtl_response r = store_lanes(m, rtl_beat_address(b, b->beat), UINT64_C(1) << b->size);
    if (m->checks->on)
        check_data(m, b);
    m->beats++;
    if (r > w->response)
        w->response = r;
    if (b->beat++ != b->last)
        return;
    w->from = cycle + m->stress->latency;
    m->answers[m->end_answer++ % RTL_ANSWERS] = *w;
    m->first_write++;
}

static void sample_write(struct rtl_memory *m, uint64_t cycle)
{
    if (m->checks->on) {
        rtl_check_held(m->checks, &m->seen_aw, m->bus, &rtl_channel_aw, m->awready);
        rtl_check_held(m->checks, &m->seen_w, m->bus, &rtl_channel_w, m->wready);
    }
    if (m->awready && high(m, AWVALID))
        m->writes[m->end_write++ % RTL_WRITES] = take(m, AWADDR, cycle);
    if (m->wready && high(m, WVALID))
        sample_data(m, cycle);
    if (m->bvalid && high(m, BREADY)) {
        m->first_answer++;
        m->bvalid = false;
    }
}

static void drive_write(struct rtl_memory *m, uint64_t cycle)
{
    const struct rtl_request *a = &m->answers[m->first_answer % RTL_ANSWERS];
    m->awready = m->end_write - m->first_write < RTL_WRITES - 1 && !rtl_stalls(m->stress);
    m->wready = m->first_write != m->end_write &&
                m->end_answer - m->first_answer < RTL_ANSWERS - 1 && !rtl_stalls(m->stress);
    rtl_set(&m->bus->s[AWREADY], m->awready);
    rtl_set(&m->bus->s[WREADY], m->wready);
    if (!m->bvalid && m->first_answer != m->end_answer && a->from <= cycle &&
        !rtl_stalls(m->stress)) {
        put(m, BRESP, a->response);
        put(m, BID, a->burst.id);
        m->bvalid = true;
    }
    rtl_set(&m->bus->s[BVALID], m->bvalid);
}

/* ---- a cycle ------------------------------------------------------------------------------- */

void rtl_memory_sample(struct rtl_memory *m, uint64_t cycle)
{
    if (has(m, ARVALID))
        sample_read(m, cycle);
    if (has(m, AWVALID))
        sample_write(m, cycle);
}

void rtl_memory_drive(struct rtl_memory *m, uint64_t cycle)
{
    if (has(m, ARVALID))
        drive_read(m, cycle);
    if (has(m, AWVALID))
        drive_write(m, cycle);
}
