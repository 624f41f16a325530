/* l_wait.h - how every blocking call of a binding waits: one mechanism for scripts and tasks.
 * In a task the call yields to the scheduler; elsewhere it runs the event loop until it is done.
 * The binding says what it waits for in a struct l_op and returns l_wait(...) as its last act:
 *
 *   static int port_wait(lua_State *L)
 *   {
 *       struct port_wait data = { ... };              -- copied; what it points to is on L's stack
 *       return l_wait(L, &port_op, &data, device, l_opttimeout(L, 2), NULL);
 *   } */
#ifndef L_WAIT_H
#define L_WAIT_H

#include "../host/core/loop.h"
#include "lunq_lua.h"

enum { L_OP_BYTES = 64 }; /* the most a wait can remember */

struct l_op {
    const char *what; /* "a DMA transfer": for messages and tostring(task) */
    size_t size;      /* of data, at most L_OP_BYTES */
    /* As lunq_waiter's; NULL: an event or the time limit ends the wait. */
    int (*look)(void *data, bool late, struct lunq_error *err);
    /* The same for waits without look, used only where Lua can't suspend and nothing else runs that
     * would set their event. NULL: such a wait raises there. */
    int (*alone)(void *data, bool late, struct lunq_error *err);
    /* Pushes the results and returns their number, or raises. count and when are the event's. */
    int (*push)(lua_State *L, void *data, uint64_t count, uint64_t when);
    /* Raises what it means that the time is over, for those that don't look. NULL: it is the end
     * of a sleep, no error. */
    int (*expired)(lua_State *L, void *data, double seconds);
    /* The wait begins (on) and is over, however it ends. NULL: nobody needs to know. */
    void (*hold)(void *data, bool on);
    /* How far it is, where that can be told: of total, in bytes. Changes nothing. NULL: it can't. */
    void (*progress)(void *data, uint64_t *done, uint64_t *total);
    /* On the main thread, before each step of the loop that serves this wait: the prompt shows there
     * what tasks have printed. NULL: nothing to do. */
    void (*turn)(void *data);
};

struct l_task;

/* One wait under way: a task's, or the main thread's. */
struct l_wait {
    struct lunq_waiter w; /* first */
    struct l_task *task;  /* NULL: the main thread's */
    lua_State *L;         /* whose call it is: the task's coroutine or one inside it */
    const struct l_op *op;
    double seconds;
    bool stuck;             /* nothing could have ended it */
    bool held;              /* op->hold was told */
    int result;             /* 0: not over */
    struct lunq_error *err; /* why not; NULL with result < 0: no memory for that */
    bool ready;             /* in the queue of those that may go on */
    uint64_t ready_order;
    struct l_wait *ready_prev, *ready_next;
    union {
        char bytes[L_OP_BYTES];
        void *align;
        uint64_t align_too;
    } data;
};

/* Hears of waits on the main thread that have no `turn`: before each step, and with NULL when one is over.
 * For the prompt; NULL: nobody. */
extern void (*l_wait_turn)(struct l_wait *w);

/* Looks once, then waits at most `seconds` in the time of d for op, or for event (NULL: none); an op
 * that looks and has an event looks once more when the wait begins, and after each event.
 * Returns what the binding's function has to return. Raises `timeout`, what op raises, and
 * `runtime` where waiting is impossible: in a model, and, unless op can look, where Lua can't
 * suspend a task (table.sort, gsub, __gc) and in a callback of luv. */
int l_wait(lua_State *L, const struct l_op *op, const void *data, struct lunq_device *d,
           double seconds, struct lunq_event *event);
/* True when something else may want to run while this call waits; if not, a binding may use a
 * faster loop of its own. */
bool l_wait_shared(lua_State *L);
/* True when l_wait would yield here: it never returns then, and op->push goes on instead. */
bool l_wait_yields(lua_State *L);
/* The device in whose time sleeps and time limits of tasks count: the active one, opened on first
 * use. NULL when there is no limit to count. */
struct lunq_device *l_time_device(lua_State *L, double seconds);
/* Passes a wait inside a coroutine on to the task it belongs to. In a replacement of
 * coroutine.resume: true when the coroutine `co`, just resumed by L, yielded because it waits. Then
 * the replacement yields with l_pass_wait and resumes co again when it continues. */
bool l_is_waiting(lua_State *co, int nres);
int l_pass_wait(lua_State *L, lua_KContext ctx, lua_KFunction k);

/* ---- between l_wait.c and l_task.c ----------------------------------------------------------- */

/* All tasks of a Lua state. */
struct l_sched {
    struct l_wait *ready, *ready_last; /* those that may go on, in this order */
    uint64_t made_ready;
    struct l_wait main;                    /* what the main thread waits for */
    struct l_task *current;                /* whose code is running */
    struct l_task *tasks, *tasks_last;     /* live ones, in order of start */
    struct l_task *closing, *closing_last; /* cancelled, their variables not closed yet */
    size_t counted;                        /* live tasks that lunq.run() waits for */
    struct lunq_event idle;                /* counted has become 0 */
    uint64_t started;
    bool running;  /* the loop is being run */
    bool draining; /* a task is being closed */
    bool refused;  /* the coroutine that waits can't: it raises */
};

struct l_sched *l_sched(lua_State *L);
void l_ready(struct l_sched *s, struct l_wait *w); /* puts it at the end of the queue */
void l_unready(struct l_sched *s, struct l_wait *w);
/* Ends a wait that is under way or over, and forgets its outcome. */
void l_wait_stop(struct l_sched *s, struct l_wait *w);
/* Runs task t until it waits or ends. */
void l_task_resume(lua_State *L, struct l_task *t);
/* Of the tasks that wait without a time limit, the one that began to last, and its object on the
 * stack; NULL: none. */
struct l_wait *l_task_stuck(lua_State *L, struct l_sched *s);
/* Yields the task to the scheduler: L is its coroutine or one inside it. */
int l_yield(lua_State *L, lua_KContext ctx, lua_KFunction k);

#endif
