/* xclbin_xml.c - the EMBEDDED_METADATA of an xclbin: kernels, their ports, arguments and instances
 * (xrt.md 6.2), read with expat. The path is project/platform/device/core/kernel; everything else is
 * passed over. No DTD, no entities of its own, limits on depth and size. */
#include <expat.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xclbin.h"

/* Depth of elements, the root is 1. */
enum { PROJECT = 1, PLATFORM, DEVICE, CORE, KERNEL, MEMBER, REMAP };

struct xml {
    struct xclbin *x;
    const struct lunq_card_section *s;
    XML_Parser parser;
    int failed;
    unsigned depth, skip_at; /* skip_at: depth of an element whose inside is passed over; 0: none */
    size_t elements;
    struct xclbin_kernel kernel;
    struct xclbin_instance instance;
    struct lunq_vec kernels, ports, args, instances;
};

/* ---- failing ------------------------------------------------------------------------------- */

static void fail(struct xml *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void fail(struct xml *p, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    if (p->failed)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    p->failed =
        xclbin_fail(p->x, p->s, p->s->offset + (uint64_t)XML_GetCurrentByteIndex(p->parser),
                    "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(p->parser), text);
    XML_StopParser(p->parser, XML_FALSE);
}

static void *push(struct xml *p, struct lunq_vec *v, size_t size)
{
    void *e = lunq_vec_add(v, size);
    if (!e && !p->failed) {
        p->failed = lunq_fail(p->x->err, LUNQ_MEMORY, "%s: no memory", p->x->d->file);
        XML_StopParser(p->parser, XML_FALSE);
    }
    return e;
}

/* ---- attributes ---------------------------------------------------------------------------- */

static const char *find(const char **atts, const char *name)
{
    for (; *atts; atts += 2)
        if (!strcmp(atts[0], name))
            return atts[1];
    return NULL;
}

static const char *text(struct xml *p, const char **atts, const char *name, const char *otherwise)
{
    const char *s = find(atts, name);
    if (s && strlen(s) > LUNQ_MAX_NAME) {
        fail(p, "%s is longer than %d bytes", name, LUNQ_MAX_NAME);
        s = NULL;
    }
    return lunq_design_intern(p->x->d, s ? s : otherwise, SIZE_MAX);
}

/* A name, which becomes a key of dictionaries: what C and Verilog allow, and more, but no separators. */
static const char *name_of(struct xml *p, const char **atts, const char *attribute,
                           const char *element)
{
    const char *s = text(p, atts, attribute, "");
    for (const char *c = s; c && *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '/' || *c == ':')
            fail(p, "\"%.64s\" can't be the %s of a <%s>", s, attribute, element);
    return s;
}

static const char *need_name(struct xml *p, const char **atts, const char *element)
{
    const char *s = name_of(p, atts, "name", element);
    if (s && !*s)
        fail(p, "<%s> has no name: the file is damaged; build it again", element);
    return s;
}

static uint64_t number(struct xml *p, const char **atts, const char *name, uint64_t otherwise,
                       uint64_t max)
{
    const char *s = find(atts, name);
    uint64_t v;
    if (!s || !*s)
        return otherwise;
    if (lunq_number(s, &v) && v <= max)
        return v;
    fail(p, "%s=\"%.40s\" is not a number up to 0x%" PRIX64 ": the file is damaged; build it again",
         name, s, max);
    return otherwise;
}

/* ---- elements ------------------------------------------------------------------------------ */

static void start_platform(struct xml *p, const char **atts)
{
    struct lunq_design *d = p->x->d;
    d->board = text(p, atts, "boardid", "");
}

/* fpgaDevice="zynquplus:xck26:sfvc784:-2LV:c" */
static void start_device(struct xml *p, const char **atts)
{
    struct lunq_design *d = p->x->d;
    const char *s = find(atts, "fpgaDevice");
    size_t n = s ? strcspn(s, ":") : 0;
    if (!s || strlen(s) > LUNQ_MAX_NAME)
        return;
    d->arch = lunq_design_intern(d, s, n);
    d->part = lunq_design_intern(d, s[n] ? s + n + 1 : "", SIZE_MAX);
}

static void start_kernel(struct xml *p, const char **atts)
{
    if (p->kernels.n == XCLBIN_MAX_KERNELS) {
        fail(p, "more than %d kernels", XCLBIN_MAX_KERNELS);
        return;
    }
    p->kernel = (struct xclbin_kernel){.name = need_name(p, atts, "kernel"),
                                       .vlnv = text(p, atts, "vlnv", ""),
                                       .protocol = text(p, atts, "hwControlProtocol", "s_axilite"),
                                       .line = XML_GetCurrentLineNumber(p->parser)};
}

static void start_port(struct xml *p, const char **atts)
{
    struct xclbin_port *port = NULL;
    if (p->ports.n == XCLBIN_MAX_PORTS)
        fail(p, "kernel %.64s has more than %d ports", p->kernel.name, XCLBIN_MAX_PORTS);
    else
        port = push(p, &p->ports, sizeof *port);
    if (port)
        *port = (struct xclbin_port){
            .name = need_name(p, atts, "port"),
            .mode = text(p, atts, "mode", ""),
            .range = number(p, atts, "range", 0, UINT64_MAX),
            .width = (unsigned)number(p, atts, "dataWidth", 0, LUNQ_MAX_WIDTH),
        };
}

static void start_arg(struct xml *p, const char **atts)
{
    const char *id = find(atts, "id");
    struct xclbin_arg *a;
    if (p->args.n == 2 * XCLBIN_MAX_ARGS) {
        fail(p, "kernel %.64s has more than %d arguments", p->kernel.name, 2 * XCLBIN_MAX_ARGS);
        return;
    }
    if ((a = push(p, &p->args, sizeof *a)))
        *a = (struct xclbin_arg){
            .name = need_name(p, atts, "arg"),
            .type = text(p, atts, "type", ""),
            .port = name_of(p, atts, "port", "arg"),
            .qualifier = (unsigned)number(p, atts, "addressQualifier", 0, 4),
            .has_id = id && *id,
            .id = (unsigned)number(p, atts, "id", 0, XCLBIN_MAX_ARGS - 1),
            .offset = number(p, atts, "offset", 0, UINT32_MAX),
            .size = number(p, atts, "size", 0, XCLBIN_MAX_REGS),
            .host_offset = number(p, atts, "hostOffset", 0, UINT32_MAX),
            .host_size = number(p, atts, "hostSize", 0, UINT32_MAX),
            .order = p->args.n - 1,
        };
}

/* The first address of an instance counts, as in PYNQ. Kernels of streams alone have one that is no
 * number, which then is none. */
static void start_remap(struct xml *p, const char **atts)
{
    const char *base = find(atts, "base");
    if (p->instance.has_base)
        return;
    if (!base || !lunq_number(base, &p->instance.base)) {
        lunq_design_warn(
            p->x->d, "remap",
            "%s: instance %s has the address \"%.40s\", which is no number: it is taken "
            "as not addressable",
            p->x->d->file, p->instance.name, base ? base : "");
        return;
    }
    p->instance.has_base = true;
    p->instance.port = text(p, atts, "port", "");
}

/* What else there is at a level we look at; more is passed over with a warning. */
static bool is_known(const char *tag)
{
    static const char *const known[] = {"version",
                                        "description",
                                        "board",
                                        "build_flow",
                                        "host",
                                        "kernelClocks",
                                        "connection",
                                        "module",
                                        "string_table",
                                        "FIFOInformation",
                                        "maxWorkGroupSize",
                                        "compileWorkGroupSize",
                                        "debug",
                                        "platform",
                                        "device",
                                        "core",
                                        "kernel",
                                        "port",
                                        "arg",
                                        "instance",
                                        "addrRemap",
                                        "extended-data",
                                        "reqdWorkGroupSize"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(tag, known[i]))
            return true;
    return false;
}

/* True when the element was one of ours and its inside counts. */
static bool start_known(struct xml *p, const char *tag, const char **atts)
{
    switch (p->depth) {
    case PROJECT:
        if (strcmp(tag, "project"))
            fail(p, "the root element is <%.64s>, not <project>: this is no metadata of kernels",
                 tag);
        p->x->d->name = text(p, atts, "name", "");
        return true;
    case PLATFORM:
        if (strcmp(tag, "platform"))
            return false;
        start_platform(p, atts);
        return true;
    case DEVICE:
        if (strcmp(tag, "device"))
            return false;
        start_device(p, atts);
        return true;
    case CORE: return !strcmp(tag, "core");
    case KERNEL:
        if (strcmp(tag, "kernel"))
            return false;
        start_kernel(p, atts);
        return true;
    case MEMBER:
        if (!strcmp(tag, "port"))
            start_port(p, atts);
        else if (!strcmp(tag, "arg"))
            start_arg(p, atts);
        else if (!strcmp(tag, "instance"))
            p->instance = (struct xclbin_instance){.name = need_name(p, atts, "instance")};
        else
            return false;
        return true;
    case REMAP:
        if (!strcmp(tag, "addrRemap") && p->instance.name)
            start_remap(p, atts);
        return false;
    default: return false;
    }
}

static void on_start(void *ud, const char *tag, const char **atts)
{
    struct xml *p = ud;
    if (p->failed)
        return;
    if (++p->elements > LUNQ_MAX_ELEMENTS)
        fail(p, "more than %d elements", LUNQ_MAX_ELEMENTS);
    else if (++p->depth > LUNQ_MAX_DEPTH)
        fail(p, "elements are nested deeper than %d", LUNQ_MAX_DEPTH);
    if (p->failed || p->skip_at || start_known(p, tag, atts))
        return;
    if (!is_known(tag)) {
        char kind[96];
        snprintf(kind, sizeof kind, "element %.64s", tag);
        lunq_design_warn(p->x->d, kind, "%s: skipped: <%.64s> in the metadata of the kernels",
                         p->x->d->file, tag);
    }
    p->skip_at = p->depth;
}

static void end_instance(struct xml *p)
{
    struct xclbin_instance *i = push(p, &p->instances, sizeof *i);
    if (i)
        *i = p->instance;
    p->instance = (struct xclbin_instance){0};
}

static int by_id(const void *a, const void *b)
{
    const struct xclbin_arg *x = a, *y = b;
    if (x->has_id != y->has_id)
        return x->has_id ? -1 : 1;
    if (x->has_id && x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void end_kernel(struct xml *p)
{
    struct lunq_arena *a = &p->x->d->priv->arena;
    struct xclbin_kernel *k = push(p, &p->kernels, sizeof *k);
    if (!k)
        return;
    p->kernel.ports = lunq_vec_keep(&p->ports, sizeof *k->ports, a, &p->kernel.n_ports);
    p->kernel.args = lunq_vec_keep(&p->args, sizeof *k->args, a, &p->kernel.n_args);
    p->kernel.instances =
        lunq_vec_keep(&p->instances, sizeof *k->instances, a, &p->kernel.n_instances);
    if (p->kernel.n_args)
        qsort(p->kernel.args, p->kernel.n_args, sizeof *p->kernel.args, by_id);
    *k = p->kernel;
}

static void on_end(void *ud, const char *tag)
{
    struct xml *p = ud;
    if (p->failed)
        return;
    if (p->skip_at) {
        if (p->skip_at == p->depth)
            p->skip_at = 0;
    } else if (p->depth == KERNEL) {
        end_kernel(p);
    } else if (p->depth == MEMBER && !strcmp(tag, "instance")) {
        end_instance(p);
    }
    p->depth--;
}

/* No xclbin has one, and it is where XML's entity attacks live. */
static void on_doctype(void *ud, const char *root, const char *sysid, const char *pubid, int inner)
{
    fail(ud, "a DOCTYPE is not accepted in an xclbin");
}

/* ---- all of it ----------------------------------------------------------------------------- */

static void parse(struct xml *p)
{
    XML_SetUserData(p->parser, p);
    XML_SetElementHandler(p->parser, on_start, on_end);
    XML_SetStartDoctypeDeclHandler(p->parser, on_doctype);
    /* Some writers end the text with zeros, which are no XML. */
    size_t size = (size_t)p->s->size;
    while (size && !p->s->data[size - 1])
        size--;
    if (XML_Parse(p->parser, (const char *)p->s->data, (int)size, 1) == XML_STATUS_OK || p->failed)
        return;
    if (XML_GetErrorCode(p->parser) == XML_ERROR_NO_MEMORY)
        p->failed = lunq_fail(p->x->err, LUNQ_MEMORY, "%s: no memory", p->x->d->file);
    else
        fail(p, "not well-formed XML: %s; the file is damaged, build it again",
             XML_ErrorString(XML_GetErrorCode(p->parser)));
}

int xclbin_read_xml(struct xclbin *x)
{
    struct xml p = {.x = x, .s = xclbin_find(x, XCLBIN_METADATA)};
    struct lunq_vec *vecs[] = {&p.kernels, &p.ports, &p.args, &p.instances};
    if (!p.s)
        return 0;
    if (p.s->size > LUNQ_MAX_FILE)
        return xclbin_fail(x, p.s, p.s->offset, "%" PRIu64 " bytes are too much (limit %d MiB)",
                           p.s->size, LUNQ_MAX_FILE >> 20);
    p.parser = XML_ParserCreate(NULL);
    if (!p.parser)
        return lunq_fail(x->err, LUNQ_MEMORY, "%s: no memory", x->d->file);
    parse(&p);
    x->kernels = lunq_vec_keep(&p.kernels, sizeof *x->kernels, &x->d->priv->arena, &x->n_kernels);
    for (size_t i = 0; i < sizeof vecs / sizeof *vecs; i++)
        lunq_vec_free(vecs[i]);
    XML_ParserFree(p.parser);
    return p.failed;
}
