/* link.h - a stream port of the RTL on the streams of a simulated device (sim/stream.c): a behavioural
 * model, other RTL or the end of a test bench is at the other side. */
#ifndef LUNQ_RTL_LINK_H
#define LUNQ_RTL_LINK_H

#include "../sim/private.h"
#include "stream.h"

struct rtl_link {
    struct sim_inst *inst;
    struct rtl_stream *stream;
};

void rtl_link_init(struct rtl_link *l, struct sim_inst *i, struct rtl_stream *stream);

#endif
