/* ready_logic.c - whether the programmable logic as a whole is configured, connected and out of reset.
 *
 * Nothing is refused that is not known: where this user can't read the registers, or where what stands at their
 * address can't be they. Registers: registers.md 18; beyond it UG585 "slcr" and UG1087 "pmu_global", "gpio", and
 *   Zynq-7000: Linux (drivers/fpga/zynq-fpga.c) asserts the resets and turns the level shifters off before a
 *     full load, and the other way round behind it; so does the first-stage boot loader.
 *   Zynq UltraScale+: pl_resetn0 to 3 are the EMIO outputs 95 to 92 of the GPIO controller, whichever way their
 *     direction is set (wrapper of zynq_ultra_ps_e), and low after power-on. The firmware raises them at the end
 *     of a load by Linux (xilfpga), the first-stage boot loader behind one of its own (psu_init), nobody behind
 *     one by JTAG. PMU_GLOBAL says which power domains are on, and which AXI ports the firmware has blocked;
 *     whether the isolation of the logic was taken away, as the same two do, can't be seen from the processor.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ready.h"

enum { RESETS = 4 };

#define IO_PLL_CTRL UINT64_C(0xF8000108)
#define FPGA_RST_CTRL UINT64_C(0xF8000240)
#define LVL_SHFTR_EN UINT64_C(0xF8000900)
#define GPIO_DATA_5 UINT64_C(0xFF0A0054)     /* as it was written, not the pins */
#define GPIO_INT_TYPE_5 UINT64_C(0xFF0A035C) /* edges, after a reset and ever after */
#define PWR_STATE UINT64_C(0xFFD80100)
#define AIB_STATUS UINT64_C(0xFFD80604)

#define PLL_FDIV (0x7Fu << 12)
#define LVL_SHFTR_BOTH 0xFu
#define PWR_ACPUS 0xFu
#define PWR_PL (1u << 23)

/* ---- saying and reading ---------------------------------------------------------------------- */

void lx_found(struct lunq_linux_check *c, enum lunq_linux_found found, const char *fmt, ...)
{
    va_list args;
    c->found = found;
    va_start(args, fmt);
    vsnprintf(c->what, sizeof c->what, fmt, args);
    va_end(args);
    if (found == LUNQ_NOT_KNOWN)
        c->advice[0] = 0; /* what to do if it were not ready */
}

void lx_advise(struct lunq_linux_check *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(c->advice, sizeof c->advice, fmt, args);
    va_end(args);
}

static void unreadable(uint64_t addr, const struct lunq_error *e, struct lunq_linux_check *c)
{
    if (e->kind == LUNQ_PERMISSION && geteuid() != 0) {
        lx_found(c, LUNQ_NOT_KNOWN,
                 "not known to this user: root reads it from registers, by /dev/mem");
        lx_advise(c, "As root, lunq doctor says it, and programs look at it");
    } else if (e->kind == LUNQ_PERMISSION) {
        lx_found(c, LUNQ_NOT_KNOWN,
                 "not known: the kernel keeps the register that says it, at 0x%" PRIx64
                 ", from programs (IO_STRICT_DEVMEM)",
                 addr);
    } else if (e->kind == LUNQ_DEVICE) {
        lx_found(c, LUNQ_NOT_KNOWN,
                 "not known: registers say it, and there is no /dev/mem to read them by");
    } else if (e->fault) {
        lx_found(c, LUNQ_NOT_KNOWN, "not known: a bus error at 0x%" PRIx64 ", which would say it",
                 addr);
    } else {
        lx_found(c, LUNQ_NOT_KNOWN, "not known: %s", e->message);
    }
}

/* Reads a register of the processing system. False: it can't be read, as *c says. */
static bool peek(struct lx_look *l, uint64_t addr, uint32_t *word, struct lunq_linux_check *c)
{
    const uint64_t size = 0x1000;
    struct lunq_error e;
    int r = 0;
    if (!l->page || l->page->addr != addr / size * size) {
        lunq_mmio_unref(l->page);
        r = lunq_mmio_open(&l->page, &l->x->dev, addr / size * size, size, false, &e);
    }
    if (r == 0)
        r = lunq_mmio_read32(l->page, addr % size, word, &e);
    if (r < 0)
        unreadable(addr, &e, c);
    return r == 0;
}

/* Whether these are the registers they should be: one of them that never reads 0 under `mask`. An emulator
 * without them reads 0 everywhere. */
static bool real(struct lx_look *l, uint64_t addr, uint32_t mask, struct lunq_linux_check *c)
{
    uint32_t word;
    if (!peek(l, addr, &word, c))
        return false;
    if (!(word & mask))
        lx_found(c, LUNQ_NOT_KNOWN,
                 "not known: the registers that say it are not there (0x%" PRIx64
                 " reads 0x%08" PRIx32 ")",
                 addr, word);
    return word & mask;
}

static bool is_zynq(const struct lunq_linux *x)
{
    return x->soc.ps == LUNQ_PS_ZYNQ7000;
}

/* ---- configured, connected ------------------------------------------------------------------- */

static void check_configured(struct lx_look *l, struct lunq_linux_check *c)
{
    char path[LX_PATH], state[64];
    int manager = lx_manager(l->x);
    c->name = "PL";
    lx_advise(c, "Load a bitstream first");
    if (manager < 0)
        lx_found(c, LUNQ_NOT_KNOWN,
                 "whether it is configured nobody says: there is no FPGA manager");
    else if (!lx_manager_file(l->x, manager, "state", path) || !lx_read(path, state, sizeof state))
        lx_found(c, LUNQ_NOT_KNOWN, "whether it is configured can't be read from FPGA manager %d",
                 manager);
    else if (!strcmp(state, "operating"))
        lx_found(c, LUNQ_READY, "configured");
    else if (!strcmp(state,
                     "unknown")) /* what a manager says of logic the boot loader has configured */
        lx_found(c, LUNQ_NOT_KNOWN,
                 "whether it is configured the FPGA manager does not know (its state is "
                 "\"unknown\")");
    else if (l->x->region_failed)
        lx_found(c, LUNQ_READY,
                 "configured but for the region whose load failed (the FPGA manager's state is "
                 "\"%s\")",
                 state);
    else
        lx_found(c, LUNQ_NOT_READY,
                 "The programmable logic is not configured (the FPGA manager's state is \"%s\")",
                 state);
}

static void check_shifters(struct lx_look *l, struct lunq_linux_check *c)
{
    uint32_t word;
    c->name = "level shifters";
    lx_advise(c, "The FPGA manager's driver turns them on at the end of a load, and the boot "
                 "loader when it has loaded: load a bitstream");
    if (!real(l, IO_PLL_CTRL, PLL_FDIV, c) || !peek(l, LVL_SHFTR_EN, &word, c))
        return;
    if ((word & LVL_SHFTR_BOTH) == LVL_SHFTR_BOTH)
        lx_found(c, LUNQ_READY, "on (LVL_SHFTR_EN reads 0x%08" PRIx32 ")", word);
    else
        lx_found(c, LUNQ_NOT_READY,
                 "The level shifters between processor and programmable logic are off "
                 "(LVL_SHFTR_EN at 0x%" PRIx64 " reads 0x%08" PRIx32 ", not 0x0000000f)",
                 LVL_SHFTR_EN, word);
}

static void check_power(struct lx_look *l, struct lunq_linux_check *c)
{
    uint32_t power, blocked;
    c->name = "PL power";
    lx_advise(c, "A load turns it on: load a bitstream");
    if (!real(l, PWR_STATE, PWR_ACPUS, c) || !peek(l, PWR_STATE, &power, c) ||
        !peek(l, AIB_STATUS, &blocked, c))
        return;
    if (!(power & PWR_PL)) {
        lx_found(c, LUNQ_NOT_READY,
                 "The power domain of the programmable logic is off (PWR_STATE at 0x%" PRIx64
                 " reads 0x%08" PRIx32 ")",
                 PWR_STATE, power);
    } else if (blocked) {
        lx_advise(c, "The firmware does that before it resets the processing system, and the boot "
                     "loader ends it: boot again");
        lx_found(c, LUNQ_NOT_READY,
                 "The ports between processor and programmable logic are blocked (AIB_STATUS at "
                 "0x%" PRIx64 " reads 0x%08" PRIx32 ")",
                 AIB_STATUS, blocked);
    } else {
        lx_found(c, LUNQ_READY, "on (PWR_STATE reads 0x%08" PRIx32 "), and no port is blocked",
                 power);
    }
}

/* ---- resets ---------------------------------------------------------------------------------- */

void lx_reset_name(const struct lunq_linux *x, unsigned n, char *name, size_t size)
{
    snprintf(name, size, is_zynq(x) ? "FCLK_RESET%u_N" : "pl_resetn%u", n);
}

bool lx_resets_held(struct lx_look *l, unsigned *held, struct lunq_linux_check *c)
{
    bool zynq = is_zynq(l->x);
    uint32_t word;
    if (!(zynq ? real(l, IO_PLL_CTRL, PLL_FDIV, c) : real(l, GPIO_INT_TYPE_5, UINT32_MAX, c)) ||
        !peek(l, zynq ? FPGA_RST_CTRL : GPIO_DATA_5, &word, c))
        return false;
    *held = 0;
    for (unsigned n = 0; n < RESETS; n++)
        *held |= (zynq ? word >> n & 1 : ~word >> (31 - n) & 1) << n;
    return true;
}

/* On Zynq-7000 all are held before the first load. The other family leaves those low that a design does not
 * use, often all: an IP knows its own (ready.c). */
static void check_resets(struct lx_look *l, struct lunq_linux_check *c)
{
    unsigned held;
    char names[RESETS * 16] = "";
    size_t used = 0;
    c->name = "PL resets";
    lx_advise(c, "The FPGA manager's driver releases them at the end of a load, and the boot "
                 "loader when it has loaded: load a bitstream");
    if (!lx_resets_held(l, &held, c))
        return;
    for (unsigned n = 0; n < RESETS; n++)
        if (held >> n & 1) {
            names[used++] = ' ';
            lx_reset_name(l->x, n, names + used, sizeof names - used);
            used = strlen(names);
        }
    if (!held)
        lx_found(c, LUNQ_READY, "all four are released");
    else if (held == (1u << RESETS) - 1 && is_zynq(l->x))
        lx_found(
            c, LUNQ_NOT_READY,
            "The programmable logic is held in reset, by all four FCLK_RESETn_N (FPGA_RST_CTRL "
            "at 0x%" PRIx64 ")",
            FPGA_RST_CTRL);
    else
        lx_found(c, LUNQ_READY, "held are%s: IP that the metadata show on one is not accessed",
                 names);
}

lx_check *const *lx_logic_checks(const struct lunq_linux *x)
{
    static lx_check *const zynq[] = {check_configured, check_shifters, check_resets, NULL};
    static lx_check *const zynqmp[] = {check_configured, check_power, check_resets, NULL};
    static lx_check *const others[] = {check_configured, NULL};
    return x->soc.ps == LUNQ_PS_ZYNQ7000 ? zynq : x->soc.ps == LUNQ_PS_ZYNQMP ? zynqmp : others;
}
