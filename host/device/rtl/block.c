/* block.c - see block.h. */
#include "block.h"

#include <inttypes.h>

#include "device.h"

enum { AHEAD = 4 }; /* transfers at the port at once */

/* A block on its way, [at, begun) of it in transfers: the oldest is list[first % AHEAD]. */
struct block {
    struct rtl_inst *r;
    struct rtl_axil *port;
    struct rtl_queue *queue;
    uint64_t address;
    uint8_t *data;
    size_t n, at, begun;
    bool write, no_memory;
    struct rtl_transfer *list[AHEAD];
    unsigned first, end;
    enum rtl_response response;
    uint64_t bad; /* address of the burst that got it */
};

/* How many bytes of the block one burst takes from an address on, and where its first word begins. */
static size_t most(const struct block *b, uint64_t address, uint64_t *word)
{
    uint64_t bytes = b->port->bus->bytes, page = (address | 4095) + 1,
             beats = rtl_most_beats(b->port->bus, b->write);
    size_t n = b->n - b->begun;
    *word = address & ~(bytes - 1);
    if (page - address < n)
        n = (size_t)(page - address);
    if (*word + beats * bytes - address < n)
        n = (size_t)(*word + beats * bytes - address);
    return n;
}

static bool begin(struct block *b)
{
    uint64_t address = b->address + b->begun, word;
    unsigned bytes = b->port->bus->bytes;
    size_t n = most(b, address, &word), lead = (size_t)(address - word);
    const struct rtl_burst burst = {.address = word,
                                    .id = rtl_random(b->queue->stress),
                                    .last = (uint32_t)((lead + n - 1) / bytes),
                                    .size = (uint32_t)__builtin_ctz(bytes),
                                    .type = RTL_INCR};
    struct rtl_transfer *t = rtl_transfer_new(&burst, b->write);
    b->no_memory = !t;
    if (!t)
        return false;
    if (b->write) {
        memcpy(t->data + lead, b->data + b->begun, n);
        memset(t->strobes + lead, 1, n);
    }
    rtl_queue_add(b->queue, t);
    b->list[b->end++ % AHEAD] = t;
    b->begun += n;
    return true;
}

/* The oldest is done. */
static void take(struct block *b)
{
    struct rtl_transfer *t = b->list[b->first++ % AHEAD];
    size_t lead = (size_t)((b->address + b->at) & (b->port->bus->bytes - 1)),
           n = rtl_transfer_size(t) - lead;
    if (n > b->n - b->at)
        n = b->n - b->at;
    if (t->response >= RTL_SLVERR && b->response < RTL_SLVERR) {
        b->response = t->response;
        b->bad = t->burst.address;
    } else if (!b->write && b->response < RTL_SLVERR) {
        memcpy(b->data + b->at, t->data + lead, n);
    }
    b->at += n;
    rtl_transfer_unref(t);
}

/* As many as may be are out, until all is done or one has gone wrong. */
static bool move(struct block *b)
{
    struct rtl_inst *r = b->r;
    while (b->at < b->n && b->response < RTL_SLVERR) {
        while (b->begun < b->n && b->end - b->first < AHEAD && begin(b)) {
        }
        if (b->first == b->end)
            break;
        while (!b->list[b->first % AHEAD]->done && !r->engine.dead && !rtl_queue_is_stuck(b->queue))
            rtl_domain_cycle(r->domain);
        if (!b->list[b->first % AHEAD]->done)
            break;
        take(b);
    }
    while (b->first != b->end) /* they end without anybody who wants to know */
        rtl_transfer_unref(b->list[b->first++ % AHEAD]);
    return b->at == b->n || b->response >= RTL_SLVERR;
}

static bool takes_blocks(const struct rtl_axil *p, uint64_t address, size_t n, bool write)
{
    const struct rtl_pin *s = p->bus->s;
    return rtl_most_beats(p->bus, write) > 1 && n > 8 &&
           (!write || s[WSTRB].at || (address | n) % p->bus->bytes == 0);
}

int rtl_block(struct sim_inst *i, struct sim_slot *slot, uint64_t off, void *data, size_t n,
              bool write, struct lunq_error *err)
{
    struct rtl_inst *r = i->state;
    struct rtl_axil *p = rtl_port_of(r, slot);
    struct block b = {.r = r, .port = p, .address = slot->base + off, .data = data, .n = n};
    bool ok;
    /* Where something is in the way a single access says what. */
    if (!p || r->ended.kind || p->busy || r->domain->in_cycle ||
        !takes_blocks(p, b.address, n, write))
        return SIM_SINGLE;
    b.queue = rtl_engine_queue(&r->engine, p);
    b.write = write;
    if (rtl_queue_is_stuck(b.queue))
        return SIM_SINGLE;
    rtl_domain_hold(r->domain);
    ok = move(&b);
    rtl_domain_release(r->domain);
    if (ok && b.response >= RTL_SLVERR)
        lunq_fail(err, LUNQ_IO, "answer of %s to the burst at 0x%" PRIx64, p->bus->name, b.bad);
    else if (!ok && b.no_memory)
        lunq_fail(err, LUNQ_MEMORY, "out of memory");
    return ok && b.response < RTL_SLVERR ? SIM_OKAY
           : b.response == RTL_DECERR    ? SIM_DECERR
                                         : SIM_SLVERR;
}

bool rtl_block_yields(struct rtl_inst *r, const struct rtl_axil *p, struct lunq_error *err)
{
    struct rtl_queue *q = rtl_engine_queue(&r->engine, p);
    const char *missing;
    uint64_t address;
    bool write;
    if (r->domain->in_cycle) {
        lunq_fail(err, LUNQ_IO, "port %s is busy: an access inside another one", p->bus->name);
        return false;
    }
    q->wanted = true;
    rtl_domain_hold(r->domain);
    while (q->active && !r->engine.dead && !rtl_queue_is_stuck(q))
        rtl_domain_cycle(r->domain);
    rtl_domain_release(r->domain);
    q->wanted = false;
    if (!q->active || r->engine.dead)
        return !q->active;
    write = q->write.idle >= q->limit;
    missing = rtl_queue_missing(q, write, &address);
    lunq_fail(err, LUNQ_IO,
              "port %s still waits: no %s for the %s of 0x%" PRIx64
              " that ran out of time; loading the design again is a reset",
              p->bus->name, missing, write ? "write" : "read", address);
    return false;
}

static void stuck(void *ctx, const struct rtl_queue *q, bool write)
{
    uint64_t address;
    const char *missing = rtl_queue_missing(q, write, &address);
    rtl_timed_out(ctx, q->bus, write, address, missing);
}

void rtl_block_init(struct rtl_inst *r)
{
    const struct rtl_settings *s = &r->domain->device->settings;
    for (size_t i = 0; i < r->engine.n_slaves; i++) {
        struct rtl_queue *q = &r->engine.queues[i];
        q->order = s->order;
        q->limit = s->timeout;
        q->stuck = stuck;
        q->ctx = r;
    }
}
