/* machine.h - the boards of QEMU that have Xilinx IP, and the string that names one. */
#ifndef LUNQ_QTEST_MACHINE_H
#define LUNQ_QTEST_MACHINE_H

#include "../../core/error.h"

#include <stddef.h>
#include <stdint.h>

/* Where something stands on the bus. */
struct qt_window {
    const char *name; /* as in a VLNV: "axi_dma" */
    uint64_t base, size;
};

struct qt_machine {
    const char *name;   /* of QEMU's -M */
    const char *binary; /* looked up in PATH */
    const char *park;  /* code at address 0 that sleeps for ever, as the loader takes it: 8 bytes */
    const char *cpu;   /* QOM path; its input 0 is the processor's interrupt line */
    const char *intc;  /* QOM path of the interrupt controller */
    uint64_t dma;      /* base of an AXI DMA, 0: none */
    uint64_t ethernet; /* base of the AXI Ethernet that is its stream peer, 0: none */
    uint64_t ram, ram_mib;
    struct qt_window windows[8]; /* up to one without a name */
};

struct qt_config {
    const struct qt_machine *machine;
    bool raw;
    char serial[108]; /* what fits a Unix socket address; "": none */
};

int qt_config_parse(struct qt_config *c, const char *spec, struct lunq_error *err);

/* The window that holds all of [addr, addr+n), memory included, or NULL. */
const struct qt_window *qt_machine_window(const struct qt_machine *m, uint64_t addr, uint64_t n);

/* "axi_dma 0x84600000, axi_intc 0x81800000, ..." */
const char *qt_machine_list(const struct qt_machine *m, char *text, size_t size);

#endif
