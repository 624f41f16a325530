/* stream.c - see stream.h. */
#include "stream.h"

#include <stdlib.h>

bool rtl_stream_init(struct rtl_stream *s, const struct rtl_bus *bus, struct rtl_stress *stress,
                     struct rtl_checks *checks)
{
    *s = (struct rtl_stream){.bus = bus, .stress = stress, .checks = checks};
    if (bus->kind == RTL_SINK)
        s->queue = calloc(RTL_BEATS, sizeof *s->queue);
    return bus->kind != RTL_SINK || s->queue;
}

void rtl_stream_free(struct rtl_stream *s)
{
    free(s->queue);
    s->queue = NULL;
}

void rtl_stream_reset(struct rtl_stream *s)
{
    s->first = s->end = 0;
    s->valid = s->ready = s->refused = s->seen.held = false;
    s->rest.n = 0;
    rtl_put(&s->bus->s[s->bus->kind == RTL_SINK ? TVALID : TREADY], 0);
}

/* ---- into the RTL -------------------------------------------------------------------------- */

static struct rtl_beat *beat_at(const struct rtl_stream *s, unsigned i)
{
    return &s->queue[i % RTL_BEATS];
}

/* The beat that still lacks bytes of this kind, or an empty one; NULL: the queue is full. */
static struct rtl_beat *open_beat(struct rtl_stream *s, const struct lunq_axis_side *side)
{
    struct rtl_beat *b = s->end != s->first ? beat_at(s, s->end - 1) : NULL;
    if (b && !b->last && !b->whole && b->n < s->bus->bytes) {
        if (lunq_axis_same_side(&b->side, side))
            return b;
        b->whole = true;
    }
    if (s->end - s->first == RTL_BEATS)
        return NULL;
    b = beat_at(s, s->end++);
    b->n = 0;
    b->last = b->whole = false;
    b->side = *side;
    return b;
}

size_t rtl_stream_put(struct rtl_stream *s, const uint8_t *data, size_t n, bool last,
                      const struct lunq_axis_side *side)
{
    size_t done = 0;
    struct rtl_beat *b = NULL;
    while (done < n && (b = open_beat(s, side))) {
        size_t k = s->bus->bytes - b->n;
        if (k > n - done)
            k = n - done;
        memcpy(b->data + b->n, data + done, k);
        b->n += (unsigned)k;
        done += k;
    }
    if (done == n && b)
        b->last = last;
    s->refused = done < n;
    return done;
}

/* Whole, or the last of its packet. */
static bool can_go(const struct rtl_stream *s, const struct rtl_beat *b)
{
    return b->n == s->bus->bytes || b->last || b->whole;
}

static void put_beat(const struct rtl_stream *s, const struct rtl_beat *b)
{
    memset(s->bus->s[TDATA].at, 0, rtl_pin_size(&s->bus->s[TDATA]));
    memcpy(s->bus->s[TDATA].at, b->data, b->n);
    rtl_put_strobes(&s->bus->s[TKEEP], 0, b->n);
    rtl_put_strobes(&s->bus->s[TSTRB], 0, b->n);
    rtl_put(&s->bus->s[TLAST], b->last);
    rtl_put(&s->bus->s[TID], b->side.id);
    rtl_put(&s->bus->s[TDEST], b->side.dest);
    rtl_put(&s->bus->s[TUSER], b->side.user);
}

static void sample_sink(struct rtl_stream *s)
{
    if (!s->valid || (s->bus->s[TREADY].at && !rtl_is_high(&s->bus->s[TREADY])))
        return;
    s->valid = false;
    s->first++;
    s->beats++;
    if (!s->refused || s->end - s->first > RTL_BEATS / 2)
        return;
    s->refused = false;
    if (s->outlet.room)
        s->outlet.room(s->outlet.ctx);
}

static void drive_sink(struct rtl_stream *s)
{
    const struct rtl_beat *b = beat_at(s, s->first);
    if (!s->valid && s->first != s->end && can_go(s, b) && !rtl_stalls(s->stress)) {
        put_beat(s, b);
        s->valid = true;
    }
    rtl_set(&s->bus->s[TVALID], s->valid);
}

/* ---- out of it ----------------------------------------------------------------------------- */

static void pass_on(struct rtl_stream *s)
{
    struct rtl_beat *b = &s->rest;
    size_t taken =
        s->outlet.send ? s->outlet.send(s->outlet.ctx, b->data, b->n, b->last, &b->side) : b->n;
    memmove(b->data, b->data + taken, b->n - taken);
    b->n -= (unsigned)taken;
}

void rtl_stream_resume(struct rtl_stream *s)
{
    if (s->rest.n > 0)
        pass_on(s);
}

static bool kept(const struct rtl_pin *keep, unsigned i)
{
    return !keep->at || (i < keep->width && (keep->at[i / 8] >> i % 8 & 1));
}

static void sample_source(struct rtl_stream *s)
{
    const struct rtl_pin *data = &s->bus->s[TDATA];
    struct rtl_beat *b = &s->rest;
    if (s->checks->on && s->bus->s[TREADY].at)
        rtl_check_held(s->checks, &s->seen, s->bus, &rtl_channel_t, s->ready);
    if (!rtl_is_high(&s->bus->s[TVALID]) || (s->bus->s[TREADY].at && !s->ready))
        return;
    s->beats++;
    if (!s->bus->s[TREADY].at && b->n > 0)
        return; /* it can't be told to wait: the beat is lost */
    for (unsigned i = 0; i < s->bus->bytes; i++)
        if (kept(&s->bus->s[TKEEP], i))
            b->data[b->n++] = data->at[i];
    b->last = rtl_get(&s->bus->s[TLAST], 0) & 1;
    b->side = (struct lunq_axis_side){rtl_get(&s->bus->s[TID], 0), rtl_get(&s->bus->s[TDEST], 0),
                                      rtl_get(&s->bus->s[TUSER], 0)};
    if (b->n > 0)
        pass_on(s);
}

static void drive_source(struct rtl_stream *s)
{
    s->ready = s->rest.n == 0 && !rtl_stalls(s->stress);
    if (s->bus->s[TREADY].at)
        rtl_set(&s->bus->s[TREADY], s->ready);
}

/* ---- a cycle ------------------------------------------------------------------------------- */

void rtl_stream_sample(struct rtl_stream *s)
{
    if (s->bus->kind == RTL_SINK)
        sample_sink(s);
    else
        sample_source(s);
}

void rtl_stream_drive(struct rtl_stream *s)
{
    if (s->bus->kind == RTL_SINK)
        drive_sink(s);
    else
        drive_source(s);
}
