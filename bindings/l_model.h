/* l_model.h - a model written in Lua: between the simulator's C side and its Lua object. */
#ifndef LUNQ_L_MODEL_H
#define LUNQ_L_MODEL_H

#include "../host/device/sim/model.h"
#include "lunq_lua.h"

/* Data a model sent that its stream did not take yet. */
struct l_chunk {
    struct l_chunk *next;
    size_t n, off;
    bool last;
    struct lunq_axis_side side;
    uint8_t data[];
};

/* One stream interface of a model. */
struct l_port {
    struct l_port *next;
    const char *name;               /* in the design's strings */
    struct l_chunk *first, **final; /* out: waiting */
    size_t waiting;                 /* bytes in them */
    uint8_t *packet;                /* in: gathered until TLAST, for `packet` */
    size_t size, room;
    struct lunq_axis_side side; /* of its first byte */
};

/* A function planned with after. */
struct l_after {
    struct sim_event event;
    struct l_model *model;
    struct l_after *next;
};

/* Methods a class may define; without them the model in C beneath it acts. model.lua knows these. */
enum {
    L_MODEL_READ = 1,
    L_MODEL_WRITE = 2,
    L_MODEL_STREAM = 4,
    L_MODEL_PACKET = 8,
    L_MODEL_COMPUTE = 16,
    L_MODEL_WIRES = 32,
    L_MODEL_SENT = 64
};

/* The userdata behind a model's `self`. */
struct l_model {
    struct sim_inst *inst; /* NULL: its design is no longer loaded */
    struct l_context *ctx;
    unsigned overrides;
    struct l_port *ports;
    struct l_after *afters;
    struct sim_master memory;
    struct l_planned *plan; /* of a kernel's arguments: l_model_kernel.c */
    size_t n_plan;
};

/* One call of a model's method, and what came of it. */
struct l_call {
    struct l_model *model;
    const char *method;
    void (*push)(lua_State *L, struct l_call *c); /* pushes `nargs` arguments */
    int nargs;
    void (*take)(lua_State *L, struct l_call *c); /* looks at two results at -2 and -1, or NULL */
    uint64_t off, value;
    const char *port;
    const void *data;
    size_t n;
    bool last;
    struct lunq_axis_side side;
    int resp; /* SIM_OKAY, ... */
    size_t taken;
    bool done;
    const struct l_after *planned; /* a planned function instead of a method */
};

/* Calls it on a thread of its own. False: it failed, and whoever waits for the device gets the error
 * with model, method and traceback. */
bool l_model_call(struct l_call *c);
/* Runs f(c) protected, as a model: it can't close what it stands on. On failure the error text with
 * its traceback is left on top of the stack. */
bool l_model_protected(lua_State *L, lua_CFunction f, void *c);
/* Keeps the function on top of the stack (and pops it) for a planned call; nil: no longer. */
void l_model_set_planned(lua_State *L, const struct l_after *a);
/* Pushes the Lua object of an instance; nil when it has none. */
void l_model_push(lua_State *L, const struct sim_inst *i);

void l_model_push_name(lua_State *L, const struct sim_inst *i); /* "Adder (Lua)" */

/* l_model_api.c: what `self` can do */
extern const luaL_Reg l_model_methods[];
struct l_port *l_model_port(struct l_model *m, const char *name); /* NULL: no memory */
extern const luaL_Reg l_model_kernel_methods[]; /* more of them: l_model_kernel.c */
void l_model_drop_windows(struct l_model *m);   /* on the card's memory: the core is done */
void l_model_drop_plan(struct l_model *m);
void l_model_flush(struct l_model *m, struct l_port *p);
void l_model_forget(struct l_model *m); /* cancels what is planned, frees what waits */

#endif
