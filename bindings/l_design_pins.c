/* l_design_pins.c - what hangs on the ports of a design: how a partial design meets its base.
 *   d:external_pins() --> { interrupt = { { path = "fir/done", output = true } ... } ... }
 * By name of the external port: the module pins on its net; controller = true for the output of an
 * axi_intc. Ports without a net are left out. */
#include <string.h>

#include "l_design.h"

enum { DESIGN = 1, OUT, NETS }; /* stack; NETS: net (interned text) -> list of pins */

static void push_pin(lua_State *L, const struct lunq_module *m, const struct lunq_port *p)
{
    lua_createtable(L, 0, 3);
    lua_pushfstring(L, "%s/%s", m->path, p->name);
    lua_setfield(L, -2, "path");
    lua_pushboolean(L, p->dir != LUNQ_IN);
    lua_setfield(L, -2, "output");
    if (lunq_module_is(m, "axi_intc") && !strcmp(p->name, "irq")) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "controller");
    }
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
