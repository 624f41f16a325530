/* axi_vdma.h - the state of an AXI VDMA 6.3, shared by its registers and by what moves its frames.
 * Facts: registers.md section 7 (HWH, ESW), PG020. */
#ifndef LUNQ_SIM_AXI_VDMA_H
#define LUNQ_SIM_AXI_VDMA_H

#include "../model.h"

enum {
    CR_RS = 1 << 0,
    CR_CIRCULAR = 1 << 1,
    CR_RESET = 1 << 2,
    CR_GENLOCK = 1 << 3,
    CR_COUNT = 1 << 4,
    CR_INTERNAL = 1 << 7 /* GenlockSrc: the other channel */
};
enum {
    SR_HALTED = 1 << 0,
    SR_INT = 1 << 4,
    SR_SLV = 1 << 5,
    SR_DEC = 1 << 6,
    SR_SOF_EARLY = 1 << 7,
    SR_EOL_EARLY = 1 << 8,
    SR_SOF_LATE = 1 << 11,
    SR_EOL_LATE = 1 << 15
};
enum { IRQ_FRAME = 1 << 12, IRQ_DELAY = 1 << 13, IRQ_ERR = 1 << 14, IRQ_ALL = 7 << 12 };

enum { STORES = 32 };
#define LINE_BYTES 0x10000u

struct vdma_channel {
    struct axi_vdma *vdma;
    bool s2mm, present;
    bool counts;               /* IRQFrameCount is there; else it is 1 */
    uint32_t cr, errors, irqs; /* errors: VDMASR bits; irqs: bits 12..14 */
    uint32_t index;            /* REG_INDEX */
    unsigned stores;           /* FRMSTORE */
    uint32_t vsize, hsize, stride;
    uint64_t address[STORES];
    bool started; /* VSIZE was written since RS */
    bool halted, resetting;
    unsigned countdown; /* frames until FrmCnt_Irq */
    /* the frame under way */
    bool moving;
    unsigned store;                          /* where it is */
    unsigned shown;                          /* what PARK_PTR says while errors are set */
    uint32_t lines, line_bytes, line_stride; /* as at its start */
    uint32_t line, at;                       /* lines done, bytes of this line */
    bool drop;                               /* the rest of an overlong line */
    unsigned width;
    uint64_t hz;
    struct sim_master memory;
    struct sim_event step, delay, reset;
};

struct axi_vdma {
    struct sim_inst *inst;
    bool wide, flush, flip_present;
    int genlock; /* C_MM2S_GENLOCK_MODE: 1 slave, 3 dynamic slave */
    unsigned max_stores;
    uint32_t park; /* PARK_PTR as written */
    uint32_t irq_mask, flip;
    struct vdma_channel ch[2]; /* MM2S, S2MM */
    uint8_t buf[LINE_BYTES];
};

/* axi_vdma_frames.c */
void vdma_wire(struct vdma_channel *ch); /* its interrupt: status and enables */
struct sim_link *vdma_stream(struct vdma_channel *ch);
/* Comes to rest: Halted, and RS is 0. */
void vdma_halt(struct vdma_channel *ch);
/* MM2S: begins a frame. */
void vdma_next_frame(struct vdma_channel *ch);
void vdma_init_events(struct vdma_channel *ch); /* step and delay */
/* The model's stream functions: S2MM takes lines, MM2S goes on where it was refused. */
size_t vdma_accept(struct sim_inst *i, struct sim_link *l, const uint8_t *data, size_t n,
                   bool last);
void vdma_resume(struct sim_inst *i, struct sim_link *l);

#endif
