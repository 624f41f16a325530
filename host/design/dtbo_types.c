/* dtbo_types.c - the type of an IP from a device tree. Vivado's generator makes `compatible` of an IP
 * "xlnx,NAME-VERSION", whatever the vendor in its VLNV (hwh.md section 4), and adds what the driver of
 * Linux was written for, with the versions of EDK: "xlnx,axi-gpio-2.0", "xlnx,xps-gpio-1.00.a". */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "dtbo.h"

/* IP of Xilinx: name in the VLNV, the version when only an old string is there, its interrupt outputs,
 * the old string. */
static const struct known {
    const char *name, *version, *irq, *irq2, *old;
} known[] = {
    {"axi_bram_ctrl", "4.1", NULL, NULL, NULL},
    {"axi_cdma", "4.1", "cdma_introut", NULL, "xlnx,axi-cdma-1.00.a"},
    {"axi_dma", "7.1", "mm2s_introut", "s2mm_introut", "xlnx,axi-dma-1.00.a"},
    {"axi_fifo_mm_s", "4.2", "interrupt", NULL, NULL},
    {"axi_gpio", "2.0", "ip2intc_irpt", NULL, "xlnx,xps-gpio-1.00.a"},
    {"axi_iic", "2.1", "iic2intc_irpt", NULL, "xlnx,xps-iic-2.00.a"},
    {"axi_intc", "4.1", "irq", NULL, "xlnx,xps-intc-1.00.a"},
    {"axi_quad_spi", "3.2", "ip2intc_irpt", NULL, "xlnx,xps-spi-2.00.a"},
    {"axi_timer", "2.0", "interrupt", NULL, "xlnx,xps-timer-1.00.a"},
    {"axi_uartlite", "2.0", "interrupt", NULL, "xlnx,xps-uartlite-1.00.a"},
    {"axi_vdma", "6.3", "mm2s_introut", "s2mm_introut", "xlnx,axi-vdma-1.00.a"},
    {"axis_switch", "1.1", NULL, NULL, NULL},
    {"dfx_axi_shutdown_manager", "1.0", NULL, NULL, NULL},
    {"dfx_decoupler", "1.0", NULL, NULL, NULL},
    {"mailbox", "2.1", "Interrupt_0", NULL, NULL},
    {"system_management_wiz", "1.3", "ip2intc_irpt", NULL, NULL},
    {"xadc_wiz", "3.3", "ip2intc_irpt", NULL, "xlnx,axi-xadc-1.00.a"},
};

static const struct known *known_name(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strncmp(known[i].name, name, n) && !known[i].name[n])
            return &known[i];
    return NULL;
}

static void set(struct lunq_dtbo_type *t, const struct known *k, const char *version)
{
    snprintf(t->vlnv, sizeof t->vlnv, "xilinx.com:ip:%s:%s", k->name, version);
    t->irq = k->irq ? k->irq : "interrupt";
    t->irq2 = k->irq2;
}

/* "4.1", "1.00.a"; some have a 'v' in front: "v2.1" */
static bool is_version(const char *s)
{
    if (!isdigit((unsigned char)*s))
        return false;
    for (; *s; s++)
        if (!isdigit((unsigned char)*s) && *s != '.' &&
            !(islower((unsigned char)*s) && s[-1] == '.' && !s[1]))
            return false;
    return true;
}

/* "xlnx,axi-gpio-2.0" -> xilinx.com:ip:axi_gpio:2.0; "xlnx,fir-1.0" -> "*:*:fir:1.0". */
static bool from_string(const char *s, struct lunq_dtbo_type *t)
{
    const char *dash = strrchr(s, '-'), *from = s + 5;
    const struct known *k;
    const char *version = dash ? dash + 1 + (dash[1] == 'v') : NULL;
    char name[100];
    size_t n = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].old && !strcmp(s, known[i].old)) {
            set(t, &known[i], known[i].version);
            return true;
        }
    if (strncmp(s, "xlnx,", 5) || !dash || dash <= from || !is_version(version) ||
        (size_t)(dash - from) >= sizeof name || strlen(dash) > 16)
        return false;
    for (; from + n < dash; n++) {
        if (!isalnum((unsigned char)from[n]) && from[n] != '-' && from[n] != '_')
            return false;
        name[n] = from[n] == '-' ? '_' : from[n];
    }
    name[n] = '\0';
    k = known_name(name, n);
    if (k)
        set(t, k, version);
    else
        snprintf(t->vlnv, sizeof t->vlnv, "*:*:%s:%s", name, version);
    return true;
}

/* "axi_dma_0" and "axi_dma": the name Vivado gives. */
static bool from_name(const char *name, struct lunq_dtbo_type *t)
{
    size_t n = strlen(name);
    const struct known *k = known_name(name, n);
    while (n && isdigit((unsigned char)name[n - 1]))
        n--;
    if (!k && n > 1 && name[n - 1] == '_')
        k = known_name(name, n - 1);
    if (k)
        set(t, k, k->version);
    return k != NULL;
}

/* What lunq dtbo writes: the VLNV itself. */
static bool from_vlnv(const char *vlnv, struct lunq_dtbo_type *t)
{
    const char *name = vlnv, *end;
    const struct known *k;
    for (int i = 0; i < 2 && name; i++)
        name = (name = strchr(name, ':')) ? name + 1 : NULL;
    end = name ? strchr(name, ':') : NULL;
    for (const char *s = vlnv; *s; s++)
        if (!isgraph((unsigned char)*s))
            return false;
    if (!end || strlen(vlnv) >= sizeof t->vlnv)
        return false;
    k = known_name(name, (size_t)(end - name));
    if (k)
        set(t, k, "");
    snprintf(t->vlnv, sizeof t->vlnv, "%s", vlnv);
    return true;
}

void lunq_dtbo_type_of(const struct lunq_dt_node *n, const char *name, struct lunq_dtbo_type *out)
{
    const struct lunq_dt_property *p = lunq_dt_property(n, "compatible");
    const char *own = lunq_dt_text(n, "lunq,vlnv");
    *out = (struct lunq_dtbo_type){.irq = "interrupt"};
    if (own && from_vlnv(own, out))
        return;
    for (uint32_t i = 0; p && i < p->size;) {
        const char *s = (const char *)p->value + i, *nul = memchr(s, 0, p->size - i);
        if (!nul)
            break;
        if (from_string(s, out))
            return;
        i += (uint32_t)(nul - s) + 1;
    }
    out->by_name = from_name(name, out);
}
