/* axi_dma_sg.c - the scatter-gather engine of the AXI DMA model: descriptors, packets, interrupt
 * threshold and delay timer. Layout and rules: registers.md section 5. */
#include "axi_dma.h"

#include <string.h>

#define FETCH_NS 250

/* Words of a descriptor. */
enum {
    NXTDESC = 0,
    NXTDESC_MSB = 1,
    BUFFER = 2,
    BUFFER_MSB = 3,
    CONTROL = 6,
    STATUS = 7,
    WORDS = 8
};

#define CMPLT (1u << 31)
#define SOF (1u << 27)
#define EOF_BIT (1u << 26)
#define LENGTH_BITS 0x03ffffffu

static uint64_t address(const uint32_t *d, unsigned low)
{
    return d[low] | (uint64_t)d[low + 1] << 32;
}

void dma_sg_fetch(struct dma_channel *ch)
{
    ch->state = DMA_FETCH;
    sim_plan(ch->dma->inst, &ch->step, sim_latency(ch->dma->inst, FETCH_NS));
}

/* The errors of the SG engine are those of the data mover four bits further up. */
static void fetch_error(struct dma_channel *ch, uint32_t bits)
{
    dma_model_error(ch, bits << SR_SG);
}

void dma_sg_fetched(struct dma_channel *ch)
{
    struct axi_dma *dma = ch->dma;
    uint32_t d[WORDS];
    int r = sim_master_read(&dma->descriptors, ch->cur & dma->addr_mask, d, sizeof d, NULL);
    if (r != SIM_OKAY) {
        fetch_error(ch, dma_model_resp(r));
        return;
    }
    ch->next = address(d, NXTDESC) & dma->addr_mask & ~UINT64_C(63);
    ch->control = d[CONTROL];
    ch->left = d[CONTROL] & LENGTH_BITS & dma->length_mask;
    if ((d[STATUS] & CMPLT) && !(ch->cr & CR_CYCLIC)) {
        fetch_error(ch, SR_INT);
        return;
    }
    if (ch->left == 0) {
        dma_model_error(ch, SR_INT);
        return;
    }
    ch->at = address(d, BUFFER) & dma->addr_mask;
    dma_model_move(ch);
}

void dma_sg_delay(struct dma_channel *ch)
{
    ch->irqs |= IRQ_DLY;
    dma_model_wire(ch);
}

/* IRQDelay counts in units of C_DLYTMR_RESOLUTION clock cycles from the last packet on. */
static void start_delay(struct dma_channel *ch)
{
    uint64_t delay = ch->cr >> 24;
    int64_t cycles = sim_param(ch->dma->inst, "C_DLYTMR_RESOLUTION", 125);
    if (delay && cycles > 0 && cycles <= 100000)
        sim_plan(ch->dma->inst, &ch->delay, delay * (uint64_t)cycles * 1000000000u / ch->hz);
}

void dma_sg_packet(struct dma_channel *ch)
{
    if (ch->countdown > 1) {
        ch->countdown--;
        start_delay(ch);
        return;
    }
    ch->countdown = ch->cr >> 16 & 0xff;
    ch->irqs |= IRQ_IOC;
    sim_cancel(ch->dma->inst, &ch->delay);
    dma_model_wire(ch);
}

/* The word a finished descriptor gets. */
static uint32_t status_word(struct dma_channel *ch)
{
    uint32_t w = CMPLT | (ch->moved & LENGTH_BITS);
    if (!ch->s2mm)
        return w;
    if (!ch->packet)
        w |= SOF;
    if (ch->ended)
        w |= EOF_BIT;
    ch->packet = !ch->ended;
    return w;
}

void dma_sg_finish(struct dma_channel *ch)
{
    struct axi_dma *dma = ch->dma;
    uint32_t w = status_word(ch);
    uint64_t at = (ch->cur & dma->addr_mask) + STATUS * sizeof w;
    int r = sim_master_write(&dma->descriptors, at, &w, sizeof w, NULL);
    if (r != SIM_OKAY) {
        fetch_error(ch, dma_model_resp(r));
        return;
    }
    if (ch->s2mm ? ch->ended : (ch->control & EOF_BIT) != 0)
        dma_sg_packet(ch);
    if (ch->stopping) {
        dma_model_rest(ch);
        ch->cur = ch->next;
    } else if (ch->cur == ch->tail && !(ch->cr & CR_CYCLIC)) {
        dma_model_rest(ch);
    } else {
        ch->cur = ch->next;
        dma_sg_fetch(ch);
    }
}
