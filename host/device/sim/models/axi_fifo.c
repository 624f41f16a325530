/* axi_fifo.c - AXI4-Stream FIFO, axi_fifo_mm_s 4.1 to 4.3: packets through registers.
 * Registers: registers.md section 14 (HWH) and PG080. Reading RLR or RDFD empty needs a receive reset.
 *
 * Cut-through (C_USE_RX_CUT_THROUGH; PG080 "Cut-Through Mode"): what has come of a packet can be read
 * before its end. RLR says how much that is, with bit 31; once the end has come it gives the length of
 * all of the packet. To be verified on a board: that this counts what was read before, as PG080 says,
 * and that RDFO counts what can be read. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../model.h"
#include "packets.h"

enum {
    ISR = 0x00,
    IER = 0x04,
    TDFR = 0x08,
    TDFV = 0x0c,
    TDFD = 0x10,
    TLR = 0x14,
    RDFR = 0x18,
    RDFO = 0x1c,
    RDFD = 0x20,
    RLR = 0x24,
    SRR = 0x28
};

#define RPURE (1u << 31)
#define RPORE (1u << 30)
#define RPUE (1u << 29)
#define TPOE (1u << 28)
#define TC (1u << 27)
#define RC (1u << 26)
#define TSE (1u << 25)
#define TRC (1u << 24)
#define RRC (1u << 23)
#define RFPF (1u << 20)
#define PARTIAL (1u << 31) /* of RLR */
#define RESET_KEY 0xa5u
#define RESET_ISR 0x01d00000u
#define AXI4_READ 0x1000u /* data port: reads from here on, writes below */

struct axi_fifo {
    struct sim_inst *inst;
    uint32_t isr, ier;
    struct packets tx, rx;
    uint8_t *pending; /* words written, not committed by TLR yet */
    size_t n_pending;
    uint32_t *lengths; /* ring of packet lengths RLR will give */
    size_t n_lengths, first_length, max_lengths;
    size_t open_bytes; /* that have come of the packet under way */
    size_t grant;      /* words that may be read, by the lengths RLR gave */
    size_t part_read;  /* words read of a packet of which RLR gave a part */
    bool part;
    bool cut_through;
    size_t nearly_full; /* words: RFPF */
    bool broken;        /* read when empty: gives 0 until RDFR */
    bool refused;
    struct sim_event send;
    uint64_t hz;
};

static uint64_t beats(const struct axi_fifo *f, size_t n) /* ns */
{
    return n * 1000000000u / f->hz;
}

static void set_isr(struct axi_fifo *f, uint32_t bits)
{
    f->isr |= bits;
    sim_wire_set(f->inst, "interrupt", (f->isr & f->ier) != 0);
}

/* ---- transmit ------------------------------------------------------------------------------ */

static size_t vacancy(const struct axi_fifo *f)
{
    size_t used = (packets_occupied(&f->tx) + f->n_pending) / 4, all = f->tx.room / 4 - 4;
    return used < all ? all - used : 0;
}

static void write_data(struct axi_fifo *f, uint32_t word)
{
    if (vacancy(f) == 0 || sim_fault(f->inst, "fifo_full", NULL)) {
        set_isr(f, TPOE);
        return;
    }
    memcpy(f->pending + f->n_pending, &word, 4);
    f->n_pending += 4;
}

static void commit(struct axi_fifo *f, uint32_t length)
{
    size_t n = length & 0x7fffff;
    if (n == 0 || (n + 3) / 4 != f->n_pending / 4) {
        set_isr(f, TSE);
        f->n_pending = 0;
        return;
    }
    packets_put(&f->tx, f->pending, n, true); /* fits: its words were counted when written */
    f->n_pending = 0;
    if (!f->send.due.in)
        sim_plan(f->inst, &f->send, sim_latency(f->inst, beats(f, 4 + n / 4)));
}

static void send(struct sim_event *e)
{
    struct axi_fifo *f = (struct axi_fifo *)((char *)e - offsetof(struct axi_fifo, send));
    struct sim_link *out = sim_link_out(f->inst, "AXI_STR_TXD");
    const uint8_t *data;
    size_t n;
    bool last;
    while ((n = packets_head(&f->tx, &data, &last)) > 0) {
        size_t taken = sim_send(out, data, n, last);
        packets_take(&f->tx, taken);
        if (taken < n)
            return;
        if (last)
            set_isr(f, TC);
    }
}

static void fifo_resume(struct sim_inst *i, struct sim_link *l)
{
    struct axi_fifo *f = i->state;
    (void)l;
    if (f->tx.n > 0 && !f->send.due.in)
        sim_plan(i, &f->send, beats(f, 1));
}

static void reset_tx(struct axi_fifo *f)
{
    sim_cancel(f->inst, &f->send);
    packets_clear(&f->tx);
    f->n_pending = 0;
    if (!sim_fault(f->inst, "stuck_reset", "tx"))
        set_isr(f, TRC);
}

/* ---- receive ------------------------------------------------------------------------------- */

static size_t fifo_accept(struct sim_inst *i, struct sim_link *l, const uint8_t *data, size_t n,
                          bool last)
{
    struct axi_fifo *f = i->state;
    size_t taken = 0;
    (void)l;
    if (f->n_lengths < f->max_lengths)
        taken = packets_put(&f->rx, data, n, last);
    f->refused = taken < n;
    f->open_bytes += taken;
    if (packets_occupied(&f->rx) / 4 >= f->nearly_full)
        set_isr(f, RFPF);
    if (taken == n && last) {
        f->lengths[(f->first_length + f->n_lengths++) % f->max_lengths] = (uint32_t)f->open_bytes;
        f->open_bytes = 0;
        set_isr(f, RC);
    }
    return taken;
}

/* Packets at the head whose length was read. */
static size_t begun(const struct axi_fifo *f)
{
    size_t closed = 0;
    while (closed < f->rx.n && packets_at(&f->rx, closed)->closed)
        closed++;
    return closed > f->n_lengths ? closed - f->n_lengths : 0;
}

/* Words of packets that came whole (or, with cut-through, in part). What counts is whether it is 0: of
 * several packets PG080 lets it give only those of the latest. Reading RLR takes the packet out of it
 * (PG080: "RDFO should be read before reading RLR"). */
static size_t occupancy(struct axi_fifo *f)
{
    size_t n = 0;
    if (sim_fault(f->inst, "fifo_empty", NULL))
        return 0;
    for (size_t k = begun(f); k < f->rx.n; k++)
        if (f->cut_through || packets_at(&f->rx, k)->closed)
            n += (packets_at(&f->rx, k)->bytes + 3) / 4;
    return n;
}

static void room_again(struct axi_fifo *f)
{
    if (!f->refused)
        return;
    f->refused = false;
    sim_link_ready(sim_link_in(f->inst, "AXI_STR_RXD"));
}

static bool readable(const struct axi_fifo *f)
{
    const struct packet *p = packets_at(&f->rx, 0);
    return f->rx.n > 0 && (p->closed || (f->cut_through && p->bytes >= 4));
}

static uint32_t read_data(struct axi_fifo *f)
{
    uint32_t word = 0;
    size_t got = 0;
    if (f->broken || !readable(f)) {
        f->broken = true;
        set_isr(f, RPUE);
        return 0;
    }
    if (f->grant > 0)
        f->grant--;
    else
        set_isr(f, RPORE); /* it takes from a packet whose length was not read (PG080) */
    f->part_read += f->part;
    while (got < 4) { /* the ring may wrap inside a word */
        const uint8_t *data;
        bool last;
        size_t n = packets_head(&f->rx, &data, &last), k = n < 4 - got ? n : 4 - got;
        if (n == 0)
            break;
        memcpy((uint8_t *)&word + got, data, k);
        got += k;
        packets_take(&f->rx, k);
        if (last && k == n)
            break;
    }
    room_again(f);
    return word;
}

/* Bytes of the packet under way that can be read before its end. */
static size_t partial(const struct axi_fifo *f)
{
    const struct packet *p = f->rx.n ? packets_at(&f->rx, f->rx.n - 1) : NULL;
    return f->cut_through && p && !p->closed ? p->bytes & ~(size_t)3 : 0;
}

static uint32_t read_length(struct axi_fifo *f)
{
    uint32_t n;
    if (!f->broken && f->n_lengths == 0 && partial(f) > 0) {
        f->part = true;
        f->grant = partial(f) / 4;
        return PARTIAL | (uint32_t)partial(f);
    }
    if (f->broken || f->n_lengths == 0) {
        f->broken = true;
        set_isr(f, RPURE);
        return 0;
    }
    n = f->lengths[f->first_length];
    f->first_length = (f->first_length + 1) % f->max_lengths;
    f->n_lengths--;
    f->grant = (f->part ? 0 : f->grant) + (n + 3) / 4 - f->part_read;
    f->part_read = 0;
    f->part = false;
    room_again(f);
    return n;
}

static void reset_rx(struct axi_fifo *f)
{
    packets_clear(&f->rx);
    f->n_lengths = f->first_length = f->open_bytes = 0;
    f->grant = f->part_read = 0;
    f->broken = f->part = false;
    if (!sim_fault(f->inst, "stuck_reset", "rx"))
        set_isr(f, RRC);
    room_again(f);
}

/* ---- registers ----------------------------------------------------------------------------- */

static bool is_data_port(const struct sim_slot *slot)
{
    return slot->slave && !strcasecmp(slot->slave, "S_AXI_FULL");
}

static int fifo_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t *value, struct lunq_error *err)
{
    struct axi_fifo *f = i->state;
    (void)width, (void)err;
    *value = 0;
    if (is_data_port(slot)) {
        if (off >= AXI4_READ)
            *value = read_data(f);
        return SIM_OKAY;
    }
    switch (off) {
    case ISR: *value = f->isr; break;
    case IER: *value = f->ier; break;
    case TDFV: *value = sim_fault(i, "fifo_full", NULL) ? 0 : vacancy(f); break;
    case RDFO: *value = occupancy(f); break;
    case RDFD: *value = read_data(f); break;
    case RLR: *value = read_length(f); break;
    default: break;
    }
    return SIM_OKAY;
}

static int fifo_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                      uint64_t value, struct lunq_error *err)
{
    struct axi_fifo *f = i->state;
    uint32_t v = (uint32_t)value;
    (void)width, (void)err;
    if (is_data_port(slot)) {
        if (off < AXI4_READ)
            write_data(f, v);
        return SIM_OKAY;
    }
    switch (off) {
    case ISR:
        f->isr &= ~v;
        set_isr(f, 0);
        break;
    case IER:
        f->ier = v & 0xfff80000;
        set_isr(f, 0);
        break;
    case TDFD: write_data(f, v); break;
    case TLR: commit(f, v); break;
    case TDFR:
    case RDFR:
    case SRR:
        if (v == RESET_KEY && off != RDFR)
            reset_tx(f);
        if (v == RESET_KEY && off != TDFR)
            reset_rx(f);
        break;
    default: break;
    }
    return SIM_OKAY;
}

/* ---- life ---------------------------------------------------------------------------------- */

static size_t depth(const struct sim_inst *i, const char *param)
{
    int64_t n = sim_param(i, param, 512);
    return n >= 16 && n <= 1 << 20 ? (size_t)n : 512;
}

static void fifo_reset(struct sim_inst *i)
{
    struct axi_fifo *f = i->state;
    reset_tx(f);
    reset_rx(f);
    f->ier = 0;
    f->isr = RESET_ISR;
    set_isr(f, 0);
}

static int fifo_create(struct sim_inst *i, struct lunq_error *err)
{
    struct axi_fifo *f = i->state = calloc(1, sizeof *f);
    size_t tx = depth(i, "C_TX_FIFO_DEPTH"), rx = depth(i, "C_RX_FIFO_DEPTH");
    if (!f)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    f->inst = i;
    f->send.fire = send;
    sim_clock_follow(i, "s_axi_aclk", &f->hz);
    f->pending = malloc(tx * 4);
    f->max_lengths = rx;
    f->cut_through = sim_param(i, "C_USE_RX_CUT_THROUGH", 0) != 0;
    f->nearly_full = (size_t)sim_param(i, "C_RX_FIFO_PF_THRESHOLD", (int64_t)rx - 5);
    f->lengths = calloc(rx, sizeof *f->lengths);
    if (!packets_init(&f->tx, 4, tx) || !packets_init(&f->rx, 4, rx) || !f->pending || !f->lengths)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    fifo_reset(i);
    return 0;
}

static void fifo_destroy(struct sim_inst *i)
{
    struct axi_fifo *f = i->state;
    if (!f)
        return;
    sim_cancel(i, &f->send);
    packets_free(&f->tx);
    packets_free(&f->rx);
    free(f->pending);
    free(f->lengths);
    free(f);
}

static const char *const vlnv[] = {"xilinx.com:ip:axi_fifo_mm_s:4.*", NULL};

const struct sim_class sim_axi_fifo = {
    .name = "axi_fifo_mm_s",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .create = fifo_create,
    .destroy = fifo_destroy,
    .read = fifo_read,
    .write = fifo_write,
    .accept = fifo_accept,
    .resume = fifo_resume,
};
