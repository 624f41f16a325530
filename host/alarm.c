/* alarm.c - a time limit on running Lua code, for tests: host.alarm. Wall time, whatever device.
 * It uses the hooks of interrupt.c. What comes depends on what goes on when time is over:
 * - code of the limited task (or a model it calls) runs: it gets an error where it is;
 * - that task waits: the wait ends with the error;
 * - neither helped until the next time, as when another task computes for ever: whoever runs.
 * Code that catches the error and goes on gets it again, soon every few instructions. */
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include "../bindings/l_task.h"
#include "program.h"

static struct {
    struct l_task *task; /* whose time is limited; NULL: the main thread's */
    double seconds;      /* 0: no limit */
    unsigned rung;       /* how often time was over */
    unsigned storm;      /* how many errors in a row */
} limit;

static volatile sig_atomic_t ringing;

static const double AGAIN = 0.25;        /* s */
enum { PATIENCE = 3, STORM_STEPS = 16 }; /* rings before the storm; instructions between errors */

static void on_alarm(int sig)
{
    (void)sig;
    ringing = 1;
    lunq_interrupt_hook();
}

static void fail(struct lunq_error *e)
{
    lunq_fail(e, LUNQ_TIMEOUT,
              "The test did not end within %g s (--time-limit) and was interrupted here.",
              limit.seconds);
}

static struct timeval to_timeval(double seconds)
{
    double whole = floor(seconds);
    return (struct timeval){(time_t)whole, (suseconds_t)((seconds - whole) * 1e6)};
}

static void set(double seconds)
{
    struct itimerval t = {to_timeval(AGAIN), to_timeval(seconds)};
    if (seconds > 0 && t.it_value.tv_sec == 0 && t.it_value.tv_usec == 0)
        t.it_value.tv_usec = 1;
    if (seconds == 0)
        memset(&t, 0, sizeof t);
    setitimer(ITIMER_REAL, &t, NULL);
}

/* Ends the wait of the limited task; not in the middle of a step of the loop. */
static void end_wait(struct l_sched *s)
{
    struct lunq_error e;
    struct l_task *t = s->tasks;
    while (t && t != limit.task)
        t = t->next;
    if (!t || t->state != TASK_WAITING || t->wait.ready || lunq_loop_serving())
        return;
    t->wait.stuck = true; /* this error is not the wait's own time limit */
    fail(&e);
    lunq_loop_end(&t->wait.w, LUNQ_TIMEOUT, &e);
}

/* Not at the same distance each time: a loop of that length around pcall would never see it. */
static void storm(lua_State *L)
{
    lunq_interrupt_after(L, 1 + (int)(limit.storm++ % STORM_STEPS));
}

void lunq_alarm_hook(lua_State *L)
{
    struct l_sched *s = l_sched(L);
    struct lunq_error e;
    bool now = ringing;
    ringing = 0;
    if (limit.seconds == 0 || (!now && limit.storm == 0))
        return;
    if (now)
        limit.rung++;
    if (s->current != limit.task && limit.rung < 2) {
        end_wait(s);
        return;
    }
    if (limit.rung > PATIENCE)
        storm(L);
    fail(&e);
    l_raise(L, &e);
}

void lunq_alarm_turn(lua_State *L)
{
    struct l_sched *s = l_sched(L);
    if (!ringing)
        return;
    ringing = 0;
    if (limit.seconds == 0)
        return;
    limit.rung++;
    end_wait(s);
}

/* __close: the error of an escaped storm is whatever it hit, a message handler for example. */
static int off(lua_State *L)
{
    bool stormy = limit.storm > 0;
    double seconds = limit.seconds;
    set(0);
    ringing = 0;
    memset(&limit, 0, sizeof limit);
    if (stormy)
        return l_fail(L, LUNQ_TIMEOUT,
                      "The test did not end within %g s (--time-limit), and caught the error that "
                      "said so, again and again.",
                      seconds);
    return 0;
}

int lunq_alarm(lua_State *L)
{
    struct sigaction sa = {.sa_handler = on_alarm}; /* no SA_RESTART, as for Ctrl-C */
    double seconds = l_optnum(L, 1, "seconds", 0);
    if (!(seconds > 0 && seconds <= 1e6))
        return l_fail(L, LUNQ_VALUE, "A time limit is a number of seconds, up to 1000000.");
    lua_newuserdatauv(L, 0, 0);
    if (luaL_newmetatable(L, "lunq.Alarm")) {
        lua_pushcfunction(L, off);
        lua_setfield(L, -2, "__close");
    }
    lua_setmetatable(L, -2);
    memset(&limit, 0, sizeof limit);
    limit.task = l_sched(L)->current;
    limit.seconds = seconds;
    ringing = 0;
    sigemptyset(&sa.sa_mask);
    sigaction(SIGALRM, &sa, NULL);
    set(seconds);
    return 1;
}
