/* engine.h - one instance of a model and its clock. A cycle has four steps, so that instances which
 * share a clock can go through it together: all are driven, their clocks fall, all are sampled, their clocks
 * rise (rtl.md 4.1 and 5). Inputs change after a rising edge, at the start of the next cycle: there is no race. */
#ifndef LUNQ_RTL_ENGINE_H
#define LUNQ_RTL_ENGINE_H

#include "clocks.h"
#include "memory.h"
#include "queue.h"
#include "recorder.h"
#include "stream.h"

#define RTL_RESET_CYCLES 16u /* reset is held this long after the start, as AXI asks for */
#define RTL_SAID 4u          /* lines the RTL printed last, which go with an error */
#define RTL_SAID_BYTES 256u

struct rtl_engine {
    const struct lunq_rtl_model *model;
    void *inst;       /* NULL: closed */
    const char *name; /* in messages: the path of the IP. The caller's */
    struct rtl_bind bind;
    struct rtl_axil *slaves;  /* one for each slave port of the RTL */
    struct rtl_queue *queues; /* and another for the same port */
    size_t n_slaves;
    struct rtl_memory *memories; /* and for each master port */
    size_t n_memories;
    struct rtl_stream *streams; /* and for each stream port */
    size_t n_streams;
    struct rtl_stress stress;
    struct rtl_checks checks;
    struct rtl_recorder recorder;
    bool tracing;   /* a trace file of the model is open */
    uint64_t cycle; /* how many there were */
    struct rtl_clocks clocks;
    uint64_t period_ps; /* of the main clock, for $time and waves */
    uint64_t pulses;    /* interrupts that were high at an edge of another clock since */
    int late;           /* <0: it ended between two cycles, as `trouble` says */
    struct lunq_error trouble;
    bool dead;     /* it has ended: no cycles any more */
    uint64_t irqs; /* levels of bind.irqs after the last cycle, their bits one behind the other */
    char said[RTL_SAID][RTL_SAID_BYTES];
    unsigned n_said; /* lines so far */
};

/* A new instance with the given plusargs, after its reset; stress and checks are as the caller has set
 * them. said: what metadata says of its pins, or NULL; see rtl_bind_pins. LUNQ_MEMORY; LUNQ_DEVICE: it
 * ended. */
int rtl_engine_open(struct rtl_engine *e, const struct lunq_rtl_model *m, const char *name,
                    const struct lunq_module *said, int argc, const char *const *argv,
                    struct lunq_error *err);
void rtl_engine_close(struct rtl_engine *e); /* one that is zeroed is allowed */

/* Holds reset for some cycles; accesses under way are forgotten. LUNQ_DEVICE: it ended. */
int rtl_engine_reset(struct rtl_engine *e, unsigned cycles, struct lunq_error *err);

/* After rtl_axil_read or rtl_axil_write: the request is on the pins with the next cycle, or now where the clock of
 * the port has a time of its own. As rise. */
int rtl_engine_begin(struct rtl_engine *e, struct rtl_axil *p, struct lunq_error *err);

/* The steps of a cycle. rise and fall: 0, or LUNQ_DEVICE when the RTL ended: $finish, $stop, $fatal, a failed
 * assertion, with what it printed last. */
void rtl_engine_drive(struct rtl_engine *e);
int rtl_engine_fall(struct rtl_engine *e, struct lunq_error *err);
void rtl_engine_sample(struct rtl_engine *e);
int rtl_engine_rise(struct rtl_engine *e, struct lunq_error *err);

/* Periods in ps: of the main clock, and of clock i of bind.clocks, from now on. The others go with it
 * until they are set again. */
void rtl_engine_period(struct rtl_engine *e, uint64_t period_ps);
void rtl_engine_clock(struct rtl_engine *e, size_t i, uint64_t period_ps);

/* Waves of everything inside, from now on; path NULL: no longer. LUNQ_UNSUPPORTED: the model was built
 * without traces; LUNQ_VALUE: the file is called as what it writes is not; LUNQ_RUNTIME: they go to a file
 * already; LUNQ_IO: no such file can be written. */
int rtl_engine_trace(struct rtl_engine *e, const char *path, struct lunq_error *err);

/* Writes what of the RTL ran so far, in the format of verilator_coverage. LUNQ_UNSUPPORTED: it was not
 * built with coverage; LUNQ_IO. */
int rtl_engine_coverage(const struct rtl_engine *e, const char *path, struct lunq_error *err);

#define RTL_STRESSED 40u /* bytes for the text of the next one */
/* For messages: ", stress=7", so that the run can be had again; "" without stress. */
const char *rtl_engine_stressed(const struct rtl_engine *e, char *buf);

/* The bits of e->irqs that changed in this cycle; brings them up to date. */
uint64_t rtl_engine_edges(struct rtl_engine *e);

/* The partner of the stream port of this name, or of the only one of its kind; NULL: there is none. */
struct rtl_stream *rtl_engine_stream(struct rtl_engine *e, enum rtl_kind kind, const char *name);
/* The master of this slave port, or NULL. */
struct rtl_axil *rtl_engine_slave(struct rtl_engine *e, const char *name);
/* The queue at the port of this master. */
static inline struct rtl_queue *rtl_engine_queue(const struct rtl_engine *e,
                                                 const struct rtl_axil *p)
{
    return &e->queues[p - e->slaves];
}

#endif
