/* l_card_table.c - the part of core.design_from_table that describes a card: a table with `kernels`
 * or `memories`. Everything has a default but the arguments.
 *
 *   core.design_from_table {
 *     name = "vector_add",
 *     platform = "xilinx_u250_gen3x16_xdma_4_1", uuid = "5fc9fd7e-...",  -- left out: made from the rest
 *     memories = {                            -- a list: XRT counts banks in this order
 *       { tag = "bank0", type = "DDR4", base = 0x4000000000, size = 16 << 30 },
 *       { tag = "HBM[0]", type = "HBM", base = 0, size = 256 << 20, used = true },
 *     },                                      -- left out: bank0
 *     kernels = {
 *       vadd = {
 *         vlnv = "xilinx.com:hls:vadd:1.0",   -- or type
 *         control = "ap_ctrl_chain",          -- ap_ctrl_hs, ap_ctrl_none, user_managed; _hs when left out
 *         args = {                            -- as in C; a pointer is a buffer
 *           "const int *a", "int *b",
 *           { "int *c", memory = "HBM[0]" },  -- or a list; the first memory when left out
 *           { "int n", offset = 0x34, size = 4, host_size = 4, port = "S_AXI_CONTROL" },
 *           { "stream<int> out", output = true },
 *         },
 *         range = 0x10000,                    -- bytes of registers
 *         units = {                           -- left out: vadd_1
 *           vadd_1 = 0x1800000,               -- the address; each has the next 64 KiB when left out
 *           vadd_2 = { address = 0x1810000, interrupt = true, memories = { a = "HBM[0]" } },
 *         },
 *       },
 *     },
 *     streams = { dc_0 = "vadd_1.out -> vmult_1.in" },   -- name = from one unit's argument to another's
 *     clocks = { { "DATA_CLK", 300, "data" }, { "KERNEL_CLK", 500, "kernel" } },
 *   }
 *
 * Such a design is written as an xclbin too (lunq.xclbin), so that any device can load it. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l_card_table.h"

enum {
    FIRST_ADDRESS = 0x1800000, /* where Vitis starts on the platforms of Alveo */
    ADDRESS_STEP = 0x10000
};

struct cards {
    struct card_unit *units; /* where the next one goes */
    size_t n_units;
    struct l_kernel *kernel;
};

/* ---- kernels ------------------------------------------------------------------------------- */

static void add_port(struct l_kernel *k, const char *name, bool slave)
{
    for (size_t i = 0; i < k->n_ports; i++)
        if (!strcmp(k->ports[i].name, name))
            return;
    k->ports[k->n_ports++] = (struct card_port){name, slave, slave ? 32 : 512};
}

static void make_ports(struct l_table *t, struct l_kernel *k)
{
    bool registers = k->control != LUNQ_CTRL_NONE;
    k->ports = l_table_alloc(t, k->n_args + 1, sizeof *k->ports);
    for (size_t i = 0; i < k->n_args; i++)
        registers = registers || k->args[i].kind != LUNQ_ARG_STREAM;
    k->addressable = registers;
    if (registers)
        add_port(k, l_table_intern(t, "S_AXI_CONTROL"), true);
    for (size_t i = 0; i < k->n_args; i++)
        if (k->args[i].kind == LUNQ_ARG_GLOBAL)
            add_port(k, k->args[i].port, false);
}

static struct lunq_arg *find_arg(const struct lunq_cu *cu, const char *name)
{
    struct lunq_arg *args = (struct lunq_arg *)cu->args; /* of this table: ours to change */
    for (size_t i = 0; i < cu->n_args; i++)
        if (!strcmp(args[i].name, name))
            return &args[i];
    return NULL;
}

static void read_unit_memory(struct l_table *t, const char *name, size_t i, void *arg)
{
    struct lunq_arg *a = find_arg(arg, name);
    if (!a || a->kind != LUNQ_ARG_GLOBAL)
        l_fail(t->L, LUNQ_VALUE, "%s: the kernel has no buffer argument %s", l_table_where(t),
               name);
    l_card_tags(t, a);
}

static void check_name(struct l_table *t, const char *name, const char *what)
{
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_')
            l_fail(t->L, LUNQ_VALUE, "%s: %s can't be the name of a %s: letters, digits and _ only",
                   l_table_where(t), name, what);
}

static void read_unit(struct l_table *t, const char *name, size_t i, void *arg)
{
    static const char *const keys[] = {"address", "interrupt", "memories", NULL};
    struct cards *all = arg;
    const struct l_kernel *k = all->kernel;
    struct card_unit *u = &all->units[all->n_units++];
    struct lunq_cu *cu = &u->cu;
    struct lunq_arg *args = l_table_alloc(t, k->n_args + 1, sizeof *args);
    int64_t address = -1;
    check_name(t, name, "compute unit");
    memcpy(args, k->args, k->n_args * sizeof *args);
    *cu = (struct lunq_cu){.kernel = k->name,
                           .name = l_table_intern(t, name),
                           .control = k->control,
                           .protocol = k->protocol,
                           .args = args,
                           .n_args = k->n_args,
                           .range = k->range};
    u->vlnv = k->vlnv;
    u->ports = k->ports;
    u->n_ports = k->n_ports;
    lua_pushfstring(t->L, "%s:%s", k->name, name);
    cu->full = l_table_intern(t, lua_tostring(t->L, -1));
    lua_pop(t->L, 1);
    if (lua_type(t->L, -1) == LUA_TTABLE) {
        l_table_keys(t, keys);
        address = l_table_get_int(t, "address", NULL, 0, INT64_MAX - 0x7fffffff, -1);
        cu->interrupt = l_table_get_bool(t, "interrupt", false);
        l_table_each(t, "memories", read_unit_memory, cu);
    } else {
        address = l_table_int(t, 0, INT64_MAX - 0x7fffffff);
    }
    cu->has_address = k->addressable;
    cu->base = address < 0 ? UINT64_MAX : (uint64_t)address; /* UINT64_MAX: place_units */
}

static void read_kernel(struct l_table *t, const char *name, size_t i, void *arg)
{
    static const char *const keys[] = {"vlnv", "type", "control", "args", "range", "units", NULL};
    static const char *const controls[] = {"ap_ctrl_hs", "ap_ctrl_chain", "ap_ctrl_none",
                                           "user_managed", NULL};
    struct cards *all = arg;
    struct l_kernel *k = all->kernel = l_table_alloc(t, 1, sizeof *k);
    check_name(t, name, "kernel");
    l_table_want(t, LUA_TTABLE);
    l_table_keys(t, keys);
    k->name = l_table_intern(t, name);
    lua_pushfstring(t->L, "xilinx.com:hls:%s:1.0", name);
    k->vlnv = l_table_intern(t, lua_tostring(t->L, -1));
    lua_pop(t->L, 1);
    k->vlnv = l_table_get_str(t, "vlnv", "type", k->vlnv);
    k->protocol = l_table_get_str(t, "control", NULL, l_table_intern(t, controls[0]));
    k->control = (enum lunq_control)l_table_word(t, "control", k->protocol, controls);
    k->range = (uint64_t)l_table_get_int(t, "range", NULL, 16, 0x10000, 0x10000);
    l_card_args(t, k);
    make_ports(t, k);
    if (!l_table_count(t, "units")) {
        lua_pushnil(t->L);
        lua_pushfstring(t->L, "%s_1", name);
        lua_newtable(t->L);
        read_unit(t, lua_tostring(t->L, -2), 0, all);
        lua_pop(t->L, 3);
    } else {
        l_table_each(t, "units", read_unit, all);
    }
}

static void count_units(struct l_table *t, const char *name, size_t i, void *arg)
{
    size_t n;
    l_table_want(t, LUA_TTABLE);
    n = l_table_count(t, "units");
    *(size_t *)arg += n ? n : 1;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct card_unit *)a)->cu.full, ((const struct card_unit *)b)->cu.full);
}

/* Which of the first n units has one of these addresses; NULL: none. */
static const struct lunq_cu *taken_by(const struct card_unit *units, size_t n, uint64_t base,
                                      uint64_t range)
{
    for (size_t i = 0; i < n; i++) {
        const struct lunq_cu *cu = &units[i].cu;
        if (cu->has_address && cu->base != UINT64_MAX && base < cu->base + cu->range &&
            cu->base < base + range)
            return cu;
    }
    return NULL;
}

/* Rows and addresses in the order of names, whatever order the table gives them. */
static void place_units(struct l_table *t, struct card_unit *units, size_t n)
{
    uint64_t next = FIRST_ADDRESS;
    qsort(units, n, sizeof *units, by_name);
    for (size_t i = 0; i < n; i++) {
        const struct lunq_cu *other;
        struct lunq_cu *cu = &units[i].cu;
        cu->row = i;
        if (!cu->has_address) {
            cu->base = cu->range = 0;
            continue;
        }
        if (cu->base != UINT64_MAX) {
            other = taken_by(units, i, cu->base, cu->range);
            if (other)
                l_fail(t->L, LUNQ_VALUE,
                       "kernels: units %s and %s have the same addresses, 0x%" PRIx64
                       " bytes at 0x%" PRIx64,
                       other->name, cu->name, cu->range, cu->base);
            continue;
        }
        while (taken_by(units, n, next, cu->range))
            next += ADDRESS_STEP;
        cu->base = next;
        next += ADDRESS_STEP;
    }
}

/* ---- streams and clocks -------------------------------------------------------------------- */

/* "vadd_1.out" at `text`, up to `end`: the argument it names. */
static struct lunq_arg *find_end(struct l_table *t, const struct cards *all, const char *text,
                                 const char *end)
{
    const char *dot = memchr(text, '.', (size_t)(end - text));
    char unit[80], name[80];
    if (!dot || dot - text >= 80 || end - dot - 1 >= 80)
        l_fail(t->L, LUNQ_VALUE, "%s should look like \"vadd_1.out -> vmult_1.in\"",
               l_table_where(t));
    snprintf(unit, sizeof unit, "%.*s", (int)(dot - text), text);
    snprintf(name, sizeof name, "%.*s", (int)(end - dot - 1), dot + 1);
    for (size_t i = 0; i < all->n_units; i++) {
        struct lunq_arg *a = find_arg(&all->units[i].cu, name);
        if (!strcmp(all->units[i].cu.name, unit) && a && a->kind == LUNQ_ARG_STREAM)
            return a;
    }
    l_fail(t->L, LUNQ_VALUE, "%s: there is no stream argument %s of a compute unit %s",
           l_table_where(t), name, unit);
    return NULL;
}

static void join_end(struct l_table *t, struct lunq_arg *a, bool output, size_t memory)
{
    size_t *to = l_table_alloc(t, 1, sizeof *to);
    if (a->output != output)
        l_fail(t->L, LUNQ_VALUE, "%s: %s should be an %s; in args write { \"%s %s\", output = %s }",
               l_table_where(t), a->name, output ? "output" : "input", a->type, a->name,
               output ? "true" : "false");
    if (a->n_memories)
        l_fail(t->L, LUNQ_VALUE, "%s: %s is on another stream already", l_table_where(t), a->name);
    *to = memory;
    a->memories = to;
    a->n_memories = 1;
}

static void read_stream(struct l_table *t, const char *name, size_t i, void *arg)
{
    const char *text, *arrow, *left, *right;
    l_table_want(t, LUA_TSTRING);
    text = lua_tostring(t->L, -1);
    arrow = strstr(text, "->");
    left = arrow ? arrow : text;
    while (left > text && left[-1] == ' ')
        left--;
    right = arrow ? arrow + 2 : text;
    while (*right == ' ')
        right++;
    if (!arrow)
        l_fail(t->L, LUNQ_VALUE, "%s should look like \"vadd_1.out -> vmult_1.in\"",
               l_table_where(t));
    join_end(t, find_end(t, arg, text, left), true, l_card_find_memory(t, name));
    join_end(t, find_end(t, arg, right, right + strlen(right)), false, l_card_find_memory(t, name));
}

static void read_clock(struct l_table *t, size_t i, void *arg)
{
    static const char *const types[] = {"unused", "data", "kernel", "system", NULL};
    struct lunq_card_clock *c = (struct lunq_card_clock *)arg + i;
    int top = lua_gettop(t->L);
    l_table_want(t, LUA_TTABLE);
    lua_rawgeti(t->L, -1, 1);
    l_table_want(t, LUA_TSTRING);
    c->name = l_table_intern(t, lua_tostring(t->L, -1));
    lua_rawgeti(t->L, -2, 2);
    c->mhz = (unsigned)l_table_int(t, 0, 65535);
    if (lua_rawgeti(t->L, -3, 3) == LUA_TNIL)
        lua_pushliteral(t->L, "data");
    l_table_want(t, LUA_TSTRING);
    c->type = (unsigned)l_table_word(t, "type", lua_tostring(t->L, -1), types);
    lua_settop(t->L, top);
}

/* ---- all of it ----------------------------------------------------------------------------- */

/* 32 digits, with or without dashes. */
static void read_uuid(struct l_table *t)
{
    const char *s = l_table_get_str(t, "uuid", NULL, NULL);
    struct lunq_card *c = &t->d->card;
    size_t n = 0;
    for (; s && *s && n < 33; s++) {
        const char *digits = "0123456789abcdef", *at = strchr(digits, tolower((unsigned char)*s));
        if (*s == '-')
            continue;
        if (!at || n >= 32)
            n = 99;
        else
            c->uuid[n / 2] |= (uint8_t)((at - digits) << (n % 2 ? 0 : 4)), n++;
    }
    if (s && n != 32)
        l_fail(t->L, LUNQ_VALUE, "uuid should be 32 hexadecimal digits, with or without dashes");
    c->has_uuid = s != NULL;
}

static void mark_used(struct lunq_card *c, const struct card_unit *units, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < units[i].cu.n_args; k++)
            for (size_t m = 0; m < units[i].cu.args[k].n_memories; m++)
                c->memories[units[i].cu.args[k].memories[m]].used = true;
}

bool l_table_is_card(struct l_table *t)
{
    const char *used;
    if (!l_table_push(t, "kernels", "memories", &used))
        return false;
    lua_pop(t->L, 1);
    return true;
}

void l_table_card(struct l_table *t)
{
    struct lunq_card *c = &t->d->card;
    struct cards all = {0};
    struct lunq_error e;
    size_t n = 0;
    c->present = true;
    c->platform = l_table_get_str(t, "platform", NULL, c->platform);
    read_uuid(t);
    l_card_memories(t);
    l_table_each(t, "kernels", count_units, &n);
    all.units = l_table_alloc(t, n + 1, sizeof *all.units);
    l_table_each(t, "kernels", read_kernel, &all);
    place_units(t, all.units, n);
    l_table_each(t, "streams", read_stream, &all);
    c->n_clocks = l_table_count(t, "clocks");
    c->clocks = l_table_alloc(t, c->n_clocks + 1, sizeof *c->clocks);
    l_table_list(t, "clocks", read_clock, c->clocks);
    mark_used(c, all.units, n);
    if (lunq_card_build(t->d, all.units, n, &e) < 0)
        l_raise(t->L, &e);
}
