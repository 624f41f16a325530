#include "dry_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT = 10 }; /* seconds of the processor; the largest tree takes milliseconds */

struct answer {
    int rc;
    struct lunq_error err;
};

static int apply(const struct lunq_dt *live, const struct lunq_dt *overlay, struct lunq_error *err)
{
    struct lunq_dt *both;
    int rc = lunq_dt_apply(&both, live, overlay, err);
    if (rc == 0)
        lunq_dt_free(both);
    return rc;
}

/* The handlers of this program are for its own faults; nobody wants a core of the child. */
static void leave_alone(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE,  SIGILL,
                                  SIGABRT, SIGINT, SIGTERM, SIGXCPU};
    const struct rlimit none = {0, 0}, limit = {LIMIT, LIMIT + 1}; /* at the latter SIGKILL */
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_CPU, &limit);
}

static void child(int out, const struct lunq_dt *live, const struct lunq_dt *overlay)
{
    struct answer a = {.rc = 0};
    size_t done = 0;
    leave_alone();
    a.rc = apply(live, overlay, &a.err);
    while (done < sizeof a) {
        ssize_t n = write(out, (const char *)&a + done, sizeof a - done);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    _exit(0);
}

/* True when all of the answer came. */
static bool read_answer(int in, struct answer *a)
{
    size_t done = 0;
    while (done < sizeof *a) {
        ssize_t n = read(in, (char *)a + done, sizeof *a - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

static int reap(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 0; /* somebody else took it */
    return status;
}

int lx_dry_run(const struct lunq_dt *live, const struct lunq_dt *overlay, struct lunq_error *err)
{
    struct answer a;
    int ends[2], status;
    bool answered;
    pid_t pid = pipe2(ends, O_CLOEXEC) == 0 ? fork() : -2;
    if (pid == 0) {
        close(ends[0]);
        child(ends[1], live, overlay);
    }
    if (pid >= -1)
        close(ends[1]);
    if (pid < 0) { /* no process to be had: our checks have to do */
        if (pid == -1)
            close(ends[0]);
        return apply(live, overlay, err);
    }
    answered = read_answer(ends[0], &a);
    close(ends[0]);
    status = reap(pid);
    if (answered && a.rc < 0 && err)
        *err = a.err;
    if (answered)
        return a.rc;
    return lunq_fail(
        err, LUNQ_VALUE,
        "%s: trying it in memory %s (%s): a damaged overlay, or one made to do harm; it is "
        "refused. Please report it.",
        overlay->file,
        WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU ? "has no end" : "crashes libfdt",
        WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "no answer");
}
