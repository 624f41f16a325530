/* mailbox.h - the memory of an isolated model: a request of the host and its answer, lines the RTL printed, and
 * the pins. Between isolate.c, in the host, and isolated.c, in the model's process. */
#ifndef LUNQ_RTL_MAILBOX_H
#define LUNQ_RTL_MAILBOX_H

#include <limits.h>
#include <sys/types.h>

#include "../../../lua/lunq/rtl/cpp/vpi_shared.h"
#include "rtl_model.h"

enum mailbox_request {
    MAILBOX_EVAL,
    MAILBOX_TRACE_OPEN,
    MAILBOX_TRACE_DUMP,
    MAILBOX_TRACE_CLOSE,
    MAILBOX_COVER,
    MAILBOX_DESTROY
};

#define MAILBOX_PRINTED 65536u

struct mailbox {
    struct lunq_vpi_shared turns;  /* and the time; its pins are not used */
    uint32_t request;              /* enum mailbox_request */
    int32_t levels;                /* MAILBOX_TRACE_OPEN */
    int32_t answer;                /* of the model's function */
    uint32_t done;                 /* 0: it is the host's turn to take what is printed, no more */
    uint32_t n_printed;            /* bytes */
    char printed[MAILBOX_PRINTED]; /* lines, a 0 after each */
    char error[1024];              /* after an eval that was the end */
    char path[PATH_MAX];           /* MAILBOX_TRACE_OPEN, MAILBOX_COVER */
    uint64_t pins[];               /* each in whole words of 64 bits */
};

/* Where pin k of a model lies; k = n_pins: the size of all. */
static inline size_t mailbox_pin(const struct lunq_rtl_model *m, uint32_t k)
{
    size_t words = 0;
    for (uint32_t i = 0; i < k; i++)
        words += lunq_vpi_room(m->pins[i].width) / 8;
    return words;
}

/* isolated.c: the life of a new process, just after fork. host: the process that made it. */
_Noreturn void rtl_isolated_run(const struct lunq_rtl_model *m, struct mailbox *box, pid_t host,
                                int argc, const char *const *argv);

#endif
