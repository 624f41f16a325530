/* flight.c - a ring of records; see flight.h. */
#include "flight.h"

#include <stdlib.h>
#include <string.h>

#include "coverage.h"

bool lunq_flight_on;

static struct {
    struct lunq_flight_record *records; /* NULL: not started */
    size_t size;
    uint64_t noted; /* since it was cleared; the next one goes to noted % size */
    enum { SINGLE, BEGINS, GOES_ON } block;
} ring;

int lunq_flight_start(size_t n, struct lunq_error *err)
{
    struct lunq_flight_record *records;
    if (n < 1 || n > 65536)
        return lunq_fail(err, LUNQ_VALUE, "The flight recorder keeps 1 to 65536 accesses, not %zu.",
                         n);
    records = calloc(n, sizeof *records);
    if (!records)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    lunq_flight_stop();
    ring.records = records;
    ring.size = n;
    lunq_flight_pause(false);
    return 0;
}

void lunq_flight_stop(void)
{
    free(ring.records);
    memset(&ring, 0, sizeof ring);
    lunq_flight_pause(false);
}

bool lunq_flight_started(void)
{
    return ring.records || lunq_coverage_on();
}

void lunq_flight_clear(void)
{
    ring.noted = 0;
}

void lunq_flight_pause(bool on)
{
    lunq_flight_on = lunq_flight_started() && !on;
}

uint64_t lunq_flight_total(void)
{
    return ring.noted;
}

size_t lunq_flight_count(void)
{
    return ring.noted < ring.size ? (size_t)ring.noted : ring.size;
}

const struct lunq_flight_record *lunq_flight_at(size_t i)
{
    return &ring.records[(ring.noted - lunq_flight_count() + i) % ring.size];
}

/* ---- noting -------------------------------------------------------------------------------- */

static bool same(const struct lunq_flight_record *a, const struct lunq_flight_record *b)
{
    return a->what == b->what && a->failed == b->failed && a->width == b->width &&
           a->words == b->words && a->serial == b->serial && a->loads == b->loads &&
           a->address == b->address && a->value == b->value;
}

/* b is the next word of block a. */
static bool follows(const struct lunq_flight_record *a, const struct lunq_flight_record *b)
{
    return a->what == b->what && a->width == b->width && a->serial == b->serial &&
           (b->address == a->address || b->address - a->address == a->words * a->width);
}

static struct lunq_flight_record *last_record(void)
{
    return ring.noted ? &ring.records[(ring.noted - 1) % ring.size] : NULL;
}

/* A new record, or one more time of the last one. */
static void add(struct lunq_device *d, struct lunq_flight_record *r, const char *name)
{
    struct lunq_flight_record *last = last_record();
    if (last && ring.block == SINGLE && same(last, r) &&
        !strncmp(last->name, name, sizeof last->name - 1)) {
        last->times++;
        last->last = r->last;
        return;
    }
    r->times = 1;
    memccpy(r->device, d->name, 0, sizeof r->device - 1); /* *r was all zero */
    memccpy(r->name, name, 0, sizeof r->name - 1);
    ring.records[ring.noted++ % ring.size] = *r;
}

static struct lunq_flight_record begin(struct lunq_device *d, enum lunq_flight_what what)
{
    uint64_t now = lunq_device_now(d);
    return (struct lunq_flight_record){
        .what = what, .serial = d->serial, .loads = d->loads, .first = now, .last = now};
}

void lunq_flight_access(struct lunq_device *d, bool write, uint64_t address, unsigned width,
                        uint64_t value, int result)
{
    struct lunq_flight_record r = begin(d, write ? LUNQ_FLIGHT_WRITE : LUNQ_FLIGHT_READ);
    struct lunq_flight_record *last = last_record();
    if (lunq_coverage_on() && result >= 0)
        lunq_coverage_access(d, write, address, width, value);
    if (!ring.records)
        return;
    r.failed = result < 0;
    r.width = width;
    r.words = 1;
    r.address = address;
    r.value = value;
    if (last && ring.block == GOES_ON && follows(last, &r)) {
        last->words++;
        last->failed = r.failed;
        last->last = r.last;
    } else {
        add(d, &r, "");
    }
    if (ring.block == BEGINS)
        ring.block = GOES_ON;
}

void lunq_flight_block(bool on)
{
    ring.block = on ? BEGINS : SINGLE;
}

void lunq_flight_note(struct lunq_device *d, enum lunq_flight_what what, const char *name,
                      uint64_t address, uint64_t value)
{
    struct lunq_flight_record r = begin(d, what);
    if (!ring.records)
        return;
    r.address = address;
    r.value = value;
    add(d, &r, name);
}
