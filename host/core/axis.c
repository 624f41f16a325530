/* axis.c - packets of sources and sinks, their random pauses, and what time-outs say. */
#include "axis.h"

#include <stdlib.h>
#include <string.h>

#include "flight.h"

/* The longest pause, in beats: with pauses = 0.999 one could last for hours. */
enum { LONGEST_GAP = 1000 };

/* ---- life ---------------------------------------------------------------------------------- */

static int open_axis(struct lunq_axis *x, struct lunq_device *d, const char *port,
                     struct lunq_error *err)
{
    x->dev = lunq_device_ref(d);
    x->port = strdup(port);
    if (!x->port)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    return d->ops->axis_attach(d, x, err);
}

static int set_length(struct lunq_axis *x, const struct lunq_axis_options *o,
                      struct lunq_error *err)
{
    size_t element = o->element ? o->element : x->width;
    if (o->length > SIZE_MAX / 2 / element)
        return lunq_fail(err, LUNQ_VALUE, "Packets of %zu elements are longer than memory.",
                         o->length);
    x->length = o->length * element;
    if (x->role == LUNQ_AXIS_SOURCE || x->last || x->length)
        return 0;
    return lunq_fail(err, LUNQ_VALUE,
                     "%s has no TLAST: say how long a packet is, as in { length = 16 }.", x->port);
}

int lunq_axis_open(struct lunq_axis **out, struct lunq_device *d, enum lunq_axis_role role,
                   const char *port, const struct lunq_axis_options *o, struct lunq_error *err)
{
    struct lunq_axis *x;
    int r;
    if (!d->ops->axis_attach)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "Nobody can reach the streams of device %s: sources, sinks and monitors "
                         "are for simulated devices.",
                         d->name);
    if (!(o->pauses >= 0 && o->pauses < 1))
        return lunq_fail(err, LUNQ_VALUE,
                         "The share of pauses should be a number from 0 to below 1, not %g.",
                         o->pauses);
    x = calloc(1, sizeof *x);
    if (!x)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    x->role = role;
    x->pauses = o->pauses;
    x->random = o->seed;
    r = open_axis(x, d, port, err);
    if (r == 0)
        r = set_length(x, o, err);
    if (r < 0) {
        lunq_axis_close(x);
        return r;
    }
    *out = x;
    return 0;
}

void lunq_axis_detach(struct lunq_axis *x)
{
    if (!x->end)
        return;
    x->dev->ops->axis_detach(x->dev, x);
    x->detached = true;
    lunq_event_set(&x->news, lunq_device_now(x->dev));
}

void lunq_axis_close(struct lunq_axis *x)
{
    if (!x)
        return;
    lunq_axis_detach(x);
    lunq_device_unref(x->dev);
    free(x->port);
    free(x->master);
    free(x->slave);
    lunq_axis_clear(x);
    free(x->data);
    free(x->queue);
    free(x);
}

void lunq_axis_over(struct lunq_axis *x)
{
    x->over = true;
    lunq_event_set(&x->news, lunq_device_now(x->dev));
}

static void kick(struct lunq_axis *x)
{
    if (x->end)
        x->dev->ops->axis_kick(x->dev, x);
}

void lunq_axis_pause(struct lunq_axis *x, bool on)
{
    x->paused = on;
    if (!on)
        kick(x);
}

/* ---- the queue ----------------------------------------------------------------------------- */

/* Room for n more bytes and one more packet. */
static bool make_room(struct lunq_axis *x, size_t n)
{
    if (x->at > 0 && x->at >= (x->n - x->at)) { /* what was taken is half of it */
        memmove(x->data, x->data + x->at, x->n - x->at);
        x->n -= x->at;
        x->at = 0;
    }
    if (n > SIZE_MAX / 2 - x->n)
        return false;
    if (x->room < x->n + n) {
        size_t room = 2 * (x->n + n);
        uint8_t *data = realloc(x->data, room);
        if (!data)
            return false;
        x->data = data;
        x->room = room;
    }
    if (x->first > 0 && x->first == x->n_queue)
        x->first = x->n_queue = 0;
    if (x->n_queue == x->queue_room) {
        size_t room = x->queue_room ? 2 * x->queue_room : 8;
        struct lunq_axis_packet *queue = realloc(x->queue, room * sizeof *queue);
        if (!queue)
            return false;
        x->queue = queue;
        x->queue_room = room;
    }
    return true;
}

static void append(struct lunq_axis *x, const void *data, size_t n)
{
    if (n > 0)
        memcpy(x->data + x->n, data, n);
    x->n += n;
}

/* A copy of n users; NULL for none, and without memory. */
static uint64_t *copy_users(const struct lunq_axis_users *users)
{
    uint64_t *list = users->n ? malloc(users->n * sizeof *list) : NULL;
    if (list)
        memcpy(list, users->list, users->n * sizeof *list);
    return list;
}

static int put_packet(struct lunq_axis *x, const void *data, struct lunq_axis_packet p,
                      struct lunq_error *err)
{
    if (p.users.n) {
        p.users.list = copy_users(&p.users);
        if (!p.users.list)
            return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    if (!make_room(x, p.n)) {
        free(p.users.list);
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    append(x, data, p.n);
    x->queue[x->n_queue++] = p;
    kick(x);
    return 0;
}

int lunq_axis_put(struct lunq_axis *x, const void *data, size_t n, bool last,
                  const struct lunq_axis_side *side, const struct lunq_axis_users *users,
                  struct lunq_error *err)
{
    struct lunq_axis_packet p = {.n = n, .total = n, .last = last};
    size_t beats = (n + x->width - 1) / x->width;
    int r = lunq_axis_look(x, NULL, err);
    if (r < 0)
        return r;
    if (n == 0)
        return lunq_fail(err, LUNQ_VALUE, "A packet has a byte at least.");
    if (n % x->width && !x->keep)
        return lunq_fail(err, LUNQ_VALUE,
                         "%zu bytes are no whole number of beats: %s takes %u bytes in each, and "
                         "has no TKEEP.",
                         n, x->port, x->width);
    if (users && users->n != beats)
        return lunq_fail(err, LUNQ_VALUE, "%zu values of TUSER for a packet of %zu beats.",
                         users->n, beats);
    if (side)
        p.side = *side;
    if (users)
        p.users = *users;
    return put_packet(x, data, p, err);
}

size_t lunq_axis_waiting(const struct lunq_axis *x)
{
    return x->role == LUNQ_AXIS_SOURCE ? x->n - x->at : x->open;
}

size_t lunq_axis_count(const struct lunq_axis *x)
{
    return x->n_queue - x->first;
}

const uint8_t *lunq_axis_packet(const struct lunq_axis *x, size_t *n,
                                const struct lunq_axis_packet **packet)
{
    *packet = &x->queue[x->first];
    *n = (*packet)->n;
    return x->data + x->at;
}

void lunq_axis_drop(struct lunq_axis *x)
{
    free(x->queue[x->first].users.list);
    x->at += x->queue[x->first++].n;
}

void lunq_axis_clear(struct lunq_axis *x)
{
    for (size_t i = x->first; i < x->n_queue; i++)
        free(x->queue[i].users.list);
    free(x->users.list);
    x->users = (struct lunq_axis_users){0};
    x->first = x->n_queue = 0;
    x->at = x->n = x->open = 0;
}

/* ---- for devices --------------------------------------------------------------------------- */

/* How many bytes of a packet go with the TUSER of the next one, which is put into *side. */
static size_t same_user(const struct lunq_axis *x, const struct lunq_axis_packet *p,
                        struct lunq_axis_side *side)
{
    const struct lunq_axis_users *u = &p->users;
    size_t sent = p->total - p->n, beat = sent / x->width, end = beat + 1;
    side->user = u->list[beat];
    while (end < u->n && u->list[end] == side->user)
        end++;
    return end == u->n ? p->n : end * x->width - sent;
}

size_t lunq_axis_head(const struct lunq_axis *x, const uint8_t **data, bool *last,
                      struct lunq_axis_side *side)
{
    const struct lunq_axis_packet *p = &x->queue[x->first];
    size_t n;
    if (x->paused || x->first == x->n_queue)
        return 0;
    *data = x->data + x->at;
    *side = p->side;
    n = p->users.n ? same_user(x, p, side) : p->n;
    *last = p->last && x->last && n == p->n;
    return n;
}

/* The last of its bytes has: x->open are all of them. */
static void packet_passed(struct lunq_axis *x, enum lunq_flight_what what)
{
    if (lunq_flight_on)
        lunq_flight_note(x->dev, what, x->port, 0, x->open);
    x->open = 0;
    x->packets++;
}

void lunq_axis_taken(struct lunq_axis *x, size_t n)
{
    struct lunq_axis_packet *p;
    if (x->first == x->n_queue) /* it was cleared meanwhile */
        return;
    p = &x->queue[x->first];
    x->at += n;
    x->bytes += n;
    x->open += n;
    p->n -= n;
    if (p->n > 0)
        return;
    free(p->users.list);
    if (p->last)
        packet_passed(x, LUNQ_FLIGHT_SENT);
    if (++x->first == x->n_queue)
        lunq_event_set(&x->news, lunq_device_now(x->dev));
}

static void end_packet(struct lunq_axis *x)
{
    x->queue[x->n_queue++] =
        (struct lunq_axis_packet){.n = x->open, .last = true, .side = x->side, .users = x->users};
    x->users = (struct lunq_axis_users){0};
    packet_passed(x, LUNQ_FLIGHT_CAME);
    lunq_event_set(&x->news, lunq_device_now(x->dev));
}

/* Notes what is beside n more bytes of the packet under way: a list of users from the first that differs on. */
static bool note_side(struct lunq_axis *x, size_t n, const struct lunq_axis_side *side)
{
    size_t before = (x->open + x->width - 1) / x->width,
           beats = (x->open + n + x->width - 1) / x->width;
    uint64_t *list;
    if (x->open == 0)
        x->side = *side;
    if (!x->users.n && side->user == x->side.user)
        return true;
    list = realloc(x->users.list, (beats ? beats : 1) * sizeof *list);
    if (!list)
        return false;
    x->users.list = list;
    while (!x->users.n && before > 0) /* all the same so far */
        list[--before] = x->side.user;
    if (!x->users.n)
        x->users.n = (x->open + x->width - 1) / x->width;
    while (x->users.n < beats)
        list[x->users.n++] = side->user;
    return true;
}

static bool add(struct lunq_axis *x, const uint8_t *data, size_t n,
                const struct lunq_axis_side *side)
{
    if (n > 0 && !note_side(x, n, side))
        return false;
    append(x, data, n);
    x->open += n;
    return true;
}

bool lunq_axis_arrived(struct lunq_axis *x, const uint8_t *data, size_t n, bool last,
                       const struct lunq_axis_side *side)
{
    size_t left = n, part;
    if (!make_room(x, n))
        return false;
    while (x->length && left >= x->length - x->open) {
        part = x->length - x->open;
        if (!add(x, data + (n - left), part, side))
            return false;
        left -= part;
        end_packet(x);
        if (!make_room(x, left))
            return false;
    }
    if (!add(x, data + (n - left), left, side))
        return false;
    x->bytes += n;
    if (last && x->last && x->open > 0)
        end_packet(x);
    return true;
}

/* splitmix64: any seed will do. */
static bool pauses_now(struct lunq_axis *x)
{
    uint64_t z = x->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (double)(z >> 11) * 0x1p-53 < x->pauses;
}

size_t lunq_axis_run(struct lunq_axis *x, size_t most)
{
    size_t n = 0;
    if (x->pauses == 0)
        return most;
    while (n < most && !pauses_now(x))
        n++;
    return n;
}

size_t lunq_axis_gap(struct lunq_axis *x)
{
    size_t n = 1;
    while (n < LONGEST_GAP && pauses_now(x))
        n++;
    return n;
}

/* ---- waiting ------------------------------------------------------------------------------- */

static int source_late(const struct lunq_axis *x, double seconds, struct lunq_error *err)
{
    if (x->paused)
        return lunq_fail(err, LUNQ_TIMEOUT,
                         "%zu bytes for %s were not sent within %g s: the source is paused.",
                         lunq_axis_waiting(x), x->port, seconds);
    return lunq_fail(err, LUNQ_TIMEOUT,
                     "%zu bytes for %s were not taken within %g s, %llu were before (TREADY low): "
                     "is %s started and out of reset, and does somebody take what it makes of the "
                     "data?",
                     lunq_axis_waiting(x), x->port, seconds, (unsigned long long)x->bytes,
                     x->slave ? x->slave : "the receiver");
}

static int sink_late(const struct lunq_axis *x, double seconds, struct lunq_error *err)
{
    const char *from = x->master ? x->master : "the sender";
    if (x->paused)
        return lunq_fail(err, LUNQ_TIMEOUT,
                         "No packet came at %s within %g s: the sink is paused and takes nothing.",
                         x->port, seconds);
    if (x->open > 0)
        return lunq_fail(err, LUNQ_TIMEOUT,
                         "No whole packet came at %s within %g s: %zu bytes did, and no TLAST with "
                         "the last of them. %s must set it on the last beat it sends (in HLS: the "
                         "last flag of the stream), or has more to send.",
                         x->port, seconds, x->open, from);
    return lunq_fail(err, LUNQ_TIMEOUT,
                     "No packet came at %s within %g s, %llu came before: %s sends nothing. Is it "
                     "started, and has it got what it needs?",
                     x->port, seconds, (unsigned long long)x->packets, from);
}

int lunq_axis_look(struct lunq_axis *x, const double *late, struct lunq_error *err)
{
    bool source = x->role == LUNQ_AXIS_SOURCE;
    bool done = source ? lunq_axis_waiting(x) == 0 : lunq_axis_count(x) > 0;
    if (x->detached)
        return lunq_fail(err, LUNQ_RUNTIME, "The end of the stream %s was closed.", x->port);
    if (x->over && (source || !done))
        return lunq_fail(err, LUNQ_RUNTIME,
                         "The stream %s belongs to a design that is no longer loaded: open it "
                         "again on the new one.",
                         x->port);
    if (done || !late)
        return done;
    return source ? source_late(x, *late, err) : sink_late(x, *late, err);
}
