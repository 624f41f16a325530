/* ps.h - the registers of the simulated processing system that make clocks: the SLCR of a Zynq-7000,
 * CRL_APB and CRF_APB of a Zynq UltraScale+. */
#ifndef LUNQ_SIM_PS_H
#define LUNQ_SIM_PS_H

#include "../../core/device.h"

#define SIM_PS_WINDOWS 2
#define SIM_PS_WINDOW 0x1000u /* bytes */

/* What a boot image leaves in the registers. */
struct sim_ps_image {
    double ref_hz;
    uint32_t words[SIM_PS_WINDOWS][SIM_PS_WINDOW / 4];
};

struct sim_ps_clock {
    double hz, designed_hz;
    double scale; /* hz against what the design has it at; stays while it is off */
    bool on, designed_on;
};

struct sim_ps {
    enum lunq_ps kind; /* LUNQ_PS_NONE: no design has said yet */
    struct sim_ps_image booted, now;
    struct sim_ps_clock clock[LUNQ_PL_CLOCKS];
    bool stopped; /* a clock the design needs is off */
};

#endif
