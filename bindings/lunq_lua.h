/* lunq_lua.h - what the binding files share: the context of a Lua state, types, checks, errors.
 * The only header of the project that includes lua.h, apart from the program and model glue.
 *
 * Types: every userdata class has an entry in enum l_class. Its metatable's address is kept in
 * the context, whose own address lies in lua_getextraspace: a self check is two loads and a
 * compare (reference lua-c.md, section 2.1). */
#ifndef LUNQ_LUA_H
#define LUNQ_LUA_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "../host/core/device.h"
#include "../host/core/error.h"

enum l_class {
    L_DESIGN,
    L_DEVICE,
    L_REGISTER,
    L_BUFFER,
    L_DMA,
    L_DMA_CHANNEL,
    L_DMA_RING,
    L_MODEL,
    L_BATCH,
    L_BITSTREAM,
    L_DT,
    L_IRQ,
    L_IRQ_HOLD,
    L_HOLD,
    L_PEER,
    L_WAVE,
    L_SERVE,
    L_AXIS,
    L_PROGRESS,
    L_TASK,
    L_EVENT,
    L_GPIO,
    L_KERNEL,
    L_RUN,
    L_LOCKFILE,
    L_CLASSES
};

struct l_sched;

struct l_context {
    const void *meta[L_CLASSES]; /* lua_topointer of each metatable */
    lua_State *main;
    lua_State *running;    /* innermost coroutine resumed by a script: where Ctrl-C sets its hook */
    bool interrupted;      /* Ctrl-C has become an error; cleared before tasks and callbacks run */
    struct l_sched *sched; /* tasks: l_wait.c; NULL until there is something to wait for */
    lua_State *calls;      /* a thread of its own for callbacks out of C (models, warnings) */
    struct lunq_device *active;      /* the active device, with a reference; NULL: none yet */
    struct lunq_device *devices[16]; /* open devices in the order opened, with references */
    size_t n_devices;
    size_t n_models;   /* names bound to a Lua model */
    unsigned in_model; /* Lua models under way: what they may stand on is not closed meanwhile */
    uint64_t buffer_budget; /* bytes of live buffers before garbage is collected; 0: the default */
    uint64_t buffer_mark;   /* raised over the budget while that much really is in use */
};

static inline struct l_context *l_context(lua_State *L)
{
    return *(struct l_context **)lua_getextraspace(L);
}

/* Completes the metatable of a class whose objects have fields besides methods. index: its __index, with
 * the table of methods as upvalue 1; NULL: it has one. names: those fields, up to a NULL, so that the
 * prompt can complete them without reading any. */
void l_fields(lua_State *L, const char *class_name, lua_CFunction index, const char *const *names);
/* Makes the metatable of a class once per state: methods as the __index table, `meta` entries,
 * __name and __metatable = name. May run again (busted reloads modules). */
void l_type(lua_State *L, enum l_class c, const char *name, const luaL_Reg *methods,
            const luaL_Reg *meta);

/* Pushes a userdata of class c with `uv` user values. */
void *l_new(lua_State *L, enum l_class c, size_t size, int uv);
void *l_test(lua_State *L, int idx, enum l_class c); /* NULL when it is something else */
/* Raises `type` naming what was wanted and what came. */
int l_wrong_type(lua_State *L, int idx, const char *wanted) __attribute__((noreturn));
void *l_check_slow(lua_State *L, int idx, enum l_class c);

static inline void *l_check(lua_State *L, int idx, enum l_class c)
{
    void *p = lua_touserdata(L, idx);
    if (p && lua_getmetatable(L, idx)) {
        const void *mt = lua_topointer(L, -1);
        lua_pop(L, 1);
        if (mt == l_context(L)->meta[c])
            return p;
    }
    return l_check_slow(L, idx, c);
}

/* ---- errors: tables { kind, message } with the metatable lunq.Error ------------------------- */

/* Both raise; they have a result only so that `return l_fail(...)` reads well. */
int l_raise(lua_State *L, const struct lunq_error *e) __attribute__((noreturn));
int l_fail(lua_State *L, int kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), noreturn));
void l_push_error(lua_State *L, const struct lunq_error *e);

/* ---- fields of the table on top ------------------------------------------------------------- */

void l_set_integer(lua_State *L, const char *key, uint64_t value); /* as lua_Integer */
void l_set_boolean(lua_State *L, const char *key, bool value);
void l_set_text(lua_State *L, const char *key, const char *value); /* NULL: nil */

/* ---- argument checks; `what` is the argument's name in messages ----------------------------- */

int64_t l_checkint(lua_State *L, int idx, const char *what); /* integral number, else type */
int64_t l_optint(lua_State *L, int idx, const char *what, int64_t otherwise);
uint64_t l_checksize(lua_State *L, int idx, const char *what); /* not negative, else value */
size_t l_checkcount(lua_State *L, int idx, const char *what);  /* SIZE_MAX: that many or more */
double l_optnum(lua_State *L, int idx, const char *what, double otherwise);
const char *l_checkstr(lua_State *L, int idx, const char *what, size_t *len);
/* A value for a register of `width` bytes: -2^(8w-1) .. 2^(8w)-1 as two's complement. */
uint64_t l_checkword(lua_State *L, int idx, unsigned width, const char *what);

/* The time limit at idx, the last argument of every wait: seconds, at least 0; default
 * lunq.time_limit; infinity means none. */
double l_opttimeout(lua_State *L, int idx);
/* Raises `attribute` "OBJECT has no "KEY"; did you mean ...", with the string keys (and string
 * values) of the table at `names` to choose from. */
int l_no_such_name(lua_State *L, const char *object, int key, int names);

/* What to add to a message of Lua's that comes out of a method called with a dot, obj.name(...), so that its
 * self is no object; else "". Lua speaks of an index of a number then, or the like. Looks at the functions
 * of `co` from `level` on: L in a message handler, or a coroutine that has failed. */
const char *l_dot_advice(lua_State *L, lua_State *co, int level);
/* The device argument at idx (device userdata, or nil: the active device, opened on first use). */
struct lunq_device *l_device(lua_State *L, int idx);
void l_push_device(lua_State *L, struct lunq_device *d); /* the one userdata of a device */

/* Loads Lua source, never bytecode, like luaL_loadfile and luaL_loadbuffer: a function on top of
 * the stack, or the message and a status other than LUA_OK. path NULL: standard input. */
int l_load_file(lua_State *L, const char *path);
int l_load_text(lua_State *L, const char *text, size_t size, const char *chunkname);

extern const char l_core_key; /* registry: the module table of lunq.core */

/* Raises `runtime` inside a callback of a Lua model: the device's C code is in the middle of an
 * access, and whoever made it may need the object. */
void l_not_in_model(lua_State *L, const char *what);
/* Lets a simulated device find the models bound in this state. */
void l_model_provide(lua_State *L, struct lunq_device *d);

/* ---- one opener per file; each adds its constructors to the module table on top ------------- */
void l_open_error(lua_State *L);
void l_open_design(lua_State *L);
void l_open_device(lua_State *L);
void l_open_mmio(lua_State *L);
void l_open_register(lua_State *L);
void l_open_buffer(lua_State *L);
void l_open_dma(lua_State *L);
void l_open_hold(lua_State *L);
void l_open_irq(lua_State *L);
void l_open_gpio(lua_State *L);
void l_open_pci(lua_State *L);
void l_open_kernel(lua_State *L);
void l_open_clocks(lua_State *L);
void l_open_model(lua_State *L);
void l_open_peer(lua_State *L);
void l_open_wave(lua_State *L);
void l_open_rtl(lua_State *L);
void l_open_serve(lua_State *L);
void l_open_axis(lua_State *L);
void l_open_progress(lua_State *L);
void l_open_flight(lua_State *L);
void l_open_coverage(lua_State *L);
void l_open_loader(lua_State *L);
void l_open_system(lua_State *L);
void l_open_lockfile(lua_State *L);
void l_open_linux(lua_State *L);
void l_open_task(lua_State *L);
void l_open_event(lua_State *L);
void l_open_luv(lua_State *L); /* needs no module table */
void l_luv_close(lua_State *L);

/* require "lunq.core": the module that lua/lunq/ builds on. */
int luaopen_lunq_core(lua_State *L);
/* Sets the context up; call once on a fresh state before anything else. */
struct l_context *l_context_new(lua_State *L);
/* Closes what scripts left open: buffers, windows, devices. Call before lua_close. */
void l_context_close(lua_State *L);

#endif
