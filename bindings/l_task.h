/* l_task.h - what l_task.c gives to the program and to other binding files. */
#ifndef L_TASK_H
#define L_TASK_H

#include "l_wait.h"

enum l_task_state {
    TASK_READY,
    TASK_RUNNING,
    TASK_WAITING,
    TASK_DONE,
    TASK_FAILED,
    TASK_CANCELLED
};

struct l_task {
    struct l_wait wait; /* first */
    lua_State *co;      /* its coroutine, user value 1; results or error are on its stack */
    enum l_task_state state;
    bool started;
    bool background; /* lunq.run() does not wait for it */
    bool killed;     /* it cancelled itself */
    uint64_t id;
    struct lunq_event ended;
    struct l_task *prev, *next; /* live tasks */
    struct l_task *close_next;  /* those being closed */
};

/* Pops narg arguments and the function below them and pushes the new task. */
struct l_task *l_task_spawn(lua_State *L, int narg);
/* Waits, as long as it takes, for the task at idx: its results, or raises its error. */
int l_task_join(lua_State *L, int idx);
/* How many tasks that are not in the background have not ended. */
size_t l_tasks_left(lua_State *L);
/* Cancels them all; when the state closes. */
void l_tasks_close(lua_State *L);

#endif
