/* l_model_api.c - what a Lua model can do: its registers, streams, memory, wires and time. These are
 * the methods of the userdata in self._core; lua/lunq/model.lua gives them their public names. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l_design.h"
#include "l_model.h"
#include "l_side.h"

#define MAX_WAITING (256u << 20) /* bytes a model may send ahead of its stream */
#define MAX_BLOCK (256u << 20)   /* bytes of one access to memory */

static struct l_model *check_model(lua_State *L)
{
    struct l_model *m = l_check(L, 1, L_MODEL);
    if (!m->inst)
        l_fail(L, LUNQ_RUNTIME, "The design of this model is no longer loaded.");
    return m;
}

/* ---- registers ----------------------------------------------------------------------------- */

/* The slot with this slave interface, or the first. */
static struct sim_slot *check_slot(lua_State *L, int idx, struct sim_inst *i)
{
    const char *slave = lua_isnoneornil(L, idx) ? NULL : l_checkstr(L, idx, "interface", NULL);
    for (size_t k = 0; k < i->n_slots; k++)
        if (!slave || (i->slots[k]->slave && !strcmp(i->slots[k]->slave, slave)))
            return i->slots[k];
    if (slave)
        l_fail(L, LUNQ_VALUE, "%s has no registers behind interface \"%s\".", i->path, slave);
    else
        l_fail(L, LUNQ_VALUE, "%s has no registers.", i->path);
    return NULL;
}

static void check_inside(lua_State *L, const struct sim_slot *slot, uint64_t off, uint64_t n)
{
    if (off > slot->size || slot->size - off < n)
        l_fail(L, LUNQ_INDEX,
               "%" PRIu64 " bytes at offset 0x%" PRIx64 " are outside the 0x%" PRIx64
               " bytes of %s.",
               n, off, slot->size, slot->inst->path);
}

static int bus_failed(lua_State *L, const struct sim_inst *i, int resp, const char *why)
{
    return l_fail(L, LUNQ_IO, "%s: bus error (%s)%s%s", i->path,
                  resp == SIM_DECERR ? "DECERR" : "SLVERR", *why ? ": " : "", why);
}

/* core:read(offset[, interface]) --> what the model in C beneath would answer */
static int api_read(lua_State *L)
{
    struct l_model *m = check_model(L);
    uint64_t off = l_checksize(L, 2, "offset"), value = 0;
    struct sim_slot *slot = check_slot(L, 3, m->inst);
    const struct sim_class *c = m->inst->base;
    struct lunq_error e;
    int r;
    e.message[0] = 0;
    check_inside(L, slot, off, 4);
    r = c->read ? c->read(m->inst, slot, off & ~UINT64_C(3), 4, &value, &e)
                : sim_plain_read(slot, off, 4, &value, &e);
    if (r != SIM_OKAY)
        return bus_failed(L, m->inst, r, e.message);
    lua_pushinteger(L, (lua_Integer)value);
    return 1;
}

/* core:write(offset, value[, interface]): writes a register of the model, as the bus would. */
static int api_write(lua_State *L)
{
    struct l_model *m = check_model(L);
    uint64_t off = l_checksize(L, 2, "offset"), value = l_checkword(L, 3, 4, "value");
    struct sim_slot *slot = check_slot(L, 4, m->inst);
    const struct sim_class *c = m->inst->base;
    struct lunq_error e;
    int r;
    e.message[0] = 0;
    check_inside(L, slot, off, 4);
    r = c->write ? c->write(m->inst, slot, off & ~UINT64_C(3), 4, value, &e)
                 : sim_plain_write(slot, off, 4, value, &e);
    return r != SIM_OKAY ? bus_failed(L, m->inst, r, e.message) : 0;
}

/* The bytes of a register by name, without side effects; *n gets 4 or 8. NULL: no such register. */
static uint8_t *find_register(lua_State *L, struct sim_inst *i, const char *name, unsigned *n)
{
    for (size_t k = 0; k < i->n_slots; k++) {
        struct sim_slot *slot = i->slots[k];
        for (size_t j = 0; slot->block && j < slot->block->n_registers; j++) {
            const struct lunq_register *r = &slot->block->registers[j];
            uint8_t *mem;
            if (strcmp(r->name, name))
                continue;
            *n = r->size > 32 && r->size <= 64 ? 8 : 4;
            check_inside(L, slot, r->offset, *n);
            mem = sim_slot_memory(slot, NULL);
            if (!mem)
                l_fail(L, LUNQ_MEMORY, "No room for the registers of %s.", i->path);
            return mem + r->offset;
        }
    }
    return NULL;
}

/* core:get(name) --> integer, or nil when there is no such register */
static int api_get(lua_State *L)
{
    struct l_model *m = check_model(L);
    unsigned n;
    uint64_t value = 0;
    uint8_t *p = find_register(L, m->inst, l_checkstr(L, 2, "register", NULL), &n);
    if (!p)
        return 0;
    memcpy(&value, p, n);
    lua_pushinteger(L, (lua_Integer)value);
    return 1;
}

/* core:set(name, value) --> true, or nil when there is no such register */
static int api_set(lua_State *L)
{
    struct l_model *m = check_model(L);
    unsigned n;
    uint8_t *p = find_register(L, m->inst, l_checkstr(L, 2, "register", NULL), &n);
    uint64_t value;
    if (!p)
        return 0;
    value = l_checkword(L, 3, n, lua_tostring(L, 2));
    memcpy(p, &value, n);
    lua_pushboolean(L, 1);
    return 1;
}

/* core:load(offset, n[, interface]) --> string: the plain bytes behind the registers */
static int api_load(lua_State *L)
{
    struct l_model *m = check_model(L);
    uint64_t off = l_checksize(L, 2, "offset"), n = l_checksize(L, 3, "size");
    struct sim_slot *slot = check_slot(L, 4, m->inst);
    uint8_t *mem;
    check_inside(L, slot, off, n);
    mem = n <= MAX_BLOCK ? sim_slot_memory(slot, NULL) : NULL;
    if (!mem)
        return l_fail(L, LUNQ_MEMORY, "No room for %" PRIu64 " bytes of %s.", n, m->inst->path);
    lua_pushlstring(L, (const char *)mem + off, (size_t)n);
    return 1;
}

/* core:store(offset, bytes[, interface]): what its registers have from now on, without side effects. */
static int api_store(lua_State *L)
{
    struct l_model *m = check_model(L);
    uint64_t off = l_checksize(L, 2, "offset");
    size_t n;
    const char *data = l_checkstr(L, 3, "bytes", &n);
    struct sim_slot *slot = check_slot(L, 4, m->inst);
    uint8_t *mem;
    check_inside(L, slot, off, n);
    mem = sim_slot_memory(slot, NULL);
    if (!mem)
        return l_fail(L, LUNQ_MEMORY, "No room for the registers of %s.", m->inst->path);
    memcpy(mem + off, data, n);
    return 0;
}

/* ---- memory -------------------------------------------------------------------------------- */

/* Chooses the master interface at idx; without one any of the module's ranges will do. */
static struct sim_master *check_master(lua_State *L, int idx, struct l_model *m)
{
    const struct lunq_bus *b;
    const char *name;
    if (lua_isnoneornil(L, idx)) {
        name = NULL;
    } else {
        name = l_checkstr(L, idx, "interface", NULL);
        b = lunq_module_bus(m->inst->module, name);
        if (!b)
            l_fail(L, LUNQ_VALUE, "%s has no interface \"%s\".", m->inst->path, name);
        name = b->name;
    }
    if (name != m->memory.bus) {
        sim_master_free(&m->memory);
        sim_master_init(&m->memory, m->inst, name);
    }
    return &m->memory;
}

/* core:memory_read(address, n[, interface]) --> string */
static int api_memory_read(lua_State *L)
{
    struct l_model *m = check_model(L);
    uint64_t addr = l_checksize(L, 2, "address"), n = l_checksize(L, 3, "size");
    struct sim_master *bus = check_master(L, 4, m);
    luaL_Buffer b;
    char why[64];
    char *p;
    int r;
    if (n > MAX_BLOCK)
        return l_fail(L, LUNQ_VALUE, "memory_read of %" PRIu64 " bytes: at most %u.", n, MAX_BLOCK);
    p = luaL_buffinitsize(L, &b, (size_t)n);
    r = sim_master_read(bus, addr, p, (size_t)n, NULL);
    snprintf(why, sizeof why, "reading %" PRIu64 " bytes at 0x%" PRIx64, n, addr);
    if (r != SIM_OKAY)
        return bus_failed(L, m->inst, r, why);
    luaL_pushresultsize(&b, (size_t)n);
    return 1;
}

/* core:memory_write(address, bytes[, interface]): writes over the bus, as a master of the design. */
static int api_memory_write(lua_State *L)
{
    struct l_model *m = check_model(L);
    uint64_t addr = l_checksize(L, 2, "address");
    size_t n;
    const char *data = l_checkstr(L, 3, "bytes", &n);
    int r = sim_master_write(check_master(L, 4, m), addr, data, n, NULL);
    char why[64];
    snprintf(why, sizeof why, "writing %zu bytes at 0x%" PRIx64, n, addr);
    return r != SIM_OKAY ? bus_failed(L, m->inst, r, why) : 0;
}

/* ---- streams ------------------------------------------------------------------------------- */

struct l_port *l_model_port(struct l_model *m, const char *name)
{
    struct l_port *p = m->ports;
    while (p && strcmp(p->name, name))
        p = p->next;
    if (p)
        return p;
    p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->name = name;
    p->final = &p->first;
    p->next = m->ports;
    m->ports = p;
    return p;
}

void l_model_flush(struct l_model *m, struct l_port *p)
{
    while (p->first) {
        struct l_chunk *c = p->first;
        size_t taken = sim_send_side(sim_link_out(m->inst, p->name), c->data + c->off,
                                     c->n - c->off, c->last, &c->side);
        c->off += taken;
        p->waiting -= taken;
        if (c->off < c->n)
            return;
        p->first = c->next;
        if (!p->first)
            p->final = &p->first;
        free(c);
    }
}

/* The name of the stream interface at idx in the design's strings; nil: the only output. */
static const char *check_stream(lua_State *L, int idx, struct sim_inst *i)
{
    const struct lunq_bus *b = NULL;
    if (lua_isnoneornil(L, idx)) {
        if (!i->out || i->out->next_out)
            l_fail(L, LUNQ_VALUE, "%s has %s: say which stream to send to.", i->path,
                   i->out ? "several outputs" : "no connected output");
        return i->out->master_if ? i->out->master_if->name : "";
    }
    b = lunq_module_bus(i->module, l_checkstr(L, idx, "stream", NULL));
    if (!b)
        l_fail(L, LUNQ_VALUE, "%s has no stream interface \"%s\".", i->path, lua_tostring(L, idx));
    return b->name;
}

static bool queue(struct l_port *p, const uint8_t *data, size_t n, bool last,
                  const struct lunq_axis_side *side)
{
    struct l_chunk *c = n <= MAX_WAITING - p->waiting ? malloc(sizeof *c + n) : NULL;
    if (!c)
        return false;
    c->next = NULL;
    c->n = n;
    c->off = 0;
    c->last = last;
    c->side = *side;
    memcpy(c->data, data, n);
    *p->final = c;
    p->final = &c->next;
    p->waiting += n;
    return true;
}

/* core:send(stream, bytes[, last[, { id =, dest =, user = }]]) --> bytes still waiting for the stream */
static int api_send(lua_State *L)
{
    struct l_model *m = check_model(L);
    const char *name = check_stream(L, 2, m->inst);
    size_t n, taken = 0;
    const uint8_t *data = (const uint8_t *)l_checkstr(L, 3, "data", &n);
    bool last = lua_toboolean(L, 4);
    struct lunq_axis_side side = l_check_side(L, 5, NULL);
    struct l_port *p = l_model_port(m, name);
    if (n == 0 && last)
        return l_fail(L, LUNQ_VALUE,
                      "TLAST comes with a byte: send the last data and `last` together.");
    if (p && !p->first && n > 0)
        taken = sim_send_side(sim_link_out(m->inst, name), data, n, last, &side);
    if (!p || (taken < n && !queue(p, data + taken, n - taken, last, &side)))
        return l_fail(L, LUNQ_MEMORY, "%s: no room for %zu bytes that %s does not take.",
                      m->inst->path, n - taken, name);
    lua_pushinteger(L, (lua_Integer)p->waiting);
    return 1;
}

/* core:ready([stream]): a model that took only a part can take more now */
static int api_ready(lua_State *L)
{
    struct l_model *m = check_model(L);
    const char *name = lua_isnoneornil(L, 2) ? NULL : l_checkstr(L, 2, "stream", NULL);
    sim_link_ready(sim_link_in(m->inst, name));
    return 0;
}

/* ---- wires and time ------------------------------------------------------------------------ */

/* core:raise(pin, level) --> false when this configuration of the IP has no such pin */
static int api_raise(lua_State *L)
{
    struct l_model *m = check_model(L);
    const char *pin = l_checkstr(L, 2, "pin", NULL);
    uint64_t level =
        lua_isboolean(L, 3) ? (uint64_t)lua_toboolean(L, 3) : (uint64_t)l_optint(L, 3, "level", 1);
    bool there = lunq_module_port(m->inst->module, pin) != NULL;
    if (there)
        sim_wire_set(m->inst, pin, level);
    lua_pushboolean(L, there);
    return 1;
}

/* core:level(pin) --> integer: the level on an input */
static int api_level(lua_State *L)
{
    struct l_model *m = check_model(L);
    lua_pushinteger(L, (lua_Integer)sim_wire_get(m->inst, l_checkstr(L, 2, "pin", NULL)));
    return 1;
}

/* core:now() --> time of the device, ns */
static int api_now(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)sim_now(check_model(L)->inst));
    return 1;
}

static void unlink_after(struct l_after *a)
{
    struct l_after **at = &a->model->afters;
    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
}

static void after_fire(struct sim_event *e)
{
    struct l_after *a = (struct l_after *)((char *)e - offsetof(struct l_after, event));
    struct l_call c = {.model = a->model, .method = "a function planned with after", .planned = a};
    unlink_after(a);
    l_model_call(&c);
    free(a);
}

/* core:after(ns, function): calls it later with the model. */
static int api_after(lua_State *L)
{
    struct l_model *m = check_model(L);
    uint64_t ns = l_checksize(L, 2, "nanoseconds");
    struct l_after *a;
    if (!lua_isfunction(L, 3))
        return l_wrong_type(L, 3, "a function");
    a = calloc(1, sizeof *a);
    if (!a)
        return l_fail(L, LUNQ_MEMORY, "Out of memory.");
    a->model = m;
    a->event.fire = after_fire;
    a->next = m->afters; /* from here on the model owns it */
    m->afters = a;
    lua_pushvalue(L, 3);
    l_model_set_planned(L, a);
    sim_plan(m->inst, &a->event, ns);
    return 0;
}

/* core:latency(ns): how long each access of the IP takes from now on. */
static int api_latency(lua_State *L)
{
    struct l_model *m = check_model(L);
    m->inst->latency = l_checksize(L, 2, "nanoseconds");
    return 0;
}

void l_model_forget(struct l_model *m)
{
    while (m->afters) {
        struct l_after *a = m->afters;
        m->afters = a->next;
        if (m->inst)
            sim_cancel(m->inst, &a->event);
        if (lua_checkstack(m->ctx->calls, 3)) {
            lua_pushnil(m->ctx->calls);
            l_model_set_planned(m->ctx->calls, a);
        }
        free(a);
    }
    while (m->ports) {
        struct l_port *p = m->ports;
        m->ports = p->next;
        while (p->first) {
            struct l_chunk *c = p->first;
            p->first = c->next;
            free(c);
        }
        free(p->packet);
        free(p);
    }
    sim_master_free(&m->memory);
    l_model_drop_plan(m);
}

/* ---- what it is ---------------------------------------------------------------------------- */

static void push_streams(lua_State *L, struct sim_inst *i)
{
    lua_Integer n = 0;
    lua_newtable(L);
    for (const struct sim_link *l = i->in; l; l = l->next_in) {
        lua_pushstring(L, l->slave_if ? l->slave_if->name : "");
        lua_rawseti(L, -2, ++n);
    }
    lua_setfield(L, -2, "inputs");
    lua_newtable(L);
    n = 0;
    for (const struct sim_link *l = i->out; l; l = l->next_out) {
        lua_pushstring(L, l->master_if ? l->master_if->name : "");
        lua_rawseti(L, -2, ++n);
    }
    lua_setfield(L, -2, "outputs");
}

/* core:streams() --> { inputs = { names }, outputs = { names } }: those that are connected */
static int api_streams(lua_State *L)
{
    struct l_model *m = check_model(L);
    lua_newtable(L);
    push_streams(L, m->inst);
    return 1;
}

/* core:registers() --> by name, as in ip_dict: of all its slave interfaces */
static int api_registers(lua_State *L)
{
    struct l_model *m = check_model(L);
    lua_newtable(L);
    for (size_t k = 0; k < m->inst->n_slots; k++)
        l_design_add_registers(L, m->inst->slots[k]->block);
    return 1;
}

/* core:done(): an HLS core whose compute returned false is done */
static int api_done(lua_State *L)
{
    struct l_model *m = check_model(L);
    l_model_drop_windows(m);
    sim_hls_done(m->inst);
    return 0;
}

/* core:describe() --> { fullpath=, type=, beneath=, parameters={}, registers={ NAME = offset } } */
static int api_describe(lua_State *L)
{
    struct l_model *m = check_model(L);
    const struct lunq_module *mod = m->inst->module;
    lua_createtable(L, 0, 5);
    l_set_text(L, "fullpath", m->inst->path);
    l_set_text(L, "type", mod->vlnv);
    l_set_text(L, "beneath", m->inst->base->name);
    lua_createtable(L, 0, (int)mod->n_params);
    for (size_t k = 0; k < mod->n_params; k++)
        l_set_text(L, mod->params[k].name, mod->params[k].value);
    lua_setfield(L, -2, "parameters");
    lua_newtable(L);
    for (size_t k = 0; k < m->inst->n_slots; k++) {
        const struct lunq_block *b = m->inst->slots[k]->block;
        for (size_t j = 0; b && j < b->n_registers; j++) {
            lua_pushinteger(L, (lua_Integer)b->registers[j].offset);
            lua_setfield(L, -2, b->registers[j].name);
        }
    }
    lua_setfield(L, -2, "registers");
    return 1;
}

const luaL_Reg l_model_methods[] = {
    {"read", api_read},
    {"write", api_write},
    {"get", api_get},
    {"set", api_set},
    {"load", api_load},
    {"store", api_store},
    {"send", api_send},
    {"ready", api_ready},
    {"raise", api_raise},
    {"level", api_level},
    {"now", api_now},
    {"after", api_after},
    {"latency", api_latency},
    {"streams", api_streams},
    {"describe", api_describe},
    {"registers", api_registers},
    {"done", api_done},
    {"memory_read", api_memory_read},
    {"memory_write", api_memory_write},
    {NULL, NULL},
};
