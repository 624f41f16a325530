/* xclbin_write_xml.c - the EMBEDDED_METADATA of an xclbin (xrt.md 6.2). */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "xclbin_out.h"

static void print(struct xclbin_out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void print(struct xclbin_out *o, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    xclbin_put(o, text, strlen(text));
}

/* Bytes of the UTF-8 character at c, 0 when it is none: a platform name comes from a field of bytes. */
static size_t character(const char *c)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {{0x80, 0, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    const unsigned char *u = (const unsigned char *)c;
    for (size_t n = 0; n < 4; n++) {
        uint32_t code = u[0] & (unsigned char)~forms[n].mask;
        if ((u[0] & forms[n].mask) != forms[n].lead)
            continue;
        for (size_t i = 1; i <= n; i++) {
            if ((u[i] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (u[i] & 0x3f);
        }
        return code < forms[n].least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ||
                       code == 0xfffe || code == 0xffff
                   ? 0
                   : n + 1;
    }
    return 0;
}

/* ` name="value"` with what XML reserves escaped, and a ? for what can't be in XML. */
static void attribute(struct xclbin_out *o, const char *name, const char *value)
{
    print(o, " %s=\"", name);
    for (size_t n; *value; value += n ? n : 1) {
        n = character(value);
        if (!n || (*value > 0 && *value < ' ' && !strchr("\t\n\r", *value)))
            xclbin_put(o, "?", 1);
        else if (strchr("<>&\"'\t\n\r", *value))
            print(o, "&#%d;", *value);
        else
            xclbin_put(o, value, n);
    }
    xclbin_put(o, "\"", 1);
}

static void xml_port(struct xclbin_out *o, const char *name, const char *mode, uint64_t range,
                     unsigned width)
{
    print(o, "<port");
    attribute(o, "name", name);
    print(o,
          " mode=\"%s\" range=\"0x%" PRIX64 "\" dataWidth=\"%u\" portType=\"%s\" base=\"0x0\"/>\n",
          mode, range, width ? width : 32, strstr(mode, "_only") ? "stream" : "addressable");
}

static void xml_ports(struct xclbin_out *o, const struct lunq_cu *cu)
{
    for (size_t i = 0; i < cu->module->n_buses; i++) {
        const struct lunq_bus *b = &cu->module->buses[i];
        bool slave = b->role == LUNQ_BUS_SLAVE;
        if (b->vlnv && strstr(b->vlnv, ":aximm:"))
            xml_port(o, b->name, slave ? "slave" : "master", slave ? cu->range : 0xFFFFFFFF,
                     b->data_width);
    }
    for (size_t i = 0; i < cu->n_args; i++) {
        const struct lunq_arg *a = &cu->args[i];
        if (a->kind == LUNQ_ARG_STREAM)
            xml_port(o, *a->port ? a->port : a->name, a->output ? "write_only" : "read_only", 0,
                     32);
    }
}

static void xml_args(struct xclbin_out *o, const struct lunq_cu *cu)
{
    for (size_t i = 0; i < cu->n_args; i++) {
        const struct lunq_arg *a = &cu->args[i];
        print(o, "<arg");
        attribute(o, "name", a->name);
        print(o, " addressQualifier=\"%d\" id=\"%u\"", (int)a->kind, a->index);
        attribute(o, "port", *a->port || a->kind != LUNQ_ARG_STREAM ? a->port : a->name);
        print(o,
              " size=\"0x%" PRIX64 "\" offset=\"0x%" PRIX64 "\" hostOffset=\"0x%" PRIX64
              "\" hostSize=\"0x%" PRIX64 "\"",
              a->size, a->offset, a->host_offset, a->host_size);
        attribute(o, "type", a->type);
        print(o, "/>\n");
    }
}

static void xml_unit(struct xclbin_out *o, const struct lunq_cu *cu)
{
    const char *port = "";
    for (size_t i = 0; i < cu->module->n_buses; i++)
        if (cu->module->buses[i].role == LUNQ_BUS_SLAVE &&
            strstr(cu->module->buses[i].vlnv, ":aximm:"))
            port = cu->module->buses[i].name;
    print(o, "<instance");
    attribute(o, "name", cu->name);
    print(o, ">\n");
    if (cu->has_address) {
        print(o, "<addrRemap base=\"0x%" PRIx64 "\" range=\"0x%" PRIX64 "\"", cu->base, cu->range);
        attribute(o, "port", port);
        print(o, "/>\n");
    }
    print(o, "</instance>\n");
}

static bool is_first(const struct lunq_card *c, size_t unit)
{
    for (size_t i = 0; i < unit; i++)
        if (!strcmp(c->cus[i].kernel, c->cus[unit].kernel))
            return false;
    return true;
}

/* A kernel at its first unit, with all its units. */
static void xml_kernel(struct xclbin_out *o, const struct lunq_card *c, size_t unit)
{
    const struct lunq_cu *cu = &c->cus[unit];
    print(o, "<kernel");
    attribute(o, "name", cu->kernel);
    print(o, " language=\"c\"");
    attribute(o, "vlnv", cu->module->vlnv ? cu->module->vlnv : "");
    print(o, " interrupt=\"%s\"", cu->interrupt ? "true" : "false");
    attribute(o, "hwControlProtocol", cu->protocol);
    print(o, ">\n");
    xml_ports(o, cu);
    xml_args(o, cu);
    for (size_t i = unit; i < c->n_cus; i++)
        if (!strcmp(c->cus[i].kernel, cu->kernel))
            xml_unit(o, &c->cus[i]);
    print(o, "</kernel>\n");
}

int xclbin_write_xml(struct xclbin_out *o)
{
    const struct lunq_design *d = o->d;
    char device[200];
    snprintf(device, sizeof device, "%.64s:%.100s", d->arch, d->part);
    print(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<project");
    attribute(o, "name", d->name);
    print(o, ">\n<platform vendor=\"\"");
    attribute(o, "boardid", d->board);
    attribute(o, "name", d->card.platform);
    print(o, " featureRomTime=\"0\">\n<version major=\"0\" minor=\"0\"/>\n<device name=\"fpga0\"");
    attribute(o, "fpgaDevice", *d->arch || *d->part ? device : "");
    print(o, " addrWidth=\"0\">\n<core name=\"OCL_REGION_0\" target=\"bitstream\" "
             "type=\"clc_region\" clockFreq=\"0MHz\" numComputeUnits=\"60\">\n");
    for (size_t i = 0; i < d->card.n_cus; i++)
        if (is_first(&d->card, i))
            xml_kernel(o, &d->card, i);
    print(o, "</core>\n</device>\n</platform>\n</project>\n");
    return 0;
}
