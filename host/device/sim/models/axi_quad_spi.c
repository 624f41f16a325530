/* axi_quad_spi.c - AXI Quad SPI 3.2 in standard mode, as a master.
 * Registers and rules: registers.md section 12 (HWH, embeddedsw), PG153 for the select in automatic
 * mode. SLVERR for a read of the empty and a write to the full FIFO, and interrupts that tell of the
 * moment in which a FIFO has become empty or full: the core's sources as Vivado delivers them
 * (qspi_fifo_ifmodule.vhd). DRR_Not_Empty may be for slaves only (TBV): drivers do without. Each word that is sent brings one back: from the peer at the select that is low, from the
 * transmitter itself in loopback, and all ones from a line nobody drives.
 * As a slave nobody ever selects it. Dual and quad transfers are not modelled. */
#include <stdlib.h>

#include "../model.h"

enum {
    DGIER = 0x1c,
    IPISR = 0x20,
    IPIER = 0x28,
    SRR = 0x40,
    SPICR = 0x60,
    SPISR = 0x64,
    DTR = 0x68,
    DRR = 0x6c,
    SSR = 0x70,
    TX_OCY = 0x74,
    RX_OCY = 0x78
};
enum {
    LOOP = 1,
    SPE = 2,
    MASTER = 4,
    CPOL = 8,
    CPHA = 16,
    TX_RESET = 32,
    RX_RESET = 64,
    MANUAL_SS = 128,
    INHIBIT = 256,
    LSB_FIRST = 512
};
enum {
    RX_EMPTY = 1,
    RX_FULL = 2,
    TX_EMPTY = 4,
    TX_FULL = 8,
    MODF = 16,
    NOT_SELECTED = 32,
    SLAVE_MODE_ERROR = 128
};
enum {
    INT_MODF = 1,
    DTR_EMPTY = 4,
    DRR_FULL = 16,
    DRR_OVERRUN = 32,
    TX_HALF_EMPTY = 64,
    DRR_NOT_EMPTY = 256
};

#define MAX_DEPTH 256
#define RESET_KEY 0xa
#define RETRY_NS 1000000 /* how often a line that stands still is looked at */

struct words {
    uint32_t data[MAX_DEPTH];
    unsigned first, n;
};

struct spi {
    struct sim_inst *inst;
    struct words tx, rx;
    unsigned depth; /* of the FIFOs; 1 without */
    bool fifo;
    unsigned bits, selects;
    uint64_t hz, word; /* of ext_spi_clk; its clocks a word takes */
    uint32_t cr, ssr, isr, ier, gie;
    uint32_t selected; /* selects that are active on the pins */
    uint32_t shift;
    bool mode_fault;
    struct sim_event over;
};

static uint32_t mask(unsigned bits)
{
    return bits >= 32 ? UINT32_MAX : (1u << bits) - 1;
}

static void put(struct words *w, unsigned depth, uint32_t v)
{
    w->data[(w->first + w->n++) % depth] = v;
}

static uint32_t take(struct words *w, unsigned depth)
{
    uint32_t v = w->data[w->first];
    w->first = (w->first + 1) % depth;
    w->n--;
    return v;
}

static void set_isr(struct spi *s, uint32_t bits)
{
    s->isr |= bits;
    sim_wire_set(s->inst, "ip2intc_irpt", s->gie && (s->isr & s->ier));
}

/* ---- pins ---------------------------------------------------------------------------------- */

static struct sim_peer *peer_at(const struct spi *s, unsigned line)
{
    struct sim_peer *p = NULL;
    while ((p = sim_peer_next(s->inst, p)) != NULL)
        if (p->line == line)
            return p;
    return NULL;
}

/* Selects follow SSR: always when they are driven by hand, else only while something is sent. */
static void update_selects(struct spi *s)
{
    bool driving = (s->cr & SPE) && (s->cr & MASTER) &&
                   ((s->cr & MANUAL_SS) || s->over.due.in || (s->tx.n > 0 && !(s->cr & INHIBIT)));
    uint32_t now = driving ? ~s->ssr & mask(s->selects) : 0, changed = now ^ s->selected;
    s->selected = now;
    for (unsigned line = 0; line < s->selects; line++) {
        struct sim_peer *p = changed >> line & 1 ? peer_at(s, line) : NULL;
        if (p)
            p->call(p, s->inst, now >> line & 1 ? SIM_PEER_SELECT : SIM_PEER_DESELECT, 0, 0);
    }
}

static uint32_t reversed(uint32_t v, unsigned bits)
{
    uint32_t r = 0;
    for (unsigned i = 0; i < bits; i++)
        r |= (v >> i & 1) << (bits - 1 - i);
    return r;
}

/* One word out and in, on all selects that are active. */
static uint32_t exchange(struct spi *s, uint32_t out)
{
    uint32_t in = mask(s->bits), mode = (s->cr & CPOL ? 2 : 0) + (s->cr & CPHA ? 1 : 0);
    if (s->cr & LOOP)
        return out;
    if (s->cr & LSB_FIRST)
        out = reversed(out, s->bits);
    for (unsigned line = 0; line < s->selects; line++) {
        struct sim_peer *p = s->selected >> line & 1 ? peer_at(s, line) : NULL;
        int64_t v = p ? p->call(p, s->inst, SIM_PEER_TRANSFER, out, mode) : -1;
        if (v >= 0)
            in &= (uint32_t)v; /* two at once fight; zeros win */
    }
    return s->cr & LSB_FIRST ? reversed(in, s->bits) : in;
}

/* ---- transfers ----------------------------------------------------------------------------- */

static void go(struct spi *s)
{
    if (!s->over.due.in && s->tx.n > 0 && (s->cr & SPE) && (s->cr & MASTER) && !(s->cr & INHIBIT)) {
        if (sim_fault(s->inst, "mode_fault", NULL)) {
            s->mode_fault = true;
            set_isr(s, INT_MODF);
        }
        if (!s->mode_fault) {
            s->shift = take(&s->tx, s->depth);
            sim_plan(s->inst, &s->over, sim_latency(s->inst, s->word * 1000000000u / s->hz));
            if (s->tx.n == s->depth / 2 && s->fifo)
                set_isr(s, TX_HALF_EMPTY);
            if (s->tx.n == 0)
                set_isr(s, DTR_EMPTY); /* the last word is on its way */
        }
    }
    update_selects(s);
}

static void word_over(struct sim_event *e)
{
    struct spi *s = (struct spi *)((char *)e - offsetof(struct spi, over));
    uint32_t in;
    if (sim_fault(s->inst, "stall", NULL)) {
        sim_plan(s->inst, e, RETRY_NS);
        return;
    }
    in = exchange(s, s->shift) & mask(s->bits);
    if (s->rx.n == s->depth) {
        set_isr(s, DRR_OVERRUN);
    } else {
        put(&s->rx, s->depth, in);
        set_isr(s, DRR_NOT_EMPTY | (s->rx.n == s->depth ? DRR_FULL : 0));
    }
    go(s);
}

/* ---- registers ----------------------------------------------------------------------------- */

static void spi_reset(struct sim_inst *i)
{
    struct spi *s = i->state;
    sim_cancel(i, &s->over);
    s->tx.n = s->rx.n = 0;
    s->cr = MANUAL_SS | INHIBIT;
    s->ssr = mask(s->selects);
    s->isr = s->ier = s->gie = 0;
    s->mode_fault = false;
    update_selects(s);
    set_isr(s, 0);
}

static uint32_t status(struct spi *s)
{
    uint32_t v =
        NOT_SELECTED | (s->cr & MASTER ? 0 : SLAVE_MODE_ERROR) | (s->mode_fault ? MODF : 0);
    v |= (s->rx.n == 0 ? RX_EMPTY : 0) | (s->rx.n == s->depth ? RX_FULL : 0);
    v |= (s->tx.n == 0 ? TX_EMPTY : 0) | (s->tx.n == s->depth ? TX_FULL : 0);
    s->mode_fault = false; /* a read clears it */
    return v;
}

static int no_fifo(uint64_t off, struct lunq_error *err)
{
    lunq_fail(err, LUNQ_IO, "C_FIFO_DEPTH is 0: there is no %s FIFO to ask about",
              off == TX_OCY ? "transmit" : "receive");
    return SIM_SLVERR;
}

static int spi_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                    uint64_t *value, struct lunq_error *err)
{
    struct spi *s = i->state;
    (void)slot, (void)width;
    *value = 0;
    off &= 0x7f;
    switch (off) {
    case DGIER: *value = s->gie; break;
    case IPISR: *value = s->isr; break;
    case IPIER: *value = s->ier; break;
    case SPICR: *value = s->cr; break;
    case SPISR:
        *value = status(s);
        go(s); /* a mode fault may be over */
        break;
    case DRR:
        if (s->rx.n == 0) {
            lunq_fail(err, LUNQ_IO,
                      "its receive FIFO is empty; on a board this may hang the bus. Read "
                      "DRR only while SPISR bit 0 is 0");
            return SIM_SLVERR;
        }
        *value = take(&s->rx, s->depth);
        break;
    case SSR: *value = s->ssr; break;
    case TX_OCY:
    case RX_OCY: {
        unsigned n = off == TX_OCY ? s->tx.n : s->rx.n;
        if (!s->fifo)
            return no_fifo(off, err);
        *value = n ? n - 1 : 0;
        break;
    }
    default: break;
    }
    return SIM_OKAY;
}

static int write_data(struct spi *s, uint32_t v, struct lunq_error *err)
{
    if (s->tx.n == s->depth) {
        lunq_fail(err, LUNQ_IO,
                  "its transmit FIFO is full, the word is lost: write DTR only while SPISR "
                  "bit 3 is 0");
        return SIM_SLVERR;
    }
    put(&s->tx, s->depth, v & mask(s->bits));
    return SIM_OKAY;
}

static int spi_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t value, struct lunq_error *err)
{
    struct spi *s = i->state;
    uint32_t v = (uint32_t)value;
    int r = SIM_OKAY;
    (void)slot, (void)width;
    switch (off & 0x7f) {
    case DGIER: s->gie = v & 0x80000000; break;
    case IPISR: s->isr ^= v & 0x3fff; break; /* toggle on write */
    case IPIER: s->ier = v & 0x3fff; break;
    case SRR:
        if (v == RESET_KEY)
            spi_reset(i);
        break;
    case SPICR:
        if (v & TX_RESET)
            s->tx.n = 0;
        if (v & RX_RESET)
            s->rx.n = 0;
        s->cr = v & 0x3ff & ~(uint32_t)(TX_RESET | RX_RESET);
        break;
    case DTR: r = write_data(s, v, err); break;
    case SSR: s->ssr = v & mask(s->selects); break;
    default: break;
    }
    set_isr(s, 0);
    go(s);
    return r;
}

/* ---- life ---------------------------------------------------------------------------------- */

static int spi_create(struct sim_inst *i, struct lunq_error *err)
{
    struct spi *s = i->state = calloc(1, sizeof *s);
    int64_t depth = sim_param(i, "C_FIFO_DEPTH", 16), ratio = sim_param(i, "C_SCK_RATIO", 16);
    int64_t bits = sim_param(i, "C_NUM_TRANSFER_BITS", 8),
            selects = sim_param(i, "C_NUM_SS_BITS", 1);
    if (!s)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    s->inst = i;
    s->over.fire = word_over;
    s->fifo = depth > 0;
    s->depth = depth < 1 ? 1 : depth > MAX_DEPTH ? MAX_DEPTH : (unsigned)depth;
    s->bits = bits == 16 || bits == 32 ? (unsigned)bits : 8;
    s->selects = selects < 1 || selects > 32 ? 1 : (unsigned)selects;
    if (ratio < 1 || ratio > 65536)
        ratio = 16;
    s->word = s->bits * (uint64_t)ratio;
    sim_clock_follow(i, "ext_spi_clk", &s->hz);
    spi_reset(i);
    return 0;
}

static void spi_destroy(struct sim_inst *i)
{
    struct spi *s = i->state;
    if (s)
        sim_cancel(i, &s->over);
    free(s);
}

static const char *const vlnv[] = {"xilinx.com:ip:axi_quad_spi:*", NULL};

const struct sim_class sim_axi_quad_spi = {
    .name = "axi_quad_spi",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .bus = SIM_SPI,
    .create = spi_create,
    .destroy = spi_destroy,

    .read = spi_read,
    .write = spi_write,
};
