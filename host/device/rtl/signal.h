/* signal.h - the signals of the AXI buses (IHI 0022, IHI 0051), as bindings number them. */
#ifndef LUNQ_RTL_SIGNAL_H
#define LUNQ_RTL_SIGNAL_H

#include <stddef.h>

enum rtl_signal {
    AWADDR,
    AWVALID,
    AWREADY,
    AWLEN,
    AWSIZE,
    AWBURST,
    AWID,
    AWPROT,
    AWCACHE,
    AWLOCK,
    AWQOS,
    AWREGION,
    AWUSER,
    WDATA,
    WSTRB,
    WVALID,
    WREADY,
    WLAST,
    WID,
    WUSER,
    BRESP,
    BVALID,
    BREADY,
    BID,
    BUSER,
    ARADDR,
    ARVALID,
    ARREADY,
    ARLEN,
    ARSIZE,
    ARBURST,
    ARID,
    ARPROT,
    ARCACHE,
    ARLOCK,
    ARQOS,
    ARREGION,
    ARUSER,
    RDATA,
    RRESP,
    RVALID,
    RREADY,
    RLAST,
    RID,
    RUSER,
    TDATA,
    TVALID,
    TREADY,
    TLAST,
    TKEEP,
    TSTRB,
    TID,
    TDEST,
    TUSER,
    RTL_SIGNALS
};

const char *rtl_signal_name(enum rtl_signal k); /* "awaddr" */
/* "AWADDR", as the specification has it, in a buffer of 16 characters. */
const char *rtl_signal_capitals(enum rtl_signal k, char *buf);
/* The signal the first n characters of a pin's name end in ("awaddr", also "aw_addr", "aw_bits_addr" and
 * "aw_payload_addr"), the longest that fits, at the start, after a '_' or a change from lower to upper case;
 * *prefix gets the number of characters before it and the '_'. RTL_SIGNALS: none. */
enum rtl_signal rtl_signal_of(const char *pin, size_t n, unsigned *prefix);

#endif
