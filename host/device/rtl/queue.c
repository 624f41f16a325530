/* queue.c - see queue.h. */
#include "queue.h"

static bool has(const struct rtl_queue *q, enum rtl_signal k)
{
    return q->bus->s[k].at != NULL;
}

static bool high(const struct rtl_queue *q, enum rtl_signal k)
{
    return rtl_is_high(&q->bus->s[k]);
}

static void put(const struct rtl_queue *q, enum rtl_signal k, uint64_t v)
{
    rtl_put(&q->bus->s[k], v);
}

void rtl_queue_init(struct rtl_queue *q, const struct rtl_bus *bus, struct rtl_stress *stress,
                    struct rtl_checks *checks)
{
    *q = (struct rtl_queue){.bus = bus, .stress = stress, .checks = checks, .limit = UINT32_MAX};
}

void rtl_queue_add(struct rtl_queue *q, struct rtl_transfer *t)
{
    struct rtl_side *s = t->write ? &q->write : &q->read;
    t->refs++;
    t->next = NULL;
    if (s->first)
        s->last->next = t;
    else
        s->first = t;
    s->last = t;
}

const char *rtl_queue_refuses(const struct rtl_queue *q, const struct rtl_transfer *t)
{
    bool whole = q->bus->s[WSTRB].at || (t->write && 1u << t->burst.size >= q->bus->bytes &&
                                         !memchr(t->strobes, 0, rtl_transfer_size(t)));
    if (!has(q, rtl_signal_for(AWVALID, t->write)))
        return t->write ? "it can't be written" : "it can't be read";
    return t->write && !whole ? "it has no WSTRB, only whole words can be written" : NULL;
}

/* ---- what is out --------------------------------------------------------------------------- */

static void pop(struct rtl_side *s)
{
    struct rtl_transfer *t = s->first;
    s->first = t->next;
    t->next = NULL;
}

static uint64_t masked(const struct rtl_pin *p, uint64_t id)
{
    return !p->at ? 0 : p->width < 64 ? id & ((UINT64_C(1) << p->width) - 1) : id;
}

static void put_address(const struct rtl_queue *q, const struct rtl_piece *p, bool write)
{
    put(q, rtl_signal_for(AWADDR, write), p->burst.address);
    put(q, rtl_signal_for(AWLEN, write), p->burst.last);
    put(q, rtl_signal_for(AWSIZE, write), p->burst.size);
    put(q, rtl_signal_for(AWBURST, write), p->burst.type);
    put(q, rtl_signal_for(AWID, write), p->burst.id);
    put(q, rtl_signal_for(AWLOCK, write), p->burst.exclusive);
    put(q, rtl_signal_for(AWCACHE, write), p->burst.cache);
    put(q, rtl_signal_for(AWPROT, write), p->burst.prot);
}

/* The next piece goes out, when there is one and room for it. */
static void issue(struct rtl_queue *q, struct rtl_side *s, bool write)
{
    struct rtl_transfer *t = s->first;
    struct rtl_piece *p = &s->out[s->n];
    unsigned most = rtl_most_beats(q->bus, write) > 1 ? RTL_OUT : 1;
    if (!t || q->wanted || s->n >= most || (s->n > 0 && !p[-1].accepted))
        return;
    rtl_piece_cut(p, q->bus, t);
    p->burst.id = masked(&q->bus->s[rtl_signal_for(AWID, write)], p->burst.id);
    p->from = q->cycle + (write ? q->order.aw : q->order.ar) + rtl_delay(q->stress);
    p->w = q->cycle + q->order.w + rtl_delay(q->stress);
    if (s->n++ == 0)
        s->idle = 0;
    t->out++;
    if (t->cut)
        pop(s);
    put_address(q, p, write);
}

/* Nothing more comes for this piece. */
static void retire(struct rtl_side *s, struct rtl_piece *p)
{
    struct rtl_transfer *t = p->transfer;
    s->n--;
    memmove(p, p + 1, (size_t)(s->out + s->n - p) * sizeof *p);
    if (--t->out > 0 || !t->cut)
        return;
    rtl_transfer_end(t, RTL_OKAY);
    rtl_transfer_unref(t);
}

/* The oldest with the ID of this answer, or NULL. */
static struct rtl_piece *piece_of(const struct rtl_queue *q, struct rtl_side *s, enum rtl_signal id)
{
    for (unsigned i = 0; i < s->n; i++)
        if (rtl_get(&q->bus->s[id], s->out[i].burst.id) == s->out[i].burst.id)
            return &s->out[i];
    return NULL;
}

/* The one whose address is shown, or is to be. */
static struct rtl_piece *shown(struct rtl_side *s)
{
    return s->n > 0 && !s->out[s->n - 1].accepted ? &s->out[s->n - 1] : NULL;
}

/* The one whose data are next, or NULL. */
static struct rtl_piece *sending(struct rtl_side *s)
{
    for (unsigned i = 0; i < s->n; i++)
        if (!s->out[i].sent)
            return &s->out[i];
    return NULL;
}

/* ---- rules --------------------------------------------------------------------------------- */

/* An answer is for something that is out and, of a write, was taken. */
static void check_answer(struct rtl_queue *q, struct rtl_side *s, bool write)
{
    const char *what = write ? "write" : "read", c = write ? 'B' : 'R';
    const struct rtl_piece *p = piece_of(q, s, write ? BID : RID);
    if (!high(q, write ? BVALID : RVALID))
        return;
    if (s->n == 0)
        rtl_violated(q->checks, q->bus, "%cVALID without a %s", c, what);
    else if (!p)
        rtl_violated(q->checks, q->bus, "%cID of no %s that is out", c, what);
    else if (!p->accepted || (write && !p->sent))
        rtl_violated(q->checks, q->bus, "%cVALID before the %s was accepted", c, what);
}

static void check_okay(struct rtl_queue *q, const struct rtl_piece *p, enum rtl_response r,
                       bool write)
{
    if (r == RTL_EXOKAY && !p->burst.exclusive)
        rtl_violated(q->checks, q->bus, "EXOKAY to a %s that is not exclusive",
                     write ? "write" : "read");
}

static void check_data(struct rtl_queue *q, const struct rtl_piece *p, enum rtl_response r)
{
    bool last = p->burst.beat == p->burst.last;
    check_okay(q, p, r, false);
    if (has(q, RLAST) && high(q, RLAST) != last)
        rtl_violated(q->checks, q->bus,
                     last ? "no RLAST with the last beat" : "RLAST before the last beat");
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Each beat of the master's has the worst answer of those it came with. */
static void note_answer(struct rtl_transfer *t, struct rtl_part d, enum rtl_response r)
{
    for (uint32_t k = d.at >> t->burst.size; k <= (d.at + d.n - 1) >> t->burst.size; k++)
        if (r > t->responses[k])
            t->responses[k] = (uint8_t)r;
    if (r > t->response)
        t->response = r;
}

static void take_data(struct rtl_queue *q, struct rtl_piece *p)
{
    struct rtl_transfer *t = p->transfer;
    struct rtl_part d = rtl_piece_part(p, q->bus);
    enum rtl_response r = (enum rtl_response)(rtl_get(&q->bus->s[RRESP], RTL_OKAY) & 3);
    if (q->checks->on)
        check_data(q, p, r);
    memcpy(t->data + d.at, q->bus->s[RDATA].at + d.lane, d.n);
    t->got = d.at + d.n;
    note_answer(t, d, r);
    if (p->burst.beat++ == p->burst.last)
        retire(&q->read, p);
}

static void sample_read(struct rtl_queue *q)
{
    struct rtl_side *s = &q->read;
    struct rtl_piece *p = shown(s);
    if (p && high(q, ARVALID) && high(q, ARREADY)) {
        p->accepted = true;
        s->idle = 0;
    }
    if (q->checks->on) {
        check_answer(q, s, false);
        rtl_check_held(q->checks, &q->seen_r, q->bus, &rtl_channel_r, high(q, RREADY));
    }
    p = piece_of(q, s, RID);
    if (!high(q, RVALID) || !high(q, RREADY) || !p || !p->accepted)
        return;
    s->idle = 0;
    take_data(q, p);
}

static void drive_read(struct rtl_queue *q)
{
    struct rtl_side *s = &q->read;
    const struct rtl_piece *p;
    issue(q, s, false);
    p = shown(s);
    rtl_set(&q->bus->s[ARVALID], p && p->from <= q->cycle);
    rtl_set(&q->bus->s[RREADY], s->n > 0 && !rtl_stalls(q->stress));
}

/* ---- writing ------------------------------------------------------------------------------- */

static void put_data(struct rtl_queue *q, const struct rtl_piece *p)
{
    const struct rtl_pin *data = &q->bus->s[WDATA], *strb = &q->bus->s[WSTRB];
    struct rtl_part d = rtl_piece_part(p, q->bus);
    memset(data->at, 0, rtl_pin_size(data));
    memcpy(data->at + d.lane, p->transfer->data + d.at, d.n);
    put(q, WID, p->burst.id); /* AXI3 */
    put(q, WLAST, p->burst.beat == p->burst.last);
    rtl_put_strobes(strb, d.lane, d.n);
    if (!strb->at || !memchr(p->transfer->strobes + d.at, 0, d.n))
        return;
    for (unsigned i = 0; i < d.n && d.lane + i < strb->width; i++)
        if (!p->transfer->strobes[d.at + i])
            strb->at[(d.lane + i) / 8] &= (uint8_t) ~(1u << (d.lane + i) % 8);
}

static void sample_data(struct rtl_side *s)
{
    struct rtl_piece *p = sending(s);
    if (!p) /* WVALID is ours; but a library may write to its inputs */
        return;
    s->idle = 0;
    p->sent = p->burst.beat++ == p->burst.last;
}

static void take_answer(struct rtl_queue *q, struct rtl_piece *p)
{
    enum rtl_response r = (enum rtl_response)(rtl_get(&q->bus->s[BRESP], RTL_OKAY) & 3);
    if (q->checks->on)
        check_okay(q, p, r, true);
    q->write.idle = 0;
    if (r > p->transfer->response)
        p->transfer->response = r;
    retire(&q->write, p);
}

static void sample_write(struct rtl_queue *q)
{
    struct rtl_side *s = &q->write;
    struct rtl_piece *p = shown(s);
    if (p && high(q, AWVALID) && high(q, AWREADY)) {
        p->accepted = true;
        s->idle = 0;
    }
    if (high(q, WVALID) && high(q, WREADY))
        sample_data(s);
    if (q->checks->on) {
        check_answer(q, s, true);
        rtl_check_held(q->checks, &q->seen_b, q->bus, &rtl_channel_b, high(q, BREADY));
    }
    p = piece_of(q, s, BID);
    if (high(q, BVALID) && high(q, BREADY) && p && p->accepted && p->sent)
        take_answer(q, p);
}

/* A valid that is up stays; between two beats it may be withheld. */
static void drive_data(struct rtl_queue *q)
{
    const struct rtl_piece *p = sending(&q->write);
    if (!q->moved && high(q, WVALID))
        return;
    rtl_set(&q->bus->s[WVALID], p && p->w <= q->cycle && !rtl_stalls(q->stress));
    if (high(q, WVALID))
        put_data(q, p);
}

static void drive_write(struct rtl_queue *q)
{
    struct rtl_side *s = &q->write;
    const struct rtl_piece *p;
    issue(q, s, true);
    p = shown(s);
    rtl_set(&q->bus->s[AWVALID], p && p->from <= q->cycle);
    drive_data(q);
    rtl_set(&q->bus->s[BREADY], s->n > 0 && !rtl_stalls(q->stress));
}

/* ---- a cycle ------------------------------------------------------------------------------- */

void rtl_queue_sample(struct rtl_queue *q)
{
    q->moved = has(q, WVALID) && high(q, WVALID) && high(q, WREADY);
    if (has(q, ARVALID))
        sample_read(q);
    if (has(q, AWVALID))
        sample_write(q);
}

static void begin(struct rtl_queue *q)
{
    q->active = true;
    q->seen_b.held = q->seen_r.held = false;
}

/* At rest, as axil.h expects the pins. */
static void finish(struct rtl_queue *q)
{
    static const enum rtl_signal at_rest[] = {AWID, AWLOCK, AWCACHE, AWPROT};
    q->active = false;
    put(q, WID, 0);
    for (size_t i = 0; i < sizeof at_rest / sizeof *at_rest; i++) {
        put(q, at_rest[i], 0);
        put(q, rtl_signal_for(at_rest[i], false), 0);
    }
}

static void count(struct rtl_queue *q, struct rtl_side *s, bool write)
{
    if (s->n > 0 && s->idle < q->limit && ++s->idle == q->limit && q->stuck)
        q->stuck(q->ctx, q, write);
}

void rtl_queue_drive(struct rtl_queue *q)
{
    if (!q->active)
        begin(q);
    q->cycle++;
    if (has(q, ARVALID))
        drive_read(q);
    if (has(q, AWVALID))
        drive_write(q);
    count(q, &q->read, false);
    count(q, &q->write, true);
    if (q->read.n == 0 && q->write.n == 0)
        finish(q);
}

static void forget(struct rtl_side *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        struct rtl_transfer *t = s->out[i].transfer;
        if (--t->out > 0 || t == s->first)
            continue;
        rtl_transfer_end(t, RTL_SLVERR);
        rtl_transfer_unref(t);
    }
    while (s->first) {
        struct rtl_transfer *t = s->first;
        pop(s);
        rtl_transfer_end(t, RTL_SLVERR);
        rtl_transfer_unref(t);
    }
    s->n = 0;
    s->idle = 0;
}

void rtl_queue_reset(struct rtl_queue *q)
{
    forget(&q->read);
    forget(&q->write);
    q->active = q->wanted = false;
}

const char *rtl_queue_missing(const struct rtl_queue *q, bool write, uint64_t *address)
{
    const struct rtl_side *s = write ? &q->write : &q->read;
    const struct rtl_piece *p = s->out; /* the oldest waits longest */
    *address = p->burst.address;
    if (!write)
        return p->accepted ? "RVALID" : "ARREADY";
    if (!p->accepted)
        return p->sent || p->burst.beat > 0 ? "AWREADY" : "AWREADY and no WREADY";
    return p->sent ? "BVALID" : "WREADY";
}
