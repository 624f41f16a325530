/* mend.h - where QEMU's AXI DMA (hw/dma/xilinx_axidma.c, 7.2 to 10) is not what PG021 describes and
 * a driver that goes by the book can't get on:
 *   - RS = 0 never leads to Halted; here it does at once
 *   - any write to DMASR replaces all of it; here Halted and Idle stay, as read-only bits do
 *   - an interrupt threshold of 0 never interrupts; here 0 is taken for 1, as in the core
 *   - Reset ends one channel; here both, as one engine
 * Everything else is QEMU's. With "?raw=1" nothing is mended. */
#ifndef LUNQ_QTEST_MEND_H
#define LUNQ_QTEST_MEND_H

#include "link.h"

struct qt_mend {
    struct qt_link *link;
    uint64_t base;
    bool running[2]; /* DMACR.RS as last written: MM2S, S2MM */
};

/* One access to the register at `off` of the DMA. */
int qt_mend_read(struct qt_mend *m, uint64_t off, uint64_t *value, struct lunq_error *err);
int qt_mend_write(struct qt_mend *m, uint64_t off, uint64_t value, struct lunq_error *err);

#endif
