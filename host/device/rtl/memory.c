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
    bool in_order = m->reads.in_order;
    rtl_memory_free(m);
    rtl_memory_init(m, m->bus, m->stress, m->checks);
    m->target = target;
    m->reads.in_order = m->answers.in_order = in_order;
}

void rtl_memory_free(struct rtl_memory *m)
{
    rtl_requests_clear(&m->reads);
    rtl_requests_clear(&m->answers);
    for (; m->first_write != m->end_write; m->first_write++)
        rtl_transfer_unref(m->writes[m->first_write % RTL_WRITES].transfer);
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

static bool leads_to_port(struct rtl_memory *m, uint64_t addr)
{
    return addr - m->read.base >= m->read.size && addr - m->written.base >= m->written.size &&
           m->target && m->target->is_port(m->target->ctx, addr);
}

/* A beat wider than the bus, which is forbidden, is taken as one of the bus's width. */
static struct rtl_request take(struct rtl_memory *m, enum rtl_signal addr)
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
        .cache = (uint8_t)get(m, (enum rtl_signal)(AWCACHE + more), 0) & 15,
        .prot = (uint8_t)get(m, (enum rtl_signal)(AWPROT + more), 0) & 7,
    };
    struct rtl_request r = {.from = m->cycle + rtl_delay(m->stress)};
    if (m->checks->on)
        rtl_check_burst(m->checks, m->bus, &b, addr == AWADDR);
    if (b.size > widest)
        b.size = widest;
    r.burst = b;
    if (leads_to_port(m, b.address))
        r.transfer = rtl_transfer_new(&b, addr == AWADDR); /* NULL: as if no port were there */
    return r;
}

static void finish(struct rtl_memory *m, struct rtl_requests *q, struct rtl_request *r)
{
    if (r->transfer)
        m->target->over(m->target->ctx, &r->burst, r->transfer);
    rtl_requests_end(q, r);
}

/* ---- reading ------------------------------------------------------------------------------- */

static void sample_read(struct rtl_memory *m)
{
    struct rtl_request *now = m->read_now;
    if (m->checks->on)
        rtl_check_held(m->checks, &m->seen_ar, m->bus, &rtl_channel_ar, m->arready);
    if (m->arready && high(m, ARVALID)) {
        struct rtl_request r = take(m, ARADDR);
        if (r.transfer)
            m->target->send(m->target->ctx, r.transfer);
        rtl_requests_add(&m->reads, &r);
    }
    if (now && high(m, RREADY)) {
        m->read_now = NULL;
        m->beats++;
        if (now->burst.beat++ == now->burst.last)
            finish(m, &m->reads, now);
    }
}

/* A beat that came from a slave port. */
static enum rtl_response pass_on(const struct rtl_request *r, uint8_t *lanes)
{
    const struct rtl_burst *b = &r->burst;
    memcpy(lanes, r->transfer->data + ((size_t)b->beat << b->size), (size_t)1 << b->size);
    return (enum rtl_response)r->transfer->responses[b->beat];
}

static void put_beat(struct rtl_memory *m, const struct rtl_request *request)
{
    const struct rtl_burst *b = &request->burst;
    const struct rtl_pin *data = &m->bus->s[RDATA];
    uint64_t addr = rtl_beat_address(b, b->beat), size = UINT64_C(1) << b->size;
    unsigned n = (unsigned)(size - (addr & (size - 1))), lane = addr & (m->bus->bytes - 1);
    enum rtl_response r;
    if (n < m->bus->bytes)
        memset(data->at, POISON, m->bus->bytes);
    r = request->transfer ? pass_on(request, data->at + (lane & ~(unsigned)(size - 1)))
                          : fetch(m, addr, data->at + lane, n);
    if (r >= RTL_SLVERR)
        memset(data->at, POISON, m->bus->bytes);
    put(m, RRESP, r);
    put(m, RLAST, b->beat == b->last);
    put(m, RID, b->id);
}

static void drive_read(struct rtl_memory *m)
{
    m->arready = rtl_requests_have_room(&m->reads) && !rtl_stalls(m->stress);
    rtl_set(&m->bus->s[ARREADY], m->arready);
    if (!m->read_now && !rtl_stalls(m->stress) &&
        (m->read_now = rtl_requests_next(&m->reads, m->stress, m->cycle)))
        put_beat(m, m->read_now);
    rtl_set(&m->bus->s[RVALID], m->read_now != NULL);
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

/* A beat on its way to a slave port. */
static void collect(const struct rtl_memory *m, const struct rtl_burst *b, struct rtl_transfer *t)
{
    size_t at = (size_t)b->beat << b->size, n = (size_t)1 << b->size;
    uint64_t addr = rtl_beat_address(b, b->beat), block = rtl_beat_block(b, b->beat);
    unsigned lane = (unsigned)(block & (m->bus->bytes - 1));
    memcpy(t->data + at, m->bus->s[WDATA].at + lane, n);
    for (size_t i = (size_t)(addr - block); i < n; i++)
        t->strobes[at + i] =
            strobes(&m->bus->s[WSTRB], lane + (unsigned)i, lane + (unsigned)i + 1) > 0;
}

static void sample_data(struct rtl_memory *m)
{
    struct rtl_request *w = &m->writes[m->first_write % RTL_WRITES];
    struct rtl_burst *b = &w->burst;
    enum rtl_response r = RTL_OKAY;
    if (w->transfer)
        collect(m, b, w->transfer);
    else
        r = store_lanes(m, rtl_beat_address(b, b->beat), UINT64_C(1) << b->size);
    if (m->checks->on)
        check_data(m, b);
    m->beats++;
    if (r > w->response)
        w->response = r;
    if (b->beat++ != b->last)
        return;
    w->from = m->cycle + rtl_delay(m->stress);
    if (w->transfer)
        m->target->send(m->target->ctx, w->transfer);
    rtl_requests_add(&m->answers, w);
    m->first_write++;
}

static void sample_write(struct rtl_memory *m)
{
    if (m->checks->on) {
        rtl_check_held(m->checks, &m->seen_aw, m->bus, &rtl_channel_aw, m->awready);
        rtl_check_held(m->checks, &m->seen_w, m->bus, &rtl_channel_w, m->wready);
    }
    if (m->awready && high(m, AWVALID))
        m->writes[m->end_write++ % RTL_WRITES] = take(m, AWADDR);
    if (m->wready && high(m, WVALID))
        sample_data(m);
    if (m->answer_now && high(m, BREADY)) {
        finish(m, &m->answers, m->answer_now);
        m->answer_now = NULL;
    }
}

static void put_answer(struct rtl_memory *m, const struct rtl_request *a)
{
    put(m, BRESP, a->transfer ? a->transfer->response : a->response);
    put(m, BID, a->burst.id);
}

static void drive_write(struct rtl_memory *m)
{
    m->awready = m->end_write - m->first_write < RTL_WRITES - 1 && !rtl_stalls(m->stress);
    m->wready = m->first_write != m->end_write && rtl_requests_have_room(&m->answers) &&
                !rtl_stalls(m->stress);
    rtl_set(&m->bus->s[AWREADY], m->awready);
    rtl_set(&m->bus->s[WREADY], m->wready);
    if (!m->answer_now && !rtl_stalls(m->stress) &&
        (m->answer_now = rtl_requests_next(&m->answers, m->stress, m->cycle)))
        put_answer(m, m->answer_now);
    rtl_set(&m->bus->s[BVALID], m->answer_now != NULL);
}

/* ---- a cycle ------------------------------------------------------------------------------- */

void rtl_memory_sample(struct rtl_memory *m)
{
    if (has(m, ARVALID))
        sample_read(m);
    if (has(m, AWVALID))
        sample_write(m);
}

void rtl_memory_drive(struct rtl_memory *m)
{
    m->cycle++;
    if (has(m, ARVALID))
        drive_read(m);
    if (has(m, AWVALID))
        drive_write(m);
}
