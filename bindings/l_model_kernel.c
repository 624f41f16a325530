/* l_model_kernel.c - what a model in Lua of a card's kernel gets: its arguments as C has them.
 *   core:unit()          --> { kernel =, control =, { name =, type =, ... }, ... }; nil: no unit of a card
 *   core:plan(list)      what each argument is: { index =, code =, bits =, dtype = }
 *   core:arguments()     --> all of them: numbers, buffers as windows on the card's memory, those of another
 *                        kind as bytes, streams as nil
 * A window holds the buffer it lies in: it can't be freed before the core is done, and the window ends
 * then. lua/lunq/hls/kernel.lua makes a call out of this. */
#include <stdlib.h>
#include <string.h>

#include "../host/core/memory.h"
#include "l_buffer.h"
#include "l_design.h"
#include "l_kernel.h"
#include "l_model.h"

enum code { BUFFER, SIGNED, UNSIGNED, FLOAT, DOUBLE, OTHER, STREAM };

struct l_planned {
    unsigned index; /* into cu->args */
    enum code code;
    unsigned bits;         /* of an integer */
    enum lunq_dtype dtype; /* of a buffer */
    /* Of a buffer: its window, made anew only when somebody has kept a view of it. The userdata is in user
     * value 1 of the model. */
    struct lunq_mem *mem;    /* what it lies in, held while the core works; NULL: not now */
    struct lunq_mem *window; /* its bytes from the address on */
    l_buffer *buffer;
};

static struct l_model *check_unit(lua_State *L)
{
    struct l_model *m = l_check(L, 1, L_MODEL);
    if (!m->inst || !sim_unit_cu(m->inst))
        l_fail(L, LUNQ_RUNTIME, "This model is of no kernel of a card, or its design is gone.");
    return m;
}

/* core:unit(): its description as core.kernel_arguments has it; nil: it is no unit of a card. */
static int api_unit(lua_State *L)
{
    struct l_model *m = l_check(L, 1, L_MODEL);
    const struct lunq_design *d = m->inst ? m->inst->design : NULL;
    for (size_t i = 0; d && i < d->card.n_cus; i++) {
        if (d->card.cus[i].module != m->inst->module)
            continue;
        l_push_unit(L, &d->card, &d->card.cus[i]);
        return 1;
    }
    return 0;
}

/* ---- the plan --------------------------------------------------------------------------------- */

static enum code check_code(lua_State *L, const char *word)
{
    static const char *const codes[] = {"buffer", "signed", "unsigned", "float",
                                        "double", "other",  "stream"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (!strcmp(word, codes[i]))
            return (enum code)i;
    l_fail(L, LUNQ_VALUE, "an argument can't be \"%s\"", word);
    return OTHER;
}

/* core:plan(list): what each argument is: { index =, code =, bits =, dtype = }. */
static int api_plan(lua_State *L)
{
    struct l_model *m = l_check(L, 1, L_MODEL);
    size_t n = lua_istable(L, 2) ? lua_rawlen(L, 2) : 0;
    struct l_planned *plan = calloc(n + 1, sizeof *plan);
    if (!plan)
        return l_fail(L, LUNQ_MEMORY, "Out of memory.");
    l_model_drop_plan(m);
    m->plan = plan; /* from here on the model owns it */
    lua_newtable(L);
    lua_setiuservalue(L, 1, 1);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        lua_getfield(L, -1, "index");
        plan[i].index = (unsigned)l_checkint(L, -1, "index");
        lua_getfield(L, -2, "code");
        plan[i].code = check_code(L, l_checkstr(L, -1, "code", NULL));
        lua_getfield(L, -3, "bits");
        plan[i].bits = (unsigned)l_optint(L, -1, "bits", 64);
        lua_getfield(L, -4, "dtype");
        plan[i].dtype = l_checkdtype(L, -1, LUNQ_U1);
        lua_settop(L, 2);
    }
    m->n_plan = n;
    return 0;
}

/* ---- the arguments ---------------------------------------------------------------------------- */

static bool holds_any(const struct l_model *m)
{
    bool any = false;
    for (size_t i = 0; i < m->n_plan; i++)
        any = any || m->plan[i].mem;
    return any;
}

void l_model_drop_windows(struct l_model *m)
{
    struct lunq_device *d;
    if (!holds_any(m))
        return;
    /* What is held may have the last reference to the device, which then takes the model with it. */
    d = lunq_device_ref(lunq_sim_device(m->inst->sim));
    for (size_t i = 0; i < m->n_plan; i++) {
        struct l_planned *p = &m->plan[i];
        if (!p->mem)
            continue;
        lunq_mem_free(p->window, NULL);
        lunq_mem_release(p->mem);
        p->mem = NULL;
    }
    lunq_device_unref(d);
}

void l_model_drop_plan(struct l_model *m)
{
    l_model_drop_windows(m);
    for (size_t i = 0; i < m->n_plan; i++)
        lunq_mem_unref(m->plan[i].window);
    free(m->plan);
    m->plan = NULL;
    m->n_plan = 0;
}

/* Pushes the buffer of a window that was used before, if nobody has views of it: one reference is ours, the
 * other its own. */
static bool push_used(lua_State *L, const struct l_planned *p)
{
    if (!p->window || p->window->refs != 2 || p->buffer->a.mem != p->window)
        return false;
    lua_getiuservalue(L, 1, 1);
    lua_rawgetp(L, -1, p);
    lua_remove(L, -2);
    return true;
}

static void push_new(lua_State *L, struct l_planned *p)
{
    struct lunq_error e;
    p->buffer = l_newbuffer(L);
    lua_getiuservalue(L, 1, 1);
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, p);
    lua_pop(L, 1);
    lunq_mem_unref(p->window);
    if (lunq_mem_borrow(&p->window, NULL, 0, &e) < 0)
        l_raise(L, &e);
}

/* Pushes a buffer on the card's bytes. What allocates comes first: it may run finalizers, and those may free
 * buffers. */
static void push_window(lua_State *L, struct l_model *m, struct l_planned *p)
{
    struct lunq_array a;
    struct lunq_error e;
    struct lunq_mem *mem;
    size_t size, n;
    uint8_t *bytes;
    bool used = push_used(L, p);
    if (!used)
        push_new(L, p);
    bytes = sim_unit_argument(m->inst, p->index, &mem, &size, &e);
    if (!bytes)
        l_raise(L, &e);
    lunq_mem_lend(p->window, bytes, size);
    lunq_mem_hold(mem);
    p->mem = mem;
    n = size / lunq_dtype_size(p->dtype);
    lunq_array_init(&a, p->window, p->dtype, 1, &n);
    if (used)
        p->buffer->a = a;
    else
        l_setview(L, p->buffer, &a);
}

static void push_integer(lua_State *L, const struct l_planned *p, uint64_t v)
{
    unsigned unused = p->bits < 64 ? 64 - p->bits : 0;
    v <<= unused;
    lua_pushinteger(L, p->code == SIGNED ? (lua_Integer)v >> unused : (lua_Integer)(v >> unused));
}

static void push_argument(lua_State *L, struct l_model *m, struct l_planned *p)
{
    const struct lunq_arg *a = &sim_unit_cu(m->inst)->args[p->index];
    const uint8_t *regs = sim_hls_registers(m->inst);
    uint64_t v = 0;
    double d;
    float f;
    if (p->code == STREAM) {
        lua_pushnil(L);
        return;
    }
    if (p->code == BUFFER) {
        push_window(L, m, p);
        return;
    }
    if (!regs)
        l_fail(L, LUNQ_MEMORY, "Out of memory.");
    memcpy(&v, regs + a->offset, a->size < sizeof v ? a->size : sizeof v);
    if (p->code == FLOAT) {
        memcpy(&f, &v, sizeof f);
        lua_pushnumber(L, f);
    } else if (p->code == DOUBLE) {
        memcpy(&d, &v, sizeof d);
        lua_pushnumber(L, d);
    } else if (p->code == OTHER) {
        lua_pushlstring(L, (const char *)regs + a->offset, a->size);
    } else {
        push_integer(L, p, v);
    }
}

/* core:arguments(): all of them, as planned: numbers, windows, bytes, nil for streams. */
static int api_arguments(lua_State *L)
{
    struct l_model *m = check_unit(L);
    const struct lunq_cu *cu = sim_unit_cu(m->inst);
    l_model_drop_windows(m);
    luaL_checkstack(L, (int)m->n_plan + 4, "too many arguments");
    for (size_t i = 0; i < m->n_plan; i++) {
        if (m->plan[i].index >= cu->n_args)
            return l_fail(L, LUNQ_INDEX, "There is no argument %u.", m->plan[i].index);
        push_argument(L, m, &m->plan[i]);
    }
    return (int)m->n_plan;
}

const luaL_Reg l_model_kernel_methods[] = {
    {"unit", api_unit}, {"plan", api_plan}, {"arguments", api_arguments}, {NULL, NULL}};
