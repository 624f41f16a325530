/* coverage.h - which registers were touched, and how: words of 32 bits that were read and written, which
 * of their bits were seen at 0 and at 1, and their different values. For `lunq test --coverage`;
 * flight.c, through which all accesses come while it is on, tells it. One for the process. */
#ifndef LUNQ_COVERAGE_H
#define LUNQ_COVERAGE_H

#include "device.h"

/* The most different values that are kept of a word, and the most words. */
enum { LUNQ_COVERAGE_VALUES = 256, LUNQ_COVERAGE_WORDS = 65536 };

struct lunq_coverage_value {
    uint32_t value;
    bool read, written;
};

struct lunq_coverage_word {
    uint64_t serial, loads; /* of the device, then: which design it had */
    uint64_t address;       /* a multiple of 4 */
    uint64_t reads, writes;
    uint32_t ones, zeros; /* bits seen so, read or written */
    struct lunq_coverage_value *values;
    size_t n_values;
    bool more; /* there were more values: any of them may be missing */
};

/* Begins, with nothing touched. LUNQ_MEMORY. */
int lunq_coverage_start(struct lunq_error *err);
void lunq_coverage_stop(void); /* may be repeated */
bool lunq_coverage_on(void);

/* The words touched since the start or the last clear, in no order. */
size_t lunq_coverage_count(void);
const struct lunq_coverage_word *lunq_coverage_at(size_t i);
void lunq_coverage_clear(void);
/* Words that found no place. */
uint64_t lunq_coverage_lost(void);

/* For flight.c: an access of `width` bytes that went well. */
void lunq_coverage_access(const struct lunq_device *d, bool write, uint64_t address, unsigned width,
                          uint64_t value);

#endif
