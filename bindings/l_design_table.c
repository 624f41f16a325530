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
 *         streams = { M_AXIS = "fifo/S_AXIS" },    -- own master port = slave port of another
 *       },
 *     },
 *     memory = { bram = { ... } },            -- as ip; goes to mem_dict
 *     gpio = { led_reset = 3, sel = { index = 7, lines = 4 } },  -- lines 7 down to 4
 *     clocks = { [0] = { enable = 1, divisor0 = 5, divisor1 = 2 } },
 *   }
 *
 * A wrong key, type or value raises `type` or `value` and names the place, as in
 * "ip.adder.registers.CTRL.offset". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l_design.h"

struct table {
    lua_State *L;
    struct lunq_design *d;
    char path[512]; /* where we are: "ip.adder.registers" */
};

/* ---- errors and places --------------------------------------------------------------------- */

/* Appends ".name"; the result goes to leave(). */
static size_t enter(struct table *t, const char *name)
{
    size_t n = strlen(t->path);
    snprintf(t->path + n, sizeof t->path - n, "%s%s", n ? "." : "", name);
    return n;
}

static void leave(struct table *t, size_t n)
{
    t->path[n] = '\0';
}

static const char *where(const struct table *t)
{
    return *t->path ? t->path : "the description";
}

static void check_memory(struct table *t, const void *p)
{
    if (!p)
        l_fail(t->L, LUNQ_MEMORY, "%s: no memory", where(t));
}

static const char *intern(struct table *t, const char *s)
{
    const char *copy = lunq_design_intern(t->d, s, SIZE_MAX);
    check_memory(t, copy);
    return copy;
}

static void *alloc(struct table *t, size_t n, size_t size)
{
    void *p = lunq_design_alloc(t->d, n * size);
    check_memory(t, p);
    return p;
}

static void want(struct table *t, int type)
{
    if (lua_type(t->L, -1) != type)
        l_fail(t->L, LUNQ_TYPE, "%s should be a %s, not a %s", where(t), lua_typename(t->L, type),
               luaL_typename(t->L, -1));
}

/* The table on top has no other keys than these (a NULL-terminated list). */
static void check_keys(struct table *t, const char *const *known)
{
    lua_pushnil(t->L);
    for (; lua_next(t->L, -2); lua_pop(t->L, 1)) {
        size_t i = 0, n = 0;
        char list[400] = "";
        if (lua_type(t->L, -2) != LUA_TSTRING)
            l_fail(t->L, LUNQ_TYPE, "%s has a %s as key; its keys are names", where(t),
                   luaL_typename(t->L, -2));
        while (known[i] && strcmp(known[i], lua_tostring(t->L, -2)))
            i++;
        if (known[i])
            continue;
        for (i = 0; known[i] && n < sizeof list; i++)
            n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", known[i]);
        enter(t, lua_tostring(t->L, -2));
        l_fail(t->L, LUNQ_VALUE, "%s: there is no such key (known: %s)", where(t), list);
    }
}

/* ---- values: each looks up a key (or its alias) of the table on top ------------------------- */

/* Pushes the value; false and nothing pushed when it is nil. */
static bool push_key(struct table *t, const char *key, const char *alias, const char **used)
{
    *used = key;
    lua_pushstring(t->L, key);
    if (lua_rawget(t->L, -2) != LUA_TNIL)
        return true;
    lua_pop(t->L, 1);
    if (!alias)
        return false;
    *used = alias;
    lua_pushstring(t->L, alias);
    if (lua_rawget(t->L, -2) != LUA_TNIL)
        return true;
    lua_pop(t->L, 1);
    return false;
}

/* The integer on top of the stack, within limits. */
static int64_t integer(struct table *t, int64_t min, int64_t max)
{
    int ok;
    int64_t v = lua_tointegerx(t->L, -1, &ok);
    if (lua_type(t->L, -1) != LUA_TNUMBER)
        l_fail(t->L, LUNQ_TYPE, "%s should be a whole number, not a %s", where(t),
               luaL_typename(t->L, -1));
    if (!ok || v < min || v > max)
        l_fail(t->L, LUNQ_VALUE,
               "%s should be a whole number from %" PRId64 " to 0x%" PRIX64 ", not %s", where(t),
               min, max, luaL_tolstring(t->L, -1, NULL));
    return v;
}

static int64_t get_integer(struct table *t, const char *key, const char *alias, int64_t min,
                           int64_t max, int64_t otherwise)
{
    int64_t v = otherwise;
    const char *used;
    if (push_key(t, key, alias, &used)) {
        size_t n = enter(t, used);
        v = integer(t, min, max);
        leave(t, n);
        lua_pop(t->L, 1);
    }
    return v;
}

static const char *get_string(struct table *t, const char *key, const char *alias,
                              const char *otherwise)
{
    const char *s = otherwise, *used;
    if (push_key(t, key, alias, &used)) {
        size_t n = enter(t, used);
        want(t, LUA_TSTRING);
        s = intern(t, lua_tostring(t->L, -1));
        leave(t, n);
        lua_pop(t->L, 1);
    }
    return s;
}

static bool get_boolean(struct table *t, const char *key, bool otherwise)
{
    bool v = otherwise;
    const char *used;
    if (push_key(t, key, NULL, &used)) {
        size_t n = enter(t, used);
        want(t, LUA_TBOOLEAN);
        v = lua_toboolean(t->L, -1);
        leave(t, n);
        lua_pop(t->L, 1);
    }
    return v;
}

static const char *get_access(struct table *t)
{
    static const char *const known[] = {"read-write", "read-only", "write-only"};
    const char *s = get_string(t, "access", NULL, known[0]);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(s, known[i]))
            return s;
    enter(t, "access");
    l_fail(t->L, LUNQ_VALUE, "%s should be read-write, read-only or write-only, not %s", where(t),
           s);
    return NULL;
}

/* ---- tables of named things ---------------------------------------------------------------- */

/* Calls `one` for each entry of a table under `key` of the table on top, with the value on top and
 * its name; `i` counts from 0. */
typedef void each_fn(struct table *t, const char *name, size_t i, void *arg);

static size_t count_entries(struct table *t)
{
    size_t n = 0;
    lua_pushnil(t->L);
    for (; lua_next(t->L, -2); lua_pop(t->L, 1))
        n++;
    return n;
}

static size_t enter_table(struct table *t, const char *key, size_t *count)
{
    size_t n = enter(t, key);
    want(t, LUA_TTABLE);
    *count = count_entries(t);
    return n;
}

static void each(struct table *t, const char *key, each_fn *one, void *arg)
{
    const char *used;
    size_t n, i = 0;
    if (!push_key(t, key, NULL, &used))
        return;
    n = enter(t, key);
    want(t, LUA_TTABLE);
    luaL_checkstack(t->L, 10, "the description is nested too deep");
    lua_pushnil(t->L);
    for (; lua_next(t->L, -2); lua_pop(t->L, 1)) {
        size_t m;
        if (lua_type(t->L, -2) != LUA_TSTRING || !*lua_tostring(t->L, -2))
            l_fail(t->L, LUNQ_TYPE, "%s: its keys should be names, not %s", where(t),
                   luaL_tolstring(t->L, -2, NULL));
        m = enter(t, lua_tostring(t->L, -2));
        one(t, lua_tostring(t->L, -2), i++, arg);
        leave(t, m);
    }
    leave(t, n);
    lua_pop(t->L, 1);
}

static size_t count_of(struct table *t, const char *key)
{
    const char *used;
    size_t count = 0;
    if (push_key(t, key, NULL, &used)) {
        leave(t, enter_table(t, key, &count));
        lua_pop(t->L, 1);
    }
    return count;
}

/* ---- registers ----------------------------------------------------------------------------- */

static void read_field(struct table *t, const char *name, size_t i, void *arg)
{
    static const char *const keys[] = {"bit",        "width",     "access", "description",
                                       "bit_offset", "bit_width", NULL};
    struct lunq_field *f = (struct lunq_field *)arg + i;
    f->name = intern(t, name);
    f->bit_width = 1;
    f->access = intern(t, "read-write");
    f->description = intern(t, "");
    if (lua_type(t->L, -1) == LUA_TNUMBER) {
        f->bit_offset = (unsigned)integer(t, 0, 65535);
        return;
    }
    want(t, LUA_TTABLE);
    check_keys(t, keys);
    f->bit_offset = (unsigned)get_integer(t, "bit", "bit_offset", 0, 65535, 0);
    f->bit_width = (unsigned)get_integer(t, "width", "bit_width", 1, 65536, 1);
    f->access = intern(t, get_access(t));
    f->description = get_string(t, "description", NULL, f->description);
}

static int by_bit(const void *a, const void *b)
{
    const struct lunq_field *x = a, *y = b;
    return x->bit_offset < y->bit_offset ? -1 : x->bit_offset > y->bit_offset;
}

static void read_register(struct table *t, const char *name, size_t i, void *arg)
{
    static const char *const keys[] = {"offset",      "size",           "access",
                                       "description", "reset",          "enabled",
                                       "fields",      "address_offset", NULL};
    struct lunq_register *r = (struct lunq_register *)arg + i;
    r->name = intern(t, name);
    r->size = 32;
    r->enabled = true;
    r->access = intern(t, "read-write");
    r->description = intern(t, "");
    if (lua_type(t->L, -1) == LUA_TNUMBER) {
        r->offset = (uint64_t)integer(t, 0, INT64_MAX);
        return;
    }
    want(t, LUA_TTABLE);
    check_keys(t, keys);
    r->offset = (uint64_t)get_integer(t, "offset", "address_offset", 0, INT64_MAX, -1);
    if (r->offset == UINT64_MAX)
        l_fail(t->L, LUNQ_VALUE, "%s.offset is missing", where(t));
    r->size = (uint64_t)get_integer(t, "size", NULL, 1, 1 << 20, 32);
    r->reset = (uint64_t)get_integer(t, "reset", NULL, INT64_MIN, INT64_MAX, 0);
    r->enabled = get_boolean(t, "enabled", true);
    r->access = intern(t, get_access(t));
    r->description = get_string(t, "description", NULL, r->description);
    r->n_fields = count_of(t, "fields");
    r->fields = alloc(t, r->n_fields, sizeof *r->fields);
    each(t, "fields", read_field, r->fields);
    if (r->n_fields)
        qsort(r->fields, r->n_fields, sizeof *r->fields, by_bit);
}

static int by_offset(const void *a, const void *b)
{
    const struct lunq_register *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void read_registers(struct table *t, struct lunq_module *m, const char *interface,
                           uint64_t range)
{
    struct lunq_block *b;
    if (!count_of(t, "registers"))
        return;
    b = alloc(t, 1, sizeof *b);
    b->name = intern(t, "Reg");
    b->interface = interface ? interface : intern(t, "");
    b->access = b->usage = intern(t, "");
    b->range = range;
    b->n_registers = count_of(t, "registers");
    b->registers = alloc(t, b->n_registers, sizeof *b->registers);
    each(t, "registers", read_register, b->registers);
    qsort(b->registers, b->n_registers, sizeof *b->registers, by_offset);
    m->blocks = b;
    m->n_blocks = 1;
}

/* ---- modules ------------------------------------------------------------------------------- */

static void read_parameter(struct table *t, const char *name, size_t i, void *arg)
{
    struct lunq_param *p = (struct lunq_param *)arg + i;
    int type = lua_type(t->L, -1);
    if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
        l_fail(t->L, LUNQ_TYPE, "%s should be a text, a number or a boolean, not a %s", where(t),
               luaL_typename(t->L, -1));
    p->name = intern(t, name);
    p->value = intern(t, luaL_tolstring(t->L, -1, NULL));
    lua_pop(t->L, 1);
}

static int by_parameter(const void *a, const void *b)
{
    return strcmp(((const struct lunq_param *)a)->name, ((const struct lunq_param *)b)->name);
}

/* "a/b" with no empty part, as keys of the dictionaries are. */
static void check_path(struct table *t, const char *path)
{
    size_t n = strlen(path);
    if (path[0] == '/' || path[n - 1] == '/' || strstr(path, "//") || n > 1024)
        l_fail(t->L, LUNQ_VALUE, "%s: %s is no path; write hierarchy/name", where(t), path);
}

struct modules {
    struct lunq_module *at;   /* where the next one goes */
    struct lunq_range *range; /* likewise */
    size_t n_ranges;
    bool memory;
};

static void read_range(struct table *t, struct modules *all, const struct lunq_module *m)
{
    static const uint64_t max = INT64_MAX;
    struct lunq_range *g = all->range;
    uint64_t base = (uint64_t)get_integer(t, "address", "phys_addr", 0, INT64_MAX, -1);
    uint64_t size = (uint64_t)get_integer(t, "range", "addr_range", 1, INT64_MAX, 0x10000);
    if (base == UINT64_MAX)
        return;
    if (size - 1 > max - base)
        l_fail(t->L, LUNQ_VALUE,
               "%s: a range of 0x%" PRIx64 " bytes at 0x%" PRIx64 " ends beyond the address space",
               where(t), size, base);
    g->instance = m->path;
    g->memtype = get_string(t, "memtype", NULL, intern(t, all->memory ? "MEMORY" : "REGISTER"));
    g->slave = g->master = get_string(t, "interface", "mem_id", NULL);
    g->base = base;
    g->high = base + (size - 1);
    all->range++;
    all->n_ranges++;
}

static void read_module(struct table *t, const char *name, size_t i, void *arg)
{
    static const char *const keys[] = {
        "vlnv",       "address", "range", "interface", "memtype",    "parameters", "registers",
        "interrupts", "streams", "type",  "phys_addr", "addr_range", "mem_id",     NULL};
    struct modules *all = arg;
    struct lunq_module *m = all->at++;
    (void)i;
    want(t, LUA_TTABLE);
    check_path(t, name);
    check_keys(t, keys);
    m->path = m->instance = intern(t, name);
    m->vlnv = get_string(t, "vlnv", "type", NULL);
    m->n_params = count_of(t, "parameters");
    m->params = alloc(t, m->n_params, sizeof *m->params);
    each(t, "parameters", read_parameter, m->params);
    if (m->n_params)
        qsort(m->params, m->n_params, sizeof *m->params, by_parameter);
    read_range(t, all, m);
    read_registers(t, m, get_string(t, "interface", "mem_id", NULL),
                   (uint64_t)get_integer(t, "range", "addr_range", 1, INT64_MAX, 0x10000));
    m->n_ports = count_of(t, "interrupts");
    m->ports = alloc(t, m->n_ports, sizeof *m->ports);
}

/* ---- second pass: what joins modules ------------------------------------------------------- */

static struct lunq_module *find_module(struct table *t, const char *path)
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

static void read_interrupt(struct table *t, const char *name, size_t i, void *arg)
{
    static const char *const keys[] = {"controller", "index", "fullpath", "raw_irq", NULL};
    struct lunq_module *m = arg;
    struct lunq_port *p = &m->ports[i];
    const char *controller = NULL;
    struct lunq_error e;
    int64_t index;
    *p = (struct lunq_port){
        .name = intern(t, name), .dir = LUNQ_OUT, .width = 1, .sigis = intern(t, "INTERRUPT")};
    if (lua_type(t->L, -1) == LUA_TNUMBER) {
        index = integer(t, 0, 15);
    } else {
        want(t, LUA_TTABLE);
        check_keys(t, keys);
        controller = get_string(t, "controller", NULL, "");
        index = get_integer(t, "index", NULL, 0, *controller ? 31 : 15, -1);
        if (index < 0)
            l_fail(t->L, LUNQ_VALUE, "%s.index is missing", where(t));
        if (!*controller)
            controller = NULL;
        else if (!find_module(t, controller)) {
            enter(t, "controller");
            l_fail(t->L, LUNQ_VALUE, "%s: there is no IP called %s", where(t), controller);
        }
    }
    if (lunq_design_wire(t->d, m, p, controller, (unsigned)index, &e) < 0)
        l_raise(t->L, &e);
}

struct link {
    struct lunq_module *master, *slave;
    const char *master_if, *slave_if;
};
struct links {
    struct lunq_module *owner;
    struct link *at;
};

static void read_stream(struct table *t, const char *name, size_t i, void *arg)
{
    struct links *l = arg;
    const char *to, *slash;
    struct link *k = l->at++;
    (void)i;
    want(t, LUA_TSTRING);
    to = lua_tostring(t->L, -1);
    slash = strrchr(to, '/');
    if (!slash || slash == to || !slash[1])
        l_fail(t->L, LUNQ_VALUE, "%s: %s should name an IP and its port, as in fifo/S_AXIS",
               where(t), to);
    k->master = l->owner;
    k->master_if = intern(t, name);
    k->slave_if = intern(t, slash + 1);
    lua_pushlstring(t->L, to, (size_t)(slash - to));
    k->slave = find_module(t, lua_tostring(t->L, -1));
    if (!k->slave)
        l_fail(t->L, LUNQ_VALUE, "%s: there is no IP called %s", where(t), lua_tostring(t->L, -1));
    lua_pop(t->L, 1);
}

static void join_module(struct table *t, const char *name, size_t i, void *arg)
{
    struct links *l = arg;
    (void)i;
    l->owner = find_module(t, name);
    each(t, "interrupts", read_interrupt, l->owner);
    each(t, "streams", read_stream, l);
}

static void count_streams(struct table *t, const char *name, size_t i, void *arg)
{
    (void)name;
    (void)i;
    *(size_t *)arg += count_of(t, "streams");
}

static void add_bus(struct table *t, struct lunq_module *m, const char *name, const char *bus,
                    enum lunq_bus_role role)
{
    m->buses[m->n_buses++] = (struct lunq_bus){
        .name = name, .bus = bus, .role = role, .vlnv = intern(t, "xilinx.com:interface:axis:1.0")};
}

/* Gives each end its bus interface; arrays are sized first. */
static void make_buses(struct table *t, const struct link *links, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        links[i].master->n_buses++;
        links[i].slave->n_buses++;
    }
    for (size_t i = 0; i < t->d->n_modules; i++) {
        struct lunq_module *m = &t->d->modules[i];
        m->buses = m->n_buses ? alloc(t, m->n_buses, sizeof *m->buses) : NULL;
        m->n_buses = 0;
    }
    for (size_t i = 0; i < n; i++) {
        const char *bus;
        lua_pushfstring(t->L, "%s_%s", links[i].master->path, links[i].master_if);
        bus = intern(t, lua_tostring(t->L, -1));
        lua_pop(t->L, 1);
        add_bus(t, links[i].master, links[i].master_if, bus, LUNQ_BUS_MASTER);
        add_bus(t, links[i].slave, links[i].slave_if, bus, LUNQ_BUS_SLAVE);
    }
}

/* ---- the processing system ----------------------------------------------------------------- */

static void set_param(struct table *t, struct lunq_param *p, const char *fmt, int i, int64_t value)
{
    char name[64], text[32];
    snprintf(name, sizeof name, fmt, i);
    snprintf(text, sizeof text, "%" PRId64, value);
    p->name = intern(t, name);
    p->value = intern(t, text);
}

/* clocks = { [0] = { enable, divisor0, divisor1 } } as the PS's own parameters. */
static void read_clocks(struct table *t, struct lunq_module *ps, bool zynq)
{
    static const char *const keys[] = {"enable", "divisor0", "divisor1", NULL};
    static const char *const names[2][3] = {
        {"PSU__FPGA_PL%d_ENABLE", "PSU__CRL_APB__PL%d_REF_CTRL__DIVISOR0",
         "PSU__CRL_APB__PL%d_REF_CTRL__DIVISOR1"},
        {"PCW_FPGA_FCLK%d_ENABLE", "PCW_FCLK%d_PERIPHERAL_DIVISOR0",
         "PCW_FCLK%d_PERIPHERAL_DIVISOR1"}};
    const char *used;
    size_t n;
    if (!push_key(t, "clocks", NULL, &used))
        return;
    n = enter(t, "clocks");
    want(t, LUA_TTABLE);
    ps->params = alloc(t, 12, sizeof *ps->params);
    lua_pushnil(t->L);
    for (; lua_next(t->L, -2); lua_pop(t->L, 1)) {
        int ok, i = (int)lua_tointegerx(t->L, -2, &ok);
        char index[8];
        size_t m;
        if (lua_type(t->L, -2) != LUA_TNUMBER || !ok || i < 0 || i > 3)
            l_fail(t->L, LUNQ_VALUE, "%s: its keys are the clocks 0 to 3", where(t));
        snprintf(index, sizeof index, "%d", i);
        m = enter(t, index);
        want(t, LUA_TTABLE);
        check_keys(t, keys);
        for (int k = 0; k < 3; k++)
            set_param(t, &ps->params[ps->n_params++], names[zynq][k], i,
                      get_integer(t, keys[k], NULL, k > 0, 63, 1));
        leave(t, m);
    }
    leave(t, n);
    lua_pop(t->L, 1);
}

static void read_slice(struct table *t, const char *name, size_t i, void *arg)
{
    static const char *const keys[] = {"index", "lines", "pins", NULL};
    struct modules *all = arg;
    struct lunq_module *m = all->at++;
    int64_t index, lines = 1;
    (void)i;
    check_path(t, name);
    if (lua_type(t->L, -1) == LUA_TNUMBER) {
        index = integer(t, 0, 1023);
    } else {
        want(t, LUA_TTABLE);
        check_keys(t, keys);
        index = get_integer(t, "index", NULL, 0, 1023, -1);
        if (index < 0)
            l_fail(t->L, LUNQ_VALUE, "%s.index is missing", where(t));
        lines = get_integer(t, "lines", NULL, 1, index + 1, 1);
    }
    m->path = m->instance = intern(t, name);
    m->modtype = intern(t, "xlslice");
    m->vlnv = intern(t, "xilinx.com:ip:xlslice:1.0");
    m->params = alloc(t, 2, sizeof *m->params);
    m->n_params = 2;
    set_param(t, &m->params[0], "DIN_FROM", 0, index);
    set_param(t, &m->params[1], "DIN_TO", 0, index - lines + 1);
    m->ports = alloc(t, 2, sizeof *m->ports);
    m->n_ports = 2;
    m->ports[0] = (struct lunq_port){
        .name = intern(t, "Din"), .net = intern(t, "ps GPIO"), .dir = LUNQ_IN, .width = 1};
    m->ports[1] = (struct lunq_port){.name = intern(t, "Dout"), .dir = LUNQ_OUT, .width = 1};
}

static void make_ps(struct table *t, struct lunq_module *ps, bool zynq, struct lunq_range *ranges,
                    size_t n_ranges)
{
    ps->path = ps->instance = intern(t, zynq ? "processing_system7_0" : "zynq_ultra_ps_e_0");
    ps->modtype = intern(t, zynq ? "processing_system7" : "zynq_ultra_ps_e");
    ps->vlnv = intern(t, zynq ? "xilinx.com:ip:processing_system7:5.5"
                              : "xilinx.com:ip:zynq_ultra_ps_e:3.5");
    ps->ports = alloc(t, 1, sizeof *ps->ports);
    ps->n_ports = 1;
    ps->ports[0] = (struct lunq_port){.name = intern(t, zynq ? "GPIO_O" : "emio_gpio_o"),
                                      .net = intern(t, "ps GPIO"),
                                      .dir = LUNQ_OUT,
                                      .width = 64};
    ps->ranges = ranges;
    ps->n_ranges = n_ranges;
    read_clocks(t, ps, zynq);
}

/* ---- putting it together ------------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct lunq_module *)a)->path, ((const struct lunq_module *)b)->path);
}

static void read_modules(struct table *t)
{
    struct lunq_design *d = t->d;
    bool zynq = !strcmp(d->arch, "zynq"), has_ps = zynq || !strcmp(d->arch, "zynquplus");
    size_t n_ip = count_of(t, "ip") + count_of(t, "memory"),
           n = n_ip + count_of(t, "gpio") + has_ps;
    struct lunq_range *ranges = alloc(t, n_ip, sizeof *ranges);
    struct modules all = {alloc(t, n, sizeof *d->modules), ranges, 0, false};
    d->modules = all.at;
    each(t, "ip", read_module, &all);
    all.memory = true;
    each(t, "memory", read_module, &all);
    each(t, "gpio", read_slice, &all);
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

static void read_joints(struct table *t)
{
    size_t n = 0;
    struct links l = {0};
    struct link *links;
    each(t, "ip", count_streams, &n);
    each(t, "memory", count_streams, &n);
    links = l.at = alloc(t, n, sizeof *links);
    each(t, "ip", join_module, &l);
    each(t, "memory", join_module, &l);
    make_buses(t, links, n);
}

int l_design_from_table(lua_State *L)
{
    static const char *const keys[] = {"ip",   "memory", "gpio",  "clocks", "name",
                                       "part", "arch",   "board", "tool",   NULL};
    struct l_design *u;
    struct table t = {.L = L};
    struct lunq_error e;
    lua_settop(L, 1);
    if (!lua_istable(L, 1))
        return l_fail(L, LUNQ_TYPE, "a design is described by a table, not a %s",
                      luaL_typename(L, 1));
    u = l_new(L, L_DESIGN, sizeof *u, 0);
    if (lunq_design_new(&u->d, "(table)", "table", &e) < 0)
        return l_raise(L, &e);
    t.d = u->d;
    lua_pushvalue(L, 1);
    check_keys(&t, keys);
    t.d->name = get_string(&t, "name", NULL, t.d->name);
    t.d->part = get_string(&t, "part", NULL, t.d->part);
    t.d->board = get_string(&t, "board", NULL, t.d->board);
    t.d->tool = get_string(&t, "tool", NULL, t.d->tool);
    t.d->arch = get_string(&t, "arch", NULL, intern(&t, "zynq"));
    read_modules(&t);
    read_joints(&t);
    if (lunq_design_finish(t.d, &e) < 0)
        return l_raise(L, &e);
    lua_settop(L, 2);
    return 1;
}
