/* flight.h - the flight recorder: the last things that were asked of devices, whichever they are, for the
 * report of a test that failed. Off it costs nothing: a register window that is opened while it is on
 * gives up its shortcut, so that each access comes through mmio.c and is noted there; a window
 * opened before is noted only where it had none. One for the process: it outlives devices. */
#ifndef LUNQ_FLIGHT_H
#define LUNQ_FLIGHT_H

#include "device.h"

enum lunq_flight_what {
    LUNQ_FLIGHT_READ, /* address, width, words, value: of the first word */
    LUNQ_FLIGHT_WRITE,
    LUNQ_FLIGHT_LOAD,     /* name: of the design's file */
    LUNQ_FLIGHT_TRANSFER, /* started; name: of the engine and its direction; address, value: bytes */
    LUNQ_FLIGHT_MOVED,    /* it has ended well */
    LUNQ_FLIGHT_SYNC,     /* of a buffer by the script; name: which way; address, value: bytes */
    LUNQ_FLIGHT_RUN,      /* a kernel was started; name: of the kernel */
    LUNQ_FLIGHT_ENDED,    /* its run was seen to have ended; name: with the state */
    LUNQ_FLIGHT_LEVEL,    /* a GPIO line was read; name: of it; value: its level */
    LUNQ_FLIGHT_SET,      /* one was written */
    LUNQ_FLIGHT_DRIVE,    /* a test bench drives a pin from now on; name: of it; value: the level */
    LUNQ_FLIGHT_SENT,     /* a packet of a source was taken; name: of the stream; value: bytes */
    LUNQ_FLIGHT_CAME,     /* one has arrived at a sink or a monitor */
    LUNQ_FLIGHT_INTERRUPT /* somebody waited for it; name: of the pin; value: how often it came */
};

struct lunq_flight_record {
    enum lunq_flight_what what;
    bool failed;            /* the bus or a model refused */
    unsigned width;         /* bytes of a word */
    uint64_t words;         /* of a block; 1: a single access */
    uint64_t serial, loads; /* of the device, then: which design it had */
    uint64_t address, value;
    uint64_t times;       /* the same again and again, as polls do */
    uint64_t first, last; /* when, ns of the device */
    char device[32], name[80];
};

/* Read by those who note something; false while it is paused. */
extern bool lunq_flight_on;
bool lunq_flight_started(void);

/* Begins to keep the last n (1 to 65536) records. LUNQ_VALUE, LUNQ_MEMORY. */
int lunq_flight_start(size_t n, struct lunq_error *err);
void lunq_flight_stop(void); /* may be repeated */
/* Forgets what there is. */
void lunq_flight_clear(void);
/* What is done meanwhile is not noted, also not by coverage.h. Nothing when neither was started. */
void lunq_flight_pause(bool on);

/* How many were noted since it was cleared, and those still there: 0 is the oldest. */
uint64_t lunq_flight_total(void);
size_t lunq_flight_count(void);
const struct lunq_flight_record *lunq_flight_at(size_t i);

/* ---- for those who note; only while lunq_flight_on ------------------------------------------- */

/* One access of `width` bytes that came to `result`. */
void lunq_flight_access(struct lunq_device *d, bool write, uint64_t address, unsigned width,
                        uint64_t value, int result);
/* on: the next accesses are words of a block, one record for all; off: they were. May be called always. */
void lunq_flight_block(bool on);
void lunq_flight_note(struct lunq_device *d, enum lunq_flight_what what, const char *name,
                      uint64_t address, uint64_t value);

#endif
