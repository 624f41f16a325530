/* l_rtl.c - what a device with RTL has beyond a simulated one (host/device/rtl/rtl.h).
 *   local d = lunq.Device.open "rtl:build/regs.rtl"   -- the model alone; its IP is called "regs"
 *   d.cycle     --> cycles of its clock so far, 16 of reset among them; 0 without RTL
 *   d.time      --> the device's time in seconds
 *   d.stress    --> the seed of rtl:FILE?stress=, also one that was drawn; nil: there is no stress
 *   d:step(n)   -- see l_sim.c
 *   d:rtl()     --> { { ip = "regs", model = "regs", tool = "Verilator 5.006", cycle = 16, ended = false,
 *     isolated = false, clocks = { "aclk" }, resets = { "aresetn" }, interrupts = { "irq" }, enables = {},
 *     buses = { { name = "s_axi", kind = "AXI4-Lite slave", bits = 32, address = 8, clock = "aclk" } },
 *     pins = { { name = "mode", direction = "in", width = 2, why = nil } } } }
 *     violations = { { text = "m_axi: a read burst crosses 4 KiB", cycle = 100, count = 3 } }: rules of the
 *     buses that were broken, and the cycle of the first time
 *     pins: those in no bus; why: the reason, where the name is that of a bus
 *     isolated: it runs in a process of its own
 *   d:rtl_bind("acme.com:user:fir", "fir.rtl", { "fast" }, true)  -- it stands for such IP of the designs loaded from
 *     now on, with these plusargs, in processes of their own
 *   d:rtl_unbind "acme.com:user:fir"             --> true: some IP was made of it
 *   d:rtl_record("last.vcd")                     -- the last cycles of all pins: rtl:regs.rtl?record=65536
 *   core.rtl_record_default(65536)
 *   core.rtl_design(path)       --> the design of one IP that "rtl:PATH" begins with */
#include <string.h>

#include "../host/device/record/record.h"
#include "../host/device/rtl/engine.h"
#include "../host/device/rtl/isolate.h"
#include "../host/device/rtl/rtl.h"
#include "l_design.h"
#include "l_device.h"

static void set_names(lua_State *L, const char *key, const struct rtl_pin *pins, size_t n)
{
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        if (pins[i].width > 1)
            lua_pushfstring(L, "%s[%d:0]", pins[i].name, (int)pins[i].width - 1);
        else
            lua_pushstring(L, pins[i].name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, key);
}

static void set_resets(lua_State *L, const struct rtl_bind *b)
{
    lua_createtable(L, (int)b->n_resets, 0);
    for (size_t i = 0; i < b->n_resets; i++) {
        lua_pushstring(L, b->resets[i].pin.name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "resets");
}

static void set_buses(lua_State *L, const struct rtl_bind *b)
{
    lua_Integer n = 0;
    lua_newtable(L);
    for (size_t i = 0; i < b->n_buses; i++) {
        const struct rtl_bus *f = &b->buses[i];
        if (f->kind == RTL_UNBOUND)
            continue;
        lua_createtable(L, 0, 4);
        l_set_text(L, "name", f->name);
        l_set_text(L, "kind", rtl_kind_name(f->kind));
        l_set_integer(L, "bits", 8 * f->bytes);
        if (f->address)
            l_set_integer(L, "address", f->address);
        if (f->clock < b->n_clocks)
            l_set_text(L, "clock", b->clocks[f->clock].name);
        lua_rawseti(L, -2, ++n);
    }
    lua_setfield(L, -2, "buses");
}

static void set_pins(lua_State *L, const struct rtl_bind *b)
{
    static const char *const directions[] = {"in", "out", "inout"};
    lua_createtable(L, (int)b->n_left, 0);
    for (size_t i = 0; i < b->n_left; i++) {
        const struct rtl_left *left = &b->left[i];
        lua_createtable(L, 0, 4);
        l_set_text(L, "name", left->pin.name);
        l_set_text(L, "direction", directions[left->pin.direction]);
        l_set_integer(L, "width", left->pin.width);
        l_set_text(L, "why", left->why);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "pins");
}

static void set_violations(lua_State *L, const struct rtl_checks *c)
{
    lua_createtable(L, (int)c->n, 0);
    for (unsigned i = 0; i < c->n; i++) {
        lua_createtable(L, 0, 3);
        l_set_text(L, "text", c->list[i].text);
        l_set_integer(L, "cycle", c->list[i].cycle);
        l_set_integer(L, "count", c->list[i].count);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "violations");
}

static void push_engine(lua_State *L, const struct rtl_engine *e)
{
    lua_createtable(L, 0, 13);
    l_set_text(L, "ip", e->name);
    l_set_text(L, "model", e->model->top);
    l_set_text(L, "tool", e->model->tool);
    l_set_integer(L, "cycle", e->cycle);
    l_set_boolean(L, "ended", e->dead);
    l_set_boolean(L, "isolated", rtl_is_isolated(e->model));
    set_names(L, "clocks", e->bind.clocks, e->bind.n_clocks);
    set_names(L, "enables", e->bind.enables, e->bind.n_enables);
    set_names(L, "interrupts", e->bind.irqs, e->bind.n_irqs);
    set_resets(L, &e->bind);
    set_buses(L, &e->bind);
    set_pins(L, &e->bind);
    set_violations(L, &e->checks);
}

/* :rtl(): what the pins of the RTL in the loaded design were taken for. */
static int device_rtl(lua_State *L)
{
    struct lunq_sim *s = lunq_sim_of(lunq_recorded(l_checkdevice(L, 1)));
    const struct rtl_engine *e;
    lua_newtable(L);
    for (size_t i = 0; s && (e = lunq_rtl_engine(s, i)); i++) {
        push_engine(L, e);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static struct lunq_sim *check_sim(lua_State *L)
{
    struct lunq_sim *s = lunq_sim_of(lunq_recorded(l_checkdevice(L, 1)));
    if (!s)
        l_fail(L, LUNQ_UNSUPPORTED, "Only a simulated device can have RTL.");
    return s;
}

/* The list of texts at idx (none: an empty one); they stay on the stack. */
static struct rtl_plusargs check_plusargs(lua_State *L, int idx)
{
    struct rtl_plusargs plus = {0};
    if (lua_isnoneornil(L, idx))
        return plus;
    if (!lua_istable(L, idx))
        l_fail(L, LUNQ_TYPE, "plusargs should be a list of texts, not %s", luaL_typename(L, idx));
    plus.n = (int)lua_rawlen(L, idx);
    plus.list = lua_newuserdatauv(L, ((size_t)plus.n + 1) * sizeof *plus.list, 0);
    luaL_checkstack(L, plus.n, "too many plusargs");
    for (int i = 0; i < plus.n; i++) {
        lua_rawgeti(L, idx, i + 1);
        plus.list[i] = (char *)(uintptr_t)l_checkstr(L, -1, "plusarg", NULL);
    }
    return plus;
}

static enum rtl_place check_place(lua_State *L, int idx)
{
    if (lua_isnoneornil(L, idx))
        return RTL_AS_DEVICE;
    if (!lua_isboolean(L, idx))
        l_fail(L, LUNQ_TYPE, "isolate should be true or false, not %s", luaL_typename(L, idx));
    return lua_toboolean(L, idx) ? RTL_ISOLATED : RTL_TOGETHER;
}

/* :rtl_bind(key, file[, plusargs[, isolate]]): the model in a file stands for the IP `key` names (a path, a VLNV with
 * or without the version, the name of an IP) in designs loaded from now on; isolate: whether each instance runs in a
 * process of its own, nil: as the device has it. Raises `io`, `value` for what is no model. */
static int device_rtl_bind(lua_State *L)
{
    struct lunq_sim *s = check_sim(L);
    const char *key = l_checkstr(L, 2, "key", NULL), *file = l_checkstr(L, 3, "file", NULL);
    enum rtl_place place = check_place(L, 5); /* first: plusargs stay on the stack */
    struct rtl_plusargs plus = check_plusargs(L, 4);
    struct lunq_error e;
    if (lunq_rtl_bind(s, key, file, &plus, place, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

/* :rtl_unbind(key): takes the newest binding of this key back, for designs to come. Returns whether an IP was made
 * of it. */
static int device_rtl_unbind(lua_State *L)
{
    struct lunq_sim *s = check_sim(L);
    lua_pushboolean(L, lunq_rtl_unbind(s, l_checkstr(L, 2, "key", NULL)));
    return 1;
}

uint64_t l_rtl_cycle(struct lunq_device *d)
{
    struct lunq_sim *s = lunq_sim_of(lunq_recorded(d));
    return s ? lunq_rtl_cycle(s) : 0;
}

uint64_t l_rtl_stress(struct lunq_device *d)
{
    struct lunq_sim *s = lunq_sim_of(lunq_recorded(d));
    return s ? lunq_rtl_stress(s) : 0;
}

/* The RTL of the instance whose path is at idx (none: the first); raises `value` when there is none. */
static size_t check_index(lua_State *L, struct lunq_sim *s, int idx)
{
    const char *ip = lua_isnoneornil(L, idx) ? NULL : l_checkstr(L, idx, "ip", NULL);
    const struct rtl_engine *e = NULL;
    size_t i = 0;
    while (ip && (e = lunq_rtl_engine(s, i)) && strcmp(e->name, ip))
        i++;
    if (ip && !e)
        l_fail(L, LUNQ_VALUE, "There is no RTL at %s: device:rtl() lists what there is.", ip);
    return i;
}

/* A method (path[, ip]) that has the RTL write a file. */
static int write_file(lua_State *L, int (*write)(struct lunq_sim *, size_t index, const char *path,
                                                 struct lunq_error *))
{
    struct lunq_sim *s = check_sim(L);
    const char *path = l_checkstr(L, 2, "path", NULL);
    struct lunq_error e;
    if (write(s, check_index(L, s, 3), path, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

/* :rtl_record(path[, ip]): writes the last cycles of all pins of the RTL (of the first, or at that path) as a
 * value change dump. Raises `runtime` when the device was opened without record=N. */
static int device_rtl_record(lua_State *L)
{
    return write_file(L, lunq_rtl_write_record);
}

/* :rtl_coverage(path[, ip]): writes what of the RTL (of the first, or at that path) ran so far, for
 * verilator_coverage and lunq.rtl.coverage. Raises `unsupported` for a model without: --coverage of lunq rtl build. */
static int device_rtl_coverage(lua_State *L)
{
    return write_file(L, lunq_rtl_coverage);
}

int l_rtl_trace(lua_State *L)
{
    return write_file(L, lunq_rtl_trace);
}

void l_rtl_trace_end(struct lunq_sim *s)
{
    for (size_t i = 0; lunq_rtl_engine(s, i); i++)
        lunq_rtl_trace(s, i, NULL, NULL);
}

/* ---- module functions ---------------------------------------------------------------------- */

/* core.rtl_design(path) --> design of the model in a file, alone. */
static int rtl_design(lua_State *L)
{
    const char *path = l_checkstr(L, 1, "path", NULL);
    struct l_design *u = l_new(L, L_DESIGN, sizeof *u, 0);
    struct lunq_error e;
    if (lunq_rtl_design(&u->d, path, &e) < 0)
        return l_raise(L, &e);
    return 1;
}

/* core.rtl_record_default(cycles): what record=N is for devices that don't say, from now on. */
static int rtl_record_default(lua_State *L)
{
    lunq_rtl_record_default(l_checksize(L, 1, "cycles"));
    return 0;
}

/* core.rtl_coverage_folder(folder): RTL that ends from now on leaves its coverage in a file there; nil: nowhere. */
static int rtl_coverage_folder(lua_State *L)
{
    struct lunq_error e;
    if (lunq_rtl_coverage_folder(lua_isnil(L, 1) ? NULL : l_checkstr(L, 1, "folder", NULL), &e) < 0)
        return l_raise(L, &e);
    return 0;
}

void l_rtl_opened(lua_State *L, struct lunq_device *d)
{
    const char *name = lunq_recorded(d)->name, *end = name + strcspn(name, "?");
    if (strncmp(name, "rtl:", 4) || end - name < 8 || strncmp(end - 4, ".lua", 4))
        return;
    lua_getglobal(L, "require");
    lua_pushliteral(L, "lunq.rtl.overlay");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "open");
    lua_pushvalue(L, -3); /* the device's object */
    lua_pushlstring(L, name + 4, (size_t)(end - name) - 4);
    lua_call(L, 2, 0);
    lua_pop(L, 1);
}

void l_open_rtl(lua_State *L)
{
    static const luaL_Reg functions[] = {{"rtl_design", rtl_design},
                                         {"rtl_record_default", rtl_record_default},
                                         {"rtl_coverage_folder", rtl_coverage_folder},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}

const luaL_Reg l_rtl_methods[] = {{"rtl", device_rtl},
                                  {"rtl_bind", device_rtl_bind},
                                  {"rtl_unbind", device_rtl_unbind},
                                  {"rtl_record", device_rtl_record},
                                  {"rtl_coverage", device_rtl_coverage},
                                  {NULL, NULL}};
