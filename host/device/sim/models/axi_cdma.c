/* axi_cdma.c - AXI CDMA 4.1: memory to memory, simple and scatter-gather.
 * Registers: registers.md section 6 (ESW), PG034, and the core's source as Vivado delivers it
 * (axi_cdma_register.vhd): a threshold of 0 is 1; without SG there is neither threshold nor delay, and
 * CDMASR shows 0 for them.
 *
 * There is no run bit: it starts when BTT (simple) or TAILDESC (SG) is written while Idle is 1. After
 * an error it comes to rest, and only a reset makes it start again. Data moves in chunks, each an
 * event at the time its last beat would be through. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../model.h"

enum {
    CDMACR = 0x00,
    CDMASR = 0x04,
    CURDESC = 0x08,
    CURDESC_MSB = 0x0c,
    TAILDESC = 0x10,
    TAILDESC_MSB = 0x14,
    SA = 0x18,
    SA_MSB = 0x1c,
    DA = 0x20,
    DA_MSB = 0x24,
    BTT = 0x28
};
enum {
    CR_TAIL = 1 << 1,
    CR_RESET = 1 << 2,
    CR_SG = 1 << 3,
    CR_KEYHOLE_READ = 1 << 4,
    CR_KEYHOLE_WRITE = 1 << 5,
    CR_CYCLIC = 1 << 6
};
enum { SR_IDLE = 1 << 1, SR_SGINCLD = 1 << 3, SR_INT = 1 << 4, SR_SLV = 1 << 5, SR_DEC = 1 << 6 };
enum { SG_SHIFT = 4 }; /* the errors of the SG engine are those of the data mover further up */
enum { IRQ_IOC = 1 << 12, IRQ_DLY = 1 << 13, IRQ_ERR = 1 << 14, IRQ_ALL = 7 << 12 };

/* Words of a descriptor, and its status bits. */
enum { NEXT = 0, SOURCE = 2, DESTINATION = 4, CONTROL = 6, STATUS = 7, WORDS = 8 };
#define CMPLT (UINT32_C(1) << 31)
#define ERROR_SHIFT 24 /* IntErr, SlvErr, DecErr: bits 28 to 30 are bits 4 to 6 of CDMASR */

#define LENGTH_MASK 0x03ffffffu
#define CHUNK 4096u
#define READ_NS 300 /* typical latencies through an HP port */
#define WRITE_NS 150
#define FETCH_NS 250
#define RESET_NS 250

enum state { REST, FETCH, MOVE, FINISH };

struct axi_cdma {
    struct sim_inst *inst;
    bool sg;   /* C_INCLUDE_SG */
    bool wide; /* more than 32 address bits */
    uint64_t addr_mask, hz;
    unsigned width, align;     /* bytes: data path; what addresses are multiples of without DRE */
    uint32_t cr, irqs, errors; /* irqs: bits 12..14; errors: bits 4..10 */
    uint32_t btt;
    uint64_t sa, da, cur, tail, next;
    bool fetched; /* `next` belongs to `cur`, which is done */
    bool resetting;
    unsigned countdown; /* descriptors until IOC */
    enum state state;
    uint64_t from, to; /* of the next byte */
    uint32_t left;
    struct sim_event step, delay, reset;
    struct sim_master data, descriptors;
    uint8_t buf[CHUNK];
};

static void wire(struct axi_cdma *c)
{
    sim_wire_set(c->inst, "cdma_introut", (c->irqs & c->cr & IRQ_ALL) != 0);
}

static uint32_t resp_bits(int resp)
{
    return resp == SIM_DECERR ? SR_DEC : SR_SLV;
}

static void fail(struct axi_cdma *c, uint32_t bits)
{
    c->errors |= bits;
    c->irqs |= IRQ_ERR;
    c->state = REST; /* Idle says that it has come to rest */
    wire(c);
}

/* ---- interrupts ---------------------------------------------------------------------------- */

/* IRQDelay counts in units of C_DLYTMR_RESOLUTION clocks, 125 when not said (PG034, CDMACR), from the
 * last descriptor on. */
static void start_delay(struct axi_cdma *c)
{
    uint64_t delay = c->cr >> 24;
    int64_t cycles = sim_param(c->inst, "C_DLYTMR_RESOLUTION", 125);
    if (delay && cycles > 0 && cycles <= 100000)
        sim_plan(c->inst, &c->delay, delay * (uint64_t)cycles * 1000000000u / c->hz);
}

static void delay_over(struct sim_event *e)
{
    struct axi_cdma *c = (struct axi_cdma *)((char *)e - offsetof(struct axi_cdma, delay));
    c->irqs |= IRQ_DLY;
    wire(c);
}

static void completed(struct axi_cdma *c)
{
    if ((c->cr & CR_SG) && c->countdown > 1) {
        c->countdown--;
        start_delay(c);
        return;
    }
    c->countdown = c->cr >> 16 & 0xff;
    c->irqs |= IRQ_IOC;
    sim_cancel(c->inst, &c->delay);
    wire(c);
}

/* ---- data ---------------------------------------------------------------------------------- */

static uint64_t move_ns(const struct axi_cdma *c, uint32_t n)
{
    return (uint64_t)(n + c->width - 1) / c->width * 1000000000u / c->hz;
}

static void begin(struct axi_cdma *c, uint64_t from, uint64_t to, uint32_t n)
{
    uint32_t first = n < CHUNK ? n : CHUNK;
    c->state = MOVE;
    c->from =
        from & c->addr_mask & ~(uint64_t)(c->align - 1); /* without DRE the low bits are lost */
    c->to = to & c->addr_mask & ~(uint64_t)(c->align - 1);
    c->left = n;
    if (sim_fault(c->inst, "no_done", NULL))
        return;
    sim_plan(c->inst, &c->step, sim_latency(c->inst, READ_NS) + move_ns(c, first));
}

static void fetch(struct axi_cdma *c)
{
    c->state = FETCH;
    sim_plan(c->inst, &c->step, sim_latency(c->inst, FETCH_NS));
}

/* A keyhole is one address: every beat goes there. */
static int keyhole(struct axi_cdma *c, uint64_t addr, uint32_t n, bool write)
{
    int r = SIM_OKAY;
    for (uint32_t at = 0; at < n && r == SIM_OKAY; at += c->width) {
        uint32_t k = n - at < c->width ? n - at : c->width;
        r = write ? sim_master_write(&c->data, addr, c->buf + at, k, NULL)
                  : sim_master_read(&c->data, addr, c->buf + at, k, NULL);
    }
    return r;
}

static int move_chunk(struct axi_cdma *c, uint32_t n)
{
    int r = c->cr & CR_KEYHOLE_READ ? keyhole(c, c->from, n, false)
                                    : sim_master_read(&c->data, c->from, c->buf, n, NULL);
    if (r != SIM_OKAY)
        return r;
    r = c->cr & CR_KEYHOLE_WRITE ? keyhole(c, c->to, n, true)
                                 : sim_master_write(&c->data, c->to, c->buf, n, NULL);
    if (r == SIM_OKAY) {
        c->from += c->cr & CR_KEYHOLE_READ ? 0 : n;
        c->to += c->cr & CR_KEYHOLE_WRITE ? 0 : n;
        c->left -= n;
    }
    return r;
}

/* ---- descriptors --------------------------------------------------------------------------- */

static uint64_t address(const uint32_t *d, unsigned low)
{
    return d[low] | (uint64_t)d[low + 1] << 32;
}

static int write_status(struct axi_cdma *c, uint32_t w)
{
    return sim_master_write(&c->descriptors, (c->cur & c->addr_mask) + STATUS * sizeof w, &w,
                            sizeof w, NULL);
}

/* The descriptor under way failed: its status says so, and CURDESC points at it. */
static void descriptor_failed(struct axi_cdma *c, uint32_t bits)
{
    write_status(c, bits << ERROR_SHIFT);
    fail(c, bits);
}

static void fetched(struct axi_cdma *c)
{
    uint32_t d[WORDS];
    int r = sim_master_read(&c->descriptors, c->cur & c->addr_mask, d, sizeof d, NULL);
    if (r != SIM_OKAY) {
        fail(c, resp_bits(r) << SG_SHIFT);
        return;
    }
    c->next = address(d, NEXT) & c->addr_mask & ~UINT64_C(63);
    if ((d[STATUS] & CMPLT) && !(c->cr & CR_CYCLIC)) {
        fail(c, SR_INT << SG_SHIFT); /* stale: nobody made it ready again */
        return;
    }
    if ((d[CONTROL] & LENGTH_MASK) == 0) {
        descriptor_failed(c, SR_INT);
        return;
    }
    begin(c, address(d, SOURCE), address(d, DESTINATION), d[CONTROL] & LENGTH_MASK);
}

static void descriptor_done(struct axi_cdma *c)
{
    int r = write_status(c, CMPLT);
    if (r != SIM_OKAY) {
        fail(c, resp_bits(r) << SG_SHIFT);
        return;
    }
    completed(c);
    if (c->cur == c->tail && !(c->cr & CR_CYCLIC)) {
        c->state = REST;
        c->fetched = true;
    } else {
        c->cur = c->next;
        fetch(c);
    }
}

/* ---- events -------------------------------------------------------------------------------- */

static void moved(struct axi_cdma *c)
{
    uint32_t n = c->left < CHUNK ? c->left : CHUNK;
    int r = move_chunk(c, n);
    if (r != SIM_OKAY && (c->cr & CR_SG)) {
        descriptor_failed(c, resp_bits(r));
    } else if (r != SIM_OKAY) {
        fail(c, resp_bits(r));
    } else if (c->left > 0) {
        sim_plan(c->inst, &c->step, move_ns(c, c->left < CHUNK ? c->left : CHUNK));
    } else {
        c->state = FINISH; /* the last acknowledge is still to come */
        sim_plan(c->inst, &c->step, sim_latency(c->inst, WRITE_NS));
    }
}

static void step(struct sim_event *e)
{
    struct axi_cdma *c = (struct axi_cdma *)((char *)e - offsetof(struct axi_cdma, step));
    if (c->state == FETCH) {
        fetched(c);
    } else if (c->state == MOVE) {
        moved(c);
    } else if (c->state == FINISH && (c->cr & CR_SG)) {
        descriptor_done(c);
    } else if (c->state == FINISH) {
        c->state = REST;
        completed(c);
    }
}

static void reset_over(struct sim_event *e)
{
    struct axi_cdma *c = (struct axi_cdma *)((char *)e - offsetof(struct axi_cdma, reset));
    c->resetting = false;
}

/* ---- registers ----------------------------------------------------------------------------- */

static void cdma_reset(struct sim_inst *i)
{
    struct axi_cdma *c = i->state;
    sim_cancel(i, &c->step);
    sim_cancel(i, &c->delay);
    sim_cancel(i, &c->reset);
    c->cr = 0x00010000;
    c->irqs = c->errors = c->btt = c->left = 0;
    c->sa = c->da = c->cur = c->tail = c->next = 0;
    c->fetched = c->resetting = false;
    c->countdown = 1;
    c->state = REST;
    wire(c);
}

static void write_control(struct axi_cdma *c, uint32_t v)
{
    uint32_t threshold = v >> 16 & 0xff;
    uint32_t mode =
        c->sg && c->state == REST ? v & CR_SG : c->cr & CR_SG; /* changes only when Idle */
    if (v & CR_RESET) {
        cdma_reset(c->inst);
        c->resetting = true;
        if (!sim_fault(c->inst, "stuck_reset", NULL))
            sim_plan(c->inst, &c->reset, RESET_NS);
        return;
    }
    if (!c->sg)
        v &= 0xffff & ~(uint32_t)IRQ_DLY;
    if (!c->sg || threshold == 0)
        threshold = 1;
    if (threshold != (c->cr >> 16 & 0xff))
        c->countdown = threshold;
    c->cr = (v & 0xff007070) | threshold << 16 | mode;
    if (!mode) {
        c->cur = c->tail = 0;
        c->fetched = false;
        c->irqs &= ~(uint32_t)IRQ_DLY;
        sim_cancel(c->inst, &c->delay);
    }
    wire(c);
}

static bool may_start(const struct axi_cdma *c)
{
    return c->state == REST && !c->errors && !c->resetting;
}

static void write_btt(struct axi_cdma *c, uint32_t v)
{
    if (!may_start(c) || (c->cr & CR_SG))
        return;
    c->btt = v & LENGTH_MASK; /* larger values lose their upper bits */
    if (c->btt)
        begin(c, c->sa, c->da, c->btt);
    else
        fail(c, SR_INT); /* PG034, BTT: not allowed, an internal error */
}

static void write_tail(struct axi_cdma *c)
{
    if (!may_start(c))
        return;     /* an engine under way sees the new tail when it gets there */
    if (c->fetched) /* it came to rest at the old tail: that descriptor is done */
        c->cur = c->next;
    c->fetched = false;
    fetch(c);
}

static void set_half(uint64_t *reg, uint32_t v, bool high)
{
    *reg = high ? (*reg & UINT32_MAX) | (uint64_t)v << 32 : (*reg & ~(uint64_t)UINT32_MAX) | v;
}

static void write_pointer(struct axi_cdma *c, uint64_t off, uint32_t v)
{
    bool high = off == CURDESC_MSB || off == TAILDESC_MSB;
    if (!(c->cr & CR_SG) || (high && !c->wide))
        return;
    if (off == CURDESC || off == CURDESC_MSB) {
        if (c->state != REST)
            return;
        set_half(&c->cur, high ? v : v & ~63u, high);
        c->fetched = false;
        return;
    }
    set_half(&c->tail, high ? v : v & ~63u, high);
    if (high == c->wide) /* with long addresses the upper half starts */
        write_tail(c);
}

static int cdma_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                      uint64_t value, struct lunq_error *err)
{
    struct axi_cdma *c = i->state;
    uint32_t v = (uint32_t)value;
    (void)slot, (void)width, (void)err;
    switch (off) {
    case CDMACR: write_control(c, v); break;
    case CDMASR:
        c->irqs &= ~(v & IRQ_ALL);
        wire(c);
        break;
    case CURDESC:
    case CURDESC_MSB:
    case TAILDESC:
    case TAILDESC_MSB: write_pointer(c, off, v); break;
    case SA: set_half(&c->sa, v, false); break;
    case DA: set_half(&c->da, v, false); break;
    case SA_MSB:
    case DA_MSB:
        if (c->wide)
            set_half(off == SA_MSB ? &c->sa : &c->da, v, true);
        break;
    case BTT: write_btt(c, v); break;
    default: break;
    }
    return SIM_OKAY;
}

static uint32_t status(const struct axi_cdma *c)
{
    return (c->state == REST ? SR_IDLE : 0) | (c->sg ? SR_SGINCLD : 0) | c->errors | c->irqs |
           (c->sg ? c->countdown << 16 : 0);
}

static int cdma_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t *value, struct lunq_error *err)
{
    const struct axi_cdma *c = i->state;
    (void)slot, (void)width, (void)err;
    switch (off) {
    case CDMACR: *value = c->cr | (c->sg ? CR_TAIL : 0) | (c->resetting ? CR_RESET : 0); break;
    case CDMASR: *value = status(c); break;
    case CURDESC: *value = (uint32_t)c->cur; break;
    case CURDESC_MSB: *value = c->cur >> 32; break;
    case TAILDESC: *value = (uint32_t)c->tail; break;
    case TAILDESC_MSB: *value = c->tail >> 32; break;
    case SA: *value = (uint32_t)c->sa; break;
    case SA_MSB: *value = c->sa >> 32; break;
    case DA: *value = (uint32_t)c->da; break;
    case DA_MSB: *value = c->da >> 32; break;
    case BTT: *value = c->btt; break;
    default: *value = 0; break;
    }
    return SIM_OKAY;
}

/* ---- life ---------------------------------------------------------------------------------- */

static void read_widths(struct axi_cdma *c)
{
    int64_t bits = sim_param(c->inst, "C_M_AXI_DATA_WIDTH", 32);
    int64_t addr = sim_param(c->inst, "C_ADDR_WIDTH", 32);
    c->width = bits == 64 || bits == 128 || bits == 256 || bits == 512 || bits == 1024
                   ? (unsigned)bits / 8
                   : 4;
    c->align = sim_param(c->inst, "C_INCLUDE_DRE", 0) ? 1 : c->width;
    c->wide = addr > 32;
    c->addr_mask = addr >= 64 ? UINT64_MAX : c->wide ? (UINT64_C(1) << addr) - 1 : UINT32_MAX;
}

static int cdma_create(struct sim_inst *i, struct lunq_error *err)
{
    struct axi_cdma *c = i->state = calloc(1, sizeof *c);
    if (!c)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    c->inst = i;
    c->sg = sim_param(i, "C_INCLUDE_SG", 1) != 0;
    sim_clock_follow(i, "m_axi_aclk", &c->hz);
    read_widths(c);
    c->step.fire = step;
    c->delay.fire = delay_over;
    c->reset.fire = reset_over;
    sim_master_init(&c->data, i, "M_AXI");
    sim_master_init(&c->descriptors, i, "M_AXI_SG");
    cdma_reset(i);
    return 0;
}

static void cdma_destroy(struct sim_inst *i)
{
    struct axi_cdma *c = i->state;
    if (!c)
        return;
    sim_cancel(i, &c->step);
    sim_cancel(i, &c->delay);
    sim_cancel(i, &c->reset);
    sim_master_free(&c->data);
    sim_master_free(&c->descriptors);
    free(c);
}

static const char *const vlnv[] = {"xilinx.com:ip:axi_cdma:4.*", NULL};

const struct sim_class sim_axi_cdma = {
    .name = "axi_cdma",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .create = cdma_create,
    .destroy = cdma_destroy,

    .read = cdma_read,
    .write = cdma_write,
};
