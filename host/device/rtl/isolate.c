/* isolate.c - see isolate.h: the side of the host. */
#include "isolate.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "mailbox.h"

struct instance {
    const struct rtl_isolated *of;
    struct mailbox *box;
    size_t size;
    pid_t pid; /* 0: there is no process any more */
    int end;   /* enum lunq_rtl_end */
    char error[sizeof((struct mailbox *)0)->error];
    void (*log)(void *user, const char *line);
    void *user;
};

/* ---- the process ------------------------------------------------------------------------------ */

__attribute__((format(printf, 2, 3))) static void dies(struct instance *i, const char *why, ...)
{
    va_list ap;
    if (i->end != LUNQ_RTL_GOES_ON)
        return;
    i->end = LUNQ_RTL_STOPPED;
    va_start(ap, why);
    vsnprintf(i->error, sizeof i->error, why, ap);
    va_end(ap);
}

/* What it has printed, while it waits or is gone. It may have written anything anywhere in the mailbox. */
static void hear(struct instance *i)
{
    struct mailbox *b = i->box;
    uint32_t n = __atomic_load_n(&b->n_printed, __ATOMIC_ACQUIRE);
    if (n == 0)
        return;
    if (n > MAILBOX_PRINTED)
        n = MAILBOX_PRINTED;
    b->printed[n - 1] = '\0';
    for (uint32_t at = 0; at < n; at += (uint32_t)strlen(b->printed + at) + 1)
        if (i->log)
            i->log(i->user, b->printed + at);
    b->n_printed = 0;
}

static void stop(struct instance *i)
{
    if (i->pid > 0) {
        kill(i->pid, SIGKILL);
        while (waitpid(i->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    i->pid = 0;
}

/* Whether it has ended by itself. */
static bool is_gone(struct instance *i)
{
    int status = 0;
    pid_t r = waitpid(i->pid, &status, WNOHANG);
    if (r == 0 || (r < 0 && errno == EINTR))
        return false;
    i->pid = 0;
    if (r < 0)
        dies(i, "its process is gone");
    else if (WIFSIGNALED(status))
        dies(i, "its process was ended by signal %d (%s)", WTERMSIG(status),
             strsignal(WTERMSIG(status)));
    else
        dies(i, "its process ended with code %d", WEXITSTATUS(status));
    return true;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool is_late(struct instance *i, double until)
{
    if (now() < until)
        return false;
    dies(i,
         "it did not come back from one evaluation within %u s (an endless loop?); its process was "
         "ended",
         i->of->seconds);
    stop(i);
    return true;
}

/* Waits for the answer to a request that is under way; false: there is no process any more. */
static bool finish(struct instance *i)
{
    double until = now() + i->of->seconds;
    bool done = false, there = true;
    while (there && !done) {
        if (!lunq_vpi_wait(&i->box->turns, LUNQ_VPI_HOST)) {
            there = !is_gone(i) && !is_late(i, until);
        } else if (!(done = i->box->done) && (there = !is_late(i, until))) {
            hear(i);
            lunq_vpi_give(&i->box->turns, LUNQ_VPI_MODEL);
        }
    }
    hear(i);
    return there;
}

/* Its answer, or `otherwise` when there is no process. */
static int request(struct instance *i, enum mailbox_request what, int otherwise)
{
    if (i->pid <= 0)
        return otherwise;
    i->box->request = what;
    lunq_vpi_give(&i->box->turns, LUNQ_VPI_MODEL);
    return finish(i) ? i->box->answer : otherwise;
}

/* ---- life ------------------------------------------------------------------------------------- */

static void release(struct instance *i)
{
    stop(i);
    if (i->box)
        munmap(i->box, i->size);
    free(i);
}

static bool make_box(struct instance *i)
{
    const struct lunq_rtl_model *m = i->of->model;
    void *at;
    i->size = sizeof *i->box + 8 * mailbox_pin(m, m->n_pins);
    at = mmap(NULL, i->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return false;
    i->box = at;
    i->box->turns.turn = LUNQ_VPI_MODEL;
    return true;
}

/* The new process takes what is in the buffers of stdio along: nothing may be there. */
static bool start(struct instance *i, int argc, const char *const *argv)
{
    pid_t host = getpid();
    fflush(NULL);
    i->pid = fork();
    if (i->pid == 0)
        rtl_isolated_run(i->of->model, i->box, host, argc, argv);
    return i->pid > 0;
}

static void *create(const struct rtl_isolated *of, int argc, const char *const *argv,
                    void (*log)(void *, const char *), void *user)
{
    struct instance *i = calloc(1, sizeof *i);
    if (!i)
        return NULL;
    i->of = of;
    i->log = log;
    i->user = user;
    if (!make_box(i) || !start(i, argc, argv))
        dies(i, "its process can't be started: %s", strerror(errno));
    else if (finish(i) && i->box->answer == 0)
        return i;
    if (log && *i->error)
        log(user, i->error);
    release(i);
    return NULL;
}

/* Final blocks run, and print. */
static void destroy(void *inst)
{
    struct instance *i = inst;
    if (!i)
        return;
    request(i, MAILBOX_DESTROY, 0);
    release(i);
}

/* ---- the functions of a model ------------------------------------------------------------------ */

static void *pin(void *inst, uint32_t k)
{
    struct instance *i = inst;
    return &i->box->pins[mailbox_pin(i->of->model, k)];
}

static int eval(void *inst)
{
    struct instance *i = inst;
    int end;
    if (i->end != LUNQ_RTL_GOES_ON)
        return i->end;
    end = request(i, MAILBOX_EVAL, LUNQ_RTL_STOPPED);
    if (end != LUNQ_RTL_GOES_ON && i->end == LUNQ_RTL_GOES_ON) {
        dies(i, "%.*s", (int)sizeof i->error - 1, i->box->error);
        i->end = end == LUNQ_RTL_FINISHED ? LUNQ_RTL_FINISHED : LUNQ_RTL_STOPPED;
    }
    return i->end;
}

static const char *error(void *inst)
{
    return ((struct instance *)inst)->error;
}

static void set_time(void *inst, uint64_t ps)
{
    ((struct instance *)inst)->box->turns.ps = ps;
}

/* A request with a path; -1: the file can't be. */
static int request_file(struct instance *i, enum mailbox_request what, const char *path)
{
    if (strlen(path) >= sizeof i->box->path)
        return -1;
    strcpy(i->box->path, path);
    return request(i, what, -1);
}

static int trace_open(void *inst, const char *path, int levels)
{
    struct instance *i = inst;
    i->box->levels = levels;
    return request_file(i, MAILBOX_TRACE_OPEN, path);
}

static void trace_dump(void *inst, uint64_t ps)
{
    set_time(inst, ps);
    request(inst, MAILBOX_TRACE_DUMP, 0);
}

static void trace_close(void *inst)
{
    request(inst, MAILBOX_TRACE_CLOSE, 0);
}

static int cover_write(void *inst, const char *path)
{
    return request_file(inst, MAILBOX_COVER, path);
}

const struct lunq_rtl_model *rtl_isolate(struct rtl_isolated *i, const struct lunq_rtl_model *model,
                                         uint32_t seconds)
{
    if (model->flags & LUNQ_RTL_FOUR)
        return model;
    *i = (struct rtl_isolated){*model, model, seconds};
    i->table.create = NULL;
    i->table.destroy = destroy;
    i->table.pin = pin;
    i->table.eval = eval;
    i->table.error = error;
    i->table.set_time = set_time;
    i->table.trace_open = trace_open;
    i->table.trace_dump = trace_dump;
    i->table.trace_close = trace_close;
    i->table.cover_write = cover_write;
    i->table.unknown = NULL;
    return &i->table;
}

bool rtl_is_isolated(const struct lunq_rtl_model *m)
{
    return !m->create || m->flags & LUNQ_RTL_FOUR;
}

void *rtl_create_instance(const struct lunq_rtl_model *m, int argc, const char *const *argv,
                          void (*log)(void *user, const char *line), void *user)
{
    return m->create ? m->create(argc, argv, log, user)
                     : create((const struct rtl_isolated *)m, argc, argv, log, user);
}
