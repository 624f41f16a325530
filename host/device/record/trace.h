/* trace.h - the file of `lunq record`: what a device was asked and what it answered, in order.
 * A line "lunq-trace 1", then records, each: what (one byte), four numbers that were asked, four
 * that were answered, nanoseconds since the record before, a text that was asked, bytes that were
 * answered, the result, and where that is a failure its fault flag and message. Numbers are LEB128,
 * texts and bytes have their length in front: nothing depends on the machine. */
#ifndef LUNQ_DEVICE_TRACE_H
#define LUNQ_DEVICE_TRACE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../core/device.h"

enum lunq_trace_what {
    TRACE_DEVICE, /* the first: its name; kind; asked: entries, needs_bitstream, ps, ref_hz */
    TRACE_BANK,   /* follow it: name; asked: base, size */
    TRACE_TIME,   /* somebody looked at the clock, and it had moved */
    TRACE_ADVANCE,
    TRACE_LOAD, /* digest of the design; its name */
    TRACE_READ, /* address, width; value */
    TRACE_WRITE,
    TRACE_ALLOC, /* size, bank, cacheable; address */
    TRACE_SEND,  /* address, size, digest of the bytes */
    TRACE_FETCH, /* address, size; offset of the bytes that changed; those */
    TRACE_ARM,   /* line, on */
    TRACE_TAKE,  /* line; count, when */
    TRACE_LEVEL,
    TRACE_DRIVE, /* level; pin */
    TRACE_WIRE,
    TRACE_CHIP, /* number; found, base, lines, emio; label, NUL, path */
    TRACE_GPIO_OPEN,
    TRACE_GPIO_READ,
    TRACE_GPIO_WRITE,
    TRACE_GPIO_WATCH,
    TRACE_GPIO_EDGES, /* chip, line; rises, falls, when they came */
    TRACE_CLOCK_GET,
    TRACE_CLOCK_SET,
    TRACE_N
};

struct lunq_trace_record {
    enum lunq_trace_what what;
    uint64_t ask[4], answer[4];
    uint64_t passed; /* ns */
    const char *text;
    size_t n_text;
    const uint8_t *data;
    size_t n_data;
    int result; /* 0, or an enum lunq_kind */
    bool fault;
    const char *message; /* of a failure */
    size_t n_message;
};

/* Where a reader stands in a trace that is in memory. Texts and bytes of records point into it. */
struct lunq_trace_reader {
    const uint8_t *data;
    size_t size, at;
};

/* Begins to read: checks the first line. LUNQ_VALUE: it is no trace, or of another version. */
int lunq_trace_begin(struct lunq_trace_reader *t, const void *data, size_t size,
                     struct lunq_error *err);
/* The next record: 1; 0: there are no more. LUNQ_VALUE: damaged; the message says at which byte. */
int lunq_trace_next(struct lunq_trace_reader *t, struct lunq_trace_record *r,
                    struct lunq_error *err);

/* Write the first line, and a record. What went wrong is in ferror(f). */
void lunq_trace_write_start(FILE *f);
void lunq_trace_write(FILE *f, const struct lunq_trace_record *r);

/* The same was asked. */
bool lunq_trace_same(const struct lunq_trace_record *a, const struct lunq_trace_record *b);

/* What was asked, in words: "write 0x1 (4 bytes) to leds+0x8 (0x41200008)". design: NULL allowed.
 * Returns out. */
const char *lunq_trace_describe(const struct lunq_trace_record *r, const struct lunq_design *design,
                                char *out, size_t size);

/* FNV-1a, 64 bits; digest 0 begins. */
uint64_t lunq_trace_digest(uint64_t digest, const void *data, size_t n);

#endif
