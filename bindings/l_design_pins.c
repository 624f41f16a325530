/* l_design_pins.c - what hangs on the ports of a design: how a partial design meets its base.
 *   d:external_pins() --> { interrupt = { { path = "fir/done", output = true } ... } ... }
 * By name of the external port: the module pins on its net; controller = true for the output of an
 * axi_intc. Ports without a net are left out.
 *   d:guards(region) --> { { path = "decoupler_0", shutdown = false, line = ... } ..., reset = ... }
 * What keeps a region apart while it is loaded (guards.h). line: what drives its pin, { path = the axi_gpio or
 * the PS, channel = 1 (nil: the PS), bit = 3 }; reset likewise, with low = true when it is active at 0. */
#include <string.h>

#include "../host/design/guards.h"
#include "l_design.h"

enum { DESIGN = 1, OUT, NETS }; /* stack; NETS: net (interned text) -> list of pins */

static void push_pin(lua_State *L, const struct lunq_module *m, const struct lunq_port *p)
{
    lua_createtable(L, 0, 3);
    lua_pushfstring(L, "%s/%s", m->path, p->name);
    lua_setfield(L, -2, "path");
    l_set_boolean(L, "output", p->dir != LUNQ_IN);
    if (lunq_module_is(m, "axi_intc") && !strcmp(p->name, "irq"))
        l_set_boolean(L, "controller", 1);
}

static void add_module(lua_State *L, const struct lunq_module *m)
{
    for (size_t i = 0; i < m->n_ports; i++) {
        if (!m->ports[i].net)
            continue;
        if (lua_rawgetp(L, NETS, m->ports[i].net) == LUA_TTABLE) {
            push_pin(L, m, &m->ports[i]);
            lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
        }
        lua_pop(L, 1);
    }
}

int l_design_external_pins(lua_State *L)
{
    struct l_design *u = l_check(L, DESIGN, L_DESIGN);
    const struct lunq_design *d = u->d;
    if (!d)
        return l_fail(L, LUNQ_RUNTIME, "the design was not read");
    lua_settop(L, DESIGN);
    lua_newtable(L); /* OUT */
    lua_newtable(L); /* NETS */
    for (size_t i = 0; i < d->n_external; i++) {
        const struct lunq_port *p = &d->external[i];
        if (!p->net)
            continue;
        if (lua_rawgetp(L, NETS, p->net) != LUA_TTABLE) { /* two ports may share a net */
            lua_pop(L, 1);
            lua_newtable(L);
            lua_pushvalue(L, -1);
            lua_rawsetp(L, NETS, p->net);
        }
        lua_setfield(L, OUT, p->name);
    }
    for (size_t i = 0; i < d->n_modules; i++)
        add_module(L, &d->modules[i]);
    lua_settop(L, OUT);
    return 1;
}

/* Field `key` of the table on top. */
static void set_line(lua_State *L, const char *key, const struct lunq_line *line)
{
    if (!line->module)
        return;
    lua_createtable(L, 0, 4);
    l_set_text(L, "path", line->module->path);
    if (line->channel)
        l_set_integer(L, "channel", line->channel);
    l_set_integer(L, "bit", line->bit);
    lua_setfield(L, -2, key);
}

static const struct lunq_region *find_region(const struct lunq_design *d, const char *path)
{
    for (size_t i = 0; i < d->n_regions; i++)
        if (!strcmp(d->regions[i].path, path))
            return &d->regions[i];
    return NULL;
}

int l_design_guards(lua_State *L)
{
    const struct lunq_design *d = ((struct l_design *)l_check(L, 1, L_DESIGN))->d;
    const char *path = l_checkstr(L, 2, "region", NULL);
    const struct lunq_region *region = d ? find_region(d, path) : NULL;
    struct lunq_guards g;
    struct lunq_error e;
    if (!region)
        return l_fail(L, LUNQ_ATTRIBUTE, "%s is no region of the design", path);
    if (lunq_guards_find(&g, d, region, &e) < 0)
        return l_raise(L, &e);
    lua_createtable(L, (int)g.n, 1);
    for (size_t i = 0; i < g.n; i++) {
        lua_createtable(L, 0, 3);
        l_set_text(L, "path", g.list[i].module->path);
        l_set_boolean(L, "shutdown", g.list[i].shutdown);
        set_line(L, "line", &g.list[i].line);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    set_line(L, "reset", &g.reset);
    if (g.reset.module && lua_getfield(L, -1, "reset") == LUA_TTABLE) {
        l_set_boolean(L, "low", g.reset_low);
        lua_pop(L, 1);
    }
    return 1;
}
