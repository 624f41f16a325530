/* l_card_args.c - arguments of a kernel described by a table (see l_card_table.c): written as in C, placed as
 * Vitis HLS places them. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "l_card_table.h"

enum {
    FIRST_OFFSET = 0x10
}; /* control, two registers of interrupts and one reserved stand before */

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
        l_card_tags(t, a);
        l_table_leave(t, n);
        lua_pop(t->L, 1);
    }
}

static void read_arg(struct l_table *t, size_t i, void *arg)
{
    static const char *const keys[] = {"output",    "port",   "offset", "size",
                                       "host_size", "memory", NULL};
    struct l_kernel *k = arg;
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
static void place_args(struct l_table *t, struct l_kernel *k)
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

void l_card_args(struct l_table *t, struct l_kernel *k)
{
    k->n_args = l_table_count(t, "args");
    k->args = l_table_alloc(t, k->n_args + 1, sizeof *k->args);
    l_table_list(t, "args", read_arg, k);
    place_args(t, k);
}
