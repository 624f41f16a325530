/* isolated.c - the process of an isolated model: makes one instance and does what the host asks, until that has no
 * more use for it or is gone. See isolate.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "mailbox.h"
#include "pin.h"

/* A pin, where it is twice. */
struct copied {
    void *in_model, *in_box;
    size_t size;
    uint8_t direction;
};

struct isolated {
    const struct lunq_rtl_model *model;
    struct mailbox *box;
    pid_t host;
    void *inst;
    struct copied *pins;
};

/* ---- turns ------------------------------------------------------------------------------------ */

static void hand_over(struct isolated *i, bool done)
{
    i->box->done = done;
    lunq_vpi_give(&i->box->turns, LUNQ_VPI_HOST);
    while (!lunq_vpi_wait(&i->box->turns, LUNQ_VPI_MODEL))
        if (getppid() != i->host)
            _exit(1);
}

/* The host sees whole lines only, also those of a process that is ended amid a request. */
static void print(void *user, const char *line)
{
    struct isolated *i = user;
    struct mailbox *b = i->box;
    size_t n = strnlen(line, MAILBOX_PRINTED - 1);
    if (n + 1 > MAILBOX_PRINTED - b->n_printed)
        hand_over(i, false);
    memcpy(b->printed + b->n_printed, line, n);
    b->printed[b->n_printed + n] = '\0';
    __atomic_store_n(&b->n_printed, b->n_printed + (uint32_t)n + 1, __ATOMIC_RELEASE);
}

/* ---- pins ------------------------------------------------------------------------------------- */

static bool find_pins(struct isolated *i)
{
    const struct lunq_rtl_model *m = i->model;
    i->pins = calloc(m->n_pins, sizeof *i->pins);
    for (uint32_t k = 0; i->pins && k < m->n_pins; k++) {
        struct rtl_pin p = {.width = m->pins[k].width, .bytes = m->pins[k].bytes};
        i->pins[k] = (struct copied){.in_model = m->pin(i->inst, k),
                                     .in_box = &i->box->pins[mailbox_pin(m, k)],
                                     .size = rtl_pin_size(&p),
                                     .direction = m->pins[k].direction};
    }
    return i->pins;
}

static void take_inputs(struct isolated *i)
{
    for (const struct copied *p = i->pins; p < i->pins + i->model->n_pins; p++)
        if (p->direction != LUNQ_RTL_OUT)
            memcpy(p->in_model, p->in_box, p->size);
}

static void show_pins(struct isolated *i, bool inputs)
{
    for (const struct copied *p = i->pins; p < i->pins + i->model->n_pins; p++)
        if (inputs || p->direction != LUNQ_RTL_IN)
            memcpy(p->in_box, p->in_model, p->size);
}

/* ---- requests --------------------------------------------------------------------------------- */

static int evaluate(struct isolated *i)
{
    int end = i->model->eval(i->inst);
    show_pins(i, false);
    if (end != LUNQ_RTL_GOES_ON)
        snprintf(i->box->error, sizeof i->box->error, "%s", i->model->error(i->inst));
    return end;
}

static int answer(struct isolated *i)
{
    const struct lunq_rtl_model *m = i->model;
    struct mailbox *b = i->box;
    take_inputs(i);
    m->set_time(i->inst, b->turns.ps);
    switch (b->request) {
    case MAILBOX_EVAL: return evaluate(i);
    case MAILBOX_TRACE_OPEN: return m->trace_open(i->inst, b->path, b->levels);
    case MAILBOX_TRACE_DUMP: m->trace_dump(i->inst, b->turns.ps); break;
    case MAILBOX_TRACE_CLOSE: m->trace_close(i->inst); break;
    case MAILBOX_COVER: return m->cover_write(i->inst, b->path);
    case MAILBOX_DESTROY:
        m->destroy(i->inst);
        i->inst = NULL;
        break;
    }
    return 0;
}

/* ---- life ------------------------------------------------------------------------------------- */

/* Where the kernel has no such call, or refuses it, they stay open: harmless, as nothing is executed. */
static void close_descriptors(void)
{
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0)
        dup2(nothing, 0);
#ifdef SYS_close_range
    syscall(SYS_close_range, 3u, ~0u, 0u);
#endif
}

/* Signals do what they do in a process that has asked for nothing: a crash is one. */
static void forget_signals(void)
{
    sigset_t none;
    for (int k = 1; k < NSIG; k++)
        signal(k, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void rtl_isolated_run(const struct lunq_rtl_model *m, struct mailbox *box, pid_t host,
                                int argc, const char *const *argv)
{
    struct isolated i = {.model = m, .box = box, .host = host};
    setpgid(0, 0); /* Ctrl-C is the program's */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "lunq-rtl");
    if (getppid() != host)
        _exit(1);
    forget_signals();
    close_descriptors();
    i.inst = m->create(argc, argv, print, &i);
    if (i.inst && find_pins(&i))
        show_pins(&i, true);
    box->answer = i.pins ? 0 : -1;
    hand_over(&i, true);
    while (i.pins) {
        box->answer = answer(&i);
        if (!i.inst) {
            free(i.pins);
            i.pins = NULL;
        }
        hand_over(&i, true);
    }
    _exit(0); /* what is to be done at an exit is the host's */
}
