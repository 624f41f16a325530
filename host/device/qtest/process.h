/* process.h - a QEMU of our own: started, and ended with us whatever happens. */
#ifndef LUNQ_QTEST_PROCESS_H
#define LUNQ_QTEST_PROCESS_H

#include <sys/types.h>

#include "machine.h"

struct qt_process {
    pid_t pid;    /* 0: not running */
    int qtest;    /* our end of the protocol's socket, -1: none */
    int messages; /* a file without a name that takes what QEMU prints on stderr, -1: none */
};

/* LUNQ_DEVICE: no such program, no process. That QEMU itself refuses shows at the first command. */
int qt_process_start(struct qt_process *p, const struct qt_config *c, struct lunq_error *err);
void qt_process_end(struct qt_process *p); /* of one that failed to start, too */

/* What QEMU said on stderr, on one line; "" when nothing. */
const char *qt_process_said(const struct qt_process *p, char *text, size_t size);

#endif
