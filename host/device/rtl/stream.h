/* stream.h - the partner of an AXI4-Stream port of the RTL. Into the RTL: bytes wait in a short queue of
 * beats, the last of a packet with TLAST and the TKEEP and TSTRB it needs. Out of it: each beat goes on
 * at once, without the bytes whose TKEEP is low; TREADY is low while somebody refuses (rtl.md 4.9). */
#ifndef LUNQ_RTL_STREAM_H
#define LUNQ_RTL_STREAM_H

#include "../../core/axis.h"
#include "check.h"
#include "stress.h"

enum { RTL_BEATS = 32 }; /* of the queue: a power of two */

/* What stands at the other side of a port. */
struct rtl_outlet {
    void *ctx;
    /* Bytes from the RTL: how many are taken. The rest is offered again after rtl_stream_resume. */
    size_t (*send)(void *ctx, const uint8_t *data, size_t n, bool last,
                   const struct lunq_axis_side *side);
    void (*room)(void *ctx); /* the queue into the RTL is half empty again */
};

struct rtl_beat {
    uint8_t data[RTL_MOST_BYTES];
    unsigned n; /* bytes */
    bool last;
    bool whole; /* the next bytes have something else beside them */
    struct lunq_axis_side side;
};

struct rtl_stream {
    const struct rtl_bus *bus;
    struct rtl_stress *stress;
    struct rtl_checks *checks;
    struct rtl_watch seen;
    struct rtl_outlet outlet;
    struct rtl_beat *queue; /* into the RTL */
    unsigned first, end;
    bool refused;         /* somebody waits for room */
    bool valid, ready;    /* as driven */
    struct rtl_beat rest; /* out of the RTL: what was not taken */
    uint64_t beats;       /* that went through */
};

/* False: no memory. */
bool rtl_stream_init(struct rtl_stream *s, const struct rtl_bus *bus, struct rtl_stress *stress,
                     struct rtl_checks *checks);
void rtl_stream_free(struct rtl_stream *s);
void rtl_stream_reset(struct rtl_stream *s);

/* Bytes for the RTL: how many there is room for. `last` counts when all are taken. */
size_t rtl_stream_put(struct rtl_stream *s, const uint8_t *data, size_t n, bool last,
                      const struct lunq_axis_side *side);
void rtl_stream_resume(struct rtl_stream *s); /* the outlet may take data again */

void rtl_stream_sample(struct rtl_stream *s); /* before the rising edge */
void rtl_stream_drive(struct rtl_stream *s);  /* and after it */

#endif
