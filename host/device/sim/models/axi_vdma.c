/* axi_vdma.c - AXI VDMA 6.3: frames between memory and streams.
 * Registers: registers.md section 7 (HWH, ESW; PG020). Lines move one at a time, each an event at the
 * time its last beat would be through. A stream of the simulated device has no TUSER, so a frame is
 * VSIZE lines; errors at its start are faults ("sof_early", "sof_late").
 * A reset ends one channel only (embeddedsw: XAxiVdma_Reset takes a direction). Start addresses of more
 * than 32 bits are at most eight pairs, and REG_INDEX is there only for more than 16 stores (PG020).
 * As in the core's source (axi_vdma_register.vhd of v6.x): the stores PARK_PTR shows stand still while
 * an error bit is set, and an IRQFrameCount of 0 is 1. Without C_ENABLE_DEBUG_INFO_7 (MM2S) or 15
 * (S2MM) it always is.
 * The frames themselves: axi_vdma_frames.c. */
#include <stddef.h>
#include <stdlib.h>

#include "axi_vdma.h"

enum {
    VDMACR = 0x00,
    VDMASR = 0x04,
    REG_INDEX = 0x14,
    FRMSTORE = 0x18,
    PARK_PTR = 0x28,
    VERSION = 0x2c,
    S2MM_BASE = 0x30,
    IRQ_MASK = 0x3c,
    MM2S_SIZES = 0x50,
    S2MM_SIZES = 0xa0,
    VFLIP = 0xec
};
/* From the first of the size registers on. */
enum { VSIZE = 0x00, HSIZE = 0x04, STRIDE = 0x08, ADDRESS = 0x0c, ADDRESS_END = 0x4c };
#define CLEARABLE (SR_INT | SR_SOF_EARLY | SR_EOL_EARLY | SR_SOF_LATE | SR_EOL_LATE)
#define RESET_NS 250

/* ---- registers ----------------------------------------------------------------------------- */

static void reset_channel(struct vdma_channel *ch)
{
    struct sim_inst *i = ch->vdma->inst;
    sim_cancel(i, &ch->step);
    sim_cancel(i, &ch->delay);
    sim_cancel(i, &ch->reset);
    ch->cr = 0x00010042;
    ch->errors = ch->irqs = ch->index = 0;
    ch->stores = ch->vdma->max_stores;
    ch->vsize = ch->hsize = ch->stride = 0;
    for (int n = 0; n < STORES; n++)
        ch->address[n] = 0;
    ch->started = ch->moving = ch->resetting = ch->drop = false;
    ch->halted = true;
    ch->store = 0;
    ch->countdown = 1;
    vdma_wire(ch);
}

static void reset_over(struct sim_event *e)
{
    struct vdma_channel *ch =
        (struct vdma_channel *)((char *)e - offsetof(struct vdma_channel, reset));
    ch->resetting = false;
}

static void write_control(struct vdma_channel *ch, uint32_t v)
{
    uint32_t count = v >> 16 & 0xff;
    if (v & CR_RESET) {
        reset_channel(ch);
        ch->resetting = true;
        if (!sim_fault(ch->vdma->inst, "stuck_reset", ch->s2mm ? "s2mm" : "mm2s"))
            sim_plan(ch->vdma->inst, &ch->reset, RESET_NS);
        return;
    }
    if (count == 0 || !ch->counts)
        count = 1;
    if (count != (ch->cr >> 16 & 0xff))
        ch->countdown = count;
    ch->cr = (v & 0xff00fffb) | count << 16;
    if ((v & CR_RS) && !ch->resetting) {
        if (ch->halted)
            ch->started = false; /* it runs, and starts with VSIZE */
        ch->halted = false;
    } else if (!ch->moving || (ch->s2mm && ch->line == 0 && ch->at == 0)) {
        vdma_halt(ch); /* else at the end of the frame under way */
    }
    vdma_wire(ch);
}

static void write_vsize(struct vdma_channel *ch, uint32_t v)
{
    ch->vsize = v & 0x1fff;
    if (ch->halted)
        return;
    ch->started = true;
    if (ch->s2mm)
        sim_link_ready(vdma_stream(ch));
    else if (!ch->moving)
        vdma_next_frame(ch);
}

static void set_half(uint64_t *reg, uint32_t v, bool high)
{
    *reg = high ? (*reg & UINT32_MAX) | (uint64_t)v << 32 : (*reg & ~(uint64_t)UINT32_MAX) | v;
}

/* The start address behind an offset from ADDRESS on, or NULL; *high: its upper half. */
static uint64_t *address_at(struct vdma_channel *ch, uint64_t off, bool *high)
{
    bool wide = ch->vdma->wide;
    unsigned word = (unsigned)(off / 4), n = wide ? word / 2 : word + ch->index * 16;
    *high = wide && (word & 1);
    return n < STORES ? &ch->address[n] : NULL;
}

static void write_sizes(struct vdma_channel *ch, uint64_t off, uint32_t v)
{
    uint64_t *address;
    bool high;
    switch (off) {
    case VSIZE: write_vsize(ch, v); break;
    case HSIZE: ch->hsize = v & 0xffff; break;
    case STRIDE: ch->stride = v & 0x1f00ffff; break;
    default:
        address = off < ADDRESS_END ? address_at(ch, off - ADDRESS, &high) : NULL;
        if (address)
            set_half(address, v, high);
        break;
    }
}

static uint32_t read_sizes(struct vdma_channel *ch, uint64_t off)
{
    const uint64_t *address;
    bool high;
    switch (off) {
    case VSIZE: return ch->vsize;
    case HSIZE: return ch->hsize;
    case STRIDE: return ch->stride;
    default:
        address = off < ADDRESS_END ? address_at(ch, off - ADDRESS, &high) : NULL;
        return address ? (uint32_t)(*address >> (high ? 32 : 0)) : 0;
    }
}

static void write_channel(struct vdma_channel *ch, uint64_t off, uint32_t v)
{
    unsigned n = v & 0x3f;
    switch (off) {
    case VDMACR: write_control(ch, v); break;
    case VDMASR:
        ch->irqs &= ~(v & IRQ_ALL);
        ch->errors &= ~(v & CLEARABLE);
        vdma_wire(ch);
        break;
    case REG_INDEX: ch->index = ch->vdma->max_stores > 16 ? v & 1 : 0; break;
    case FRMSTORE:
        if (n >= 1 && n <= ch->vdma->max_stores)
            ch->stores = n;
        break;
    default: break;
    }
}

static uint32_t read_channel(const struct vdma_channel *ch, uint64_t off)
{
    switch (off) {
    case VDMACR: return ch->cr | (ch->resetting ? CR_RESET : 0);
    case VDMASR: return (ch->halted ? SR_HALTED : 0) | ch->errors | ch->irqs | ch->countdown << 16;
    case REG_INDEX: return ch->index;
    case FRMSTORE: return ch->stores;
    default: return 0;
    }
}

/* The channel whose size registers lie at an offset, or NULL. */
static struct vdma_channel *sizes_of(struct axi_vdma *v, uint64_t *off)
{
    bool s2mm = *off >= S2MM_SIZES;
    uint64_t base = s2mm ? S2MM_SIZES : MM2S_SIZES;
    if (*off < base || *off - base >= ADDRESS_END)
        return NULL;
    *off -= base;
    return &v->ch[s2mm];
}

static uint32_t shown(const struct vdma_channel *ch)
{
    return ch->errors ? ch->shown : ch->store;
}

static int vdma_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t *value, struct lunq_error *err)
{
    struct axi_vdma *v = i->state;
    struct vdma_channel *ch;
    (void)slot, (void)width, (void)err;
    *value = 0;
    if (off == PARK_PTR) {
        *value = v->park | shown(&v->ch[0]) << 16 | shown(&v->ch[1]) << 24;
    } else if (off == VERSION) {
        *value = 0x62000000;
    } else if (off == IRQ_MASK) {
        *value = v->irq_mask;
    } else if (off == VFLIP) {
        *value = v->flip;
    } else if (off < MM2S_SIZES) {
        ch = &v->ch[off >= S2MM_BASE];
        *value = ch->present ? read_channel(ch, off >= S2MM_BASE ? off - S2MM_BASE : off) : 0;
    } else if ((ch = sizes_of(v, &off)) != NULL && ch->present) {
        *value = read_sizes(ch, off);
    }
    return SIM_OKAY;
}

static int vdma_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                      uint64_t value, struct lunq_error *err)
{
    struct axi_vdma *v = i->state;
    struct vdma_channel *ch;
    uint32_t w = (uint32_t)value;
    (void)slot, (void)width, (void)err;
    if (off == PARK_PTR) {
        v->park = w & 0x1f1f;
    } else if (off == IRQ_MASK) {
        v->irq_mask = w & 0xf;
    } else if (off == VFLIP) {
        v->flip = v->flip_present ? w & 1 : 0;
    } else if (off < MM2S_SIZES) {
        ch = &v->ch[off >= S2MM_BASE];
        if (ch->present)
            write_channel(ch, off >= S2MM_BASE ? off - S2MM_BASE : off, w);
    } else if ((ch = sizes_of(v, &off)) != NULL && ch->present) {
        write_sizes(ch, off, w);
    }
    return SIM_OKAY;
}

/* ---- life ---------------------------------------------------------------------------------- */

static unsigned bytes(const struct sim_inst *i, const char *param)
{
    int64_t bits = sim_param(i, param, 32);
    return bits >= 8 && bits <= 4096 ? (unsigned)bits / 8 : 4;
}

static void init_channel(struct axi_vdma *v, bool s2mm)
{
    struct vdma_channel *ch = &v->ch[s2mm];
    struct sim_inst *i = v->inst;
    ch->vdma = v;
    ch->s2mm = s2mm;
    ch->present = sim_param(i, s2mm ? "C_INCLUDE_S2MM" : "C_INCLUDE_MM2S", 1) != 0;
    ch->counts = sim_param(i, s2mm ? "C_ENABLE_DEBUG_INFO_15" : "C_ENABLE_DEBUG_INFO_7", 1) ||
                 sim_param(i, "C_ENABLE_DEBUG_ALL", 0);
    ch->width = bytes(i, s2mm ? "C_S_AXIS_S2MM_TDATA_WIDTH" : "C_M_AXIS_MM2S_TDATA_WIDTH");
    sim_clock_follow(i, s2mm ? "s_axis_s2mm_aclk" : "m_axis_mm2s_aclk", &ch->hz);
    vdma_init_events(ch);
    ch->reset.fire = reset_over;
    sim_master_init(&ch->memory, i, s2mm ? "M_AXI_S2MM" : "M_AXI_MM2S");
    reset_channel(ch);
}

static int vdma_create(struct sim_inst *i, struct lunq_error *err)
{
    struct axi_vdma *v = i->state = calloc(1, sizeof *v);
    int64_t stores;
    if (!v)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    stores = sim_param(i, "C_NUM_FSTORES", 3);
    v->inst = i;
    v->wide = sim_param(i, "C_ADDR_WIDTH", 32) > 32;
    v->genlock = (int)sim_param(i, "C_MM2S_GENLOCK_MODE", 3);
    v->flush = sim_param(i, "C_FLUSH_ON_FSYNC", 1) != 0;
    v->flip_present = sim_param(i, "C_ENABLE_VERT_FLIP", 0) != 0;
    v->max_stores = stores >= 1 && stores <= (v->wide ? 8 : STORES) ? (unsigned)stores : 3;
    init_channel(v, false);
    init_channel(v, true);
    return 0;
}

static void vdma_destroy(struct sim_inst *i)
{
    struct axi_vdma *v = i->state;
    if (!v)
        return;
    for (int k = 0; k < 2; k++) {
        sim_cancel(i, &v->ch[k].step);
        sim_cancel(i, &v->ch[k].delay);
        sim_cancel(i, &v->ch[k].reset);
        sim_master_free(&v->ch[k].memory);
    }
    free(v);
}

static const char *const vlnv[] = {"xilinx.com:ip:axi_vdma:6.*", NULL};

const struct sim_class sim_axi_vdma = {
    .name = "axi_vdma",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .create = vdma_create,
    .destroy = vdma_destroy,
    .read = vdma_read,
    .write = vdma_write,
    .accept = vdma_accept,
    .resume = vdma_resume,
};
