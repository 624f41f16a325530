/* soc.c - which board this is, from its device tree (linux-boards.md A11). */
#include <string.h>

#include "private.h"

static const struct {
    const char *compatible;
    enum lunq_ps ps;
    bool versal;
} families[] = {
    {"xlnx,zynq-7000", LUNQ_PS_ZYNQ7000, false},
    {"xlnx,zynqmp", LUNQ_PS_ZYNQMP, false},
    {"xlnx,versal", LUNQ_PS_NONE, true},
};

/* Where the processor reaches the logic (UG585, "System Addresses"; UG1085, "Global Address Map"), and the pin
 * that clocks the port it does that by. */
static const struct {
    enum lunq_ps ps;
    uint64_t base, size;
    const char *clock;
} windows[] = {
    {LUNQ_PS_ZYNQ7000, 0x40000000, 0x40000000, "M_AXI_GP0_ACLK"},
    {LUNQ_PS_ZYNQ7000, 0x80000000, 0x40000000, "M_AXI_GP1_ACLK"},
    {LUNQ_PS_ZYNQMP, 0x80000000, 0x20000000, "maxihpm0_lpd_aclk"},
    {LUNQ_PS_ZYNQMP, 0xA0000000, 0x10000000, "maxihpm0_fpd_aclk"},
    {LUNQ_PS_ZYNQMP, 0xB0000000, 0x10000000, "maxihpm1_fpd_aclk"},
    {LUNQ_PS_ZYNQMP, 0x400000000, 0x100000000, "maxihpm0_fpd_aclk"},
    {LUNQ_PS_ZYNQMP, 0x500000000, 0x100000000, "maxihpm1_fpd_aclk"},
    {LUNQ_PS_ZYNQMP, 0x1000000000, 0x3800000000, "maxihpm0_fpd_aclk"},
    {LUNQ_PS_ZYNQMP, 0x4800000000, 0x3800000000, "maxihpm1_fpd_aclk"},
};

const char *lx_soc_in_pl(const struct lx_soc *soc, uint64_t addr)
{
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        if (windows[i].ps == soc->ps && addr >= windows[i].base &&
            addr - windows[i].base < windows[i].size)
            return windows[i].clock;
    return NULL;
}

/* A property of NUL-separated texts into buf, which ends with two of them. */
static bool read_texts(const char *root, const char *property, char *buf, size_t size)
{
    char path[LX_PATH];
    memset(buf, 0, size);
    return lx_path(path, root, "/proc/device-tree/%s", property) &&
           lx_read_bytes(path, buf, size - 2) >= 0;
}

/* The big-endian number of a property. */
static uint64_t read_cell(const char *path)
{
    uint8_t b[4];
    if (lx_read_bytes(path, b, sizeof b) != sizeof b)
        return 0;
    return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

/* "ps-clk-frequency" of Zynq-7000's clock controller, which newer trees have below /axi, older ones
 * below /amba; the clock of that name on ZynqMP, whose node has moved as well. */
static uint64_t reference_clock(const char *root)
{
    static const char *const places[] = {
        "axi/slcr@f8000000/clkc@100/ps-clk-frequency",
        "amba/slcr@f8000000/clkc@100/ps-clk-frequency",
        "pss_ref_clk/clock-frequency",
        "pss-ref-clk/clock-frequency",
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char path[LX_PATH];
        uint64_t hz = 0;
        if (lx_path(path, root, "/proc/device-tree/%s", places[i]))
            hz = read_cell(path);
        if (hz)
            return hz;
    }
    return 0;
}

int lx_soc_detect(struct lx_soc *soc, const char *root, struct lunq_error *err)
{
    char texts[1024], model[128];
    memset(soc, 0, sizeof *soc);
    if (!read_texts(root, "compatible", texts, sizeof texts))
        return lunq_fail(
            err, LUNQ_DEVICE,
            "No Devices Found: %s/proc/device-tree is not there, so this machine is no "
            "board with programmable logic. lunq doctor says what it has; --device sim "
            "simulates a board.",
            root);
    if (read_texts(root, "model", model, sizeof model))
        memcpy(soc->model, model, sizeof soc->model);
    for (const char *t = texts; *t; t += strlen(t) + 1)
        for (size_t i = 0; i < sizeof families / sizeof *families; i++)
            if (!strcmp(t, families[i].compatible)) {
                strcpy(soc->family, t);
                soc->ps = families[i].ps;
                soc->versal = families[i].versal;
                soc->ref_hz = reference_clock(root);
                return 0;
            }
    return lunq_fail(err, LUNQ_DEVICE,
                     "No Devices Found: this machine is %s (%s), no Zynq-7000, Zynq UltraScale+ or "
                     "Versal. --device sim simulates a board.",
                     soc->model[0] ? soc->model : "a board without a model name", texts);
}
