/* axi_vdma_frames.c - AXI VDMA 6.3: frames on their way, line by line; see axi_vdma.c.
 * Genlock to pins of other cores, and of S2MM, is left out. To be verified on a board: which frame
 * the store registers show in between. */
#include <stddef.h>

#include "axi_vdma.h"

#define FRAME_NS 300 /* fetching the first line */

void vdma_wire(struct vdma_channel *ch)
{
    sim_wire_set(ch->vdma->inst, ch->s2mm ? "s2mm_introut" : "mm2s_introut",
                 (ch->irqs & ch->cr & IRQ_ALL) != 0);
}

struct sim_link *vdma_stream(struct vdma_channel *ch)
{
    struct sim_inst *i = ch->vdma->inst;
    return ch->s2mm ? sim_link_in(i, "S_AXIS_S2MM") : sim_link_out(i, "M_AXIS_MM2S");
}

void vdma_halt(struct vdma_channel *ch)
{
    ch->moving = false;
    ch->halted = true;
    ch->cr &= ~(uint32_t)CR_RS;
    sim_cancel(ch->vdma->inst, &ch->step);
}

static void note(struct vdma_channel *ch, uint32_t bits)
{
    if (!ch->errors)
        ch->shown = ch->store; /* stands still from now on */
    ch->errors |= bits;
}

/* Errors of the memory side halt the channel. */
static void fail(struct vdma_channel *ch, uint32_t bits)
{
    note(ch, bits);
    ch->irqs |= IRQ_ERR;
    vdma_halt(ch);
    vdma_wire(ch);
}

/* Errors of the stream are internal errors, too (embeddedsw: XAXIVDMA_MISMATCH_ERROR); the channel goes
 * on when C_FLUSH_ON_FSYNC is set. */
static void complain(struct vdma_channel *ch, uint32_t bit, unsigned mask_bit)
{
    note(ch, bit | SR_INT);
    if (!(ch->vdma->irq_mask >> mask_bit & 1))
        ch->irqs |= IRQ_ERR;
    if (!ch->vdma->flush)
        vdma_halt(ch);
    vdma_wire(ch);
}

/* ---- frames -------------------------------------------------------------------------------- */

static unsigned parked(const struct vdma_channel *ch)
{
    return ch->vdma->park >> (ch->s2mm ? 8 : 0) & 0x1f;
}

/* Genlock, of MM2S to S2MM only: a slave stays FrmDly frames behind its master, a dynamic slave takes
 * the frame the master had before (PG020). */
static bool follows(const struct vdma_channel *ch)
{
    return !ch->s2mm && ch->vdma->ch[1].present && (ch->vdma->genlock & 1) &&
           (ch->cr & CR_CIRCULAR) && (ch->cr & CR_GENLOCK) && (ch->cr & CR_INTERNAL);
}

static unsigned followed(const struct vdma_channel *ch)
{
    unsigned behind = ch->vdma->genlock == 3 ? 1 : ch->stride >> 24 & 0x1f;
    return (ch->vdma->ch[1].store + ch->stores - behind % ch->stores) % ch->stores;
}

static void begin_frame(struct vdma_channel *ch)
{
    if (!(ch->cr & CR_CIRCULAR))
        ch->store = parked(ch) < ch->stores ? parked(ch) : 0;
    else if (follows(ch))
        ch->store = followed(ch);
    if (ch->vsize == 0 || ch->hsize == 0) {
        fail(ch, SR_INT);
        return;
    }
    ch->lines = ch->vsize;
    ch->line_bytes = ch->hsize;
    ch->line_stride = ch->stride & 0xffff;
    ch->line = ch->at = 0;
    ch->drop = false;
    ch->moving = true;
}

static uint64_t line_ns(const struct vdma_channel *ch)
{
    return (uint64_t)(ch->line_bytes + ch->width - 1) / ch->width * 1000000000u / ch->hz;
}

static uint64_t line_address(const struct vdma_channel *ch)
{
    bool up = ch->s2mm && (ch->vdma->flip & 1);
    uint32_t n = up ? ch->lines - 1 - ch->line : ch->line;
    return ch->address[ch->store] + (uint64_t)n * ch->line_stride;
}

static void delay_over(struct sim_event *e)
{
    struct vdma_channel *ch =
        (struct vdma_channel *)((char *)e - offsetof(struct vdma_channel, delay));
    ch->irqs |= IRQ_DELAY;
    vdma_wire(ch);
}

static void count_frame(struct vdma_channel *ch)
{
    uint64_t delay = ch->cr >> 24;
    int64_t cycles = sim_param(ch->vdma->inst, "C_DLYTMR_RESOLUTION", 125);
    if (ch->countdown > 1) {
        ch->countdown--;
        if (delay && cycles > 0 && cycles <= 100000)
            sim_plan(ch->vdma->inst, &ch->delay, delay * (uint64_t)cycles * 1000000000u / ch->hz);
        return;
    }
    ch->countdown = ch->cr >> 16 & 0xff;
    ch->irqs |= IRQ_FRAME;
    sim_cancel(ch->vdma->inst, &ch->delay);
    if (ch->cr & CR_COUNT)
        ch->cr &= ~(uint32_t)CR_RS;
}

static void end_frame(struct vdma_channel *ch)
{
    ch->moving = false;
    if (!sim_fault(ch->vdma->inst, "no_done", ch->s2mm ? "s2mm" : "mm2s"))
        count_frame(ch);
    if (ch->cr & CR_CIRCULAR)
        ch->store = (ch->store + 1) % ch->stores;
    if (!(ch->cr & CR_RS))
        vdma_halt(ch);
    vdma_wire(ch);
}

/* ---- MM2S ---------------------------------------------------------------------------------- */

static void plan_line(struct vdma_channel *ch)
{
    uint64_t first = ch->line == 0 ? sim_latency(ch->vdma->inst, FRAME_NS) : 0;
    sim_plan(ch->vdma->inst, &ch->step, first + line_ns(ch));
}

void vdma_next_frame(struct vdma_channel *ch)
{
    begin_frame(ch);
    if (ch->moving)
        plan_line(ch);
}

/* The rest of a line onto the stream. What is refused is read again when there is room. */
static void send_line(struct vdma_channel *ch)
{
    uint32_t n = ch->line_bytes - ch->at;
    uint8_t *buf = ch->vdma->buf;
    int r = sim_master_read(&ch->memory, line_address(ch) + ch->at, buf, n, NULL);
    if (r != SIM_OKAY) {
        fail(ch, r == SIM_DECERR ? SR_DEC : SR_SLV);
        return;
    }
    ch->at += (uint32_t)sim_send(vdma_stream(ch), buf, n, true);
    if (ch->at < ch->line_bytes)
        return; /* TREADY is low: resume continues */
    ch->at = 0;
    if (++ch->line < ch->lines) {
        plan_line(ch);
        return;
    }
    end_frame(ch);
    if (!ch->halted)
        vdma_next_frame(ch);
}

static void step(struct sim_event *e)
{
    struct vdma_channel *ch =
        (struct vdma_channel *)((char *)e - offsetof(struct vdma_channel, step));
    if (ch->moving)
        send_line(ch);
}

void vdma_resume(struct sim_inst *i, struct sim_link *l)
{
    struct axi_vdma *v = i->state;
    struct vdma_channel *ch = &v->ch[0];
    (void)l;
    if (ch->moving && ch->at < ch->line_bytes)
        sim_plan(i, &ch->step, line_ns(ch));
}

/* ---- S2MM ---------------------------------------------------------------------------------- */

static void end_line(struct vdma_channel *ch)
{
    ch->at = 0;
    ch->drop = false;
    if (++ch->line == ch->lines)
        end_frame(ch);
}

/* At most one line; what belongs to the next one is offered again. */
static size_t accept_line(struct vdma_channel *ch, const uint8_t *data, size_t n, bool last)
{
    size_t k = n < ch->line_bytes - ch->at ? n : ch->line_bytes - ch->at;
    int r = sim_master_write(&ch->memory, line_address(ch) + ch->at, data, k, NULL);
    if (r != SIM_OKAY) {
        fail(ch, r == SIM_DECERR ? SR_DEC : SR_SLV);
        return 0;
    }
    ch->at += (uint32_t)k;
    if (k < n || (ch->at == ch->line_bytes && !last)) {
        complain(ch, SR_EOL_LATE, 3);
        ch->drop = !last;
        if (ch->moving && !ch->drop)
            end_line(ch);
        return n; /* what is too much is lost */
    }
    if (!last)
        return k;
    if (ch->at < ch->line_bytes)
        complain(ch, SR_EOL_EARLY, 1);
    if (ch->moving)
        end_line(ch);
    return k;
}

size_t vdma_accept(struct sim_inst *i, struct sim_link *l, const uint8_t *data, size_t n, bool last)
{
    struct axi_vdma *v = i->state;
    struct vdma_channel *ch = &v->ch[1];
    if (!ch->present || ch->halted || !ch->started || l != vdma_stream(ch))
        return 0;
    if (!ch->moving) {
        begin_frame(ch);
        if (sim_fault(i, "sof_early", NULL))
            complain(ch, SR_SOF_EARLY, 0);
        if (sim_fault(i, "sof_late", NULL))
            complain(ch, SR_SOF_LATE, 2);
        if (!ch->moving)
            return 0;
    }
    if (ch->drop) {
        if (last)
            end_line(ch);
        return n;
    }
    return accept_line(ch, data, n, last);
}

void vdma_init_events(struct vdma_channel *ch)
{
    ch->step.fire = step;
    ch->delay.fire = delay_over;
}
