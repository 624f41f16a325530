/* ps_boot.c - what the boot image of a design (its FSBL) leaves in the clock registers: PLLs, dividers
 * and selectors as the parameters of the processing system say (hwh.md 4; those of the PLLs are
 * PCW_IOPLL_CTRL_FBDIV, PSU__CRL_APB__IOPLL_CTRL__FBDIV and their like). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "private.h"

static void put(uint32_t *word, unsigned at, unsigned n, int64_t value)
{
    uint32_t mask = ((1u << n) - 1) << at;
    *word = (*word & ~mask) | ((uint32_t)value << at & mask);
}

static int64_t param(const struct lunq_module *ps, const char *fmt, const char *name,
                     int64_t otherwise)
{
    char text[80];
    snprintf(text, sizeof text, fmt, name);
    return ps ? lunq_module_param_int(ps, text, otherwise) : otherwise;
}

/* The multiplier a PLL needs so that the design's own divisors give the clock it is made for; where
 * it has none, as near to `usual` Hz as it goes. */
static int64_t multiplier(const struct lunq_design *d, double ref_hz, const char *pll, double usual)
{
    for (size_t i = 0; d && i < d->n_clocks; i++) {
        const struct lunq_clock *c = &d->clocks[i];
        if (c->enable > 0 && c->mhz > 0 && c->divisor0 > 0 && c->divisor1 > 0 && c->source &&
            !strncasecmp(c->source, pll, strlen(pll)))
            usual = c->mhz * 1e6 * c->divisor0 * c->divisor1;
    }
    return llrint(fmin(fmax(usual / ref_hz, 1), 127));
}

static void zynq_boot(struct sim_ps_image *im, const struct lunq_design *d)
{
    static const struct {
        const char *name;
        unsigned off;
        double usual; /* of a PYNQ-Z1 and -Z2 */
    } plls[] = {{"ARM", 0x100, 1300e6}, {"DDR", 0x104, 1050e6}, {"IO", 0x108, 1000e6}};
    static const char *const sources[] = {"IO", "", "ARM", "DDR"};
    const struct lunq_module *ps = d ? d->ps : NULL;
    uint32_t *w = im->words[0];
    for (unsigned i = 0; i < 3; i++) {
        w[plls[i].off / 4] = 0; /* running, no bypass */
        put(&w[plls[i].off / 4], 12, 7,
            param(ps, "PCW_%sPLL_CTRL_FBDIV", plls[i].name,
                  multiplier(d, im->ref_hz, plls[i].name, plls[i].usual)));
    }
    put(&w[0x120 / 4], 8, 6, param(ps, "PCW_CPU_%s_DIVISOR0", "PERIPHERAL", 2));
    for (size_t k = 0; d && k < d->n_clocks; k++) {
        uint32_t *ctrl = &w[0x170 / 4 + 4 * k];
        const struct lunq_clock *c = &d->clocks[k];
        for (unsigned n = 0; c->source && n < 4; n++)
            if (*sources[n] && !strncasecmp(c->source, sources[n], strlen(sources[n])))
                put(ctrl, 4, 2, n);
        if (c->divisor0 > 0)
            put(ctrl, 8, 6, c->divisor0);
        if (c->divisor1 > 0)
            put(ctrl, 20, 6, c->divisor1);
    }
}

static void mp_boot_pll(struct sim_ps_image *im, const struct lunq_design *d, const char *name,
                        unsigned window, unsigned off, double usual)
{
    const struct lunq_module *ps = d ? d->ps : NULL;
    char fbdiv[80], text[80];
    const char *fraction;
    uint32_t *ctrl = &im->words[window][off / 4];
    snprintf(fbdiv, sizeof fbdiv, "PSU__%s_APB__%%s_CTRL__FBDIV", window ? "CRF" : "CRL");
    *ctrl = 0;
    put(ctrl, 16, 1, 1); /* DIV2: the VCO runs at twice the frequency */
    put(ctrl, 8, 7, param(ps, fbdiv, name, multiplier(d, im->ref_hz / 2, name, usual)));
    snprintf(text, sizeof text, "PSU__%s_APB__%s_CTRL__DIV2", window ? "CRF" : "CRL", name);
    put(ctrl, 16, 1, param(ps, "%s", text, 1));
    snprintf(text, sizeof text, "PSU__%s_APB__%s_FRAC_CFG__ENABLED", window ? "CRF" : "CRL", name);
    if (param(ps, "%s", text, 0) == 0)
        return;
    snprintf(text, sizeof text, "PSU__%s_APB__%s_CTRL__FRACDATA", window ? "CRF" : "CRL", name);
    fraction = lunq_module_param(ps, text, "0");
    put(&im->words[window][off / 4 + 2], 0, 16,
        llrint(fmin(fmax(strtod(fraction, NULL), 0), 1) * 65536));
    im->words[window][off / 4 + 2] |= 1u << 31;
}

static void mp_boot(struct sim_ps_image *im, const struct lunq_design *d)
{
    static const char *const sources[] = {"IOPLL", "", "RPLL", "DPLL"};
    static const char *const cpu_sources[] = {"APLL", "", "DPLL", "VPLL"};
    const struct lunq_module *ps = d ? d->ps : NULL;
    const char *cpu = ps ? lunq_module_param(ps, "PSU__CRF_APB__ACPU_CTRL__SRCSEL", "") : "";
    mp_boot_pll(im, d, "IOPLL", 0, 0x20, 1500e6);
    mp_boot_pll(im, d, "RPLL", 0, 0x30, 1500e6);
    mp_boot_pll(im, d, "APLL", 1, 0x20, 1200e6);
    mp_boot_pll(im, d, "DPLL", 1, 0x2C, 1050e6);
    mp_boot_pll(im, d, "VPLL", 1, 0x38, 1500e6);
    put(&im->words[1][0x4C / 4], 8, 6,
        param(ps, "PSU__CRF_APB__%s_CTRL__DIVISOR0", "DPLL_TO_LPD", 3));
    put(&im->words[1][0x60 / 4], 8, 6, param(ps, "PSU__CRF_APB__%s__DIVISOR0", "ACPU_CTRL", 1));
    for (unsigned n = 0; n < 4; n++)
        if (*cpu && !strcasecmp(cpu, cpu_sources[n]))
            put(&im->words[1][0x60 / 4], 0, 3, n);
    for (size_t k = 0; d && k < d->n_clocks; k++) {
        uint32_t *ctrl = &im->words[0][0xC0 / 4 + k];
        const struct lunq_clock *c = &d->clocks[k];
        for (unsigned n = 0; c->source && n < 4; n++)
            if (!strcasecmp(c->source, sources[n]))
                put(ctrl, 0, 3, n);
        if (c->divisor0 > 0)
            put(ctrl, 8, 6, c->divisor0);
        if (c->divisor1 > 0)
            put(ctrl, 16, 6, c->divisor1);
        put(ctrl, 24, 1, c->enable > 0);
    }
}

void sim_ps_image(struct sim_ps_image *im, enum lunq_ps kind, const struct lunq_design *d)
{
    double usual = kind == LUNQ_PS_ZYNQ7000 ? 50 : 33.333;
    double mhz = d && d->ref_clock_mhz ? strtod(d->ref_clock_mhz, NULL) : 0;
    im->ref_hz = 1e6 * (mhz >= 1 && mhz <= 1000 ? mhz : usual);
    if (kind == LUNQ_PS_ZYNQ7000)
        zynq_boot(im, d);
    else
        mp_boot(im, d);
}
