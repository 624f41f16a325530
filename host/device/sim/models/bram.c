/* bram.c - AXI BRAM controller 4.x: plain memory. Controllers on the same block memory share its
 * bytes (slot.c); the ECC registers of a second port are not modelled. */
#include "../model.h"

static const char *const vlnv[] = {"xilinx.com:ip:axi_bram_ctrl:*",
                                   "xilinx.com:ip:lmb_bram_if_cntlr:*", NULL};

const struct sim_class sim_bram = {
    .name = "axi_bram_ctrl", .origin = "C", .vlnv = vlnv, .plain = true};
