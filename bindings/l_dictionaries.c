/* l_dictionaries.c - a design as plain Lua tables with PYNQ's names and keys.
 * Reference: pynq-behaviour B21, hwh.md section 4. Entries are shared where PYNQ shares them:
 * hierarchy_dict.video.ip.axi_vdma is ip_dict["video/axi_vdma"], ip_dict[x].interrupts[pin] is
 * interrupt_pins[x .. "/" .. pin]. Each call makes fresh tables.
 *
 *   ip_dict[key]        fullpath type bdtype phys_addr addr_range mem_id memtype parameters
 *                       registers interrupts gpio; the PS: type parameters interrupts gpio
 *     .registers[name]  address_offset size access description fields, enabled = false when the
 *                       register is absent in this configuration
 *       .fields[name]   bit_offset bit_width access description, write_effect and read_action
 *                       when the metadata has them
 *   mem_dict[key]       as an IP, and used = 1, base_address, size
 *   gpio_dict[path]     index pins, lines when more than one (index is then the top line)
 *   interrupt_controllers[path]  parent ("" = the PS) index raw_irq
 *   interrupt_pins[pin] controller ("" = the PS) index fullpath raw_irq
 *   hierarchy_dict[path] fullpath ip memories hierarchies interrupts gpio; region = true
 *   clock_dict[0..3]    enable divisor0 divisor1 source mhz
 * of a card besides, see l_card.c:
 *   ip_dict[key]        cu_name cu_index index hw_control_protocol xclbin_uuid streams
 *     .registers[name]  type id host_size memory MBG
 *     .streams[name]    id type direction stream_id
 *   mem_dict[tag]       raw_type used base_address size type streaming idx tag; a stream has flow_id,
 *                       route_id, source and sink ("vadd_1.out_c") instead of address and size
 *   clock_dict.clock0   name frequency type
 *   kernels             list of { name, type, hw_control_protocol, args = { { name type kind port
 *                       address_offset size host_size direction } ... }, units = { { name phys_addr
 *                       addr_range cu_index interrupt memories } ... } }: those without registers too
 *   sections            list of { kind name offset size }
 *   platform, uuid
 *   clock_users         list of { clock = 0..3, users = { keys of ip_dict and mem_dict } }
 *   regions[path]       fullpath, ranges = { { phys_addr addr_range mem_id memtype } ... },
 *                       variants = { name ... }, active
 *   streams             list of { bus, master = "ip/PORT", slave = "ip/PORT" }
 *   masters[path]       list of { interface, target, slave, base, size, memtype }
 *   dangling_controllers  list of paths the PS does not hear
 *   partial, ps, warnings */
#include <string.h>

#include "l_design.h"

enum { OUT = 2, SHARED, IP_DICT, MEM_DICT, GPIO_DICT, PINS, HIERARCHIES }; /* stack, see below */

/* What entries of one module share, by position in its table in SHARED. */
enum { PARAMETERS = 1, INTERRUPTS, GPIO };

static void set_table(lua_State *L, const char *key)
{
    lua_newtable(L);
    lua_setfield(L, -2, key);
}

/* ---- modules ------------------------------------------------------------------------------- */

static void push_parameters(lua_State *L, const struct lunq_module *m)
{
    lua_createtable(L, 0, (int)m->n_params);
    for (size_t i = 0; i < m->n_params; i++)
        l_set_text(L, m->params[i].name, m->params[i].value);
}

/* Pushes the tables entries of the module share: parameters, interrupts, gpio. */
static void push_shared(lua_State *L, const struct lunq_module *m)
{
    if (lua_rawgetp(L, SHARED, m) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_createtable(L, 3, 0);
    push_parameters(L, m);
    lua_rawseti(L, -2, PARAMETERS);
    lua_newtable(L);
    lua_rawseti(L, -2, INTERRUPTS);
    lua_newtable(L);
    lua_rawseti(L, -2, GPIO);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, SHARED, m);
}

static void push_field(lua_State *L, const struct lunq_field *f)
{
    lua_createtable(L, 0, 4);
    l_set_integer(L, "bit_offset", f->bit_offset);
    l_set_integer(L, "bit_width", f->bit_width);
    l_set_text(L, "access", f->access);
    l_set_text(L, "description", f->description);
    l_set_text(L, "write_effect", f->write_effect);
    l_set_text(L, "read_action", f->read_action);
}

static void push_register(lua_State *L, const struct lunq_register *r)
{
    lua_createtable(L, 0, 5);
    l_set_integer(L, "address_offset", (lua_Integer)r->offset);
    l_set_integer(L, "size", (lua_Integer)r->size);
    l_set_text(L, "access", r->access);
    l_set_text(L, "description", r->description);
    if (r->reset) /* what says 0 can't be told from what says nothing */
        l_set_integer(L, "reset", (lua_Integer)r->reset);
    if (!r->enabled) {
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "enabled");
    }
    lua_createtable(L, 0, (int)r->n_fields);
    for (size_t i = 0; i < r->n_fields; i++) {
        push_field(L, &r->fields[i]);
        lua_setfield(L, -2, r->fields[i].name);
    }
    lua_setfield(L, -2, "fields");
}

/* Of registers with the same name the last one counts, as in PYNQ. */
void l_design_add_registers(lua_State *L, const struct lunq_block *b)
{
    for (size_t i = 0; b && i < b->n_registers; i++) {
        push_register(L, &b->registers[i]);
        lua_setfield(L, -2, b->registers[i].name);
    }
}

static void set_registers(lua_State *L, const struct lunq_block *b)
{
    lua_createtable(L, 0, b ? (int)b->n_registers : 0);
    l_design_add_registers(L, b);
    lua_setfield(L, -2, "registers");
}

static void push_ip(lua_State *L, const struct lunq_ip *ip)
{
    static const char *const keys[] = {NULL, "parameters", "interrupts", "gpio"};
    lua_createtable(L, 0, 12);
    l_set_text(L, "type", ip->module->vlnv);
    push_shared(L, ip->module);
    for (int i = PARAMETERS; i <= GPIO; i++) {
        lua_rawgeti(L, -1, i);
        lua_setfield(L, -3, keys[i]);
    }
    lua_pop(L, 1);
    if (!ip->has_address)
        return;
    l_set_text(L, "fullpath", ip->key);
    l_set_text(L, "bdtype", ip->module->bdtype);
    l_set_integer(L, "phys_addr", (lua_Integer)ip->phys_addr);
    l_set_integer(L, "addr_range", (lua_Integer)ip->addr_range);
    l_set_text(L, "mem_id", ip->mem_id);
    l_set_text(L, "memtype", ip->memtype);
    set_registers(L, ip->block);
}

static void fill_ip(lua_State *L, const struct lunq_design *d)
{
    for (size_t i = 0; i < d->n_ip; i++) {
        if (d->ip[i].region != LUNQ_NONE)
            continue;
        push_ip(L, &d->ip[i]);
        lua_setfield(L, IP_DICT, d->ip[i].key);
    }
    for (size_t i = 0; i < d->n_mem; i++) {
        push_ip(L, &d->mem[i]);
        l_set_integer(L, "used", 1);
        l_set_integer(L, "base_address", (lua_Integer)d->mem[i].phys_addr);
        l_set_integer(L, "size", (lua_Integer)d->mem[i].addr_range);
        lua_setfield(L, MEM_DICT, d->mem[i].key);
    }
}

/* ---- interrupts and GPIO ------------------------------------------------------------------- */

static const char *controller_path(const struct lunq_design *d, size_t i)
{
    return i == LUNQ_NONE ? "" : d->controllers[i].path;
}

static void set_controllers(lua_State *L, const struct lunq_design *d)
{
    int n = 0;
    lua_newtable(L);
    lua_newtable(L); /* controllers, dangling */
    for (size_t i = 0; i < d->n_controllers; i++) {
        const struct lunq_irq_controller *c = &d->controllers[i];
        if (c->dangling) {
            lua_pushstring(L, c->path);
            lua_rawseti(L, -2, ++n);
            continue;
        }
        lua_createtable(L, 0, 3);
        l_set_text(L, "parent", controller_path(d, c->parent));
        l_set_integer(L, "index", c->index);
        if (c->raw_irq >= 0)
            l_set_integer(L, "raw_irq", c->raw_irq);
        lua_setfield(L, -3, c->path);
    }
    lua_setfield(L, OUT, "dangling_controllers");
    lua_setfield(L, OUT, "interrupt_controllers");
}

/* Stores the table on top as `pin` of an IP's or region's table (INTERRUPTS or GPIO); pops it. */
static void share_pin(lua_State *L, const struct lunq_module *m, const char *pin, int which)
{
    static const char *const keys[] = {NULL, NULL, "interrupts", "gpio"};
    if (m && lua_rawgetp(L, SHARED, m) == LUA_TTABLE) {
        lua_rawgeti(L, -1, which);
        lua_pushvalue(L, -3);
        lua_setfield(L, -2, pin);
        lua_pop(L, 2);
    } else if (m) {
        lua_pop(L, 1);
        if (lua_getfield(L, HIERARCHIES, m->path) == LUA_TTABLE) {
            lua_getfield(L, -1, keys[which]);
            lua_pushvalue(L, -3);
            lua_setfield(L, -2, pin);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void fill_pins(lua_State *L, const struct lunq_design *d)
{
    for (size_t i = 0; i < d->n_pins; i++) {
        const struct lunq_irq_pin *p = &d->pins[i];
        lua_createtable(L, 0, 4);
        l_set_text(L, "controller", controller_path(d, p->controller));
        l_set_integer(L, "index", p->index);
        l_set_text(L, "fullpath", p->path);
        if (p->raw_irq >= 0)
            l_set_integer(L, "raw_irq", p->raw_irq);
        lua_pushvalue(L, -1);
        lua_setfield(L, PINS, p->path);
        share_pin(L, p->module, p->port, INTERRUPTS);
    }
}

/* gpio[pin] of the module a pin path belongs to. The table of the slice is on top and stays. */
static void share_gpio(lua_State *L, const struct lunq_design *d, const char *pin)
{
    const char *slash = strrchr(pin, '/');
    const struct lunq_module *m;
    if (!slash)
        return;
    lua_pushlstring(L, pin, (size_t)(slash - pin));
    m = lunq_design_module(d, lua_tostring(L, -1));
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    share_pin(L, m, slash + 1, GPIO);
}

static void fill_gpio(lua_State *L, const struct lunq_design *d)
{
    for (size_t i = 0; i < d->n_gpio; i++) {
        const struct lunq_gpio *g = &d->gpio[i];
        lua_createtable(L, 0, 3);
        l_set_integer(L, "index", g->index);
        if (g->lines > 1)
            l_set_integer(L, "lines", g->lines);
        lua_createtable(L, (int)g->n_pins, 0);
        for (size_t k = 0; k < g->n_pins; k++) {
            lua_pushstring(L, g->pins[k]);
            lua_rawseti(L, -2, (lua_Integer)k + 1);
        }
        lua_setfield(L, -2, "pins");
        for (size_t k = 0; k < g->n_pins; k++)
            share_gpio(L, d, g->pins[k]);
        lua_setfield(L, GPIO_DICT, g->path);
    }
}

/* ---- hierarchies --------------------------------------------------------------------------- */

static void make_hierarchies(lua_State *L, const struct lunq_design *d)
{
    static const char *const members[] = {"ip", "memories", "hierarchies", "interrupts", "gpio"};
    for (size_t i = 0; i < d->n_hierarchies; i++) {
        if (!d->hierarchies[i].listed)
            continue;
        lua_createtable(L, 0, 7);
        l_set_text(L, "fullpath", d->hierarchies[i].path);
        for (size_t k = 0; k < sizeof members / sizeof *members; k++)
            set_table(L, members[k]);
        lua_setfield(L, HIERARCHIES, d->hierarchies[i].path);
    }
    for (size_t i = 0; i < d->n_regions; i++)
        if (lua_getfield(L, HIERARCHIES, d->regions[i].path) == LUA_TTABLE) {
            lua_pushboolean(L, 1);
            lua_setfield(L, -2, "region");
            lua_pop(L, 1);
        } else {
            lua_pop(L, 1);
        }
}

/* Makes dict[path] (dict at an absolute index) a member of the hierarchy right above it. */
static void add_member(lua_State *L, int dict, const char *path, const char *members)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return;
    lua_pushlstring(L, path, (size_t)(slash - path));
    if (lua_rawget(L, HIERARCHIES) == LUA_TTABLE && lua_getfield(L, dict, path) == LUA_TTABLE) {
        lua_getfield(L, -2, members);
        lua_insert(L, -2);
        lua_setfield(L, -2, slash + 1);
        lua_pop(L, 2);
    } else {
        lua_settop(L, HIERARCHIES);
    }
}

static void link_hierarchies(lua_State *L, const struct lunq_design *d)
{
    for (size_t i = 0; i < d->n_ip; i++)
        if (d->ip[i].region == LUNQ_NONE)
            add_member(L, IP_DICT, d->ip[i].key, "ip");
    for (size_t i = 0; i < d->n_mem; i++)
        add_member(L, MEM_DICT, d->mem[i].key, "memories");
    for (size_t i = 0; i < d->n_gpio; i++)
        add_member(L, GPIO_DICT, d->gpio[i].path, "gpio");
    for (size_t i = 0; i < d->n_hierarchies; i++)
        if (d->hierarchies[i].listed)
            add_member(L, HIERARCHIES, d->hierarchies[i].path, "hierarchies");
}

/* ---- the rest ------------------------------------------------------------------------------ */

static void set_clocks(lua_State *L, const struct lunq_design *d)
{
    lua_newtable(L);
    for (size_t i = 0; i < d->n_clocks; i++) {
        const struct lunq_clock *c = &d->clocks[i];
        if (c->enable < 0 && c->divisor0 < 0 && c->divisor1 < 0 && !(c->mhz > 0))
            continue;
        lua_createtable(L, 0, 4);
        if (c->enable >= 0)
            l_set_integer(L, "enable", c->enable);
        if (c->divisor0 >= 0)
            l_set_integer(L, "divisor0", c->divisor0);
        if (c->divisor1 >= 0)
            l_set_integer(L, "divisor1", c->divisor1);
        l_set_text(L, "source", c->source);
        if (c->mhz > 0) {
            lua_pushnumber(L, c->mhz);
            lua_setfield(L, -2, "mhz");
        }
        lua_rawseti(L, -2, (lua_Integer)i);
    }
    lua_setfield(L, OUT, "clock_dict");
}

static bool on_clock(const struct lunq_module *m, size_t clock)
{
    for (size_t i = 0; i < m->n_ports; i++)
        if (m->ports[i].pl_clock == clock + 1)
            return true;
    return false;
}

/* The IP and memories with a pin on each clock that has any. */
static void set_clock_users(lua_State *L, const struct lunq_design *d)
{
    lua_Integer entries = 0;
    lua_newtable(L);
    for (size_t k = 0; k < d->n_clocks; k++) {
        lua_Integer n = 0;
        lua_createtable(L, 0, 2);
        l_set_integer(L, "clock", (lua_Integer)k);
        lua_newtable(L);
        for (size_t i = 0; i < d->n_ip + d->n_mem; i++) {
            const struct lunq_ip *ip = i < d->n_ip ? &d->ip[i] : &d->mem[i - d->n_ip];
            if (ip->module == d->ps || !on_clock(ip->module, k))
                continue;
            lua_pushstring(L, ip->key);
            lua_rawseti(L, -2, ++n);
        }
        lua_setfield(L, -2, "users");
        if (n > 0)
            lua_rawseti(L, -2, ++entries);
        else
            lua_pop(L, 1);
    }
    lua_setfield(L, OUT, "clock_users");
}

/* "a.bd:b.bd" as { "a", "b" }. */
static void set_variants(lua_State *L, const char *list)
{
    int n = 0;
    lua_newtable(L);
    while (*list) {
        size_t len = strcspn(list, ":");
        size_t stem = len > 3 && !strncmp(list + len - 3, ".bd", 3) ? len - 3 : len;
        if (stem) {
            lua_pushlstring(L, list, stem);
            lua_rawseti(L, -2, ++n);
        }
        list += len + (list[len] == ':');
    }
    lua_setfield(L, -2, "variants");
}

static void set_region_ranges(lua_State *L, const struct lunq_design *d, size_t region)
{
    int n = 0;
    lua_newtable(L);
    for (size_t i = 0; i < d->n_ip; i++) {
        const struct lunq_ip *ip = &d->ip[i];
        if (ip->region != region)
            continue;
        lua_createtable(L, 0, 4);
        l_set_integer(L, "phys_addr", (lua_Integer)ip->phys_addr);
        l_set_integer(L, "addr_range", (lua_Integer)ip->addr_range);
        l_set_text(L, "mem_id", ip->mem_id);
        l_set_text(L, "memtype", ip->memtype);
        lua_rawseti(L, -2, ++n);
    }
    lua_setfield(L, -2, "ranges");
}

static void set_regions(lua_State *L, const struct lunq_design *d)
{
    lua_newtable(L);
    for (size_t i = 0; i < d->n_regions; i++) {
        const struct lunq_region *g = &d->regions[i];
        size_t n = strlen(g->active);
        lua_createtable(L, 0, 4);
        l_set_text(L, "fullpath", g->path);
        set_region_ranges(L, d, i);
        set_variants(L, g->variants);
        lua_pushlstring(L, g->active, n > 3 && !strcmp(g->active + n - 3, ".bd") ? n - 3 : n);
        lua_setfield(L, -2, "active");
        lua_setfield(L, -2, g->path);
    }
    lua_setfield(L, OUT, "regions");
}

static void set_stream_end(lua_State *L, const char *key, const struct lunq_module *m,
                           const struct lunq_bus *b)
{
    if (!m)
        return;
    lua_pushfstring(L, "%s/%s", m->path, b->name);
    lua_setfield(L, -2, key);
}

static void set_streams(lua_State *L, const struct lunq_design *d)
{
    lua_createtable(L, (int)d->n_streams, 0);
    for (size_t i = 0; i < d->n_streams; i++) {
        const struct lunq_stream *s = &d->streams[i];
        lua_createtable(L, 0, 3);
        l_set_text(L, "bus", s->bus);
        set_stream_end(L, "master", s->master, s->master_if);
        set_stream_end(L, "slave", s->slave, s->slave_if);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, OUT, "streams");
}

static void push_range(lua_State *L, const struct lunq_range *g)
{
    lua_createtable(L, 0, 6);
    l_set_text(L, "interface", g->master);
    l_set_text(L, "target", g->target ? g->target->path : g->instance);
    l_set_text(L, "slave", g->slave);
    l_set_integer(L, "base", (lua_Integer)g->base);
    l_set_integer(L, "size", (lua_Integer)(g->high - g->base + 1));
    l_set_text(L, "memtype", g->memtype);
}

/* What each master reaches, and through which port of the PS: HP is not coherent, HPC and ACP
 * can be (host/device/linux/coherent.c). The PS itself is ip_dict and mem_dict. */
static void set_masters(lua_State *L, const struct lunq_design *d)
{
    lua_newtable(L);
    for (size_t i = 0; i < d->n_modules; i++) {
        const struct lunq_module *m = &d->modules[i];
        if (!m->n_ranges || m == d->ps)
            continue;
        lua_createtable(L, (int)m->n_ranges, 0);
        for (size_t k = 0; k < m->n_ranges; k++) {
            push_range(L, &m->ranges[k]);
            lua_rawseti(L, -2, (lua_Integer)k + 1);
        }
        lua_setfield(L, -2, m->path);
    }
    lua_setfield(L, OUT, "masters");
}

static void set_facts(lua_State *L, const struct lunq_design *d)
{
    lua_pushboolean(L, d->partial);
    lua_setfield(L, OUT, "partial");
    lua_pushstring(L, d->ps ? d->ps->path : NULL);
    lua_setfield(L, OUT, "ps");
    lua_createtable(L, (int)d->n_warnings, 0);
    for (size_t i = 0; i < d->n_warnings; i++) {
        lua_pushstring(L, d->warnings[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, OUT, "warnings");
}

int l_design_dictionaries(lua_State *L)
{
    static const char *const names[] = {"ip_dict", "mem_dict", "gpio_dict", "interrupt_pins",
                                        "hierarchy_dict"};
    struct l_design *u = l_check(L, 1, L_DESIGN);
    const struct lunq_design *d = u->d;
    if (!d)
        return l_fail(L, LUNQ_RUNTIME, "the design was not read");
    lua_settop(L, 1);
    luaL_checkstack(L, 20, "dictionaries");
    lua_newtable(L); /* OUT */
    lua_newtable(L); /* SHARED: module -> { parameters, interrupts, gpio } */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        lua_newtable(L); /* IP_DICT ... HIERARCHIES */
        lua_pushvalue(L, -1);
        lua_setfield(L, OUT, names[i]);
    }
    fill_ip(L, d);
    make_hierarchies(L, d);
    fill_pins(L, d);
    fill_gpio(L, d);
    link_hierarchies(L, d);
    set_controllers(L, d);
    set_clocks(L, d);
    set_clock_users(L, d);
    set_regions(L, d);
    set_streams(L, d);
    set_masters(L, d);
    set_facts(L, d);
    l_design_add_card(L, d, OUT, IP_DICT, MEM_DICT);
    lua_settop(L, OUT);
    return 1;
}
