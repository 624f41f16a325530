/* ready.c - whether the programmable logic may be accessed. An access to logic that is not configured, cut off,
 * in reset or without a clock can stop the processor for good: the bus of a Zynq-7000 has no time limit
 * (linux-boards.md C2.5, C2.6). It is looked at when a window is mapped, so that an access costs nothing: before
 * the first one, and again after a load or a change of a clock by this program. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../core/clocks.h"
#include "../../core/flight.h"
#include "ready.h"

/* ---- one IP ---------------------------------------------------------------------------------- */

/* Whether the PL clock of a pin is known to be off. on_it: what hangs on it, for the message. */
static void check_clock(struct lx_look *l, const struct lunq_port *pin, const char *on_it,
                        struct lunq_linux_check *c)
{
    const struct lunq_design *design = l->x->dev.design;
    unsigned n = pin->pl_clock - 1u;
    double mhz = n < design->n_clocks ? design->clocks[n].mhz : 0;
    bool on = false;
    if (l->running >> n & 1 || lunq_clocks_running(&l->x->dev, n, &on, NULL) < 0)
        return;
    l->running |= (unsigned)on << n;
    if (on)
        return;
    lx_found(c, LUNQ_NOT_READY, "PL clock %u (%s%u) is off, and %s on it by the pin %s", n,
             l->x->soc.ps == LUNQ_PS_ZYNQ7000 ? "FCLK_CLK" : "pl_clk", n, on_it, pin->name);
    lx_advise(c,
              "lunq.Clocks.fclk%u_mhz = %g starts it, and so does a download of the design. Linux "
              "stops clocks that none of its drivers has asked for at the end of its boot, unless "
              "its boot arguments have clk_ignore_unused",
              n, mhz > 0 ? mhz : 100);
}

/* The port of the processing system that leads to an address, with an IP or without one. */
static void check_port(struct lx_look *l, uint64_t addr, const struct lunq_ip *ip,
                       struct lunq_linux_check *c)
{
    const struct lunq_design *design = l->x->dev.design;
    const char *name = lx_soc_in_pl(&l->x->soc, addr);
    const struct lunq_port *pin = name && design->ps ? lunq_module_port(design->ps, name) : NULL;
    char text[300];
    snprintf(text, sizeof text, "the port that leads to %.200s%s0x%" PRIx64 " is",
             ip ? ip->key : "", ip ? " at " : "", addr);
    if (pin && pin->pl_clock)
        check_clock(l, pin, text, c);
}

static void check_ip_clock(struct lx_look *l, const struct lunq_ip *ip, struct lunq_linux_check *c)
{
    const struct lunq_port *pin = lunq_module_slave_clock(ip->module, ip->mem_id);
    char text[256];
    snprintf(text, sizeof text, "%.200s has its registers", ip->key);
    if (pin)
        check_clock(l, pin, text, c);
}

static void advise_reset(const struct lunq_linux *x, unsigned n, struct lunq_linux_check *c)
{
    if (x->soc.ps == LUNQ_PS_ZYNQ7000)
        lx_advise(c, "The FPGA manager's driver releases it at the end of a load, and the boot "
                     "loader when it has loaded: load the bitstream again");
    else
        lx_advise(c,
                  "The firmware raises it at the end of a load by Linux, and the boot loader when "
                  "it has loaded: load the bitstream again. "
                  "lunq.GPIO(lunq.GPIO.get_gpio_pin(%u), \"out\"):write(1) does it without",
                  95 - n);
}

static void check_ip_resets(struct lx_look *l, const struct lunq_ip *ip, struct lunq_linux_check *c)
{
    const struct lunq_module *m = ip->module;
    unsigned held = 0;
    bool known = false;
    for (size_t i = 0; i < m->n_ports && c->found != LUNQ_NOT_READY; i++) {
        unsigned n = m->ports[i].pl_reset - 1u;
        char name[24];
        if (m->ports[i].dir != LUNQ_IN || !m->ports[i].pl_reset)
            continue;
        if (!known && !lx_resets_held(l, &held, c))
            return;
        known = true;
        if (!(held >> n & 1))
            continue;
        lx_reset_name(l->x, n, name, sizeof name);
        lx_found(c, LUNQ_NOT_READY, "%.200s is in reset: %s is held, and leads to its pin %s",
                 ip->key, name, m->ports[i].name);
        advise_reset(l->x, n, c);
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void check_all(struct lx_look *l, uint64_t addr, struct lunq_linux_check *c)
{
    const struct lunq_design *design = l->x->dev.design;
    const struct lunq_ip *ip = design ? lunq_design_ip_at(design, addr) : NULL;
    for (lx_check *const *check = lx_logic_checks(l->x); *check && c->found != LUNQ_NOT_READY;
         check++)
        (*check)(l, c);
    if (design && c->found != LUNQ_NOT_READY)
        check_port(l, addr, ip, c);
    if (ip && c->found != LUNQ_NOT_READY)
        check_ip_clock(l, ip, c);
    if (ip && c->found != LUNQ_NOT_READY)
        check_ip_resets(l, ip, c);
}

int lx_ready(struct lunq_linux *x, uint64_t addr, struct lunq_error *err)
{
    struct lx_look l = {.x = x};
    struct lunq_linux_check c = {.found = LUNQ_NOT_KNOWN};
    bool noted = lunq_flight_on;
    if (x->force)
        return 0;
    lunq_flight_on = false; /* the script didn't ask for these reads */
    check_all(&l, addr, &c);
    lunq_mmio_unref(l.page);
    lunq_flight_on = noted;
    if (c.found != LUNQ_NOT_READY)
        return 0;
    return lunq_fail(err, LUNQ_RUNTIME,
                     "%s: an access could stop the board. %s. Or open the device as "
                     "\"linux?force=1\", when you know better.",
                     c.what, c.advice);
}

size_t lunq_linux_checks(struct lunq_device *d, struct lunq_linux_check *out, size_t max)
{
    struct lx_look l = {.x = lx_of(d)};
    bool noted = lunq_flight_on;
    size_t n = 0;
    lunq_flight_on = false;
    for (lx_check *const *check = lx_logic_checks(l.x); *check && n < max; check++) {
        memset(&out[n], 0, sizeof out[n]);
        (*check)(&l, &out[n++]);
    }
    lunq_mmio_unref(l.page);
    lunq_flight_on = noted;
    return n;
}
