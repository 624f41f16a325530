/* l_design_kernels.c - the part of core.design_from_table that describes a card: a table with `kernels`
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

#include "../host/design/card.h"
#include "../host/design/xclbin_write.h"
#include "l_design.h"
#include "l_table.h"

enum {
    FIRST_ADDRESS = 0x1800000, /* where Vitis starts on the platforms of Alveo */
    ADDRESS_STEP = 0x10000,
    FIRST_OFFSET =
        0x10 /* of arguments: control, two registers of interrupts and one reserved before */
};

struct kernel {
    const char *name, *vlnv, *protocol;
    enum lunq_control control;
    struct lunq_arg *args;
    size_t n_args;
    struct card_port *ports;
    size_t n_ports;
    uint64_t range;
    bool addressable;
};

struct cards {
    struct card_unit *units; /* where the next one goes */
    size_t n_units;
    struct kernel *kernel;
};

/* ---- lists of words ------------------------------------------------------------------------ */

/* The place of a text in a list, -1 when it is not there. */
static int word(const char *text, const char *const *list)
{
    for (int i = 0; list[i]; i++)
        if (!strcmp(text, list[i]))
            return i;
    return -1;
}

static int want_word(struct l_table *t, const char *key, const char *text, const char *const *list)
{
    char known[300] = "";
    int at = word(text, list);
    size_t n = 0;
    if (at >= 0)
        return at;
    for (size_t i = 0; list[i] && n < sizeof known; i++)
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "", list[i]);
    l_table_enter(t, key);
    return l_fail(t->L, LUNQ_VALUE, "%s should be one of %s, not %s", l_table_where(t), known,
                  text);
}

/* ---- memories ------------------------------------------------------------------------------ */

static const char *const memory_types[] = {
    "DDR3", "DDR4",      "DRAM", "STREAMING", "PREALLOCATED",
    "ARE",  "HBM",       "BRAM", "URAM",      "STREAMING_CONNECTION",
    "HOST", "PS_KERNEL", NULL};

static size_t find_memory(struct l_table *t, const char *tag)
{
    const struct lunq_card *c = &t->d->card;
    for (size_t i = 0; i < c->n_memories; i++)
        if (!strcmp(c->memories[i].tag, tag))
            return i;
    return LUNQ_NONE;
}

static struct lunq_memory *new_memory(struct l_table *t, const char *tag)
{
    struct lunq_card *c = &t->d->card;
    struct lunq_memory *m = &c->memories[c->n_memories];
    if (!*tag || strlen(tag) > 16 || strchr(tag, '/') || strchr(tag, ' '))
        l_fail(t->L, LUNQ_VALUE, "%s: \"%s\" can't be a tag: 1 to 16 characters, no space, no /",
               l_table_where(t), tag);
    if (find_memory(t, tag) != LUNQ_NONE)
        l_fail(t->L, LUNQ_VALUE, "%s: two memories are called %s", l_table_where(t), tag);
    m->tag = tag;
    m->row = (unsigned)c->n_memories++;
    return m;
}

static void read_memory(struct l_table *t, size_t i, void *arg)
{
    static const char *const keys[] = {"tag", "type", "base", "size", "used", NULL};
    struct lunq_memory *m;
    l_table_want(t, LUA_TTABLE);
    l_table_keys(t, keys);
    m = new_memory(t, l_table_get_str(t, "tag", NULL, ""));
    m->type =
        (unsigned)want_word(t, "type", l_table_get_str(t, "type", NULL, "DDR4"), memory_types);
    m->base = (uint64_t)l_table_get_int(t, "base", NULL, 0, INT64_MAX, 0);
    m->size = (uint64_t)l_table_get_int(t, "size", NULL, 1024, INT64_MAX, (int64_t)16 << 30);
    m->used = l_table_get_bool(t, "used", false);
    if (m->size % 1024 || m->size - 1 > INT64_MAX - m->base)
        l_fail(t->L, LUNQ_VALUE,
               "%s: %" PRIu64 " bytes at 0x%" PRIx64
               " are no memory: whole KiB inside the address space",
               l_table_where(t), m->size, m->base);
}

static void count_item(struct l_table *t, const char *name, size_t i, void *arg)
{
    ++*(size_t *)arg;
}

static void read_stream_memory(struct l_table *t, const char *name, size_t i, void *arg)
{
    struct lunq_memory *m = new_memory(t, l_table_intern(t, name));
    m->type = LUNQ_MEM_STREAM_CONNECTION;
    m->streaming = true;
}

static void read_memories(struct l_table *t)
{
    struct lunq_card *c = &t->d->card;
    size_t n = l_table_count(t, "memories"), streams = 0;
    l_table_each(t, "streams", count_item, &streams);
    c->memories = l_table_alloc(t, n + streams + 1, sizeof *c->memories);
    l_table_list(t, "memories", read_memory, NULL);
    if (!n)
        *new_memory(t, l_table_intern(t, "bank0")) =
            (struct lunq_memory){.tag = l_table_intern(t, "bank0"),
                                 .type = LUNQ_MEM_DDR4,
                                 .base = 0x4000000000,
                                 .size = (uint64_t)16 << 30};
    l_table_each(t, "streams", read_stream_memory, NULL);
}

/* The memories named by the value on top, a tag or a list of tags, as indices. */
static void read_tags(struct l_table *t, struct lunq_arg *a)
{
    bool list = lua_type(t->L, -1) == LUA_TTABLE;
    size_t n = list ? lua_rawlen(t->L, -1) : 1, *to = l_table_alloc(t, n + 1, sizeof *to);
    for (size_t i = 0; i < n; i++) {
        size_t at, m;
        if (list)
            lua_rawgeti(t->L, -1, (lua_Integer)i + 1);
        else
            lua_pushvalue(t->L, -1);
        l_table_want(t, LUA_TSTRING);
        at = find_memory(t, lua_tostring(t->L, -1));
        if (at == LUNQ_NONE || t->d->card.memories[at].streaming)
            l_fail(t->L, LUNQ_VALUE, "%s: there is no memory called %s", l_table_where(t),
                   lua_tostring(t->L, -1));
        lua_pop(t->L, 1);
        for (m = i; m && to[m - 1] > at; m--)
            to[m] = to[m - 1];
        to[m] = at;
        if (m && to[m - 1] == at)
            l_fail(t->L, LUNQ_VALUE, "%s names a memory twice", l_table_where(t));
    }
    a->memories = to;
    a->n_memories = n;
}

/* ---- arguments ----------------------------------------------------------------------------- */

/* Bytes of a C type on the host; 0: not known. */
static unsigned type_size(const char *type)
{
    static const struct {
        const char *name;
        unsigned size;
    } sizes[] = {{"char", 1},     {"bool", 1},     {"int8_t", 1},   {"uint8_t", 1}, {"short", 2},
                 {"int16_t", 2},  {"uint16_t", 2}, {"half", 2},     {"int", 4},     {"int32_t", 4},
                 {"uint32_t", 4}, {"uint", 4},     {"unsigned", 4}, {"float", 4},   {"long", 8},
                 {"int64_t", 8},  {"uint64_t", 8}, {"double", 8},   {"size_t", 8}};
    const char *last = strrchr(type, ' ');
    last = last ? last + 1 : type;
    if (strstr(type, "long"))
        return 8; /* "long int", "unsigned long" */
    if (strstr(type, "short"))
        return 2;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (!strcmp(last, sizes[i].name))
            return sizes[i].size;
    return 0;
}

/* "const int *a" -> type "const int*", name "a". */
static void read_declarator(struct l_table *t, struct lunq_arg *a)
{
    const char *s;
    char type[200];
    size_t n, name;
    l_table_want(t, LUA_TSTRING);
    s = lua_tostring(t->L, -1);
    n = strlen(s);
    for (name = n; name && (isalnum((unsigned char)s[name - 1]) || s[name - 1] == '_');)
        name--;
    for (n = name; n && (s[n - 1] == ' ' || s[n - 1] == '&');)
        n--;
    if (!n || !s[name] || isdigit((unsigned char)s[name]) || n >= sizeof type)
        l_fail(t->L, LUNQ_VALUE,
               "%s: \"%s\" is no argument; write it as in C, as in \"const int *a\"",
               l_table_where(t), s);
    a->name = l_table_intern(t, s + name);
    memcpy(type, s, n);
    type[n] = '\0';
    if (n > 2 && type[n - 1] == '*' && type[n - 2] == ' ')
        memcpy(type + n - 2, "*", 2);
    a->type = l_table_intern(t, type);
    a->kind = strstr(type, "stream")          ? LUNQ_ARG_STREAM
              : type[strlen(type) - 1] == '*' ? LUNQ_ARG_GLOBAL
                                              : LUNQ_ARG_SCALAR;
}

static void set_sizes(struct l_table *t, struct lunq_arg *a)
{
    unsigned size = a->kind == LUNQ_ARG_SCALAR ? type_size(a->type) : 8;
    a->host_size = size;
    a->size = size && size < 4 ? 4 : size;
}

static void read_arg_options(struct l_table *t, struct lunq_arg *a)
{
    const char *used;
    a->output = l_table_get_bool(t, "output", false);
    a->port = l_table_get_str(t, "port", NULL, NULL);
    a->offset = (uint64_t)l_table_get_int(t, "offset", NULL, 0, INT32_MAX, 0);
    a->size = (uint64_t)l_table_get_int(t, "size", NULL, 1, 4096, (int64_t)a->size);
    a->host_size = (uint64_t)l_table_get_int(t, "host_size", NULL, 1, 4096, (int64_t)a->host_size);
    if (l_table_push(t, "memory", NULL, &used)) {
        size_t n = l_table_enter(t, used);
        read_tags(t, a);
        l_table_leave(t, n);
        lua_pop(t->L, 1);
    }
}

static void read_arg(struct l_table *t, size_t i, void *arg)
{
    static const char *const keys[] = {"output",    "port",   "offset", "size",
                                       "host_size", "memory", NULL};
    struct kernel *k = arg;
    struct lunq_arg *a = &k->args[i];
    bool options = lua_type(t->L, -1) == LUA_TTABLE;
    a->index = (unsigned)i;
    if (options) {
        lua_rawgeti(t->L, -1, 1);
        read_declarator(t, a);
        lua_pop(t->L, 1);
        set_sizes(t, a);
        l_table_options(t, keys);
        read_arg_options(t, a);
    } else {
        read_declarator(t, a);
        set_sizes(t, a);
    }
    if (!a->size)
        l_fail(t->L, LUNQ_VALUE, "%s: how large is a %s? Write { \"%s %s\", size = 4 }",
               l_table_where(t), a->type, a->type, a->name);
    for (size_t n = 0; n < i; n++)
        if (!strcmp(k->args[n].name, a->name))
            l_fail(t->L, LUNQ_VALUE, "%s: two arguments are called %s", l_table_where(t), a->name);
    if (a->kind == LUNQ_ARG_STREAM) {
        a->offset = a->size = a->host_size = 0;
        if (!a->port)
            a->port = a->name;
        if (a->n_memories)
            l_fail(t->L, LUNQ_VALUE, "%s: %s is a stream, which has no memory", l_table_where(t),
                   a->name);
        return;
    }
    if (!a->port)
        a->port = l_table_intern(t, a->kind == LUNQ_ARG_SCALAR ? "S_AXI_CONTROL" : "M_AXI_GMEM");
    if (a->kind == LUNQ_ARG_GLOBAL && !a->n_memories) {
        size_t *first = l_table_alloc(t, 1, sizeof *first); /* memory 0: read_memories makes one */
        a->memories = first;
        a->n_memories = 1;
    }
}

/* Offsets as Vitis HLS gives them: one after the other with a word between. */
static void place_args(struct l_table *t, struct kernel *k)
{
    uint64_t next = FIRST_OFFSET;
    for (size_t i = 0; i < k->n_args; i++) {
        struct lunq_arg *a = &k->args[i];
        if (a->kind == LUNQ_ARG_STREAM)
            continue;
        if (!a->offset)
            a->offset = next;
        next = a->offset + (a->size + 3) / 4 * 4 + 4;
        if (a->offset + a->size > k->range)
            l_fail(t->L, LUNQ_VALUE,
                   "%s: argument %s ends at 0x%" PRIx64 ", beyond the range of 0x%" PRIx64 " bytes",
                   l_table_where(t), a->name, a->offset + a->size, k->range);
    }
}

/* ---- kernels ------------------------------------------------------------------------------- */

static void add_port(struct kernel *k, const char *name, bool slave)
{
    for (size_t i = 0; i < k->n_ports; i++)
        if (!strcmp(k->ports[i].name, name))
            return;
    k->ports[k->n_ports++] = (struct card_port){name, slave, slave ? 32 : 512};
}

static void make_ports(struct l_table *t, struct kernel *k)
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
    read_tags(t, a);
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
    const struct kernel *k = all->kernel;
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
    struct kernel *k = all->kernel = l_table_alloc(t, 1, sizeof *k);
    check_name(t, name, "kernel");
    l_table_want(t, LUA_TTABLE);
    l_table_keys(t, keys);
    k->name = l_table_intern(t, name);
    lua_pushfstring(t->L, "xilinx.com:hls:%s:1.0", name);
    k->vlnv = l_table_intern(t, lua_tostring(t->L, -1));
    lua_pop(t->L, 1);
    k->vlnv = l_table_get_str(t, "vlnv", "type", k->vlnv);
    k->protocol = l_table_get_str(t, "control", NULL, l_table_intern(t, controls[0]));
    k->control = (enum lunq_control)want_word(t, "control", k->protocol, controls);
    k->range = (uint64_t)l_table_get_int(t, "range", NULL, 16, 0x10000, 0x10000);
    k->n_args = l_table_count(t, "args");
    k->args = l_table_alloc(t, k->n_args + 1, sizeof *k->args);
    l_table_list(t, "args", read_arg, k);
    place_args(t, k);
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

static bool is_free(const struct card_unit *units, size_t n, uint64_t base, uint64_t range)
{
    for (size_t i = 0; i < n; i++)
        if (units[i].cu.base != UINT64_MAX && base < units[i].cu.base + units[i].cu.range &&
            units[i].cu.base < base + range)
            return false;
    return true;
}

/* Rows and addresses in the order of names, whatever order the table gives them. */
static void place_units(struct card_unit *units, size_t n)
{
    uint64_t next = FIRST_ADDRESS;
    qsort(units, n, sizeof *units, by_name);
    for (size_t i = 0; i < n; i++) {
        struct lunq_cu *cu = &units[i].cu;
        cu->row = i;
        if (!cu->has_address) {
            cu->base = cu->range = 0;
            continue;
        }
        if (cu->base != UINT64_MAX)
            continue;
        while (!is_free(units, n, next, cu->range))
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
    join_end(t, find_end(t, arg, text, left), true, find_memory(t, name));
    join_end(t, find_end(t, arg, right, right + strlen(right)), false, find_memory(t, name));
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
    c->type = (unsigned)want_word(t, "3", lua_tostring(t->L, -1), types);
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
    read_memories(t);
    l_table_each(t, "kernels", count_units, &n);
    all.units = l_table_alloc(t, n + 1, sizeof *all.units);
    l_table_each(t, "kernels", read_kernel, &all);
    place_units(all.units, n);
    l_table_each(t, "streams", read_stream, &all);
    c->n_clocks = l_table_count(t, "clocks");
    c->clocks = l_table_alloc(t, c->n_clocks + 1, sizeof *c->clocks);
    l_table_list(t, "clocks", read_clock, c->clocks);
    mark_used(c, all.units, n);
    if (lunq_card_build(t->d, all.units, n, &e) < 0)
        l_raise(t->L, &e);
}
