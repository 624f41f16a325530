/* coherent.c - whether masters in the logic see the processor's caches, from the metadata of the loaded design:
 * through which ports of the processing system they reach memory. */
#include <stdio.h>
#include <string.h>

#include "linux.h"
#include "private.h"

enum answer { NO, PERHAPS, YES };

/* Ports that lead past the caches' coherency unit. HP, GP and LPD don't. */
static bool snooping(const char *port)
{
    return strstr(port, "ACP") || strstr(port, "HPC") || strstr(port, "ACE");
}

/* AxCACHE of an HLS master as its parameter says, C_M_AXI_GMEM_CACHE_VALUE = "0011"; other IP of Xilinx drive
 * 0011. */
static unsigned cache_bits(const struct lunq_module *m, const char *master)
{
    char name[128];
    const char *v;
    unsigned bits = 0;
    snprintf(name, sizeof name, "C_%s_CACHE_VALUE", master ? master : "");
    v = lunq_module_param(m, name, "0011");
    for (; *v; v++)
        if (*v == '0' || *v == '1')
            bits = bits << 1 | (unsigned)(*v - '0');
    return bits;
}

/* One master behind one port. ACP of Zynq-7000 looks into the caches for AxUSER[0] and AxCACHE[1] (UG585, "ACP
 * Coherent Requests"); PCW_USE_DEFAULT_ACP_USER_VAL ties the first. HPC, ACP and ACE of ZynqMP do for any bit of
 * AxCACHE[3:2] (UG1085, "APU Coherent Interfaces"), if the boot loader lets the cluster be asked, which no metadata
 * say. */
static enum answer ask(const struct lunq_design *d, const struct lunq_module *m,
                       const struct lunq_range *r, char *why, size_t size)
{
    unsigned bits = cache_bits(m, r->master);
    bool zynq = !strcmp(d->arch, "zynq");
    if (!snooping(r->slave))
        snprintf(why, size, "%.100s reaches memory through %.40s, which is not coherent", m->path,
                 r->slave);
    else if (zynq && lunq_module_param_int(d->ps, "PCW_USE_DEFAULT_ACP_USER_VAL", 0) != 1)
        snprintf(why, size,
                 "%.40s is coherent for requests that say so, and nothing ties AxUSER to 1 "
                 "(PCW_USE_DEFAULT_ACP_USER_VAL)",
                 r->slave);
    else if (!(bits & (zynq ? 2u : 0xcu)))
        snprintf(why, size, "%.100s asks %.40s for what is not cached (AxCACHE %u%u%u%u)", m->path,
                 r->slave, bits >> 3 & 1, bits >> 2 & 1, bits >> 1 & 1, bits & 1);
    else {
        snprintf(why, size, "%.100s reaches memory through %.40s, which is coherent%s", m->path,
                 r->slave,
                 zynq ? "" : " where the boot loader has broadcasts on; ?coherent=1 if it has");
        return zynq ? YES : PERHAPS;
    }
    return NO;
}

/* The worst answer of all masters. */
static enum answer ask_all(const struct lunq_design *d, char *why, size_t size)
{
    enum answer worst = YES;
    bool any = false;
    for (size_t i = 0; i < d->n_modules && worst != NO; i++) {
        const struct lunq_module *m = &d->modules[i];
        for (size_t k = 0; m != d->ps && k < m->n_ranges && worst != NO; k++) {
            const struct lunq_range *r = &m->ranges[k];
            char text[256];
            enum answer a;
            if (!d->ps || r->target != d->ps || !r->slave || !r->memtype ||
                strcmp(r->memtype, "MEMORY"))
                continue;
            a = ask(d, m, r, text, sizeof text);
            if (!any || a < worst)
                snprintf(why, size, "%s", text);
            worst = a < worst ? a : worst;
            any = true;
        }
    }
    if (any)
        return worst;
    snprintf(why, size, "nothing in the metadata says how a master reaches memory");
    return NO;
}

bool lunq_linux_coherent(struct lunq_device *d, char *why, size_t size)
{
    struct lunq_linux *x = lx_of(d);
    if (x->coherence != LX_BY_DESIGN) {
        snprintf(why, size, "coherent=%d was asked for", x->coherence == LX_COHERENT);
        return x->coherence == LX_COHERENT;
    }
    if (!d->design) {
        snprintf(why, size, "no design is loaded");
        return false;
    }
    return ask_all(d->design, why, size) == YES;
}

bool lx_coherent(struct lunq_linux *x)
{
    struct lunq_device *d = &x->dev;
    char why[256];
    if (x->known_design != d->design || x->known_loads != d->loads) {
        x->known_design = d->design;
        x->known_loads = d->loads;
        x->known_coherent = lunq_linux_coherent(d, why, sizeof why);
    }
    return x->known_coherent;
}
