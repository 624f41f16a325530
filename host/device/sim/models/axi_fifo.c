/* axi_fifo.c - AXI4-Stream FIFO, axi_fifo_mm_s 4.1 to 4.3: packets through registers.
 * Registers: registers.md section 14 (HWH), PG080. What they leave open is as in the core's source as
 * Vivado delivers it (axi_fifo_mm_s_v4_1, ipic2axi_s.vhd):
 * - RDFO is 0 as long as no length of a whole packet waits, else it counts every word in the FIFO.
 * - Reading RDFD or RLR empty is answered with SLVERR on the AXI4-Lite port (embeddedsw#126: a data
 *   abort), and nothing is lost by it; PG080 asks for a receive reset all the same.
 * - RPORE: a word was read before the length of its packet, which is until RLR is read once for it.
 * - A TLR that does not fit leaves the words where they are. A write to the full FIFO is SLVERR.
 * - Cut-through (C_USE_RX_CUT_THROUGH): RLR, read while no length waits, gives the words in the FIFO
 *   with bit 31, and takes nothing. At the end of a packet it gives the length of all of it, what was
 *   read before included. RFPF is a level then.
 * Left out: TC goes back to 0 while the last word of the next packet waits. */
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
    bool announced;    /* the length of the packet at the head was read */
    bool cut_through;
    size_t nearly_full; /* words: RFPF */
    bool broken;        /* read when empty: gives 0 until RDFR */
    bool refused;
    struct sim_event send;
    uint64_t hz;
};

static uint64_t beats(const struct axi_fifo *f, uint64_t n) /* ns */
{
    return n * 1000000000u / f->hz;
}

static bool is_nearly_full(const struct axi_fifo *f)
{
    return packets_occupied(&f->rx) / 4 >= f->nearly_full;
}

static void set_isr(struct axi_fifo *f, uint32_t bits)
{
    f->isr |= bits;
    if (f->cut_through && is_nearly_full(f))
        f->isr |= RFPF;
    sim_wire_set(f->inst, "interrupt", (f->isr & f->ier) != 0);
}

/* ---- transmit ------------------------------------------------------------------------------ */

static size_t used(const struct axi_fifo *f)
{
    return (packets_occupied(&f->tx) + f->n_pending) / 4;
}

static size_t vacancy(const struct axi_fifo *f)
{
    size_t n = used(f), all = f->tx.room / 4 - 4;
    return n < all ? all - n : 0;
}

/* TPOE says that it is full, SLVERR that a word was lost. */
static int write_data(struct axi_fifo *f, uint32_t word, struct lunq_error *err)
{
    size_t most = f->tx.room / 4 - 3;
    if (used(f) > most || sim_fault(f->inst, "fifo_full", NULL)) {
        set_isr(f, TPOE);
        lunq_fail(err, LUNQ_IO,
                  "its transmit FIFO is full, the word is lost: write no more than TDFV says");
        return SIM_SLVERR;
    }
    memcpy(f->pending + f->n_pending, &word, 4);
    f->n_pending += 4;
    if (used(f) > most)
        set_isr(f, TPOE);
    return SIM_OKAY;
}

static void commit(struct axi_fifo *f, uint32_t length)
{
    size_t n = length & 0x7fffff;
    if (n == 0 || (n + 3) / 4 != f->n_pending / 4) {
        set_isr(f, TSE); /* the words stay */
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
    if (is_nearly_full(f))
        set_isr(f, RFPF);
    if (taken == n && last) {
        f->lengths[(f->first_length + f->n_lengths++) % f->max_lengths] = (uint32_t)f->open_bytes;
        f->open_bytes = 0;
        set_isr(f, RC);
    }
    return taken;
}

static size_t stored(const struct axi_fifo *f)
{
    return packets_occupied(&f->rx) / 4;
}

/* The stream of the core is words; that of the simulated device may bring part of one. */
static size_t stored_whole(const struct axi_fifo *f)
{
    const struct packet *p = f->rx.n ? packets_at(&f->rx, f->rx.n - 1) : NULL;
    return stored(f) - (p && !p->closed && p->bytes % 4 != 0);
}

static size_t occupancy(struct axi_fifo *f)
{
    return f->n_lengths == 0 || sim_fault(f->inst, "fifo_empty", NULL) ? 0 : stored(f);
}

static void room_again(struct axi_fifo *f)
{
    if (!f->refused)
        return;
    f->refused = false;
    sim_link_ready(sim_link_in(f->inst, "AXI_STR_RXD"));
}

/* A whole word: all a packet under way may lack is the rest of its last one. */
static bool readable(const struct axi_fifo *f)
{
    const struct packet *p = packets_at(&f->rx, 0);
    return f->rx.n > 0 && (p->closed || p->bytes >= 4);
}

static int read_data(struct axi_fifo *f, uint64_t *value, struct lunq_error *err)
{
    uint32_t word = 0;
    size_t got = 0;
    bool end = false;
    if (!readable(f)) {
        set_isr(f, RPUE);
        lunq_fail(err, LUNQ_IO, "its receive FIFO is empty: read no more than RLR says");
        return SIM_SLVERR;
    }
    if (!f->announced && !f->cut_through)
        set_isr(f, RPORE);
    while (got < 4 && !end) { /* the ring may wrap inside a word */
        const uint8_t *data;
        bool last;
        size_t n = packets_head(&f->rx, &data, &last), k = n < 4 - got ? n : 4 - got;
        if (n == 0)
            break;
        memcpy((uint8_t *)&word + got, data, k);
        got += k;
        end = last && k == n;
        packets_take(&f->rx, k);
    }
    if (end)
        f->announced = false;
    room_again(f);
    *value = word;
    return SIM_OKAY;
}

static int read_length(struct axi_fifo *f, uint64_t *value, struct lunq_error *err)
{
    if (f->n_lengths == 0) {
        *value = (f->cut_through ? PARTIAL : 0) | (uint32_t)(stored_whole(f) * 4);
        if (f->cut_through)
            return SIM_OKAY;
        set_isr(f, RPURE);
        lunq_fail(err, LUNQ_IO, "no packet has come whole: read RLR only while RDFO is not 0");
        return SIM_SLVERR;
    }
    *value = f->lengths[f->first_length];
    f->first_length = (f->first_length + 1) % f->max_lengths;
    f->n_lengths--;
    f->announced = true;
    room_again(f);
    return SIM_OKAY;
}

static void reset_rx(struct axi_fifo *f)
{
    packets_clear(&f->rx);
    f->n_lengths = f->first_length = f->open_bytes = 0;
    f->announced = false;
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
    (void)width;
    *value = 0;
    if (is_data_port(slot)) {
        if (off >= AXI4_READ)
            read_data(f, value, NULL); /* this port has no error of its own */
        return SIM_OKAY;
    }
    switch (off) {
    case ISR: *value = f->isr; break;
    case IER: *value = f->ier; break;
    case TDFV: *value = sim_fault(i, "fifo_full", NULL) ? 0 : vacancy(f); break;
    case RDFO: *value = occupancy(f); break;
    case RDFD: return read_data(f, value, err);
    case RLR: return read_length(f, value, err);
    default: break;
    }
    return SIM_OKAY;
}

static int fifo_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                      uint64_t value, struct lunq_error *err)
{
    struct axi_fifo *f = i->state;
    uint32_t v = (uint32_t)value;
    (void)width;
    if (is_data_port(slot)) {
        if (off < AXI4_READ)
            write_data(f, v, NULL);
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
    case TDFD: return write_data(f, v, err);
    case TLR: commit(f, v); break;
    case TDFR:
    case RDFR:
    case SRR:
        if (v != RESET_KEY)
            break;
        if (off == SRR)
            f->isr = f->ier = 0;
        if (off != RDFR)
            reset_tx(f);
        if (off != TDFR)
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
