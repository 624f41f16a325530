/* l_model.c - models in Lua: which class stands for which IP, and calling them from the simulator.
 * The registry lives in the Lua state: name (VLNV, VLN or path of an IP) -> class. An instance's
 * object is kept by the state as long as the instance lives. Nothing a model does may leave the
 * simulator's C code by a longjmp: every call is a pcall on ctx->calls, and a failure is reported to
 * the device, so that the access or wait under way raises it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/device/record/record.h"
#include "l_model.h"
#include "l_side.h"

static const char classes; /* registry keys by address: name -> class, */
static const char objects; /* instance -> object, */
static const char cores;   /* instance -> its userdata, */
static const char planned; /* planned call -> function, */
static const char maker;   /* and the function that makes an object of a class */

/* ---- calls --------------------------------------------------------------------------------- */

void l_model_push(lua_State *L, const struct sim_inst *i)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &objects);
    lua_rawgetp(L, -1, i);
    lua_remove(L, -2);
}

static int add_traceback(lua_State *L)
{
    const char *text = luaL_tolstring(L, 1, NULL);
    luaL_traceback(L, L, text, 1);
    return 1;
}

bool l_model_protected(lua_State *L, lua_CFunction f, void *c)
{
    struct l_context *ctx = l_context(L);
    lua_State *was = ctx->running;
    int r;
    ctx->running = L; /* Ctrl-C ends a model that loops */
    ctx->in_model++;
    lua_pushcfunction(L, add_traceback);
    lua_pushcfunction(L, f);
    lua_pushlightuserdata(L, c);
    r = lua_pcall(L, 1, 0, -3);
    lua_remove(L, r == LUA_OK ? -1 : -2);
    ctx->in_model--;
    ctx->running = was;
    return r == LUA_OK;
}

/* The name of an instance's class, which may be anything. */
static const char *class_name(lua_State *L, const struct sim_inst *i, char *buf, size_t size)
{
    snprintf(buf, size, "?");
    l_model_push(L, i);
    if (lua_getmetatable(L, -1)) {
        lua_pushliteral(L, "__name");
        if (lua_rawget(L, -2) == LUA_TSTRING)
            snprintf(buf, size, "%s", lua_tostring(L, -1));
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
    return buf;
}

void l_model_push_name(lua_State *L, const struct sim_inst *i)
{
    char name[128];
    lua_pushfstring(L, "%s (Lua)", class_name(L, i, name, sizeof name));
}

/* Takes the error text off the stack and hands it to the device. */
static void report(lua_State *L, const struct sim_inst *i, const char *method)
{
    struct lunq_error e;
    char name[128];
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "(no text)";
    bool yielded = strstr(text, "attempt to yield") != NULL;
    lunq_fail(&e, LUNQ_DEVICE, "Model %s of %s failed in %s: %s%s",
              class_name(L, i, name, sizeof name), i->path, method,
              yielded ? "a model can't wait or yield, use self:after(ns, function): " : "", text);
    lunq_fault(&e); /* to the script that uses the device, the device is what failed */
    sim_report((struct sim_inst *)i, &e);
    lua_pop(L, 1);
}

static int invoke(lua_State *L)
{
    struct l_call *c = lua_touserdata(L, 1);
    l_model_push(L, c->model->inst);
    lua_getfield(L, -1, c->method);
    lua_insert(L, -2);
    if (c->push)
        c->push(L, c);
    lua_call(L, 1 + c->nargs, c->take ? 2 : 0);
    if (c->take)
        c->take(L, c);
    return 0;
}

void l_model_set_planned(lua_State *L, const struct l_after *a)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &planned);
    lua_insert(L, -2);
    lua_rawsetp(L, -2, a);
    lua_pop(L, 1);
}

/* A planned function instead of a method. */
static int invoke_planned(lua_State *L)
{
    struct l_call *c = lua_touserdata(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &planned);
    lua_rawgetp(L, -1, c->planned); /* table f */
    lua_pushnil(L);
    lua_rawsetp(L, -3, c->planned);
    l_model_push(L, c->model->inst);
    lua_call(L, 1, 0);
    return 0;
}

bool l_model_call(struct l_call *c)
{
    lua_State *L = c->model->ctx->calls;
    struct sim_inst *i = c->model->inst;
    struct lunq_error e;
    if (!lua_checkstack(L, 16)) {
        lunq_fail(&e, LUNQ_MEMORY, "Model of %s: no Lua stack for %s.", i->path, c->method);
        sim_report(i, &e);
        return false;
    }
    if (l_model_protected(L, c->planned ? invoke_planned : invoke, c))
        return true;
    report(L, i, c->method);
    return false;
}

/* ---- registers ----------------------------------------------------------------------------- */

static void push_offset(lua_State *L, struct l_call *c)
{
    lua_pushinteger(L, (lua_Integer)c->off);
    lua_pushstring(L, c->port); /* slave interface, or nil */
}

static void push_write(lua_State *L, struct l_call *c)
{
    lua_pushinteger(L, (lua_Integer)c->off);
    lua_pushinteger(L, (lua_Integer)c->value);
    lua_pushstring(L, c->port);
}

/* A second result "slave_error" or "decode_error" refuses the access. */
static bool refused(lua_State *L, struct l_call *c)
{
    const char *what = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    if (!what)
        return false;
    if (!strcmp(what, "slave_error"))
        c->resp = SIM_SLVERR;
    else if (!strcmp(what, "decode_error"))
        c->resp = SIM_DECERR;
    else
        l_fail(L, LUNQ_VALUE,
               "the second result is \"%s\"; it can be \"slave_error\" or "
               "\"decode_error\"",
               what);
    return true;
}

static void take_value(lua_State *L, struct l_call *c)
{
    if (refused(L, c))
        return;
    if (lua_isboolean(L, -2))
        c->value = (uint64_t)lua_toboolean(L, -2);
    else
        c->value = l_checkword(L, lua_absindex(L, -2), 4, "what read returns");
}

static void take_response(lua_State *L, struct l_call *c)
{
    refused(L, c);
}

static int model_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                      uint64_t *value, struct lunq_error *err)
{
    struct l_model *m = i->glue;
    struct l_call c = {.model = m,
                       .method = "read",
                       .push = push_offset,
                       .nargs = 2,
                       .take = take_value,
                       .off = off,
                       .port = slot->slave};
    if (!(m->overrides & L_MODEL_READ))
        return i->base->read ? i->base->read(i, slot, off, width, value, err)
                             : sim_plain_read(slot, off, width, value, err);
    *value = l_model_call(&c) ? c.value : 0;
    return c.resp;
}

static int model_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                       uint64_t value, struct lunq_error *err)
{
    struct l_model *m = i->glue;
    struct l_call c = {.model = m,
                       .method = "write",
                       .push = push_write,
                       .nargs = 3,
                       .take = take_response,
                       .off = off,
                       .value = value,
                       .port = slot->slave};
    if (!(m->overrides & L_MODEL_WRITE))
        return i->base->write ? i->base->write(i, slot, off, width, value, err)
                              : sim_plain_write(slot, off, width, value, err);
    l_model_call(&c);
    return c.resp;
}

/* ---- streams ------------------------------------------------------------------------------- */

static void push_data(lua_State *L, struct l_call *c)
{
    lua_pushstring(L, c->port);
    lua_pushlstring(L, c->data, c->n);
    lua_pushboolean(L, c->last);
    if (lunq_axis_same_side(&c->side, &(struct lunq_axis_side){0})) {
        lua_pushnil(L);
        return;
    }
    l_push_side(L, &c->side);
}

static void push_port(lua_State *L, struct l_call *c)
{
    lua_pushstring(L, c->port);
}

/* Nothing or true: all taken; false: none; a number: that many. */
static void take_taken(lua_State *L, struct l_call *c)
{
    if (lua_type(L, -2) == LUA_TNUMBER) {
        int64_t n = l_checkint(L, lua_absindex(L, -2), "what stream returns");
        if (n < 0 || (uint64_t)n > c->n)
            l_fail(L, LUNQ_VALUE, "stream took %d of %d bytes", (int)n, (int)c->n);
        c->taken = (size_t)n;
    } else {
        c->taken = lua_isnil(L, -2) || lua_toboolean(L, -2) ? c->n : 0;
    }
}

static const char *input_name(const struct sim_link *l)
{
    return l->slave_if ? l->slave_if->name : "";
}

#define MAX_PACKET (256u << 20) /* bytes; more is a stream that never ends */

/* Gathers a packet; the model gets it whole. */
static size_t gather(struct sim_inst *i, struct sim_link *l, const uint8_t *data, size_t n,
                     bool last)
{
    struct l_model *m = i->glue;
    struct l_port *p = l_model_port(m, input_name(l));
    struct lunq_error e;
    struct l_call c = {.model = m, .method = "packet", .push = push_data, .nargs = 4, .last = true};
    if (p && p->size + n > p->room) {
        size_t room = 2 * (p->size + n);
        uint8_t *grown = room <= MAX_PACKET ? realloc(p->packet, room) : NULL;
        p->packet = grown ? grown : p->packet;
        p->room = grown ? room : p->room;
    }
    if (!p || p->size + n > p->room) {
        lunq_fail(&e, LUNQ_MEMORY, "Model of %s: a packet of more than %zu bytes without TLAST.",
                  i->path, p ? p->size : 0);
        sim_report(i, &e);
        return 0;
    }
    if (p->size == 0)
        p->side = l->side;
    if (n > 0)
        memcpy(p->packet + p->size, data, n);
    p->size += n;
    if (last) {
        c.port = p->name;
        c.data = p->packet;
        c.n = p->size;
        c.side = p->side;
        p->size = 0; /* before the call: it may lead back here */
        l_model_call(&c);
    }
    return n;
}

static size_t model_accept(struct sim_inst *i, struct sim_link *l, const uint8_t *data, size_t n,
                           bool last)
{
    struct l_model *m = i->glue;
    struct l_call c = {.model = m,
                       .method = "stream",
                       .push = push_data,
                       .nargs = 4,
                       .side = l->side,
                       .take = take_taken,
                       .port = input_name(l),
                       .data = data,
                       .n = n,
                       .last = last,
                       .taken = n};
    if (m->overrides & L_MODEL_PACKET)
        return gather(i, l, data, n, last);
    if (m->overrides & L_MODEL_STREAM) {
        l_model_call(&c); /* one that fails has taken the data: it is not offered again */
        return c.taken;
    }
    return i->base->accept ? i->base->accept(i, l, data, n, last) : sim_refuse(i);
}

static void model_resume(struct sim_inst *i, struct sim_link *l)
{
    struct l_model *m = i->glue;
    const char *name = l->master_if ? l->master_if->name : "";
    struct l_port *p = m->ports;
    while (p && strcmp(p->name, name))
        p = p->next;
    if (p && p->first) {
        l_model_flush(m, p);
        /* What the model refused meanwhile, having nowhere to put it, is offered again. */
        for (struct sim_link *in = p->first ? NULL : i->in; in; in = in->next_in)
            sim_link_ready(in);
        if (!p->first && (m->overrides & L_MODEL_SENT))
            l_model_call(&(struct l_call){
                .model = m, .method = "sent", .push = push_port, .nargs = 1, .port = name});
    } else if (i->base->resume) {
        i->base->resume(i, l);
    }
}

/* ---- the rest ------------------------------------------------------------------------------ */

/* False: not done yet. */
static void take_done(lua_State *L, struct l_call *c)
{
    c->done = !lua_isboolean(L, -2) || lua_toboolean(L, -2);
}

static bool model_compute(struct sim_inst *i)
{
    struct l_call c = {.model = i->glue, .method = "compute", .take = take_done, .done = true};
    l_model_call(&c); /* one that fails is done */
    if (c.done)
        l_model_drop_windows(c.model);
    return c.done;
}

/* What a core waited with is of no use any more. */
static void model_stopped(struct sim_inst *i)
{
    struct l_model *m = i->glue;
    struct l_call c = {.model = m, .method = "abandon"};
    if (m->overrides & L_MODEL_SENT) /* it waits for streams, in a coroutine */
        l_model_call(&c);
    l_model_drop_windows(m);
}

static void model_wires(struct sim_inst *i)
{
    struct l_model *m = i->glue;
    struct l_call c = {.model = m, .method = "wire_changed"};
    if (i->base->wires)
        i->base->wires(i);
    if (m && (m->overrides & L_MODEL_WIRES))
        l_model_call(&c);
}

/* ---- life ---------------------------------------------------------------------------------- */

/* Pushes the class for an IP: by path, by VLNV, by VLNV without version, by the name of its kernel (which
 * model.lua writes as "kernel:NAME"); or nil. */
static void push_class(lua_State *L, const struct sim_inst *i)
{
    const struct lunq_module *m = i->module;
    const char *colon = m->vlnv ? strrchr(m->vlnv, ':') : NULL;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &classes);
    lua_pushstring(L, i->path);
    if (lua_rawget(L, -2) == LUA_TNIL && m->vlnv) {
        lua_pop(L, 1);
        lua_pushstring(L, m->vlnv);
        lua_rawget(L, -2);
    }
    if (lua_isnil(L, -1) && colon) {
        lua_pop(L, 1);
        lua_pushlstring(L, m->vlnv, (size_t)(colon - m->vlnv));
        lua_rawget(L, -2);
    }
    if (lua_isnil(L, -1) && i->design->card.present) {
        lua_pop(L, 1);
        lua_pushfstring(L, "kernel:%s", m->modtype);
        lua_rawget(L, -2);
    }
    lua_remove(L, -2);
}

struct creation {
    struct sim_inst *inst;
    struct l_context *ctx;
    bool found, compute;
};

static int find_protected(lua_State *L)
{
    struct creation *c = lua_touserdata(L, 1);
    push_class(L, c->inst);
    c->found = lua_istable(L, -1);
    return 0;
}

static int create_protected(lua_State *L)
{
    struct creation *c = lua_touserdata(L, 1);
    struct sim_inst *i = c->inst;
    struct l_model *m;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &maker);
    push_class(L, i);                    /* maker class */
    m = l_new(L, L_MODEL, sizeof *m, 1); /* maker class core */
    m->ctx = c->ctx;
    m->inst = i;
    sim_master_init(&m->memory, i, NULL);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &cores);
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, i);
    lua_pop(L, 1);
    i->glue = m;       /* from here on model_destroy undoes everything */
    lua_call(L, 2, 2); /* object overrides; until now nothing calls the model back */
    lua_rawgetp(L, LUA_REGISTRYINDEX, &objects);
    lua_pushvalue(L, -3);
    lua_rawsetp(L, -2, i);
    m->overrides = (unsigned)l_checkint(L, -2, "overrides");
    if (m->overrides & L_MODEL_COMPUTE) {
        i->compute = model_compute;
        i->stopped = model_stopped;
    }
    c->compute = i->compute != NULL;
    return 0;
}

/* A model that computes is an HLS core, also when no metadata says so. */
static int become_hls(struct sim_inst *i, struct lunq_error *err)
{
    i->base = &sim_hls; /* a register file has nothing to destroy */
    return sim_hls.create(i, err);
}

static int model_create(struct sim_inst *i, struct lunq_error *err)
{
    struct creation c = {.inst = i, .ctx = i->provider};
    lua_State *L = c.ctx->calls;
    int r;
    i->glue = NULL;
    if (!lua_checkstack(L, 16))
        return lunq_fail(err, LUNQ_MEMORY, "no Lua stack");
    r = i->base->create ? i->base->create(i, err) : 0;
    if (r < 0)
        return r;
    if (l_model_protected(L, create_protected, &c))
        return c.compute && i->base == &sim_regfile ? become_hls(i, err) : 0;
    lunq_fail(err, LUNQ_DEVICE, "failed in init: %s", lua_tostring(L, -1));
    lua_pop(L, 1);
    return LUNQ_DEVICE;
}

/* Nothing is allocated here: setting nil never adds a key. */
static void drop(lua_State *L, const void *table, const struct sim_inst *i)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, table);
    lua_pushnil(L);
    lua_rawsetp(L, -2, i);
    lua_pop(L, 1);
}

static void model_destroy(struct sim_inst *i)
{
    struct l_model *m = i->glue;
    if (m) {
        lua_State *L = m->ctx->calls;
        l_model_forget(m);
        m->inst = NULL;
        i->glue = NULL;
        if (lua_checkstack(L, 4)) { /* else the object stays until the state is closed */
            drop(L, &objects, i);
            drop(L, &cores, i);
        }
    }
    if (i->base->destroy)
        i->base->destroy(i);
}

static const struct sim_class lua_class = {
    .name = "Lua model",
    .origin = "Lua",
    .words = true,
    .create = model_create,
    .destroy = model_destroy,
    .read = model_read,
    .write = model_write,
    .accept = model_accept,
    .resume = model_resume,
    .wires = model_wires,
};

static const struct sim_class *find(void *ptr, const struct sim_inst *i)
{
    struct l_context *ctx = ptr;
    struct creation c = {.inst = (struct sim_inst *)i, .ctx = ctx};
    if (ctx->n_models == 0 || !lua_checkstack(ctx->calls, 8))
        return NULL;
    if (!l_model_protected(ctx->calls, find_protected, &c))
        lua_pop(ctx->calls, 1); /* no memory for a string: as if there was none */
    return c.found ? &lua_class : NULL;
}

void l_not_in_model(lua_State *L, const char *what)
{
    if (l_context(L)->in_model > 0)
        l_fail(L, LUNQ_RUNTIME, "A model can't close %s: the device is in the middle of an access.",
               what);
}

void l_model_provide(lua_State *L, struct lunq_device *d)
{
    struct lunq_sim *s = lunq_sim_of(lunq_recorded(d));
    if (s)
        lunq_sim_set_provider(s, &(struct lunq_sim_provider){.ctx = l_context(L), .find = find});
}

/* ---- module functions ---------------------------------------------------------------------- */

/* core.model_bind(name, class): from the next program on, class stands for the IP; nil: no longer. */
static int bind(lua_State *L)
{
    struct l_context *ctx = l_context(L);
    bool had;
    l_checkstr(L, 1, "model name", NULL);
    if (!lua_isnil(L, 2) && !lua_istable(L, 2))
        return l_fail(L, LUNQ_TYPE, "a model should be a class, not %s", luaL_typename(L, 2));
    lua_settop(L, 2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &classes);
    lua_pushvalue(L, 1);
    had = lua_rawget(L, 3) != LUA_TNIL;
    lua_pop(L, 1);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_rawset(L, 3);
    ctx->n_models += (size_t)(!had && !lua_isnil(L, 2));
    ctx->n_models -= (size_t)(had && lua_isnil(L, 2));
    return 0;
}

/* core.model_maker(f): f(class, core) makes the object of a model and returns it, and which methods
 * its class overrides. model.lua sets it. */
static int set_maker(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &maker);
    return 0;
}

static int model_gc(lua_State *L)
{
    struct l_model *m = l_check(L, 1, L_MODEL);
    l_model_forget(m);
    return 0;
}

static int model_tostring(lua_State *L)
{
    struct l_model *m = l_check(L, 1, L_MODEL);
    lua_pushfstring(L, "model of %s", m->inst ? m->inst->path : "(a design that is gone)");
    return 1;
}

static const luaL_Reg meta[] = {{"__gc", model_gc}, {"__tostring", model_tostring}, {NULL, NULL}};

static const luaL_Reg functions[] = {
    {"model_bind", bind},
    {"model_maker", set_maker},
    {NULL, NULL},
};

static void make_table(lua_State *L, const void *key)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) == LUA_TNIL) {
        lua_newtable(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, key);
    }
    lua_pop(L, 1);
}

void l_open_model(lua_State *L)
{
    l_type(L, L_MODEL, "lunq.Model", l_model_methods, meta);
    luaL_getmetatable(L, "lunq.Model");
    lua_getfield(L, -1, "methods");
    luaL_setfuncs(L, l_model_kernel_methods, 0);
    lua_pop(L, 2);
    make_table(L, &classes);
    make_table(L, &objects);
    make_table(L, &cores);
    make_table(L, &planned);
    luaL_setfuncs(L, functions, 0);
}
