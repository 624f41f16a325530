/* l_card.c - what the dictionaries of a card have beyond those of a board (xrt.md 7, pynq-behaviour B17,
 * B18): compute units with typed registers and streams, the memories of the card, its clocks. */
#include <stdio.h>
#include <string.h>

#include "l_design.h"

static const char *const type_names[] = {"DDR3",         "DDR4",       "DRAM", "Streaming",
                                         "Preallocated", "ARE",        "HBM",  "BRAM",
                                         "URAM",         "AXI Stream", "HOST", "PS Kernel"};
static const char *const clock_names[] = {"UNUSED", "DATA", "KERNEL", "SYSTEM"};
enum { N_CLOCK_TYPES = sizeof clock_names / sizeof *clock_names };

void l_push_uuid(lua_State *L, const uint8_t *uuid, bool dashes)
{
    char text[40], *to = text;
    for (int i = 0; i < 16; i++)
        to += sprintf(to, "%s%02x", dashes && (i == 4 || i == 6 || i == 8 || i == 10) ? "-" : "",
                      uuid[i]);
    lua_pushstring(L, text);
}

/* ---- arguments ----------------------------------------------------------------------------- */

/* The tags of what an argument is connected to, as a list. */
static void push_tags(lua_State *L, const struct lunq_card *c, const struct lunq_arg *a)
{
    lua_createtable(L, (int)a->n_memories, 0);
    for (size_t i = 0; i < a->n_memories; i++) {
        lua_pushstring(L, c->memories[a->memories[i]].tag);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* Of an argument connected to several memories the last one is `memory`, all of them are MBG. */
static void set_memories(lua_State *L, const struct lunq_card *c, const struct lunq_arg *a)
{
    if (!a->n_memories)
        return;
    l_set_text(L, "memory", c->memories[a->memories[a->n_memories - 1]].tag);
    if (a->n_memories == 1)
        return;
    push_tags(L, c, a);
    lua_setfield(L, -2, "MBG");
}

/* The table of registers is on top. */
static void describe_register(lua_State *L, const struct lunq_card *c, const struct lunq_arg *a)
{
    if (lua_getfield(L, -1, a->name) == LUA_TTABLE) {
        l_set_text(L, "type", a->type);
        l_set_integer(L, "id", a->index);
        l_set_integer(L, "host_size", a->host_size);
        set_memories(L, c, a);
    }
    lua_pop(L, 1);
}

/* The table of streams is on top. stream_id is the row of the memory that is the stream. */
static void add_stream(lua_State *L, const struct lunq_card *c, const struct lunq_arg *a)
{
    lua_createtable(L, 0, 4);
    l_set_integer(L, "id", a->index);
    l_set_text(L, "type", a->type);
    l_set_text(L, "direction", a->output ? "output" : "input");
    for (size_t i = 0; i < a->n_memories; i++)
        if (c->memories[a->memories[i]].streaming)
            l_set_integer(L, "stream_id", c->memories[a->memories[i]].row);
    lua_setfield(L, -2, a->name);
}

/* Streams are listed for each unit, though PYNQ lists them for those with registers only. */
static void describe_unit(lua_State *L, const struct lunq_card *c, const struct lunq_cu *cu)
{
    l_set_text(L, "hw_control_protocol", cu->protocol);
    l_set_text(L, "cu_name", cu->full);
    if (c->has_uuid) {
        l_push_uuid(L, c->uuid, false);
        lua_setfield(L, -2, "xclbin_uuid");
    }
    if (cu->index != LUNQ_NONE)
        l_set_integer(L, "cu_index", cu->index);
    if (cu->row != LUNQ_NONE)
        l_set_integer(L, "index", cu->row);
    lua_getfield(L, -1, "registers");
    lua_newtable(L); /* unit registers streams */
    for (size_t i = 0; i < cu->n_args; i++) {
        const struct lunq_arg *a = &cu->args[i];
        if (a->kind == LUNQ_ARG_STREAM) {
            add_stream(L, c, a);
        } else {
            lua_pushvalue(L, -2);
            describe_register(L, c, a);
            lua_pop(L, 1);
        }
    }
    lua_setfield(L, -3, "streams");
    lua_pop(L, 1);
}

/* ---- memories ------------------------------------------------------------------------------ */

/* "vadd_1.out_c" as source or sink of the stream on top. */
static void set_stream_end(lua_State *L, const char *key, const struct lunq_module *m,
                           const struct lunq_bus *b)
{
    if (!m)
        return;
    lua_pushfstring(L, "%s.%s", m->path, b->name);
    lua_setfield(L, -2, key);
}

static void push_memory(lua_State *L, const struct lunq_design *d, const struct lunq_memory *m)
{
    lua_createtable(L, 0, 11);
    l_set_text(L, "fullpath", m->tag);
    l_set_text(L, "tag", m->tag);
    l_set_integer(L, "idx", m->row);
    l_set_integer(L, "raw_type", m->type);
    l_set_integer(L, "used", m->used);
    if (m->type < sizeof type_names / sizeof *type_names)
        lua_pushstring(L, type_names[m->type]);
    else
        lua_pushfstring(L, "type %d", (int)m->type);
    lua_setfield(L, -2, "type");
    lua_pushboolean(L, m->streaming);
    lua_setfield(L, -2, "streaming");
    if (!m->streaming) {
        l_set_integer(L, "base_address", m->base);
        l_set_integer(L, "size", m->size);
        return;
    }
    l_set_integer(L, "flow_id", m->flow_id);
    l_set_integer(L, "route_id", m->route_id);
    for (size_t i = 0; i < d->n_streams; i++)
        if (d->streams[i].bus == m->tag) {
            set_stream_end(L, "source", d->streams[i].master, d->streams[i].master_if);
            set_stream_end(L, "sink", d->streams[i].slave, d->streams[i].slave_if);
            break;
        }
}

/* ---- kernels ------------------------------------------------------------------------------- */

static void push_arg(lua_State *L, const struct lunq_arg *a)
{
    static const char *const kinds[] = {"scalar", "global", "constant", "local", "stream"};
    lua_createtable(L, 0, 8);
    l_set_text(L, "name", a->name);
    l_set_text(L, "type", a->type);
    l_set_text(L, "kind", kinds[a->kind]);
    l_set_text(L, "port", a->port);
    if (a->kind == LUNQ_ARG_STREAM) {
        l_set_text(L, "direction", a->output ? "output" : "input");
        return;
    }
    l_set_integer(L, "address_offset", a->offset);
    l_set_integer(L, "size", a->size * 8);
    l_set_integer(L, "host_size", a->host_size);
}

/* { a = { "bank0" }, ... } of the arguments that are connected. */
static void set_connections(lua_State *L, const struct lunq_card *c, const struct lunq_cu *cu)
{
    lua_newtable(L);
    for (size_t i = 0; i < cu->n_args; i++) {
        const struct lunq_arg *a = &cu->args[i];
        if (!a->n_memories)
            continue;
        push_tags(L, c, a);
        lua_setfield(L, -2, a->name);
    }
    lua_setfield(L, -2, "memories");
}

static void push_unit(lua_State *L, const struct lunq_card *c, const struct lunq_cu *cu)
{
    lua_createtable(L, 0, 6);
    l_set_text(L, "name", cu->name);
    if (cu->has_address) {
        l_set_integer(L, "phys_addr", cu->base);
        l_set_integer(L, "addr_range", cu->range);
        l_set_integer(L, "cu_index", cu->index);
    }
    lua_pushboolean(L, cu->interrupt);
    lua_setfield(L, -2, "interrupt");
    set_connections(L, c, cu);
}

static void push_kernel(lua_State *L, const struct lunq_cu *cu)
{
    lua_createtable(L, 0, 5);
    l_set_text(L, "name", cu->kernel);
    l_set_text(L, "hw_control_protocol", cu->protocol);
    if (cu->module->vlnv)
        l_set_text(L, "type", cu->module->vlnv);
    lua_createtable(L, (int)cu->n_args, 0);
    for (size_t i = 0; i < cu->n_args; i++) {
        push_arg(L, &cu->args[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "args");
    lua_newtable(L);
    lua_setfield(L, -2, "units");
}

/* The units of one kernel stand together, as the readers list them. */
static void set_kernels(lua_State *L, const struct lunq_card *c, int out)
{
    lua_Integer kernels = 0, units = 0;
    lua_newtable(L);
    for (size_t i = 0; i < c->n_cus; i++) {
        const struct lunq_cu *cu = &c->cus[i];
        if (!i || strcmp(cu->kernel, cu[-1].kernel)) {
            push_kernel(L, cu);
            lua_rawseti(L, -2, ++kernels);
            units = 0;
        }
        lua_rawgeti(L, -1, kernels);
        lua_getfield(L, -1, "units");
        push_unit(L, c, cu);
        lua_rawseti(L, -2, ++units);
        lua_pop(L, 2);
    }
    lua_setfield(L, out, "kernels");
}

static void set_sections(lua_State *L, const struct lunq_card *c, int out)
{
    lua_createtable(L, (int)c->n_sections, 0);
    for (size_t i = 0; i < c->n_sections; i++) {
        lua_createtable(L, 0, 4);
        l_set_integer(L, "kind", c->sections[i].kind);
        l_set_text(L, "name", c->sections[i].name);
        l_set_integer(L, "offset", c->sections[i].offset);
        l_set_integer(L, "size", c->sections[i].size);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, out, "sections");
}

/* ---- all of it ----------------------------------------------------------------------------- */

/* The clock_dict is on top; clock `n` of it. */
static void set_clock(lua_State *L, const struct lunq_card_clock *k, size_t n)
{
    char key[32];
    snprintf(key, sizeof key, "clock%zu", n);
    lua_createtable(L, 0, 3);
    l_set_text(L, "name", k->name);
    l_set_integer(L, "frequency", k->mhz);
    l_set_text(L, "type", k->type < N_CLOCK_TYPES ? clock_names[k->type] : "?");
    lua_setfield(L, -2, key);
}

/* Numbered by type, as PYNQ does it, then as they stand in the file. */
static void set_clocks(lua_State *L, const struct lunq_card *c)
{
    size_t n = 0;
    for (unsigned type = 0; type <= N_CLOCK_TYPES; type++)
        for (size_t i = 0; i < c->n_clocks; i++)
            if (c->clocks[i].type == type ||
                (type == N_CLOCK_TYPES && c->clocks[i].type > N_CLOCK_TYPES))
                set_clock(L, &c->clocks[i], n++);
}

void l_design_add_card(lua_State *L, const struct lunq_design *d, int out, int ip_dict,
                       int mem_dict)
{
    const struct lunq_card *c = &d->card;
    if (!c->present)
        return;
    for (size_t i = 0; i < c->n_cus; i++) {
        if (lua_getfield(L, ip_dict, c->cus[i].name) == LUA_TTABLE)
            describe_unit(L, c, &c->cus[i]);
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < c->n_memories; i++) {
        push_memory(L, d, &c->memories[i]);
        lua_setfield(L, mem_dict, c->memories[i].tag);
    }
    lua_getfield(L, out, "clock_dict");
    set_clocks(L, c);
    lua_pop(L, 1);
    set_kernels(L, c, out);
    set_sections(L, c, out);
    lua_pushstring(L, c->platform);
    lua_setfield(L, out, "platform");
    if (c->has_uuid) {
        l_push_uuid(L, c->uuid, true);
        lua_setfield(L, out, "uuid");
    }
}
