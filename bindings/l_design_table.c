/* l_design_table.c - core.design_from_table: a design described by a Lua table, for bitstreams that
 * come without metadata. Everything but ip is optional.
 *
 *   core.design_from_table {
 *     name = "filter", part = "xc7z020", board = "", tool = "",
 *     arch = "zynq",                          -- or "zynquplus"; another text: no processing system
 *     ip = {
 *       ["video/fir"] = {                     -- the full path
 *         vlnv = "acme.com:user:fir:1.0",     -- or type
 *         address = 0x43C00000,               -- or phys_addr; left out: not addressable
 *         range = 0x10000,                    -- or addr_range; 64 KiB when left out
 *         interface = "S_AXI",                -- or mem_id
 *         parameters = { TAPS = 16, NAME = "x", FAST = true },
 *         registers = {
 *           GAIN = 0x10,                      -- offset alone: 32 bits, read-write
 *           CTRL = {
 *             offset = 0x00,                  -- or address_offset
 *             size = 32, access = "read-write", description = "", reset = 0, enabled = true,
 *             fields = {
 *               START = 0,                    -- the bit alone
 *               MODE = { bit = 4, width = 2, access = "read-only", description = "" },
 *             },                              -- or bit_offset, bit_width
 *           },
 *         },
 *         interrupts = {                      -- pin = bit of the PS's interrupt inputs, or
 *           done = 0,                         -- input of an axi_intc
 *           late = { controller = "intc", index = 3 },
 *         },
 *         streams = {
 *           M_AXIS = "fifo/S_AXIS",         -- own master port = slave port of another
 *           Y = "out", X = "in",            -- ports that lead out of the design, or come in
 *         },
 *       },
 *     },
 *     memory = { bram = { ... } },            -- as ip; goes to mem_dict
 *     gpio = { led_reset = 3, sel = { index = 7, lines = 4 } },  -- lines 7 down to 4
 *     clocks = { [0] = { enable = 1, divisor0 = 5, divisor1 = 2 } },
 *   }
 *
 * A table with `kernels` or `memories` describes a card instead: see l_card_table.c.
 *
 * A wrong key, type or value raises `type` or `value` and names the place, as in
 * "ip.adder.registers.CTRL.offset". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/design/xclbin_write.h"
#include "l_design.h"
#include "l_table.h"

/* ---- registers ----------------------------------------------------------------------------- */

enum { GPIO_WIDTH = 96 }; /* bits of the GPIO output: the most a processor has */

static const char *get_access(struct l_table *t)
{
    static const char *const known[] = {"read-write", "read-only", "write-only"};
    const char *s = l_table_get_str(t, "access", NULL, known[0]);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(s, known[i]))
            return s;
    l_table_enter(t, "access");
    l_fail(t->L, LUNQ_VALUE, "%s should be read-write, read-only or write-only, not %s",
           l_table_where(t), s);
    return NULL;
}

static void read_field(struct l_table *t, const char *name, size_t i, void *arg)
{
    static const char *const keys[] = {"bit",        "width",     "access", "description",
                                       "bit_offset", "bit_width", NULL};
    struct lunq_field *f = (struct lunq_field *)arg + i;
    f->name = l_table_intern(t, name);
    f->bit_width = 1;
    f->access = l_table_intern(t, "read-write");
    f->description = l_table_intern(t, "");
    if (lua_type(t->L, -1) == LUA_TNUMBER) {
        f->bit_offset = (unsigned)l_table_int(t, 0, 65535);
        return;
    }
    l_table_want(t, LUA_TTABLE);
    l_table_keys(t, keys);
    f->bit_offset = (unsigned)l_table_get_int(t, "bit", "bit_offset", 0, 65535, 0);
    f->bit_width = (unsigned)l_table_get_int(t, "width", "bit_width", 1, 65536, 1);
    f->access = l_table_intern(t, get_access(t));
    f->description = l_table_get_str(t, "description", NULL, f->description);
}

static int by_bit(const void *a, const void *b)
{
    const struct lunq_field *x = a, *y = b;
    return x->bit_offset < y->bit_offset ? -1 : x->bit_offset > y->bit_offset;
}

static void read_register(struct l_table *t, const char *name, size_t i, void *arg)
{
    static const char *const keys[] = {"offset",      "size",           "access",
                                       "description", "reset",          "enabled",
                                       "fields",      "address_offset", NULL};
    struct lunq_register *r = (struct lunq_register *)arg + i;
    r->name = l_table_intern(t, name);
    r->size = 32;
    r->enabled = true;
    r->access = l_table_intern(t, "read-write");
    r->description = l_table_intern(t, "");
    if (lua_type(t->L, -1) == LUA_TNUMBER) {
        r->offset = (uint64_t)l_table_int(t, 0, INT64_MAX);
        return;
    }
    l_table_want(t, LUA_TTABLE);
    l_table_keys(t, keys);
    r->offset = (uint64_t)l_table_get_int(t, "offset", "address_offset", 0, INT64_MAX, -1);
    if (r->offset == UINT64_MAX)
        l_fail(t->L, LUNQ_VALUE, "%s.offset is missing", l_table_where(t));
    r->size = (uint64_t)l_table_get_int(t, "size", NULL, 1, 1 << 20, 32);
    r->reset = (uint64_t)l_table_get_int(t, "reset", NULL, INT64_MIN, INT64_MAX, 0);
    r->enabled = l_table_get_bool(t, "enabled", true);
    r->access = l_table_intern(t, get_access(t));
    r->description = l_table_get_str(t, "description", NULL, r->description);
    r->n_fields = l_table_count(t, "fields");
    r->fields = l_table_alloc(t, r->n_fields, sizeof *r->fields);
    l_table_each(t, "fields", read_field, r->fields);
    if (r->n_fields)
        qsort(r->fields, r->n_fields, sizeof *r->fields, by_bit);
}

static int by_offset(const void *a, const void *b)
{
    const struct lunq_register *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void read_registers(struct l_table *t, struct lunq_module *m, const char *interface,
                           uint64_t range)
{
    struct lunq_block *b;
    if (!l_table_count(t, "registers"))
        return;
    b = l_table_alloc(t, 1, sizeof *b);
    b->name = l_table_intern(t, "Reg");
    b->interface = interface ? interface : l_table_intern(t, "");
    b->access = b->usage = l_table_intern(t, "");
    b->range = range;
    b->n_registers = l_table_count(t, "registers");
    b->registers = l_table_alloc(t, b->n_registers, sizeof *b->registers);
    l_table_each(t, "registers", read_register, b->registers);
    qsort(b->registers, b->n_registers, sizeof *b->registers, by_offset);
    m->blocks = b;
    m->n_blocks = 1;
}

/* ---- modules ------------------------------------------------------------------------------- */

static void read_parameter(struct l_table *t, const char *name, size_t i, void *arg)
{
    struct lunq_param *p = (struct lunq_param *)arg + i;
    int type = lua_type(t->L, -1);
    if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
        l_fail(t->L, LUNQ_TYPE, "%s should be a text, a number or a boolean, not a %s",
               l_table_where(t), luaL_typename(t->L, -1));
    p->name = l_table_intern(t, name);
    p->value = l_table_intern(t, luaL_tolstring(t->L, -1, NULL));
    lua_pop(t->L, 1);
}

static int by_parameter(const void *a, const void *b)
{
    return strcmp(((const struct lunq_param *)a)->name, ((const struct lunq_param *)b)->name);
}

/* "a/b" with no empty part, as keys of the dictionaries are. */
static void check_path(struct l_table *t, const char *path)
{
    size_t n = strlen(path);
    if (path[0] == '/' || path[n - 1] == '/' || strstr(path, "//") || n > 1024)
        l_fail(t->L, LUNQ_VALUE, "%s: %s is no path; write hierarchy/name", l_table_where(t), path);
}

struct modules {
    struct lunq_module *at;   /* where the next one goes */
    struct lunq_range *range; /* likewise */
    size_t n_ranges;
    bool memory;
};

static void read_range(struct l_table *t, struct modules *all, const struct lunq_module *m)
{
    static const uint64_t max = INT64_MAX;
    struct lunq_range *g = all->range;
    uint64_t base = (uint64_t)l_table_get_int(t, "address", "phys_addr", 0, INT64_MAX, -1);
    uint64_t size = (uint64_t)l_table_get_int(t, "range", "addr_range", 1, INT64_MAX, 0x10000);
    if (base == UINT64_MAX)
        return;
    if (size - 1 > max - base)
        l_fail(t->L, LUNQ_VALUE,
               "%s: a range of 0x%" PRIx64 " bytes at 0x%" PRIx64 " ends beyond the address space",
               l_table_where(t), size, base);
    g->instance = m->path;
    g->memtype =
        l_table_get_str(t, "memtype", NULL, l_table_intern(t, all->memory ? "MEMORY" : "REGISTER"));
    g->slave = g->master = l_table_get_str(t, "interface", "mem_id", NULL);
    g->base = base;
    g->high = base + (size - 1);
    all->range++;
    all->n_ranges++;
}

static void read_module(struct l_table *t, const char *name, size_t i, void *arg)
{
    static const char *const keys[] = {
        "vlnv",       "address", "range", "interface", "memtype",    "parameters", "registers",
        "interrupts", "streams", "type",  "phys_addr", "addr_range", "mem_id",     NULL};
    struct modules *all = arg;
    struct lunq_module *m = all->at++;
    (void)i;
    l_table_want(t, LUA_TTABLE);
    check_path(t, name);
    l_table_keys(t, keys);
    m->path = m->instance = l_table_intern(t, name);
    m->vlnv = l_table_get_str(t, "vlnv", "type", NULL);
    m->n_params = l_table_count(t, "parameters");
    m->params = l_table_alloc(t, m->n_params, sizeof *m->params);
    l_table_each(t, "parameters", read_parameter, m->params);
    if (m->n_params)
        qsort(m->params, m->n_params, sizeof *m->params, by_parameter);
    read_range(t, all, m);
    read_registers(t, m, l_table_get_str(t, "interface", "mem_id", NULL),
                   (uint64_t)l_table_get_int(t, "range", "addr_range", 1, INT64_MAX, 0x10000));
    m->n_ports = l_table_count(t, "interrupts");
    m->ports = l_table_alloc(t, m->n_ports, sizeof *m->ports);
}

/* ---- second pass: what joins modules ------------------------------------------------------- */

static struct lunq_module *find_module(struct l_table *t, const char *path)
{
    struct lunq_module *m = t->d->modules;
    for (size_t low = 0, high = t->d->n_modules; low < high;) {
        size_t middle = low + (high - low) / 2;
        int c = strcmp(path, m[middle].path);
        if (!c)
            return &m[middle];
        if (c < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static void read_interrupt(struct l_table *t, const char *name, size_t i, void *arg)
{
    static const char *const keys[] = {"controller", "index", "fullpath", "raw_irq", NULL};
    struct lunq_module *m = arg;
    struct lunq_port *p = &m->ports[i];
    const char *controller = NULL;
    struct lunq_error e;
    int64_t index;
    *p = (struct lunq_port){.name = l_table_intern(t, name),
                            .dir = LUNQ_OUT,
                            .width = 1,
                            .sigis = l_table_intern(t, "INTERRUPT")};
    if (lua_type(t->L, -1) == LUA_TNUMBER) {
        index = l_table_int(t, 0, 15);
    } else {
        l_table_want(t, LUA_TTABLE);
        l_table_keys(t, keys);
        controller = l_table_get_str(t, "controller", NULL, "");
        index = l_table_get_int(t, "index", NULL, 0, *controller ? 31 : 15, -1);
        if (index < 0)
            l_fail(t->L, LUNQ_VALUE, "%s.index is missing", l_table_where(t));
        if (!*controller)
            controller = NULL;
        else if (!find_module(t, controller)) {
            l_table_enter(t, "controller");
            l_fail(t->L, LUNQ_VALUE, "%s: there is no IP called %s", l_table_where(t), controller);
        }
    }
    if (lunq_design_wire(t->d, m, p, controller, (unsigned)index, &e) < 0)
        l_raise(t->L, &e);
}

struct link {
    struct lunq_module *master, *slave; /* NULL: outside the design */
    const char *master_if, *slave_if;
};
struct links {
    struct lunq_module *owner;
    struct link *at;
};

static void read_stream(struct l_table *t, const char *name, size_t i, void *arg)
{
    struct links *l = arg;
    const char *to, *slash;
    struct link *k = l->at++;
    (void)i;
    l_table_want(t, LUA_TSTRING);
    to = lua_tostring(t->L, -1);
    if (!strcmp(to, "in")) {
        k->slave = l->owner;
        k->slave_if = l_table_intern(t, name);
        return;
    }
    k->master = l->owner;
    k->master_if = l_table_intern(t, name);
    if (!strcmp(to, "out"))
        return;
    slash = strrchr(to, '/');
    if (!slash || slash == to || !slash[1])
        l_fail(t->L, LUNQ_VALUE,
               "%s: %s should name an IP and its port, as in fifo/S_AXIS, or be \"in\" or \"out\"",
               l_table_where(t), to);
    k->slave_if = l_table_intern(t, slash + 1);
    lua_pushlstring(t->L, to, (size_t)(slash - to));
    k->slave = find_module(t, lua_tostring(t->L, -1));
    if (!k->slave)
        l_fail(t->L, LUNQ_VALUE, "%s: there is no IP called %s", l_table_where(t),
               lua_tostring(t->L, -1));
    lua_pop(t->L, 1);
}

static void join_module(struct l_table *t, const char *name, size_t i, void *arg)
{
    struct links *l = arg;
    (void)i;
    l->owner = find_module(t, name);
    l_table_each(t, "interrupts", read_interrupt, l->owner);
    l_table_each(t, "streams", read_stream, l);
}

static void count_streams(struct l_table *t, const char *name, size_t i, void *arg)
{
    (void)name;
    (void)i;
    *(size_t *)arg += l_table_count(t, "streams");
}

static void add_bus(struct l_table *t, struct lunq_module *m, const char *name, const char *bus,
                    enum lunq_bus_role role)
{
    m->buses[m->n_buses++] =
        (struct lunq_bus){.name = name,
                          .bus = bus,
                          .role = role,
                          .vlnv = l_table_intern(t, "xilinx.com:interface:axis:1.0")};
}

/* Gives each end its bus interface; arrays are sized first. */
static void make_buses(struct l_table *t, const struct link *links, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (links[i].master)
            links[i].master->n_buses++;
        if (links[i].slave)
            links[i].slave->n_buses++;
    }
    for (size_t i = 0; i < t->d->n_modules; i++) {
        struct lunq_module *m = &t->d->modules[i];
        m->buses = m->n_buses ? l_table_alloc(t, m->n_buses, sizeof *m->buses) : NULL;
        m->n_buses = 0;
    }
    for (size_t i = 0; i < n; i++) {
        const struct link *k = &links[i];
        const char *bus;
        lua_pushfstring(t->L, "%s_%s", k->master ? k->master->path : k->slave->path,
                        k->master ? k->master_if : k->slave_if);
        bus = l_table_intern(t, lua_tostring(t->L, -1));
        lua_pop(t->L, 1);
        if (k->master)
            add_bus(t, k->master, k->master_if, bus, LUNQ_BUS_MASTER);
        if (k->slave)
            add_bus(t, k->slave, k->slave_if, bus, LUNQ_BUS_SLAVE);
    }
}

/* ---- the processing system ----------------------------------------------------------------- */

static void set_param(struct l_table *t, struct lunq_param *p, const char *fmt, int i,
                      int64_t value)
{
    char name[64], text[32];
    snprintf(name, sizeof name, fmt, i);
    snprintf(text, sizeof text, "%" PRId64, value);
    p->name = l_table_intern(t, name);
    p->value = l_table_intern(t, text);
}

/* clocks = { [0] = { enable, divisor0, divisor1 } } as the PS's own parameters. */
static void read_clocks(struct l_table *t, struct lunq_module *ps, bool zynq)
{
    static const char *const keys[] = {"enable", "divisor0", "divisor1", NULL};
    static const char *const names[2][3] = {
        {"PSU__FPGA_PL%d_ENABLE", "PSU__CRL_APB__PL%d_REF_CTRL__DIVISOR0",
         "PSU__CRL_APB__PL%d_REF_CTRL__DIVISOR1"},
        {"PCW_FPGA_FCLK%d_ENABLE", "PCW_FCLK%d_PERIPHERAL_DIVISOR0",
         "PCW_FCLK%d_PERIPHERAL_DIVISOR1"}};
    const char *used;
    size_t n;
    if (!l_table_push(t, "clocks", NULL, &used))
        return;
    n = l_table_enter(t, "clocks");
    l_table_want(t, LUA_TTABLE);
    ps->params = l_table_alloc(t, 12, sizeof *ps->params);
    lua_pushnil(t->L);
    for (; lua_next(t->L, -2); lua_pop(t->L, 1)) {
        int ok, i = (int)lua_tointegerx(t->L, -2, &ok);
        char index[8];
        size_t m;
        if (lua_type(t->L, -2) != LUA_TNUMBER || !ok || i < 0 || i > 3)
            l_fail(t->L, LUNQ_VALUE, "%s: its keys are the clocks 0 to 3", l_table_where(t));
        snprintf(index, sizeof index, "%d", i);
        m = l_table_enter(t, index);
        l_table_want(t, LUA_TTABLE);
        l_table_keys(t, keys);
        for (int k = 0; k < 3; k++)
            set_param(t, &ps->params[ps->n_params++], names[zynq][k], i,
                      l_table_get_int(t, keys[k], NULL, k > 0, 63, 1));
        l_table_leave(t, m);
    }
    l_table_leave(t, n);
    lua_pop(t->L, 1);
}

static void read_slice(struct l_table *t, const char *name, size_t i, void *arg)
{
    static const char *const keys[] = {"index", "lines", "pins", NULL};
    struct modules *all = arg;
    struct lunq_module *m = all->at++;
    int64_t index, lines = 1;
    (void)i;
    check_path(t, name);
    if (lua_type(t->L, -1) == LUA_TNUMBER) {
        index = l_table_int(t, 0, 1023);
    } else {
        l_table_want(t, LUA_TTABLE);
        l_table_keys(t, keys);
        index = l_table_get_int(t, "index", NULL, 0, 1023, -1);
        if (index < 0)
            l_fail(t->L, LUNQ_VALUE, "%s.index is missing", l_table_where(t));
        lines = l_table_get_int(t, "lines", NULL, 1, index + 1, 1);
    }
    m->path = m->instance = l_table_intern(t, name);
    m->modtype = l_table_intern(t, "xlslice");
    m->vlnv = l_table_intern(t, "xilinx.com:ip:xlslice:1.0");
    m->params = l_table_alloc(t, 2, sizeof *m->params);
    m->n_params = 2;
    set_param(t, &m->params[0], "DIN_FROM", 0, index);
    set_param(t, &m->params[1], "DIN_TO", 0, index - lines + 1);
    m->ports = l_table_alloc(t, 2, sizeof *m->ports);
    m->n_ports = 2;
    m->ports[0] = (struct lunq_port){.name = l_table_intern(t, "Din"),
                                     .net = l_table_intern(t, "ps GPIO"),
                                     .dir = LUNQ_IN,
                                     .width = GPIO_WIDTH};
    m->ports[1] = (struct lunq_port){
        .name = l_table_intern(t, "Dout"), .dir = LUNQ_OUT, .width = (unsigned)lines};
}

static void make_ps(struct l_table *t, struct lunq_module *ps, bool zynq, struct lunq_range *ranges,
                    size_t n_ranges)
{
    ps->path = ps->instance =
        l_table_intern(t, zynq ? "processing_system7_0" : "zynq_ultra_ps_e_0");
    ps->modtype = l_table_intern(t, zynq ? "processing_system7" : "zynq_ultra_ps_e");
    ps->vlnv = l_table_intern(t, zynq ? "xilinx.com:ip:processing_system7:5.5"
                                      : "xilinx.com:ip:zynq_ultra_ps_e:3.5");
    ps->ports = l_table_alloc(t, 1, sizeof *ps->ports);
    ps->n_ports = 1;
    ps->ports[0] = (struct lunq_port){.name = l_table_intern(t, zynq ? "GPIO_O" : "emio_gpio_o"),
                                      .net = l_table_intern(t, "ps GPIO"),
                                      .dir = LUNQ_OUT,
                                      .width = GPIO_WIDTH};
    ps->ranges = ranges;
    ps->n_ranges = n_ranges;
    read_clocks(t, ps, zynq);
}

/* ---- putting it together ------------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct lunq_module *)a)->path, ((const struct lunq_module *)b)->path);
}

static void read_modules(struct l_table *t)
{
    struct lunq_design *d = t->d;
    bool zynq = !strcmp(d->arch, "zynq"), has_ps = zynq || !strcmp(d->arch, "zynquplus");
    size_t n_ip = l_table_count(t, "ip") + l_table_count(t, "memory"),
           n = n_ip + l_table_count(t, "gpio") + has_ps;
    struct lunq_range *ranges = l_table_alloc(t, n_ip, sizeof *ranges);
    struct modules all = {l_table_alloc(t, n, sizeof *d->modules), ranges, 0, false};
    d->modules = all.at;
    l_table_each(t, "ip", read_module, &all);
    all.memory = true;
    l_table_each(t, "memory", read_module, &all);
    l_table_each(t, "gpio", read_slice, &all);
    if (has_ps)
        make_ps(t, all.at++, zynq, ranges, all.n_ranges);
    else {
        d->external_ranges = ranges;
        d->n_external_ranges = all.n_ranges;
    }
    d->n_modules = n;
    qsort(d->modules, n, sizeof *d->modules, by_path);
    for (size_t i = 1; i < n; i++)
        if (!strcmp(d->modules[i - 1].path, d->modules[i].path))
            l_fail(t->L, LUNQ_VALUE, "the name %s stands for two things", d->modules[i].path);
}

static void read_joints(struct l_table *t)
{
    size_t n = 0;
    struct links l = {0};
    struct link *links;
    l_table_each(t, "ip", count_streams, &n);
    l_table_each(t, "memory", count_streams, &n);
    links = l.at = l_table_alloc(t, n, sizeof *links);
    l_table_each(t, "ip", join_module, &l);
    l_table_each(t, "memory", join_module, &l);
    make_buses(t, links, n);
}

/* core.design_from_table{ ip = { ... }, ... }: a design without metadata. lunq.Overlay takes such a table
 * too. Raises `type` and `value` that name the place. */
int l_design_from_table(lua_State *L)
{
    static const char *const keys[] = {"ip",   "memory", "gpio",  "clocks", "name",
                                       "part", "arch",   "board", "tool",   NULL};
    static const char *const card_keys[] = {"kernels",  "memories", "streams", "clocks",
                                            "platform", "uuid",     "name",    "part",
                                            "arch",     "board",    "tool",    NULL};
    struct l_design *u;
    struct l_table t = {.L = L};
    struct lunq_error e;
    bool card;
    lua_settop(L, 1);
    if (!lua_istable(L, 1))
        return l_fail(L, LUNQ_TYPE, "a design is described by a table, not a %s",
                      luaL_typename(L, 1));
    u = l_new(L, L_DESIGN, sizeof *u, 0);
    if (lunq_design_new(&u->d, "(table)", "table", &e) < 0)
        return l_raise(L, &e);
    t.d = u->d;
    lua_pushvalue(L, 1);
    card = l_table_is_card(&t);
    l_table_keys(&t, card ? card_keys : keys);
    t.d->name = l_table_get_str(&t, "name", NULL, t.d->name);
    t.d->part = l_table_get_str(&t, "part", NULL, t.d->part);
    t.d->board = l_table_get_str(&t, "board", NULL, t.d->board);
    t.d->tool = l_table_get_str(&t, "tool", NULL, t.d->tool);
    t.d->arch = l_table_get_str(&t, "arch", NULL, l_table_intern(&t, card ? "" : "zynq"));
    if (card) {
        l_table_card(&t);
    } else {
        read_modules(&t);
        read_joints(&t);
    }
    if (lunq_design_finish(t.d, &e) < 0 || (card && lunq_xclbin_attach(t.d, &e) < 0))
        return l_raise(L, &e);
    lua_settop(L, 2);
    return 1;
}
