/* axi_iic.c - AXI IIC 2.0 and 2.1 as a master: standard and dynamic mode, byte by byte.
 * Registers: registers.md section 11 (HWH, embeddedsw). Order of things on the bus: embeddedsw
 * xiic_l.c (XIic_Send, XIic_Recv), and the core's sources as Vivado delivers them (axi_iic_v2_0,
 * iic_control and reg_interface.vhd):
 * - MSMS 0 -> 1 with an address in the transmit FIFO: START. An empty FIFO throttles: SCL stays low.
 * - MSMS 1 -> 0: STOP behind the byte under way; a sender that is throttled waits for one more byte,
 *   the last one, which is written after MSMS was cleared.
 * - A receiver throttles when the FIFO holds as many bytes as RX_FIFO_PIRQ says; TXAK counts when a
 *   byte is over. After its own "no acknowledge" it waits for a STOP or a repeated START.
 * - When nobody acknowledges, the core sends STOP and clears MSMS. What is in the transmit FIFO stays.
 * - A bit of ISR is latched while its condition holds; TxEmpty's is that a sender is throttled: the
 *   last byte was acknowledged, and the FIFO is empty.
 * A slave role is not modelled: nobody ever addresses this IP. */
#include <stdlib.h>

#include "../model.h"

enum {
    GIE = 0x1c,
    ISR = 0x20,
    IER = 0x28,
    SOFTR = 0x40,
    CR = 0x100,
    SR = 0x104,
    TX_FIFO = 0x108,
    RX_FIFO = 0x10c,
    ADR = 0x110,
    TX_OCY = 0x114,
    RX_OCY = 0x118,
    TEN_ADR = 0x11c,
    PIRQ = 0x120,
    GPO = 0x124,
    TSUSTA = 0x128,
    THIGH = 0x13c,
    TLOW = 0x140,
    THDDAT = 0x144
};
enum { EN = 1, TX_RESET = 2, MSMS = 4, TX = 8, TXAK = 16, RSTA = 32 };
enum {
    ARB_LOST = 1,
    TX_ERROR = 2,
    INT_TX_EMPTY = 4,
    RX_FULL_LEVEL = 8,
    NOT_BUSY = 16,
    NAAS = 64,
    TX_HALF = 128
};
enum { BUSY = 4, TX_FULL = 16, RX_FULL = 32, RX_EMPTY = 64, TX_EMPTY = 128 };
enum { DYN_START = 0x100, DYN_STOP = 0x200 };

#define DEPTH 16
#define SOFT_KEY 0xa
#define RETRY_NS 1000000 /* how often a bus that is busy or stands still is looked at */
#define N_TIMING ((THDDAT - TSUSTA) / 4 + 1)

/* What ends when the event fires. */
enum phase { NOTHING, ADDRESS, SENDING, RECEIVING, STOPPING };

struct iic {
    struct sim_inst *inst;
    uint32_t cr, isr, ier, gie, adr, ten, pirq, gpo, gpo_mask, timing[N_TIMING];
    uint16_t tx[DEPTH];
    uint8_t rx[DEPTH];
    unsigned tx_first, n_tx, rx_first, n_rx;
    enum phase phase;
    uint16_t word;         /* on the bus */
    bool owned;            /* between START and STOP */
    bool reading, nacked;  /* nacked: the last byte was not acknowledged by us */
    bool stop;             /* STOP is due */
    bool dynamic;          /* this transfer began with a START bit in the FIFO */
    bool counted;          /* dynamic reading: the word with the count was seen */
    unsigned left;         /* bytes of it to come */
    bool taken;            /* another master has the bus */
    struct sim_peer *peer; /* who acknowledged; only compared, it may be gone */
    struct sim_event step, other;
};

/* ---- interrupts ---------------------------------------------------------------------------- */

static bool throttled_sender(const struct iic *c)
{
    return c->owned && c->phase == NOTHING && !c->reading && c->n_tx == 0;
}

/* Bits that are levels come back at once when they are toggled away. */
static void update(struct iic *c)
{
    c->isr |= NAAS | (c->n_tx <= DEPTH / 2 ? TX_HALF : 0) | (c->owned || c->taken ? 0 : NOT_BUSY) |
              (throttled_sender(c) ? INT_TX_EMPTY : 0) | (c->n_rx > c->pirq ? RX_FULL_LEVEL : 0);
    sim_wire_set(c->inst, "iic2intc_irpt", c->gie && (c->isr & c->ier));
}

/* Does another master have the bus? Then it is asked again until it has not. */
static bool taken(struct iic *c)
{
    c->taken = sim_fault(c->inst, "busy_bus", NULL);
    if (c->taken && !c->other.due.in)
        sim_plan(c->inst, &c->other, RETRY_NS);
    return c->taken;
}

static void look_again(struct sim_event *e)
{
    struct iic *c = (struct iic *)((char *)e - offsetof(struct iic, other));
    taken(c);
    update(c);
}

/* ---- FIFOs --------------------------------------------------------------------------------- */

static uint16_t take_tx(struct iic *c)
{
    uint16_t w = c->tx[c->tx_first];
    c->tx_first = (c->tx_first + 1) % DEPTH;
    c->n_tx--;
    return w;
}

static uint32_t take_rx(struct iic *c)
{
    uint8_t b = c->rx[c->rx_first];
    if (c->n_rx == 0)
        return 0; /* no document says what an empty read gives */
    c->rx_first = (c->rx_first + 1) % DEPTH;
    c->n_rx--;
    return b;
}

/* ---- the bus ------------------------------------------------------------------------------- */

static uint64_t bit_ns(const struct iic *c)
{
    uint64_t clocks = (uint64_t)c->timing[(THIGH - TSUSTA) / 4] + c->timing[(TLOW - TSUSTA) / 4];
    uint64_t ns = clocks * 1000000000u / sim_clock_hz(c->inst, "s_axi_aclk");
    return ns ? ns : 1;
}

static void begin(struct iic *c, enum phase phase, unsigned bits)
{
    c->phase = phase;
    sim_plan(c->inst, &c->step, sim_latency(c->inst, bits * bit_ns(c)));
}

static int64_t ask(struct iic *c, enum sim_peer_call what, uint32_t a)
{
    struct sim_peer *p = NULL;
    while ((p = sim_peer_next(c->inst, p)) != NULL)
        if (p == c->peer)
            return p->call(p, c->inst, what, a, 0);
    return -1;
}

/* Everybody on the bus sees it. */
static bool call_all(struct iic *c, enum sim_peer_call what, uint32_t a, uint32_t b)
{
    struct sim_peer *p = NULL;
    c->peer = NULL;
    while ((p = sim_peer_next(c->inst, p)) != NULL)
        if (p->call(p, c->inst, what, a, b) == 1 && !c->peer)
            c->peer = p;
    return c->peer != NULL;
}

static void lose_arbitration(struct iic *c)
{
    c->isr |= ARB_LOST;
    c->cr &= ~(uint32_t)(MSMS | RSTA);
    c->owned = c->stop = c->dynamic = false;
}

static void not_acknowledged(struct iic *c)
{
    c->isr |= TX_ERROR;
    c->stop = true;
}

static bool wants_start(const struct iic *c)
{
    return c->n_tx > 0 && ((c->cr & MSMS) || (c->tx[c->tx_first] & DYN_START));
}

/* START or repeated START with the address that waits in the FIFO. */
static void start(struct iic *c)
{
    c->word = take_tx(c);
    c->dynamic = c->word & DYN_START;
    c->cr = (c->cr | MSMS) & ~(uint32_t)RSTA; /* dynamic mode sets MSMS by itself */
    c->owned = true;
    c->stop = c->nacked = c->counted = false;
    begin(c, ADDRESS, 10);
}

static void receive(struct iic *c)
{
    if (c->dynamic && !c->counted) {
        uint16_t w;
        if (c->n_tx == 0)
            return;
        w = take_tx(c);
        c->counted = true;
        c->left = w & 0xff ? w & 0xff : 256;
        c->stop = w & DYN_STOP; /* due when they have come */
    }
    if (c->dynamic ? c->n_rx < DEPTH : c->n_rx <= c->pirq)
        begin(c, RECEIVING, 9);
}

static void stop_now(struct iic *c)
{
    begin(c, STOPPING, 1);
}

/* Whatever can happen next. */
static void go(struct iic *c)
{
    bool again, counting = c->reading && c->dynamic && c->counted && !c->nacked;
    if (c->step.due.in || !(c->cr & EN))
        return;
    if (!c->owned) {
        if (wants_start(c) && taken(c))
            sim_plan(c->inst, &c->step, RETRY_NS);
        else if (wants_start(c))
            start(c);
        return;
    }
    again = c->n_tx > 0 && !counting && ((c->cr & RSTA) || (c->tx[c->tx_first] & DYN_START));
    if (again)
        start(c);
    else if (c->stop && !counting && (c->reading || c->dynamic))
        stop_now(c);
    else if (c->reading && !c->nacked)
        receive(c);
    else if (!c->reading && c->n_tx > 0)
        c->word = take_tx(c), begin(c, SENDING, 9);
}

static void address_over(struct iic *c)
{
    bool ack = call_all(c, SIM_PEER_START, c->word >> 1 & 0x7f, c->word & 1);
    c->reading = c->word & 1;
    if (!ack || sim_fault(c->inst, "nack", "address")) {
        not_acknowledged(c);
        stop_now(c);
    } else if (c->dynamic && (c->word & DYN_STOP)) {
        stop_now(c);
    }
}

static void byte_sent(struct iic *c)
{
    bool ack = ask(c, SIM_PEER_WRITE, c->word & 0xff) != 0;
    if (!ack || sim_fault(c->inst, "nack", "data")) {
        not_acknowledged(c);
        stop_now(c);
    } else if (c->stop || (c->dynamic && (c->word & DYN_STOP))) {
        stop_now(c);
    }
}

static void byte_received(struct iic *c)
{
    int64_t b = ask(c, SIM_PEER_READ, 0);
    c->rx[(c->rx_first + c->n_rx) % DEPTH] = b < 0 ? 0xff : (uint8_t)b; /* pulled up */
    c->n_rx++;
    c->nacked = c->dynamic ? --c->left == 0 : (c->cr & TXAK) != 0;
    if (c->nacked)
        c->isr |= TX_ERROR;
}

static void bus_free(struct iic *c)
{
    call_all(c, SIM_PEER_STOP, 0, 0);
    c->owned = c->stop = c->dynamic = false;
    c->cr &= ~(uint32_t)(MSMS | RSTA);
}

static void step(struct sim_event *e)
{
    struct iic *c = (struct iic *)((char *)e - offsetof(struct iic, step));
    enum phase over = c->phase;
    if (over != NOTHING && sim_fault(c->inst, "stall", NULL)) {
        sim_plan(c->inst, e, RETRY_NS); /* somebody holds SCL low */
        return;
    }
    c->phase = NOTHING;
    if ((over == ADDRESS || over == SENDING) && sim_fault(c->inst, "arbitration_lost", NULL))
        lose_arbitration(c);
    else if (over == ADDRESS)
        address_over(c);
    else if (over == SENDING)
        byte_sent(c);
    else if (over == RECEIVING)
        byte_received(c);
    else if (over == STOPPING)
        bus_free(c);
    go(c);
    update(c);
}

/* ---- registers ----------------------------------------------------------------------------- */

static void reset_timing(struct iic *c)
{
    int64_t hz = sim_param(c->inst, "C_IIC_FREQ", 100000);
    uint64_t clocks;
    if (hz < 1 || hz > 10000000)
        hz = 100000;
    clocks = sim_clock_hz(c->inst, "s_axi_aclk") / (uint64_t)hz / 2;
    for (unsigned i = 0; i < N_TIMING; i++)
        c->timing[i] = (uint32_t)clocks;
    c->timing[N_TIMING - 1] = 1; /* THDDAT */
}

static void iic_reset(struct sim_inst *i)
{
    struct iic *c = i->state;
    int64_t width = sim_param(i, "C_GPO_WIDTH", 1);
    if (c->owned)
        bus_free(c);
    sim_cancel(i, &c->step);
    c->phase = NOTHING;
    c->cr = c->isr = c->ier = c->gie = c->adr = c->ten = c->pirq = 0;
    c->gpo_mask = width >= 1 && width <= 8 ? (1u << width) - 1 : 1;
    c->gpo = (uint32_t)sim_param(i, "C_DEFAULT_VALUE", 0) & c->gpo_mask;
    sim_wire_set(i, "gpo", c->gpo);
    c->n_tx = c->n_rx = 0;
    c->owned = c->reading = c->nacked = c->stop = c->dynamic = false;
    reset_timing(c);
    update(c);
}

static uint32_t status(struct iic *c)
{
    bool busy = c->owned || taken(c);
    return (busy ? BUSY : 0) | (c->n_tx == DEPTH ? TX_FULL : 0) | (c->n_rx == DEPTH ? RX_FULL : 0) |
           (c->n_rx == 0 ? RX_EMPTY : 0) | (c->n_tx == 0 ? TX_EMPTY : 0);
}

static int iic_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                    uint64_t *value, struct lunq_error *err)
{
    struct iic *c = i->state;
    (void)slot, (void)width, (void)err;
    *value = 0;
    off &= 0x1ff;
    switch (off) {
    case GIE: *value = c->gie; break;
    case ISR: *value = c->isr; break;
    case IER: *value = c->ier; break;
    case CR: *value = c->cr; break;
    case SR: *value = status(c); break;
    case RX_FIFO:
        *value = take_rx(c);
        go(c); /* there may be room again */
        break;
    case ADR: *value = c->adr; break;
    case TX_OCY: *value = c->n_tx ? c->n_tx - 1 : 0; break;
    case RX_OCY: *value = c->n_rx ? c->n_rx - 1 : 0; break;
    case TEN_ADR: *value = c->ten; break;
    case PIRQ: *value = c->pirq; break;
    case GPO: *value = c->gpo; break;
    default:
        if (off >= TSUSTA && off <= THDDAT)
            *value = c->timing[(off - TSUSTA) / 4];
    }
    update(c);
    return SIM_OKAY;
}

static void write_control(struct iic *c, uint32_t v)
{
    uint32_t was = c->cr;
    c->cr = v & 0x7f;
    if (c->cr & TX_RESET)
        c->n_tx = 0;
    if (!(c->cr & EN)) { /* the core lets go of the bus */
        sim_cancel(c->inst, &c->step);
        c->phase = NOTHING;
        if (c->owned)
            bus_free(c);
    } else if (c->owned && (was & MSMS) && !(v & MSMS)) {
        c->stop = true;
    }
}

static int iic_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t value, struct lunq_error *err)
{
    struct iic *c = i->state;
    uint32_t v = (uint32_t)value;
    (void)slot, (void)width;
    off &= 0x1ff;
    switch (off) {
    case GIE: c->gie = v & 0x80000000; break;
    case ISR: c->isr ^= v & 0xff; break; /* toggle on write */
    case IER: c->ier = v & 0xff; break;
    case SOFTR:
        if (v != SOFT_KEY) {
            lunq_fail(err, LUNQ_IO, "its soft reset takes only the key 0xA");
            return SIM_SLVERR;
        }
        iic_reset(i);
        break;
    case CR: write_control(c, v); break;
    case TX_FIFO:
        if (c->n_tx < DEPTH && !(c->cr & TX_RESET))
            c->tx[(c->tx_first + c->n_tx++) % DEPTH] = v & 0x3ff;
        break;
    case ADR: c->adr = v & 0xfe; break;
    case TEN_ADR: c->ten = v & 7; break;
    case PIRQ: c->pirq = v & 0xf; break;
    case GPO:
        c->gpo = v & c->gpo_mask;
        sim_wire_set(i, "gpo", c->gpo);
        break;
    default:
        if (off >= TSUSTA && off <= THDDAT)
            c->timing[(off - TSUSTA) / 4] = v;
    }
    go(c);
    update(c);
    return SIM_OKAY;
}

/* ---- life ---------------------------------------------------------------------------------- */

static int iic_create(struct sim_inst *i, struct lunq_error *err)
{
    struct iic *c = i->state = calloc(1, sizeof *c);
    if (!c)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    c->inst = i;
    c->step.fire = step;
    c->other.fire = look_again;
    iic_reset(i);
    return 0;
}

static void iic_destroy(struct sim_inst *i)
{
    struct iic *c = i->state;
    if (c) {
        sim_cancel(i, &c->step);
        sim_cancel(i, &c->other);
    }
    free(c);
}

static const char *const vlnv[] = {"xilinx.com:ip:axi_iic:*", NULL};

const struct sim_class sim_axi_iic = {
    .name = "axi_iic",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .bus = SIM_I2C,
    .create = iic_create,
    .destroy = iic_destroy,

    .read = iic_read,
    .write = iic_write,
};
