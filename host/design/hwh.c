/* hwh.c - reads Vivado's hand-off file (HWH) with expat, in one pass over the text.
 * The format has no public specification; what it is like: hwh.md sections 1 to 3, measured on
 * 597 files. Everything is in attributes. What we don't know is skipped with one warning; a number
 * that is none, an address range that ends before it starts, and XML that is damaged are errors
 * with file and line. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hwh_reader.h"

/* ---- failing and warning ------------------------------------------------------------------- */

void hwh_fail(struct hwh_reader *r, int kind, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    if (r->failed)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    r->failed = lunq_fail(r->err, kind, "%s:%lu: %s", r->d->file,
                          (unsigned long)XML_GetCurrentLineNumber(r->xml), text);
    XML_StopParser(r->xml, XML_FALSE);
}

void hwh_warn(struct hwh_reader *r, const char *what, const char *name)
{
    char kind[192];
    snprintf(kind, sizeof kind, "%s%s%.64s", what, name ? " " : "", name ? name : "");
    lunq_design_warn(r->d, kind, "%s:%lu: skipped: %s", r->d->file,
                     (unsigned long)XML_GetCurrentLineNumber(r->xml), kind);
}

void *hwh_push(struct hwh_reader *r, struct lunq_vec *v, size_t size)
{
    void *p = lunq_vec_add(v, size);
    if (!p)
        hwh_fail(r, LUNQ_MEMORY, "no memory");
    return p;
}

/* ---- attributes ---------------------------------------------------------------------------- */

static void take_attributes(struct hwh_reader *r, const char **atts)
{
    for (; *atts; atts += 2) {
        enum hwh_attribute a = hwh_attribute(atts[0]);
        if (a == A_UNKNOWN) {
            hwh_warn(r, "unknown attribute", atts[0]);
        } else if (a != A_OTHER) {
            r->at[a] = atts[1];
            r->at_len[a] = strlen(atts[1]);
            if (r->at_len[a] > LUNQ_MAX_TEXT)
                hwh_fail(r, LUNQ_VALUE, "%s is longer than %d bytes", atts[0], LUNQ_MAX_TEXT);
        }
    }
}

static void drop_attributes(struct hwh_reader *r, const char **atts)
{
    for (; *atts; atts += 2)
        r->at[hwh_attribute(atts[0])] = NULL;
}

const char *hwh_text(struct hwh_reader *r, enum hwh_attribute a)
{
    const char *s;
    if (!r->at[a])
        return NULL;
    s = lunq_design_intern(r->d, r->at[a], r->at_len[a]);
    if (!s)
        hwh_fail(r, LUNQ_MEMORY, "no memory");
    return s;
}

const char *hwh_name(struct hwh_reader *r, enum hwh_attribute a)
{
    if (r->at[a] && r->at_len[a] > LUNQ_MAX_NAME) {
        hwh_fail(r, LUNQ_VALUE, "a name is longer than %d bytes", LUNQ_MAX_NAME);
        return NULL;
    }
    return hwh_text(r, a);
}

const char *hwh_name_or(struct hwh_reader *r, enum hwh_attribute a, const char *otherwise)
{
    const char *s = hwh_name(r, a);
    return s ? s : lunq_design_intern(r->d, otherwise, SIZE_MAX);
}

uint64_t hwh_number(struct hwh_reader *r, enum hwh_attribute a, const char *what,
                    uint64_t otherwise, uint64_t max)
{
    uint64_t v;
    if (!r->at[a])
        return otherwise;
    if (!lunq_number(r->at[a], &v) || v > max) {
        hwh_fail(r, LUNQ_VALUE, "%s=\"%.40s\" is not a number up to 0x%" PRIX64, what, r->at[a],
                 max);
        return otherwise;
    }
    return v;
}

/* ---- elements ------------------------------------------------------------------------------ */

static void start_system_info(struct hwh_reader *r)
{
    struct lunq_design *d = r->d;
    d->arch = hwh_name_or(r, A_ARCH, "");
    d->part = hwh_name_or(r, A_DEVICE, "");
    d->board = hwh_name_or(r, A_BOARD, "");
    d->name = hwh_name_or(r, A_NAME, "");
}

static void start_module(struct hwh_reader *r)
{
    const char *full = hwh_name(r, A_FULLNAME), *instance = hwh_name(r, A_INSTANCE);
    if (r->modules.n == LUNQ_MAX_MODULES) {
        hwh_fail(r, LUNQ_VALUE, "more than %d modules", LUNQ_MAX_MODULES);
        return;
    }
    memset(&r->module, 0, sizeof r->module);
    if (full && full[0] == '/')
        full = lunq_design_intern(r->d, full + 1, SIZE_MAX);
    if (!full || !*full) /* files of 2014.2, inside of Versal IP */
        full = instance;
    if (!full || !*full) {
        hwh_warn(r, "a MODULE without FULLNAME and INSTANCE", NULL);
        r->skip_at = r->depth;
        return;
    }
    r->module.path = full;
    r->module.instance = instance && *instance ? instance : full;
    r->module.vlnv = hwh_name(r, A_VLNV);
    r->module.modtype = hwh_name(r, A_MODTYPE);
    r->module.bdtype = hwh_name(r, A_BDTYPE);
    r->module.bd = hwh_name(r, A_BD);
    r->in_module = true;
}

static void end_module(struct hwh_reader *r)
{
    struct lunq_module *m = hwh_push(r, &r->modules, sizeof *m);
    r->in_module = false;
    if (!m)
        return;
    HWH_KEEP(r, r->params, r->module.params, r->module.n_params);
    HWH_KEEP(r, r->ports, r->module.ports, r->module.n_ports);
    HWH_KEEP(r, r->buses, r->module.buses, r->module.n_buses);
    HWH_KEEP(r, r->blocks, r->module.blocks, r->module.n_blocks);
    HWH_KEEP(r, r->ranges, r->module.ranges, r->module.n_ranges);
    *m = r->module;
}

static void start_parameter(struct hwh_reader *r)
{
    struct lunq_vec *to = r->in_bus ? &r->bus_params : &r->params;
    struct lunq_param *p;
    if (!r->at[A_NAME] || !r->at[A_VALUE] || !(r->in_module || r->in_bus))
        return; /* 0.1 % have no VALUE */
    if (!(p = hwh_push(r, to, sizeof *p)))
        return;
    p->name = hwh_name(r, A_NAME);
    p->value = hwh_text(r, A_VALUE);
}

/* |LEFT - RIGHT| + 1, or 1 without them; LEFT < RIGHT occurs (LMB). */
static unsigned port_width(struct hwh_reader *r)
{
    uint64_t left = hwh_number(r, A_LEFT, "LEFT", 0, UINT32_MAX);
    uint64_t right = hwh_number(r, A_RIGHT, "RIGHT", 0, UINT32_MAX);
    uint64_t width = (left > right ? left - right : right - left) + 1;
    if (width > LUNQ_MAX_WIDTH) {
        hwh_fail(r, LUNQ_VALUE, "port %.64s is %" PRIu64 " bits wide (limit %d)",
                 r->at[A_NAME] ? r->at[A_NAME] : "?", width, LUNQ_MAX_WIDTH);
        return 1;
    }
    return (unsigned)width;
}

static void start_port(struct hwh_reader *r)
{
    const char *dir = r->at[A_DIR] ? r->at[A_DIR] : "";
    struct lunq_port *p;
    if (!r->in_module && !r->in_external_ports)
        return;
    if (!r->at[A_NAME]) {
        hwh_warn(r, "a PORT without NAME", NULL);
        return;
    }
    if (!(p = hwh_push(r, r->in_module ? &r->ports : &r->external, sizeof *p)))
        return;
    p->name = hwh_name(r, A_NAME);
    p->net = r->at[A_SIGNAME] && r->at_len[A_SIGNAME] ? hwh_name(r, A_SIGNAME) : NULL;
    p->sigis = hwh_name(r, A_SIGIS);
    p->polarity = hwh_text(r, A_POLARITY);
    p->sensitivity = hwh_text(r, A_SENSITIVITY);
    p->dir = !strcmp(dir, "I") ? LUNQ_IN : !strcmp(dir, "O") ? LUNQ_OUT : LUNQ_INOUT;
    p->width = port_width(r);
    /* A clock of 2014 may be a fraction; it is information only. */
    if (r->at[A_CLKFREQUENCY])
        p->clk_hz = strtoull(r->at[A_CLKFREQUENCY], NULL, 10);
}

static enum lunq_bus_role bus_role(struct hwh_reader *r)
{
    const char *type = r->at[A_TYPE] ? r->at[A_TYPE] : "";
    if (!strcmp(type, "MASTER") || !strcmp(type, "INITIATOR"))
        return LUNQ_BUS_MASTER;
    if (!strcmp(type, "SLAVE") || !strcmp(type, "TARGET"))
        return LUNQ_BUS_SLAVE;
    if (strcmp(type, "MONITOR"))
        hwh_warn(r, "a bus interface of unknown TYPE", type);
    return LUNQ_BUS_MONITOR;
}

static void start_bus(struct hwh_reader *r)
{
    const char *bus = hwh_name(r, A_BUSNAME);
    if (!r->at[A_NAME] || !(r->in_module || r->in_external_interfaces)) {
        r->skip_at = r->depth;
        return;
    }
    memset(&r->bus, 0, sizeof r->bus);
    r->bus.name = hwh_name(r, A_NAME);
    r->bus.bus = bus && *bus && strcmp(bus, "__NOC__") ? bus : NULL;
    r->bus.vlnv = hwh_name(r, A_VLNV);
    r->bus.role = bus_role(r);
    r->bus.data_width = (unsigned)hwh_number(r, A_DATAWIDTH, "DATAWIDTH", 0, LUNQ_MAX_WIDTH);
    r->in_bus = true;
}

static void end_bus(struct hwh_reader *r)
{
    struct lunq_bus *b = hwh_push(r, r->in_module ? &r->buses : &r->external_buses, sizeof *b);
    r->in_bus = false;
    if (!b)
        return;
    HWH_KEEP(r, r->bus_params, r->bus.params, r->bus.n_params);
    HWH_KEEP(r, r->portmaps, r->bus.portmaps, r->bus.n_portmaps);
    *b = r->bus;
}

static void start_portmap(struct hwh_reader *r)
{
    struct lunq_portmap *p;
    if (!r->in_bus || !r->at[A_LOGICAL] || !r->at[A_PHYSICAL])
        return;
    if ((p = hwh_push(r, &r->portmaps, sizeof *p)))
        *p = (struct lunq_portmap){hwh_name(r, A_LOGICAL), hwh_name(r, A_PHYSICAL)};
}

static void start_range(struct hwh_reader *r)
{
    bool outside = r->in_external_interfaces;
    struct lunq_range *g;
    if (!r->in_module && !outside)
        return;
    if (!r->at[A_INSTANCE] || !r->at[A_BASEVALUE] || !r->at[A_HIGHVALUE]) {
        hwh_warn(r, "a MEMRANGE without INSTANCE, BASEVALUE or HIGHVALUE", NULL);
        return;
    }
    if (++r->n_ranges > LUNQ_MAX_RANGES) {
        hwh_fail(r, LUNQ_VALUE, "more than %d address ranges", LUNQ_MAX_RANGES);
        return;
    }
    if (!(g = hwh_push(r, outside ? &r->external_ranges : &r->ranges, sizeof *g)))
        return;
    g->instance = hwh_name(r, A_INSTANCE);
    g->block = hwh_name(r, A_ADDRESSBLOCK);
    g->memtype = hwh_name_or(r, A_MEMTYPE, "REGISTER");
    g->master = hwh_name(r, A_MASTERBUSINTERFACE);
    g->slave = hwh_name(r, A_SLAVEBUSINTERFACE);
    g->base = hwh_number(r, A_BASEVALUE, "BASEVALUE", 0, UINT64_MAX);
    g->high = hwh_number(r, A_HIGHVALUE, "HIGHVALUE", UINT64_MAX, UINT64_MAX);
    if (g->high < g->base)
        hwh_fail(r, LUNQ_VALUE,
                 "the address range of %.64s ends at 0x%" PRIX64 ", before its start 0x%" PRIX64,
                 r->at[A_INSTANCE], g->high, g->base);
    else if (g->high - g->base == UINT64_MAX)
        hwh_fail(r, LUNQ_VALUE, "the address range of %.64s is the whole 64-bit space",
                 r->at[A_INSTANCE]);
}

/* ---- expat --------------------------------------------------------------------------------- */

static void start_known(struct hwh_reader *r, enum hwh_element e)
{
    switch (e) {
    case E_EDKSYSTEM: r->d->tool = hwh_name_or(r, A_VIVADOVERSION, ""); break;
    case E_SYSTEMINFO: start_system_info(r); break;
    case E_MODULE: start_module(r); break;
    case E_PARAMETER: start_parameter(r); break;
    case E_PORT: start_port(r); break;
    case E_BUSINTERFACE: start_bus(r); break;
    case E_PORTMAP: start_portmap(r); break;
    case E_MEMRANGE: start_range(r); break;
    case E_ADDRESSBLOCK: hwh_start_block(r); break;
    case E_REGISTER: hwh_start_register(r); break;
    case E_FIELD: hwh_start_field(r); break;
    case E_PROPERTY: hwh_start_property(r); break;
    default: break;
    }
}

/* The element that opens or is open already: then this one is out of place. */
static bool *open_flag(struct hwh_reader *r, enum hwh_element e)
{
    switch (e) {
    case E_EXTERNALPORTS: return &r->in_external_ports;
    case E_EXTERNALINTERFACES: return &r->in_external_interfaces;
    case E_MODULE: return &r->in_module;
    case E_BUSINTERFACE: return &r->in_bus;
    case E_ADDRESSBLOCK: return &r->in_block;
    case E_REGISTER: return &r->in_register;
    case E_FIELD: return &r->in_field;
    default: return NULL;
    }
}

static void on_start(void *ud, const char *tag, const char **atts)
{
    struct hwh_reader *r = ud;
    enum hwh_element e;
    bool *open;
    if (r->failed)
        return;
    if (++r->elements > LUNQ_MAX_ELEMENTS) {
        hwh_fail(r, LUNQ_VALUE, "more than %d elements", LUNQ_MAX_ELEMENTS);
        return;
    }
    if (++r->depth > LUNQ_MAX_DEPTH) {
        hwh_fail(r, LUNQ_VALUE, "elements are nested deeper than %d", LUNQ_MAX_DEPTH);
        return;
    }
    if (r->skip_at)
        return;
    e = hwh_element(tag);
    if (r->depth == 1 && e != E_EDKSYSTEM) {
        hwh_fail(r, LUNQ_VALUE, "the root element is <%.64s>, not <EDKSYSTEM>: this is no HWH file",
                 tag);
        return;
    }
    if (e == E_OTHER)
        return;
    open = open_flag(r, e);
    if (e == E_UNKNOWN || (open && *open)) {
        hwh_warn(r, e == E_UNKNOWN ? "unknown element" : "an element inside of its like:", tag);
        r->skip_at = r->depth;
        return;
    }
    if (e == E_EXTERNALPORTS || e == E_EXTERNALINTERFACES) {
        *open = true;
        return;
    }
    take_attributes(r, atts);
    if (!r->failed)
        start_known(r, e);
    drop_attributes(r, atts);
}

static void on_end(void *ud, const char *tag)
{
    struct hwh_reader *r = ud;
    enum hwh_element e;
    if (r->failed)
        return;
    if (r->skip_at) {
        if (r->skip_at == r->depth)
            r->skip_at = 0;
        r->depth--;
        return;
    }
    r->depth--;
    e = hwh_element(tag);
    switch (e) {
    case E_EXTERNALPORTS: r->in_external_ports = false; break;
    case E_EXTERNALINTERFACES: r->in_external_interfaces = false; break;
    case E_MODULE: end_module(r); break;
    case E_BUSINTERFACE: end_bus(r); break;
    case E_ADDRESSBLOCK:
        if (r->in_block)
            hwh_end_block(r);
        break;
    case E_REGISTER: hwh_end_register(r); break;
    case E_FIELD: hwh_end_field(r); break;
    default: break;
    }
}

/* No HWH file has one, and it is where XML's entity attacks live. */
static void on_doctype(void *ud, const char *root, const char *sysid, const char *pubid, int inner)
{
    hwh_fail(ud, LUNQ_VALUE, "a DOCTYPE is not accepted in an HWH file");
}

static void explain_expat(struct hwh_reader *r)
{
    enum XML_Error code = XML_GetErrorCode(r->xml);
    bool cut = code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN ||
               code == XML_ERROR_PARTIAL_CHAR || code == XML_ERROR_UNCLOSED_CDATA_SECTION;
    if (code == XML_ERROR_NO_MEMORY)
        hwh_fail(r, LUNQ_MEMORY, "no memory");
    else
        hwh_fail(r, LUNQ_VALUE, "not well-formed: %s%s", XML_ErrorString(code),
                 cut ? " (is the file cut off?)" : "");
}

static void free_reader(struct hwh_reader *r)
{
    struct lunq_vec *vecs[] = {&r->modules,        &r->params, &r->ports,      &r->buses,
                               &r->blocks,         &r->ranges, &r->bus_params, &r->portmaps,
                               &r->registers,      &r->fields, &r->external,   &r->external_buses,
                               &r->external_ranges};
    for (size_t i = 0; i < sizeof vecs / sizeof *vecs; i++)
        lunq_vec_free(vecs[i]);
    XML_ParserFree(r->xml);
}

int lunq_hwh_read(struct lunq_design *d, const char *data, size_t size, struct lunq_error *err)
{
    struct hwh_reader r = {.d = d, .err = err, .xml = XML_ParserCreate(NULL)};
    if (!r.xml)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory", d->file);
    XML_SetUserData(r.xml, &r);
    XML_SetElementHandler(r.xml, on_start, on_end);
    XML_SetStartDoctypeDeclHandler(r.xml, on_doctype);
    /* One call: expat then reads the text where it is. Its length fits an int (LUNQ_MAX_FILE). */
    if (XML_Parse(r.xml, data, (int)size, 1) == XML_STATUS_ERROR && !r.failed)
        explain_expat(&r);
    if (!r.failed) {
        HWH_KEEP(&r, r.modules, d->modules, d->n_modules);
        HWH_KEEP(&r, r.external, d->external, d->n_external);
        HWH_KEEP(&r, r.external_buses, d->external_buses, d->n_external_buses);
        HWH_KEEP(&r, r.external_ranges, d->external_ranges, d->n_external_ranges);
        if (d->priv->arena.failed)
            hwh_fail(&r, LUNQ_MEMORY, "no memory");
    }
    free_reader(&r);
    return r.failed;
}
