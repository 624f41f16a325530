/* axi_dma.h - the state of an AXI DMA 7.1, shared by its registers, its data movers and its
 * scatter-gather engine. Facts: registers.md section 5 (PG021, embeddedsw, QEMU). */
#ifndef LUNQ_SIM_AXI_DMA_H
#define LUNQ_SIM_AXI_DMA_H

#include "../model.h"

enum { CR_RS = 1 << 0, CR_RESET = 1 << 2, CR_CYCLIC = 1 << 4 };
enum { SR_INT = 1 << 4, SR_SLV = 1 << 5, SR_DEC = 1 << 6, SR_SG = 4 /* shift to the SG bits */ };
enum { IRQ_IOC = 1 << 12, IRQ_DLY = 1 << 13, IRQ_ERR = 1 << 14, IRQ_ALL = 7 << 12 };

#define DMA_CHUNK 4096u

/* What a channel is doing. */
enum dma_state {
    DMA_REST,  /* nothing: halted, idle or before the first transfer */
    DMA_FETCH, /* SG: a descriptor is being read */
    DMA_MOVE,  /* data moves, or waits for the stream */
    DMA_FINISH /* the last byte is on its way to memory */
};

struct dma_channel {
    struct axi_dma *dma;
    bool s2mm, present;
    uint32_t cr, irqs, errors, length; /* irqs: bits 12..14; errors: bits 4..10 */
    uint64_t addr, cur, tail, next;    /* SA or DA, CURDESC, TAILDESC, NXTDESC of cur */
    bool halted, idle, stopping;       /* stopping: RS was cleared during a transfer */
    enum dma_state state;
    uint64_t at;                /* address of the next byte */
    uint32_t left, moved;       /* bytes to go, bytes done */
    uint32_t chunk;             /* MM2S: bytes read and not yet taken by the stream */
    uint64_t next_at;           /* and when the chunk after them has been read, ns; 0: not begun */
    uint32_t control;           /* CONTROL of the descriptor under way */
    bool packet;                /* SG S2MM: in the middle of a packet */
    bool ended;                 /* S2MM: TLAST came */
    unsigned countdown;         /* packets to go until IOC */
    unsigned width, bus, align; /* bytes: slower side, memory side, start addresses without DRE */
    uint64_t hz;
    struct sim_master memory;
    struct sim_event step, delay;
    uint8_t buf[DMA_CHUNK];
};

struct axi_dma {
    struct sim_inst *inst;
    bool sg, micro;
    uint32_t length_mask;
    uint32_t burst[2]; /* beats, by channel: micro mode has no longer transfers */
    uint64_t addr_mask;
    uint32_t sg_ctl;
    bool resetting;
    struct sim_event reset;
    struct sim_master descriptors;
    struct dma_channel ch[2]; /* MM2S, S2MM */
};

/* axi_dma.c */
void dma_model_wire(struct dma_channel *ch);
/* Stops a channel with error bits (4..10). */
void dma_model_error(struct dma_channel *ch, uint32_t bits);
uint32_t dma_model_resp(int resp); /* SLVERR, DECERR as error bits 5, 6 */
/* The channel has nothing more to do: Idle, or Halted when RS was cleared meanwhile. */
void dma_model_rest(struct dma_channel *ch);
/* Starts moving ch->left bytes at ch->at. */
void dma_model_move(struct dma_channel *ch);
uint64_t dma_model_time(const struct dma_channel *ch, uint64_t bytes);

/* axi_dma_sg.c */
void dma_sg_fetch(struct dma_channel *ch);   /* plans reading the descriptor at cur */
void dma_sg_fetched(struct dma_channel *ch); /* its time has come */
void dma_sg_finish(struct dma_channel *ch);  /* the descriptor's data has moved */
void dma_sg_packet(struct dma_channel *ch);  /* counts a packet for IOC and the timer */
void dma_sg_delay(struct dma_channel *ch);   /* the delay timer ran out */

#endif
