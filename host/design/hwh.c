/* hwh.c - reads Vivado's hand-off file (HWH) with expat, in one pass over the text.
 * The format has no public specification; what it is like: hwh.md sections 1 to 3, measured on
 * 597 files. Everything is in attributes. What we don't know is skipped with one warning; a number
 * that is none, an address range that ends before it starts, and XML that is damaged are errors
 * with file and line. */
#include <expat.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hwh_names.h"
#include "private.h"

struct reader {
    struct lunq_design *d;
    XML_Parser xml;
    struct lunq_error *err;
    int failed; /* kind of the error in *err, 0: none */
    size_t elements;
    unsigned depth;
    unsigned skip_at; /* depth of an unknown element whose inside is skipped; 0: none */

    const char *at[A_COUNT]; /* attributes of the element being started */
    size_t at_len[A_COUNT];

    /* The open elements, innermost wins. */
    bool in_external_ports, in_external_interfaces, in_module, in_bus, in_block, in_register,
        in_field;
    struct lunq_module module;
    struct lunq_bus bus;
    struct lunq_block block;
    struct lunq_register reg;
    struct lunq_field field;

    struct lunq_vec modules, params, ports, buses, blocks, ranges; /* of the open module */
    struct lunq_vec bus_params, portmaps, registers, fields;
    struct lunq_vec external, external_buses, external_ranges;
    size_t n_ranges;
};

/* ---- failing and warning ------------------------------------------------------------------- */

static void __attribute__((format(printf, 3, 4)))
fail(struct reader *r, int kind, const char *fmt, ...)
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

/* Once per kind; `name` (NULL: none) is part of the kind. */
static void warn(struct reader *r, const char *what, const char *name)
{
    char kind[192];
    snprintf(kind, sizeof kind, "%s%s%.64s", what, name ? " " : "", name ? name : "");
    lunq_design_warn(r->d, kind, "%s:%lu: skipped: %s", r->d->file,
                     (unsigned long)XML_GetCurrentLineNumber(r->xml), kind);
}

static void *push(struct reader *r, struct lunq_vec *v, size_t size)
{
    void *p = lunq_vec_add(v, size);
    if (!p)
        fail(r, LUNQ_MEMORY, "no memory");
    return p;
}

/* Moves a vector into the design: `to`, `n_to` are a pointer and a count there. */
#define KEEP(r, vec, to, n_to)                                                                     \
    ((to) = lunq_vec_keep(&(vec), sizeof *(to), &(r)->d->priv->arena, &(n_to)))

/* ---- attributes ---------------------------------------------------------------------------- */

static void take_attributes(struct reader *r, const char **atts)
{
    for (; *atts; atts += 2) {
        enum hwh_attribute a = hwh_attribute(atts[0]);
        if (a == A_UNKNOWN) {
            warn(r, "unknown attribute", atts[0]);
        } else if (a != A_OTHER) {
            r->at[a] = atts[1];
            r->at_len[a] = strlen(atts[1]);
            if (r->at_len[a] > LUNQ_MAX_TEXT)
                fail(r, LUNQ_VALUE, "%s is longer than %d bytes", atts[0], LUNQ_MAX_TEXT);
        }
    }
}

static void drop_attributes(struct reader *r, const char **atts)
{
    for (; *atts; atts += 2)
        r->at[hwh_attribute(atts[0])] = NULL;
}

/* The text of an attribute in the design's strings, or NULL when it is absent. */
static const char *text(struct reader *r, enum hwh_attribute a)
{
    const char *s;
    if (!r->at[a])
        return NULL;
    s = lunq_design_intern(r->d, r->at[a], r->at_len[a]);
    if (!s)
        fail(r, LUNQ_MEMORY, "no memory");
    return s;
}

/* As text(), for names and paths: these are joined and compared, so their length is limited. */
static const char *name(struct reader *r, enum hwh_attribute a)
{
    if (r->at[a] && r->at_len[a] > LUNQ_MAX_NAME) {
        fail(r, LUNQ_VALUE, "a name is longer than %d bytes", LUNQ_MAX_NAME);
        return NULL;
    }
    return text(r, a);
}

static const char *name_or(struct reader *r, enum hwh_attribute a, const char *otherwise)
{
    const char *s = name(r, a);
    return s ? s : lunq_design_intern(r->d, otherwise, SIZE_MAX);
}

/* An attribute as a number up to `max`; `otherwise` when it is absent. */
static uint64_t number(struct reader *r, enum hwh_attribute a, const char *what, uint64_t otherwise,
                       uint64_t max)
{
    uint64_t v;
    if (!r->at[a])
        return otherwise;
    if (!lunq_number(r->at[a], &v) || v > max) {
        fail(r, LUNQ_VALUE, "%s=\"%.40s\" is not a number up to 0x%" PRIX64, what, r->at[a], max);
        return otherwise;
    }
    return v;
}

/* ---- elements ------------------------------------------------------------------------------ */

static void start_system_info(struct reader *r)
{
    struct lunq_design *d = r->d;
    d->arch = name_or(r, A_ARCH, "");
    d->part = name_or(r, A_DEVICE, "");
    d->board = name_or(r, A_BOARD, "");
    d->name = name_or(r, A_NAME, "");
}

static void start_module(struct reader *r)
{
    const char *full = name(r, A_FULLNAME), *instance = name(r, A_INSTANCE);
    if (r->modules.n == LUNQ_MAX_MODULES) {
        fail(r, LUNQ_VALUE, "more than %d modules", LUNQ_MAX_MODULES);
        return;
    }
    memset(&r->module, 0, sizeof r->module);
    if (full && full[0] == '/')
        full = lunq_design_intern(r->d, full + 1, SIZE_MAX);
    if (!full || !*full) /* files of 2014.2, inside of Versal IP */
        full = instance;
    if (!full || !*full) {
        warn(r, "a MODULE without FULLNAME and INSTANCE", NULL);
        r->skip_at = r->depth;
        return;
    }
    r->module.path = full;
    r->module.instance = instance && *instance ? instance : full;
    r->module.vlnv = name(r, A_VLNV);
    r->module.modtype = name(r, A_MODTYPE);
    r->module.bdtype = name(r, A_BDTYPE);
    r->module.bd = name(r, A_BD);
    r->in_module = true;
}

static void end_module(struct reader *r)
{
    struct lunq_module *m = push(r, &r->modules, sizeof *m);
    r->in_module = false;
    if (!m)
        return;
    KEEP(r, r->params, r->module.params, r->module.n_params);
    KEEP(r, r->ports, r->module.ports, r->module.n_ports);
    KEEP(r, r->buses, r->module.buses, r->module.n_buses);
    KEEP(r, r->blocks, r->module.blocks, r->module.n_blocks);
    KEEP(r, r->ranges, r->module.ranges, r->module.n_ranges);
    *m = r->module;
}

static void start_parameter(struct reader *r)
{
    struct lunq_vec *to = r->in_bus ? &r->bus_params : &r->params;
    struct lunq_param *p;
    if (!r->at[A_NAME] || !r->at[A_VALUE] || !(r->in_module || r->in_bus))
        return; /* 0.1 % have no VALUE */
    if (!(p = push(r, to, sizeof *p)))
        return;
    p->name = name(r, A_NAME);
    p->value = text(r, A_VALUE);
}

/* |LEFT - RIGHT| + 1, or 1 without them; LEFT < RIGHT occurs (LMB). */
static unsigned port_width(struct reader *r)
{
    uint64_t left = number(r, A_LEFT, "LEFT", 0, UINT32_MAX);
    uint64_t right = number(r, A_RIGHT, "RIGHT", 0, UINT32_MAX);
    uint64_t width = (left > right ? left - right : right - left) + 1;
    if (width > LUNQ_MAX_WIDTH) {
        fail(r, LUNQ_VALUE, "port %.64s is %" PRIu64 " bits wide (limit %d)",
             r->at[A_NAME] ? r->at[A_NAME] : "?", width, LUNQ_MAX_WIDTH);
        return 1;
    }
    return (unsigned)width;
}

static void start_port(struct reader *r)
{
    const char *dir = r->at[A_DIR] ? r->at[A_DIR] : "";
    struct lunq_port *p;
    if (!r->in_module && !r->in_external_ports)
        return;
    if (!r->at[A_NAME]) {
        warn(r, "a PORT without NAME", NULL);
        return;
    }
    if (!(p = push(r, r->in_module ? &r->ports : &r->external, sizeof *p)))
        return;
    p->name = name(r, A_NAME);
    p->net = r->at[A_SIGNAME] && r->at_len[A_SIGNAME] ? name(r, A_SIGNAME) : NULL;
    p->sigis = name(r, A_SIGIS);
    p->sensitivity = text(r, A_SENSITIVITY);
    p->dir = !strcmp(dir, "I") ? LUNQ_IN : !strcmp(dir, "O") ? LUNQ_OUT : LUNQ_INOUT;
    p->width = port_width(r);
    /* A clock of 2014 may be a fraction; it is information only. */
    if (r->at[A_CLKFREQUENCY])
        p->clk_hz = strtoull(r->at[A_CLKFREQUENCY], NULL, 10);
}

static enum lunq_bus_role bus_role(struct reader *r)
{
    const char *type = r->at[A_TYPE] ? r->at[A_TYPE] : "";
    if (!strcmp(type, "MASTER") || !strcmp(type, "INITIATOR"))
        return LUNQ_BUS_MASTER;
    if (!strcmp(type, "SLAVE") || !strcmp(type, "TARGET"))
        return LUNQ_BUS_SLAVE;
    if (strcmp(type, "MONITOR"))
        warn(r, "a bus interface of unknown TYPE", type);
    return LUNQ_BUS_MONITOR;
}

static void start_bus(struct reader *r)
{
    const char *bus = name(r, A_BUSNAME);
    if (!r->at[A_NAME] || !(r->in_module || r->in_external_interfaces)) {
        r->skip_at = r->depth;
        return;
    }
    memset(&r->bus, 0, sizeof r->bus);
    r->bus.name = name(r, A_NAME);
    r->bus.bus = bus && *bus && strcmp(bus, "__NOC__") ? bus : NULL;
    r->bus.vlnv = name(r, A_VLNV);
    r->bus.role = bus_role(r);
    r->bus.data_width = (unsigned)number(r, A_DATAWIDTH, "DATAWIDTH", 0, LUNQ_MAX_WIDTH);
    r->in_bus = true;
}

static void end_bus(struct reader *r)
{
    struct lunq_bus *b = push(r, r->in_module ? &r->buses : &r->external_buses, sizeof *b);
    r->in_bus = false;
    if (!b)
        return;
    KEEP(r, r->bus_params, r->bus.params, r->bus.n_params);
    KEEP(r, r->portmaps, r->bus.portmaps, r->bus.n_portmaps);
    *b = r->bus;
}

static void start_portmap(struct reader *r)
{
    struct lunq_portmap *p;
    if (!r->in_bus || !r->at[A_LOGICAL] || !r->at[A_PHYSICAL])
        return;
    if ((p = push(r, &r->portmaps, sizeof *p)))
        *p = (struct lunq_portmap){name(r, A_LOGICAL), name(r, A_PHYSICAL)};
}

static void start_range(struct reader *r)
{
    bool outside = r->in_external_interfaces;
    struct lunq_range *g;
    if (!r->in_module && !outside)
        return;
    if (!r->at[A_INSTANCE] || !r->at[A_BASEVALUE] || !r->at[A_HIGHVALUE]) {
        warn(r, "a MEMRANGE without INSTANCE, BASEVALUE or HIGHVALUE", NULL);
        return;
    }
    if (++r->n_ranges > LUNQ_MAX_RANGES) {
        fail(r, LUNQ_VALUE, "more than %d address ranges", LUNQ_MAX_RANGES);
        return;
    }
    if (!(g = push(r, outside ? &r->external_ranges : &r->ranges, sizeof *g)))
        return;
    g->instance = name(r, A_INSTANCE);
    g->block = name(r, A_ADDRESSBLOCK);
    g->memtype = name_or(r, A_MEMTYPE, "REGISTER");
    g->master = name(r, A_MASTERBUSINTERFACE);
    g->slave = name(r, A_SLAVEBUSINTERFACE);
    g->base = number(r, A_BASEVALUE, "BASEVALUE", 0, UINT64_MAX);
    g->high = number(r, A_HIGHVALUE, "HIGHVALUE", UINT64_MAX, UINT64_MAX);
    if (g->high < g->base)
        fail(r, LUNQ_VALUE,
             "the address range of %.64s ends at 0x%" PRIX64 ", before its start 0x%" PRIX64,
             r->at[A_INSTANCE], g->high, g->base);
    else if (g->high - g->base == UINT64_MAX)
        fail(r, LUNQ_VALUE, "the address range of %.64s is the whole 64-bit space",
             r->at[A_INSTANCE]);
}

/* ---- registers ----------------------------------------------------------------------------- */

static void start_block(struct reader *r)
{
    if (!r->in_module)
        return;
    memset(&r->block, 0, sizeof r->block);
    r->block.name = name_or(r, A_NAME, "");
    r->block.interface = name_or(r, A_INTERFACE, "");
    r->block.access = name_or(r, A_ACCESS, "");
    r->block.usage = name_or(r, A_USAGE, "");
    r->block.range = number(r, A_RANGE, "RANGE", 0, UINT64_MAX);
    r->in_block = true;
}

static void end_block(struct reader *r)
{
    struct lunq_block *b = push(r, &r->blocks, sizeof *b);
    r->in_block = false;
    if (!b)
        return;
    KEEP(r, r->registers, r->block.registers, r->block.n_registers);
    *b = r->block;
}

static void start_register(struct reader *r)
{
    if (!r->in_block || !r->at[A_NAME]) {
        r->skip_at = r->depth;
        return;
    }
    memset(&r->reg, 0, sizeof r->reg);
    r->reg.name = name(r, A_NAME);
    r->reg.description = r->reg.access = lunq_design_intern(r->d, "", 0);
    r->reg.size = 32;
    r->reg.enabled = true;
    r->in_register = true;
}

/* Where the register goes. The same block may stand twice in a module (reached by two masters):
 * equal registers are one, and the later counts, as with PYNQ. */
static struct lunq_register *register_slot(struct reader *r)
{
    struct lunq_register *x = r->registers.data;
    size_t n = r->registers.n < 256 ? r->registers.n : 256; /* modules have tens */
    for (size_t i = 0; i < n; i++)
        if (x[i].name == r->reg.name && x[i].offset == r->reg.offset)
            return &x[i];
    return push(r, &r->registers, sizeof *x);
}

static void end_register(struct reader *r)
{
    struct lunq_register *g;
    r->in_register = false;
    if (!r->reg.size) {
        warn(r, "a register of 0 bits, such as", r->reg.name);
        r->fields.n = 0;
        return;
    }
    if (r->block.range && r->reg.enabled && r->reg.offset >= r->block.range)
        lunq_design_warn(r->d, "register beyond its block",
                         "%s:%lu: register %.64s of %.64s lies at 0x%" PRIx64
                         ", beyond the 0x%" PRIx64 " bytes of its address block",
                         r->d->file, (unsigned long)XML_GetCurrentLineNumber(r->xml), r->reg.name,
                         r->module.path, r->reg.offset, r->block.range);
    if (!(g = register_slot(r)))
        return;
    KEEP(r, r->fields, r->reg.fields, r->reg.n_fields);
    *g = r->reg;
}

static void start_field(struct reader *r)
{
    if (!r->in_register || !r->at[A_NAME]) {
        r->skip_at = r->depth;
        return;
    }
    memset(&r->field, 0, sizeof r->field);
    r->field.name = name(r, A_NAME);
    r->field.description = r->field.access = lunq_design_intern(r->d, "", 0);
    r->field.bit_width = 1;
    r->in_field = true;
}

static void end_field(struct reader *r)
{
    struct lunq_field *f;
    r->in_field = false;
    if (!r->field.bit_width) {
        warn(r, "a field of 0 bits, such as", r->field.name);
        return;
    }
    if ((f = push(r, &r->fields, sizeof *f)))
        *f = r->field;
}

static void field_property(struct reader *r, enum hwh_property p)
{
    struct lunq_field *f = &r->field;
    bool said = r->at_len[A_VALUE] > 0;
    switch (p) {
    case P_DESCRIPTION: f->description = text(r, A_VALUE); break;
    case P_ACCESS: f->access = name(r, A_VALUE); break;
    case P_MODIFIED_READ_VALUES: /* effects of writes in spite of its name */
        f->write_effect = said ? name(r, A_VALUE) : NULL;
        break;
    case P_READ_ACTION: f->read_action = said ? name(r, A_VALUE) : NULL; break;
    case P_BIT_OFFSET:
        f->bit_offset = (unsigned)number(r, A_VALUE, "BIT_OFFSET", 0, LUNQ_MAX_WIDTH);
        break;
    case P_BIT_WIDTH:
        f->bit_width = (unsigned)number(r, A_VALUE, "BIT_WIDTH", 1, LUNQ_MAX_WIDTH);
        break;
    default: break; /* ADDRESS_OFFSET repeats BIT_OFFSET */
    }
}

static void register_property(struct reader *r, enum hwh_property p)
{
    struct lunq_register *g = &r->reg;
    switch (p) {
    case P_DESCRIPTION: g->description = text(r, A_VALUE); break;
    case P_ACCESS: g->access = name(r, A_VALUE); break;
    case P_ADDRESS_OFFSET: g->offset = number(r, A_VALUE, "ADDRESS_OFFSET", 0, INT64_MAX); break;
    case P_SIZE: g->size = number(r, A_VALUE, "SIZE", 32, INT64_MAX); break;
    case P_RESET_VALUE: /* unreliable anyway (registers.md section 3), so not worth an error */
        if (!lunq_number(r->at[A_VALUE], &g->reset))
            g->reset = 0;
        break;
    case P_IS_ENABLED: g->enabled = !lunq_same_nocase(r->at[A_VALUE], "false"); break;
    default: break;
    }
}

static void start_property(struct reader *r)
{
    enum hwh_property p;
    if (!r->at[A_NAME] || !r->at[A_VALUE])
        return;
    p = hwh_property(r->at[A_NAME]);
    if (p == P_UNKNOWN)
        warn(r, "unknown PROPERTY", r->at[A_NAME]);
    else if (r->in_field)
        field_property(r, p);
    else if (r->in_register)
        register_property(r, p);
}

/* ---- expat --------------------------------------------------------------------------------- */

static void start_known(struct reader *r, enum hwh_element e)
{
    switch (e) {
    case E_EDKSYSTEM: r->d->tool = name_or(r, A_VIVADOVERSION, ""); break;
    case E_SYSTEMINFO: start_system_info(r); break;
    case E_MODULE: start_module(r); break;
    case E_PARAMETER: start_parameter(r); break;
    case E_PORT: start_port(r); break;
    case E_BUSINTERFACE: start_bus(r); break;
    case E_PORTMAP: start_portmap(r); break;
    case E_MEMRANGE: start_range(r); break;
    case E_ADDRESSBLOCK: start_block(r); break;
    case E_REGISTER: start_register(r); break;
    case E_FIELD: start_field(r); break;
    case E_PROPERTY: start_property(r); break;
    default: break;
    }
}

/* The element that opens or is open already: then this one is out of place. */
static bool *open_flag(struct reader *r, enum hwh_element e)
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
    struct reader *r = ud;
    enum hwh_element e;
    bool *open;
    if (r->failed)
        return;
    if (++r->elements > LUNQ_MAX_ELEMENTS) {
        fail(r, LUNQ_VALUE, "more than %d elements", LUNQ_MAX_ELEMENTS);
        return;
    }
    if (++r->depth > LUNQ_MAX_DEPTH) {
        fail(r, LUNQ_VALUE, "elements are nested deeper than %d", LUNQ_MAX_DEPTH);
        return;
    }
    if (r->skip_at)
        return;
    e = hwh_element(tag);
    if (r->depth == 1 && e != E_EDKSYSTEM) {
        fail(r, LUNQ_VALUE, "the root element is <%.64s>, not <EDKSYSTEM>: this is no HWH file",
             tag);
        return;
    }
    if (e == E_OTHER)
        return;
    open = open_flag(r, e);
    if (e == E_UNKNOWN || (open && *open)) {
        warn(r, e == E_UNKNOWN ? "unknown element" : "an element inside of its like:", tag);
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
    struct reader *r = ud;
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
            end_block(r);
        break;
    case E_REGISTER: end_register(r); break;
    case E_FIELD: end_field(r); break;
    default: break;
    }
}

/* No HWH file has one, and it is where XML's entity attacks live. */
static void on_doctype(void *ud, const char *root, const char *sysid, const char *pubid, int inner)
{
    fail(ud, LUNQ_VALUE, "a DOCTYPE is not accepted in an HWH file");
}

static void explain_expat(struct reader *r)
{
    enum XML_Error code = XML_GetErrorCode(r->xml);
    bool cut = code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN ||
               code == XML_ERROR_PARTIAL_CHAR || code == XML_ERROR_UNCLOSED_CDATA_SECTION;
    if (code == XML_ERROR_NO_MEMORY)
        fail(r, LUNQ_MEMORY, "no memory");
    else
        fail(r, LUNQ_VALUE, "not well-formed: %s%s", XML_ErrorString(code),
             cut ? " (is the file cut off?)" : "");
}

static void free_reader(struct reader *r)
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
    struct reader r = {.d = d, .err = err, .xml = XML_ParserCreate(NULL)};
    if (!r.xml)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory", d->file);
    XML_SetUserData(r.xml, &r);
    XML_SetElementHandler(r.xml, on_start, on_end);
    XML_SetStartDoctypeDeclHandler(r.xml, on_doctype);
    /* One call: expat then reads the text where it is. Its length fits an int (LUNQ_MAX_FILE). */
    if (XML_Parse(r.xml, data, (int)size, 1) == XML_STATUS_ERROR && !r.failed)
        explain_expat(&r);
    if (!r.failed) {
        KEEP(&r, r.modules, d->modules, d->n_modules);
        KEEP(&r, r.external, d->external, d->n_external);
        KEEP(&r, r.external_buses, d->external_buses, d->n_external_buses);
        KEEP(&r, r.external_ranges, d->external_ranges, d->n_external_ranges);
        if (d->priv->arena.failed)
            fail(&r, LUNQ_MEMORY, "no memory");
    }
    free_reader(&r);
    return r.failed;
}
