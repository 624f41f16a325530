/* signal.c - see signal.h. */
#include "signal.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char *const names[RTL_SIGNALS] = {
    [AWADDR] = "awaddr",     [AWVALID] = "awvalid", [AWREADY] = "awready", [AWLEN] = "awlen",
    [AWSIZE] = "awsize",     [AWBURST] = "awburst", [AWID] = "awid",       [AWPROT] = "awprot",
    [AWCACHE] = "awcache",   [AWLOCK] = "awlock",   [AWQOS] = "awqos",     [AWREGION] = "awregion",
    [AWUSER] = "awuser",     [WDATA] = "wdata",     [WSTRB] = "wstrb",     [WVALID] = "wvalid",
    [WREADY] = "wready",     [WLAST] = "wlast",     [WID] = "wid",         [WUSER] = "wuser",
    [BRESP] = "bresp",       [BVALID] = "bvalid",   [BREADY] = "bready",   [BID] = "bid",
    [BUSER] = "buser",       [ARADDR] = "araddr",   [ARVALID] = "arvalid", [ARREADY] = "arready",
    [ARLEN] = "arlen",       [ARSIZE] = "arsize",   [ARBURST] = "arburst", [ARID] = "arid",
    [ARPROT] = "arprot",     [ARCACHE] = "arcache", [ARLOCK] = "arlock",   [ARQOS] = "arqos",
    [ARREGION] = "arregion", [ARUSER] = "aruser",   [RDATA] = "rdata",     [RRESP] = "rresp",
    [RVALID] = "rvalid",     [RREADY] = "rready",   [RLAST] = "rlast",     [RID] = "rid",
    [RUSER] = "ruser",       [TDATA] = "tdata",     [TVALID] = "tvalid",   [TREADY] = "tready",
    [TLAST] = "tlast",       [TKEEP] = "tkeep",     [TSTRB] = "tstrb",     [TID] = "tid",
    [TDEST] = "tdest",       [TUSER] = "tuser",
};

const char *rtl_signal_name(enum rtl_signal k)
{
    return names[k];
}

const char *rtl_signal_capitals(enum rtl_signal k, char *buf)
{
    const char *s = rtl_signal_name(k);
    size_t i = 0;
    for (; i < 15 && s[i]; i++)
        buf[i] = s[i] >= 'a' && s[i] <= 'z' ? (char)(s[i] - 32) : s[i];
    buf[i] = 0;
    return buf;
}

static bool begins_word(const char *pin, size_t at)
{
    return at == 0 || pin[at - 1] == '_' ||
           (isupper((unsigned char)pin[at]) && islower((unsigned char)pin[at - 1]));
}

/* How many characters at the end of a pin's name are this signal: "awaddr", or, as generators of Verilog
 * write records, "aw_addr", "aw_bits_addr" and "aw_payload_addr". 0: none. */
static size_t suffix(const char *pin, size_t n, const char *name)
{
    static const char *const joints[] = {"", "_", "_bits_", "_payload_"};
    size_t m = strlen(name), channel = name[0] == 'a' ? 2 : 1;
    for (size_t i = 0; i < sizeof joints / sizeof *joints; i++) {
        size_t j = strlen(joints[i]), all = m + j;
        const char *at = pin + (all > n ? 0 : n - all);
        if (i > 0 && name[0] == 't') /* every stream has tvalid; t_valid is any word's end */
            break;
        if (all <= n && !strncasecmp(at, name, channel) &&
            !strncasecmp(at + channel, joints[i], j) &&
            !strncasecmp(at + channel + j, name + channel, m - channel))
            return all;
    }
    return 0;
}

enum rtl_signal rtl_signal_of(const char *pin, size_t n, unsigned *prefix)
{
    enum rtl_signal best = RTL_SIGNALS;
    size_t longest = 0;
    for (int k = 0; k < RTL_SIGNALS; k++) {
        size_t m = suffix(pin, n, names[k]);
        if (m <= longest || !begins_word(pin, n - m))
            continue;
        longest = m;
        best = (enum rtl_signal)k;
    }
    for (n -= longest; n > 0 && pin[n - 1] == '_'; n--) {
    }
    *prefix = (unsigned)n;
    return best;
}
