/* axi_uartlite.c - AXI UART Lite 2.0: two FIFOs of 16 bytes at a fixed baud rate.
 * Registers: registers.md section 13. What it leaves open is as in the core's sources as Vivado
 * delivers them (axi_uartlite_v2_0, uartlite_core, _rx and _tx.vhd):
 * - SLVERR for a read of the empty and a write to the full FIFO; the byte is lost.
 * - A framing error or an overrun loses the byte, a parity error doesn't. Without C_USE_PARITY there
 *   are no parity errors.
 * - The byte being sent stays in the FIFO until its last data bit: 16 fit, and TxEmpty comes before
 *   the stop bit.
 * - The interrupt is a pulse of one clock: the receive FIFO is no longer empty, or still not after a
 *   read; the transmit FIFO has become empty. */
#include <stdlib.h>
#include <string.h>

#include "../model.h"

enum { RX_FIFO = 0x0, TX_FIFO = 0x4, STAT = 0x8, CTRL = 0xc };
enum {
    RX_VALID = 1,
    RX_FULL = 2,
    TX_EMPTY = 4,
    TX_FULL = 8,
    ENABLED = 16,
    OVERRUN = 32,
    FRAME = 64,
    PARITY = 128,
    ERRORS = OVERRUN | FRAME | PARITY
};
enum { RST_TX = 1, RST_RX = 2, ENABLE = 16 };

#define DEPTH 16
#define MAX_LINE (16u << 20) /* bytes a peer may have on their way */
#define STALL_NS 1000000     /* how often a line that stands still is looked at */

struct fifo {
    uint8_t data[DEPTH];
    unsigned first, n;
};

struct uart {
    struct sim_inst *inst;
    struct fifo tx, rx;
    uint8_t shift; /* the byte being sent, while `send` is planned */
    bool stopping; /* its data bits are out, parity and stop bit follow */
    uint8_t *line; /* bytes on their way in */
    size_t first, n, room;
    uint32_t errors, enabled, mask;
    bool parity;
    uint64_t frame; /* ns for one character */
    uint64_t tail;  /* ns of it behind the data bits */
    struct sim_event send, receive;
};

static void put(struct fifo *f, uint8_t b)
{
    f->data[(f->first + f->n++) % DEPTH] = b;
}

static uint8_t take(struct fifo *f)
{
    uint8_t b = f->data[f->first];
    f->first = (f->first + 1) % DEPTH;
    f->n--;
    return b;
}

/* The interrupt is a pulse: for an edge input of an interrupt controller. */
static void pulse(struct uart *u)
{
    if (!u->enabled)
        return;
    sim_wire_set(u->inst, "interrupt", 1);
    sim_wire_set(u->inst, "interrupt", 0);
}

/* ---- sending ------------------------------------------------------------------------------- */

static void next_byte(struct uart *u)
{
    if (u->send.due.in || u->tx.n == 0)
        return;
    u->shift = u->tx.data[u->tx.first];
    u->stopping = false;
    sim_plan(u->inst, &u->send, sim_latency(u->inst, u->frame - u->tail));
}

static void empty_tx(struct uart *u)
{
    if (u->tx.n > 0)
        pulse(u);
    u->tx.n = 0;
}

static void sent(struct sim_event *e)
{
    struct uart *u = (struct uart *)((char *)e - offsetof(struct uart, send));
    uint8_t byte = u->shift;
    if (sim_fault(u->inst, "stall", "tx")) {
        sim_plan(u->inst, e, STALL_NS);
        return;
    }
    if (!u->stopping) {
        u->stopping = true;
        sim_plan(u->inst, e, sim_latency(u->inst, u->tail));
        if (u->tx.n > 1)
            take(&u->tx);
        else
            empty_tx(u);
        return;
    }
    next_byte(u); /* first: what a peer does with the byte takes no time */
    for (struct sim_peer *p = NULL; (p = sim_peer_next(u->inst, p)) != NULL;)
        p->call(p, u->inst, SIM_PEER_RECEIVE, byte, 0);
}

/* ---- receiving ----------------------------------------------------------------------------- */

static void expect(struct uart *u)
{
    if (!u->receive.due.in && u->n > 0)
        sim_plan(u->inst, &u->receive, sim_latency(u->inst, u->frame));
}

static void arrive(struct uart *u, uint8_t byte)
{
    if (sim_fault(u->inst, "frame_error", NULL)) {
        u->errors |= FRAME;
        return;
    }
    if (u->parity && sim_fault(u->inst, "parity_error", NULL))
        u->errors |= PARITY;
    if (u->rx.n == DEPTH) {
        u->errors |= OVERRUN;
        return;
    }
    put(&u->rx, byte & (uint8_t)u->mask);
    if (u->rx.n == 1)
        pulse(u);
}

static void received(struct sim_event *e)
{
    struct uart *u = (struct uart *)((char *)e - offsetof(struct uart, receive));
    uint8_t byte;
    if (sim_fault(u->inst, "stall", "rx")) {
        sim_plan(u->inst, e, STALL_NS);
        return;
    }
    byte = u->line[u->first++];
    if (--u->n == 0)
        u->first = 0;
    expect(u);
    arrive(u, byte);
}

static int uart_feed(struct sim_inst *i, const uint8_t *data, size_t n, struct lunq_error *err)
{
    struct uart *u = i->state;
    if (n > MAX_LINE || u->n > MAX_LINE - n)
        return lunq_fail(err, LUNQ_MEMORY, "%s: %zu bytes are on their way already.", i->path,
                         u->n);
    if (u->first > 0)
        memmove(u->line, u->line + u->first, u->n);
    u->first = 0;
    if (u->n + n > u->room) {
        size_t room = 2 * (u->n + n);
        uint8_t *grown = realloc(u->line, room);
        if (!grown)
            return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
        u->line = grown;
        u->room = room;
    }
    if (n > 0)
        memcpy(u->line + u->n, data, n);
    u->n += n;
    expect(u);
    return 0;
}

/* ---- registers ----------------------------------------------------------------------------- */

static uint32_t status(struct uart *u)
{
    uint32_t v = u->errors | (u->enabled ? ENABLED : 0);
    bool full = u->tx.n == DEPTH || sim_fault(u->inst, "fifo_full", NULL);
    bool empty = u->rx.n == 0 || sim_fault(u->inst, "fifo_empty", NULL);
    v |= (empty ? 0 : RX_VALID) | (u->rx.n == DEPTH ? RX_FULL : 0);
    v |= (u->tx.n == 0 && !full ? TX_EMPTY : 0) | (full ? TX_FULL : 0);
    u->errors = 0;
    return v;
}

static int uart_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t *value, struct lunq_error *err)
{
    struct uart *u = i->state;
    (void)slot, (void)width;
    *value = 0;
    switch (off & 0xc) {
    case RX_FIFO:
        if (u->rx.n == 0) {
            lunq_fail(err, LUNQ_IO,
                      "its receive FIFO is empty: read it only while STAT bit 0 is 1");
            return SIM_SLVERR;
        }
        *value = take(&u->rx);
        if (u->rx.n > 0)
            pulse(u);
        break;
    case STAT: *value = status(u); break;
    default: break;
    }
    return SIM_OKAY;
}

static int uart_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                      uint64_t value, struct lunq_error *err)
{
    struct uart *u = i->state;
    (void)slot, (void)width;
    switch (off & 0xc) {
    case TX_FIFO:
        if (u->tx.n == DEPTH) {
            lunq_fail(err, LUNQ_IO,
                      "its transmit FIFO is full, the byte is lost: write it only while "
                      "STAT bit 3 is 0");
            return SIM_SLVERR;
        }
        put(&u->tx, (uint8_t)value & (uint8_t)u->mask);
        next_byte(u);
        break;
    case CTRL:
        u->enabled = value & ENABLE;
        if (value & RST_TX)
            empty_tx(u); /* what is on the line goes on (TBV) */
        if (value & RST_RX)
            u->rx.n = 0;
        break;
    default: break;
    }
    return SIM_OKAY;
}

/* ---- life ---------------------------------------------------------------------------------- */

/* The baud rate is made by dividing the clock the core was built for, and follows it. What is on the
 * line already keeps its pace, and what the peer sends is taken as it comes. */
static void uart_clocked(struct sim_inst *i)
{
    struct uart *u = i->state;
    int64_t baud = sim_param(i, "C_BAUDRATE", 9600), bits = sim_param(i, "C_DATA_BITS", 8);
    double bit = 1e9 / (double)(baud < 1 || baud > 100000000 ? 9600 : baud);
    if (bits < 5 || bits > 8)
        bits = 8;
    bit /= sim_clock_scale(i, "s_axi_aclk");
    u->mask = (1u << bits) - 1;
    u->parity = sim_param(i, "C_USE_PARITY", 0) != 0;
    u->frame = (uint64_t)((double)(bits + 2 + u->parity) * bit);
    u->tail = (uint64_t)((1 + u->parity) * bit);
}

static void uart_reset(struct sim_inst *i)
{
    struct uart *u = i->state;
    sim_cancel(i, &u->send);
    sim_cancel(i, &u->receive);
    uart_clocked(i);
    u->stopping = false;
    u->tx.n = u->rx.n = 0;
    u->first = u->n = 0;
    u->errors = u->enabled = 0;
}

static int uart_create(struct sim_inst *i, struct lunq_error *err)
{
    struct uart *u = i->state = calloc(1, sizeof *u);
    if (!u)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    u->inst = i;
    u->send.fire = sent;
    u->receive.fire = received;
    uart_reset(i);
    return 0;
}

static void uart_destroy(struct sim_inst *i)
{
    struct uart *u = i->state;
    if (!u)
        return;
    sim_cancel(i, &u->send);
    sim_cancel(i, &u->receive);
    free(u->line);
    free(u);
}

static const char *const vlnv[] = {"xilinx.com:ip:axi_uartlite:*", NULL};

const struct sim_class sim_axi_uartlite = {
    .name = "axi_uartlite",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .bus = SIM_UART,
    .create = uart_create,
    .destroy = uart_destroy,

    .read = uart_read,
    .write = uart_write,
    .feed = uart_feed,
    .clocked = uart_clocked,
};
