/* link.c - see link.h. */
#include "link.h"

#include <strings.h>

/* By the name of the port in the design; else the only one of its direction. Links are made anew when a
 * region is loaded: nobody keeps one. */
static struct sim_link *find(const struct rtl_link *l)
{
    bool in = l->stream->bus->kind == RTL_SINK;
    struct sim_link *all = in ? l->inst->in : l->inst->out;
    for (struct sim_link *k = all; k; k = in ? k->next_in : k->next_out) {
        const struct lunq_bus *bus = in ? k->slave_if : k->master_if;
        if (bus && !strcasecmp(bus->name, l->stream->bus->name))
            return k;
    }
    return all && !(in ? all->next_in : all->next_out) ? all : NULL;
}

static size_t send(void *ctx, const uint8_t *data, size_t n, bool last,
                   const struct lunq_axis_side *side)
{
    return sim_send_side(find(ctx), data, n, last, side);
}

static void room(void *ctx)
{
    sim_link_ready(find(ctx));
}

void rtl_link_init(struct rtl_link *l, struct sim_inst *i, struct rtl_stream *stream)
{
    *l = (struct rtl_link){i, stream};
    stream->outlet = (struct rtl_outlet){.ctx = l, .send = send, .room = room};
}
