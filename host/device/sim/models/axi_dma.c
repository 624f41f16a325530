/* axi_dma.c - AXI DMA 7.1: registers, and the data movers of both channels.
 * The model fails where the core does: registers.md section 5, and where that is silent or says
 * otherwise the core's source (axi_dma_v7_1, axi_dma_register.vhd): a threshold of 0 is taken for 1,
 * and an error clears RS of both channels. To be verified on a board: that what the other channel has
 * under way still ends. Data moves in chunks, each an event at the time the last of its beats would
 * be through. */
#include "axi_dma.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    DMACR = 0x00,
    DMASR = 0x04,
    CURDESC = 0x08,
    CURDESC_MSB = 0x0c,
    TAILDESC = 0x10,
    TAILDESC_MSB = 0x14,
    ADDR = 0x18,
    ADDR_MSB = 0x1c,
    LENGTH = 0x28,
    SG_CTL = 0x2c,
    S2MM_BASE = 0x30
};

/* Typical latencies through an HP port, ns: first data of a read, last acknowledge of a write. */
#define READ_NS 300
#define WRITE_NS 150
#define RESET_NS 250

#define MM2S_IRQ "mm2s_introut"
#define S2MM_IRQ "s2mm_introut"

/* ---- both modes ---------------------------------------------------------------------------- */

void dma_model_wire(struct dma_channel *ch)
{
    sim_wire_set(ch->dma->inst, ch->s2mm ? S2MM_IRQ : MM2S_IRQ, (ch->irqs & ch->cr & IRQ_ALL) != 0);
}

uint64_t dma_model_time(const struct dma_channel *ch, uint64_t bytes)
{
    uint64_t beats = (bytes + ch->width - 1) / ch->width;
    return beats * 1000000000u / ch->hz;
}

uint32_t dma_model_resp(int resp)
{
    return resp == SIM_DECERR ? SR_DEC : SR_SLV;
}

/* RS is 0 from now on: at once at rest, else once what is under way has ended. */
static void stop(struct dma_channel *ch)
{
    ch->cr &= ~(uint32_t)CR_RS;
    if (ch->state != DMA_REST && !(ch->dma->sg && ch->state == DMA_FETCH)) {
        ch->stopping = true; /* no abort */
        return;
    }
    sim_cancel(ch->dma->inst, &ch->step);
    ch->state = DMA_REST;
    ch->halted = true;
    ch->idle = ch->stopping = false;
}

/* The other channel stops, too: axi_dma_register.vhd, error_in. */
void dma_model_error(struct dma_channel *ch, uint32_t bits)
{
    stop(&ch->dma->ch[!ch->s2mm]);
    ch->errors |= bits;
    ch->irqs |= IRQ_ERR;
    ch->cr &= ~(uint32_t)CR_RS;
    ch->halted = true;
    ch->idle = ch->stopping = false;
    ch->state = DMA_REST;
    sim_cancel(ch->dma->inst, &ch->step);
    dma_model_wire(ch);
}

void dma_model_rest(struct dma_channel *ch)
{
    ch->state = DMA_REST;
    ch->halted = ch->stopping;
    ch->idle = !ch->stopping;
    ch->stopping = false;
}

static struct sim_link *stream(struct dma_channel *ch)
{
    struct sim_inst *i = ch->dma->inst;
    return ch->s2mm ? sim_link_in(i, "S_AXIS_S2MM") : sim_link_out(i, "M_AXIS_MM2S");
}

static uint32_t next_chunk(const struct dma_channel *ch)
{
    return ch->left < DMA_CHUNK ? ch->left : DMA_CHUNK;
}

void dma_model_move(struct dma_channel *ch)
{
    ch->state = DMA_MOVE;
    ch->moved = 0;
    ch->ended = false;
    if (ch->align > 1) /* without a realignment engine the low address bits reach nobody */
        ch->at &= ~(uint64_t)(ch->align - 1);
    if (ch->s2mm) {
        sim_link_ready(stream(ch));
    } else {
        ch->chunk = next_chunk(ch);
        ch->next_at = 0;
        sim_plan(ch->dma->inst, &ch->step,
                 sim_latency(ch->dma->inst, READ_NS) + dma_model_time(ch, ch->chunk));
    }
}

static void finish_simple(struct dma_channel *ch)
{
    if (ch->s2mm)
        ch->length = ch->moved;
    dma_model_rest(ch);
    ch->irqs |= IRQ_IOC;
    dma_model_wire(ch);
}

/* ---- MM2S ---------------------------------------------------------------------------------- */

/* While a chunk is on the stream the next one is read: a receiver that takes a beat in every cycle
 * gets one. */
static void read_ahead(struct dma_channel *ch)
{
    uint64_t now = sim_now(ch->dma->inst);
    ch->chunk = next_chunk(ch);
    sim_plan(ch->dma->inst, &ch->step, ch->next_at > now ? ch->next_at - now : 0);
    ch->next_at = 0;
}

/* One chunk from memory onto the stream. What the stream refuses is offered again later. */
static void send_chunk(struct dma_channel *ch)
{
    uint32_t n = ch->chunk, taken;
    bool eof = !ch->dma->sg || (ch->control >> 26 & 1);
    int r = sim_master_read(&ch->memory, ch->at, ch->buf, n, NULL);
    if (r != SIM_OKAY) {
        dma_model_error(ch, dma_model_resp(r));
        return;
    }
    if (ch->next_at == 0) {
        uint32_t rest = ch->left - n;
        ch->next_at =
            sim_now(ch->dma->inst) + dma_model_time(ch, rest < DMA_CHUNK ? rest : DMA_CHUNK);
    }
    taken = (uint32_t)sim_send(stream(ch), ch->buf, n, eof && n == ch->left);
    ch->at += taken;
    ch->left -= taken;
    ch->moved += taken;
    ch->chunk -= taken;
    if (taken < n)
        return; /* TREADY is low: resume continues */
    if (ch->left > 0)
        read_ahead(ch);
    else if (ch->dma->sg)
        dma_sg_finish(ch);
    else
        finish_simple(ch);
}

static void dma_resume(struct sim_inst *i, struct sim_link *l)
{
    struct axi_dma *dma = i->state;
    struct dma_channel *ch = &dma->ch[0];
    (void)l;
    if (ch->state == DMA_MOVE && !ch->step.due.in)
        sim_plan(i, &ch->step, dma_model_time(ch, 1));
}

/* ---- S2MM ---------------------------------------------------------------------------------- */

/* Bytes arrive. A simple transfer ends with TLAST only: when the length is used up and more comes,
 * that is an internal error. With SG a full buffer goes on in the next descriptor. */
static size_t dma_accept(struct sim_inst *i, struct sim_link *l, const uint8_t *data, size_t n,
                         bool last)
{
    struct axi_dma *dma = i->state;
    struct dma_channel *ch = &dma->ch[1];
    size_t k;
    int r;
    if (ch->state != DMA_MOVE || ch->ended || !ch->present || l != stream(ch))
        return 0;
    k = n < ch->left ? n : ch->left;
    r = sim_master_write(&ch->memory, ch->at, data, k, NULL);
    if (r != SIM_OKAY) {
        dma_model_error(ch, dma_model_resp(r));
        return 0;
    }
    ch->at += k;
    ch->left -= (uint32_t)k;
    ch->moved += (uint32_t)k;
    if (k < n && !dma->sg) {
        dma_model_error(ch, SR_INT);
        return k;
    }
    ch->ended = last && k == n;
    if (ch->ended || (dma->sg && ch->left == 0)) {
        ch->state = DMA_FINISH;
        sim_plan(i, &ch->step, sim_latency(i, WRITE_NS));
    }
    return k;
}

/* ---- events -------------------------------------------------------------------------------- */

static void step(struct sim_event *e)
{
    struct dma_channel *ch = (struct dma_channel *)((char *)e - offsetof(struct dma_channel, step));
    if (ch->state == DMA_FETCH)
        dma_sg_fetched(ch);
    else if (ch->state == DMA_MOVE && !ch->s2mm)
        send_chunk(ch);
    else if (ch->state == DMA_FINISH && ch->dma->sg)
        dma_sg_finish(ch);
    else if (ch->state == DMA_FINISH)
        finish_simple(ch);
}

static void delay_over(struct sim_event *e)
{
    dma_sg_delay((struct dma_channel *)((char *)e - offsetof(struct dma_channel, delay)));
}

static void reset_over(struct sim_event *e)
{
    ((struct axi_dma *)((char *)e - offsetof(struct axi_dma, reset)))->resetting = false;
}

/* ---- registers ----------------------------------------------------------------------------- */

static void reset_channel(struct dma_channel *ch)
{
    sim_cancel(ch->dma->inst, &ch->step);
    sim_cancel(ch->dma->inst, &ch->delay);
    ch->cr = 0x00010000;
    ch->irqs = ch->errors = ch->length = ch->left = ch->moved = 0;
    ch->addr = ch->cur = ch->tail = ch->next = 0;
    ch->halted = true;
    ch->idle = ch->stopping = ch->packet = ch->ended = false;
    ch->state = DMA_REST;
    ch->countdown = 1;
    dma_model_wire(ch);
}

static void dma_reset(struct sim_inst *i)
{
    struct axi_dma *dma = i->state;
    dma->sg_ctl = 0x3;
    reset_channel(&dma->ch[0]);
    reset_channel(&dma->ch[1]);
}

static uint32_t status(const struct dma_channel *ch)
{
    return (ch->halted ? 1u : 0) | (ch->idle ? 2u : 0) | (ch->dma->sg ? 8u : 0) | ch->errors |
           ch->irqs | (ch->dma->sg ? ch->countdown << 16 : 1u << 16);
}

static void write_control(struct dma_channel *ch, uint32_t v)
{
    struct axi_dma *dma = ch->dma;
    uint32_t threshold = v >> 16 & 0xff;
    if (v & CR_RESET) {
        dma_reset(dma->inst);
        dma->resetting = true;
        sim_plan(dma->inst, &dma->reset, RESET_NS);
        return;
    }
    if (threshold == 0) /* is taken for 1, and always for another one than before */
        v |= 1u << 16;
    if (threshold != (ch->cr >> 16 & 0xff))
        ch->countdown = v >> 16 & 0xff;
    ch->cr = v & 0xffff7019;
    if ((v & CR_RS) && (dma->ch[0].errors | dma->ch[1].errors)) {
        ch->cr &= ~(uint32_t)CR_RS; /* after an error only a reset helps */
    } else if (v & CR_RS) {
        ch->stopping = false;
        ch->idle = ch->halted ? false : ch->idle; /* 0 until the first transfer */
        ch->halted = false;
    } else {
        stop(ch);
    }
    dma_model_wire(ch);
}

static void write_length(struct dma_channel *ch, uint32_t v)
{
    const struct axi_dma *dma = ch->dma;
    v &= dma->length_mask; /* larger values lose their upper bits */
    if (dma->sg || ch->halted || ch->state != DMA_REST || v == 0)
        return;
    ch->length = ch->left = v;
    ch->at = ch->addr & dma->addr_mask;
    ch->idle = false;
    /* Micro mode does one burst and no 4 KiB boundary (registers.md section 5). What the core does
     * with more is not documented; an error is the answer that can't be overlooked. */
    if (dma->micro && (v > dma->burst[ch->s2mm] * ch->bus || (ch->at & 4095) + v > 4096))
        dma_model_error(ch, SR_INT);
    else
        dma_model_move(ch);
}

static void write_tail(struct dma_channel *ch)
{
    if (!ch->dma->sg || ch->halted || ch->errors)
        return;
    if (ch->state != DMA_REST)
        return;   /* the engine sees the new tail when it gets there */
    if (ch->idle) /* it stopped at the old tail: that descriptor is done */
        ch->cur = ch->next;
    ch->idle = false;
    dma_sg_fetch(ch);
}

static void set_half(uint64_t *reg, uint32_t v, bool high)
{
    *reg = high ? (*reg & UINT32_MAX) | (uint64_t)v << 32 : (*reg & ~(uint64_t)UINT32_MAX) | v;
}

static void write_channel(struct dma_channel *ch, uint64_t off, uint32_t v)
{
    const struct axi_dma *dma = ch->dma;
    bool wide = dma->addr_mask >> 32 != 0;
    switch (off) {
    case DMACR: write_control(ch, v); break;
    case DMASR:
        ch->irqs &= ~(v & IRQ_ALL);
        dma_model_wire(ch);
        break;
    case CURDESC:
    case CURDESC_MSB:
        if (dma->sg && ch->halted && (off == CURDESC || wide))
            set_half(&ch->cur, off == CURDESC ? v & ~63u : v, off == CURDESC_MSB);
        break;
    case TAILDESC:
        set_half(&ch->tail, v & ~63u, false);
        if (!wide)
            write_tail(ch);
        break;
    case TAILDESC_MSB:
        if (!wide)
            break;
        set_half(&ch->tail, v, true);
        write_tail(ch); /* with long addresses the upper half starts */
        break;
    case ADDR:
    case ADDR_MSB:
        if (!dma->sg && (off == ADDR || wide))
            set_half(&ch->addr, v, off == ADDR_MSB);
        break;
    case LENGTH: write_length(ch, v); break;
    default: break;
    }
}

static uint32_t read_channel(const struct dma_channel *ch, uint64_t off)
{
    const struct axi_dma *dma = ch->dma;
    switch (off) {
    case DMACR: return ch->cr | 2 | (dma->resetting ? CR_RESET : 0);
    case DMASR: return status(ch);
    case CURDESC: return dma->sg ? (uint32_t)ch->cur : 0;
    case CURDESC_MSB: return dma->sg ? (uint32_t)(ch->cur >> 32) : 0;
    case TAILDESC: return dma->sg ? (uint32_t)ch->tail : 0;
    case TAILDESC_MSB: return dma->sg ? (uint32_t)(ch->tail >> 32) : 0;
    case ADDR: return dma->sg ? 0 : (uint32_t)ch->addr;
    case ADDR_MSB: return dma->sg ? 0 : (uint32_t)(ch->addr >> 32);
    case LENGTH: return dma->sg ? 0 : ch->length;
    default: return 0;
    }
}

static int dma_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                    uint64_t *value, struct lunq_error *err)
{
    struct axi_dma *dma = i->state;
    const struct dma_channel *ch = &dma->ch[off >= S2MM_BASE];
    (void)slot, (void)width, (void)err;
    if (off == SG_CTL)
        *value = dma->sg_ctl;
    else
        *value = ch->present ? read_channel(ch, ch->s2mm ? off - S2MM_BASE : off) : 0;
    return SIM_OKAY;
}

static int dma_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t value, struct lunq_error *err)
{
    struct axi_dma *dma = i->state;
    struct dma_channel *ch = &dma->ch[off >= S2MM_BASE];
    (void)slot, (void)width, (void)err;
    if (off == SG_CTL)
        dma->sg_ctl = (uint32_t)value & 0xf0f;
    else if (ch->present)
        write_channel(ch, ch->s2mm ? off - S2MM_BASE : off, (uint32_t)value);
    return SIM_OKAY;
}

/* ---- life ---------------------------------------------------------------------------------- */

static unsigned bytes(const struct sim_inst *i, const char *param, unsigned otherwise)
{
    int64_t bits = sim_param(i, param, otherwise);
    return bits >= 8 && bits <= 4096 ? (unsigned)bits / 8 : otherwise / 8;
}

static void init_channel(struct axi_dma *dma, bool s2mm)
{
    struct dma_channel *ch = &dma->ch[s2mm];
    struct sim_inst *i = dma->inst;
    unsigned tdata = bytes(i, s2mm ? "C_S_AXIS_S2MM_TDATA_WIDTH" : "C_M_AXIS_MM2S_TDATA_WIDTH", 32);
    bool dre = sim_param(i, s2mm ? "C_INCLUDE_S2MM_DRE" : "C_INCLUDE_MM2S_DRE", 0) != 0;
    ch->dma = dma;
    ch->s2mm = s2mm;
    ch->present = sim_param(i, s2mm ? "C_INCLUDE_S2MM" : "C_INCLUDE_MM2S", 1) != 0;
    ch->width = bytes(i, s2mm ? "C_M_AXI_S2MM_DATA_WIDTH" : "C_M_AXI_MM2S_DATA_WIDTH", 32);
    ch->align = ch->bus = ch->width;
    while (ch->align & (ch->align - 1)) /* a power of two: it becomes a mask */
        ch->align &= ch->align - 1;
    ch->width = tdata < ch->width ? tdata : ch->width; /* the narrower side sets the pace */
    if (dre)
        ch->align = 1;
    sim_clock_follow(i, s2mm ? "m_axi_s2mm_aclk" : "m_axi_mm2s_aclk", &ch->hz);
    ch->step.fire = step;
    ch->delay.fire = delay_over;
    sim_master_init(&ch->memory, i, s2mm ? "M_AXI_S2MM" : "M_AXI_MM2S");
}

static int dma_create(struct sim_inst *i, struct lunq_error *err)
{
    struct axi_dma *dma = i->state = calloc(1, sizeof *dma);
    int64_t length, addr;
    if (!dma)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    dma->inst = i;
    dma->sg = sim_param(i, "C_INCLUDE_SG", 0) != 0;
    dma->micro = sim_param(i, "C_MICRO_DMA", 0) != 0;
    dma->burst[0] = (uint32_t)sim_param(i, "C_MM2S_BURST_SIZE", 16) & 0x3ff;
    dma->burst[1] = (uint32_t)sim_param(i, "C_S2MM_BURST_SIZE", 16) & 0x3ff;
    length = sim_param(i, "C_SG_LENGTH_WIDTH", 14); /* Vivado's default */
    addr = sim_param(i, "C_ADDR_WIDTH", 32);
    dma->length_mask = (1u << (length >= 8 && length <= 26 ? length : 14)) - 1;
    dma->addr_mask = addr >= 64 || addr < 32 ? UINT64_MAX : (UINT64_C(1) << addr) - 1;
    if (addr < 32)
        dma->addr_mask = UINT32_MAX;
    dma->reset.fire = reset_over;
    sim_master_init(&dma->descriptors, i, "M_AXI_SG");
    init_channel(dma, false);
    init_channel(dma, true);
    dma_reset(i);
    return 0;
}

static void dma_destroy(struct sim_inst *i)
{
    struct axi_dma *dma = i->state;
    if (!dma)
        return;
    sim_cancel(i, &dma->reset);
    for (int k = 0; k < 2; k++) {
        sim_cancel(i, &dma->ch[k].step);
        sim_cancel(i, &dma->ch[k].delay);
        sim_master_free(&dma->ch[k].memory);
    }
    sim_master_free(&dma->descriptors);
    free(dma);
}

static const char *const vlnv[] = {"xilinx.com:ip:axi_dma:7.*", NULL};

const struct sim_class sim_axi_dma = {
    .name = "axi_dma",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .create = dma_create,
    .destroy = dma_destroy,
    .read = dma_read,
    .write = dma_write,
    .accept = dma_accept,
    .resume = dma_resume,
};
