/* design.c - life of a design, its strings and warnings, and the questions one can ask. */
#include "design.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "private.h"

/* ---- life ---------------------------------------------------------------------------------- */

int lunq_design_new(struct lunq_design **out, const char *file, const char *format,
                    struct lunq_error *err)
{
    struct lunq_design *d = calloc(1, sizeof *d);
    *out = NULL;
    if (d)
        d->priv = calloc(1, sizeof *d->priv);
    if (!d || !d->priv) {
        free(d);
        return lunq_fail(err, LUNQ_MEMORY, "no memory for a design");
    }
    d->priv->refs = 1;
    d->file = lunq_design_intern(d, file, SIZE_MAX);
    d->format = lunq_design_intern(d, format, SIZE_MAX);
    d->tool = d->arch = d->part = d->board = d->name = d->card.platform =
        lunq_design_intern(d, "", 0);
    if (d->priv->arena.failed) {
        lunq_design_unref(d);
        return lunq_fail(err, LUNQ_MEMORY, "no memory for a design");
    }
    *out = d;
    return 0;
}

struct lunq_design *lunq_design_ref(struct lunq_design *d)
{
    d->priv->refs++;
    return d;
}

void lunq_design_unref(struct lunq_design *d)
{
    if (!d || --d->priv->refs)
        return;
    lunq_arena_free(&d->priv->arena);
    lunq_map_free(&d->priv->modules);
    lunq_map_free(&d->priv->keys);
    lunq_vec_free(&d->priv->kinds);
    lunq_vec_free(&d->priv->texts);
    lunq_vec_free(&d->priv->wires);
    free(d->priv->image);
    free(d->priv);
    free(d);
}

/* ---- building ------------------------------------------------------------------------------ */

const char *lunq_design_intern(struct lunq_design *d, const char *s, size_t n)
{
    return lunq_arena_intern(&d->priv->arena, s, n == SIZE_MAX ? strlen(s) : n);
}

void *lunq_design_alloc(struct lunq_design *d, size_t n)
{
    return lunq_arena_alloc(&d->priv->arena, n);
}

const char *lunq_design_join(struct lunq_design *d, const char *a, const char *sep, const char *b)
{
    char small[512], *big = small;
    size_t n = strlen(a) + strlen(sep) + strlen(b) + 1;
    const char *joined;
    if (n > sizeof small && !(big = malloc(n))) {
        d->priv->arena.failed = true;
        return NULL;
    }
    snprintf(big, n, "%s%s%s", a, sep, b);
    joined = lunq_design_intern(d, big, n - 1);
    if (big != small)
        free(big);
    return joined;
}

void *lunq_design_push(struct lunq_design *d, struct lunq_vec *v, size_t size)
{
    void *p = lunq_vec_add(v, size);
    if (!p)
        d->priv->arena.failed = true;
    return p;
}

int lunq_design_wire(struct lunq_design *d, const struct lunq_module *m,
                     const struct lunq_port *port, const char *controller, unsigned index,
                     struct lunq_error *err)
{
    struct lunq_given_wire *w;
    if (controller)
        controller = lunq_design_intern(d, controller, SIZE_MAX);
    w = lunq_design_push(d, &d->priv->wires, sizeof *w);
    if (!w || d->priv->arena.failed)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory", d->file);
    *w = (struct lunq_given_wire){m, port, controller, index, false};
    return 0;
}

void lunq_design_warn(struct lunq_design *d, const char *kind, const char *fmt, ...)
{
    struct lunq_design_private *p = d->priv;
    char text[1024];
    const char **slot;
    va_list ap;
    for (size_t i = 0; i < p->kinds.n; i++)
        if (!strcmp(((const char **)p->kinds.data)[i], kind))
            return;
    if (p->texts.n >= LUNQ_MAX_WARNINGS)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    kind = lunq_design_intern(d, kind, SIZE_MAX);
    fmt = lunq_design_intern(d, text, SIZE_MAX);
    if (!kind || !fmt)
        return;
    if ((slot = lunq_design_push(d, &p->kinds, sizeof *slot)))
        *slot = kind;
    if ((slot = lunq_design_push(d, &p->texts, sizeof *slot)))
        *slot = fmt;
}

/* ---- small helpers ------------------------------------------------------------------------- */

bool lunq_number(const char *text, uint64_t *value)
{
    const char *p = text;
    unsigned base = 10;
    uint64_t v = 0;
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
        base = 16;
        p += 2;
    }
    if (!*p)
        return false;
    for (; *p; p++) {
        unsigned c = (unsigned char)*p, digit = c - '0';
        if (digit > 9)
            digit = base == 16 && (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 99;
        if (digit >= base || __builtin_mul_overflow(v, base, &v) ||
            __builtin_add_overflow(v, digit, &v))
            return false;
    }
    *value = v;
    return true;
}

bool lunq_same_nocase(const char *a, const char *b)
{
    return a && b && !strcasecmp(a, b);
}

/* ---- asking -------------------------------------------------------------------------------- */

const struct lunq_module *lunq_design_module(const struct lunq_design *d, const char *name)
{
    const char *s = lunq_arena_find(&d->priv->arena, name, strlen(name));
    return lunq_map_get(&d->priv->modules, s);
}

const struct lunq_ip *lunq_design_ip(const struct lunq_design *d, const char *key)
{
    const char *s = lunq_arena_find(&d->priv->arena, key, strlen(key));
    return lunq_map_get(&d->priv->keys, s);
}

static const struct lunq_ip *at(const struct lunq_ip *ip, size_t n, uint64_t addr)
{
    for (size_t i = 0; i < n; i++)
        if (ip[i].has_address && addr >= ip[i].phys_addr &&
            addr - ip[i].phys_addr < ip[i].addr_range)
            return &ip[i];
    return NULL;
}

const struct lunq_ip *lunq_design_ip_at(const struct lunq_design *d, uint64_t addr)
{
    const struct lunq_ip *ip = at(d->ip, d->n_ip, addr);
    return ip ? ip : at(d->mem, d->n_mem, addr);
}

bool lunq_module_is(const struct lunq_module *m, const char *kind)
{
    const char *p = m->vlnv;
    size_t n = strlen(kind);
    if (m->modtype && !strcmp(m->modtype, kind))
        return true;
    for (int colons = 0; p && colons < 2; colons++)
        p = (p = strchr(p, ':')) ? p + 1 : NULL;
    return p && !strncmp(p, kind, n) && (p[n] == ':' || !p[n]);
}

const char *lunq_module_param(const struct lunq_module *m, const char *name, const char *otherwise)
{
    for (size_t i = 0; i < m->n_params; i++)
        if (!strcasecmp(m->params[i].name, name))
            return m->params[i].value;
    return otherwise;
}

int64_t lunq_module_param_int(const struct lunq_module *m, const char *name, int64_t otherwise)
{
    const char *s = lunq_module_param(m, name, NULL);
    uint64_t v;
    if (!s)
        return otherwise;
    if (!strcasecmp(s, "true") || !strcasecmp(s, "false"))
        return (s[0] | 32) == 't';
    if (s[0] == '-' && lunq_number(s + 1, &v) && v <= INT64_MAX)
        return -(int64_t)v;
    return lunq_number(s, &v) ? (int64_t)v : otherwise;
}

const struct lunq_port *lunq_module_port(const struct lunq_module *m, const char *name)
{
    for (size_t i = 0; i < m->n_ports; i++)
        if (!strcmp(m->ports[i].name, name))
            return &m->ports[i];
    return NULL;
}

const struct lunq_bus *lunq_module_bus(const struct lunq_module *m, const char *name)
{
    for (size_t i = 0; i < m->n_buses; i++)
        if (!strcmp(m->buses[i].name, name))
            return &m->buses[i];
    return NULL;
}
