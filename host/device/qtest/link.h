/* link.h - QEMU's qtest protocol: lines of text over a socket, a reply to each command. Between
 * them come lines that say that an interrupt line changed. Commands: docs/devel/testing/qtest.rst
 * and softmmu/qtest.c of QEMU. */
#ifndef LUNQ_QTEST_LINK_H
#define LUNQ_QTEST_LINK_H

#include "../../core/error.h"

#include <stddef.h>
#include <stdint.h>

struct qt_link {
    int fd;
    const char *name; /* of the device, for messages */
    void (*irq)(void *ctx, unsigned line, bool high);
    void *ctx;
    bool dead;      /* QEMU has gone, or nobody knows any more what it would answer */
    char in[32768]; /* [at, have) came and was not read yet */
    size_t at, have;
};

enum { QT_REPLY_SECONDS = 10 }; /* an answer takes 50 us; a busy machine may take a while */

/* Sends a command (with its '\n') and reads the reply. *value, which may be NULL, gets the number
 * after "OK". LUNQ_DEVICE: QEMU has gone, does not answer or refuses. */
int qt_command(struct qt_link *l, uint64_t *value, struct lunq_error *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Memory, in pieces. */
int qt_read_memory(struct qt_link *l, uint64_t addr, uint8_t *data, size_t n,
                   struct lunq_error *err);
int qt_write_memory(struct qt_link *l, uint64_t addr, const uint8_t *data, size_t n,
                    struct lunq_error *err);

/* Takes what QEMU has said by itself meanwhile, without waiting. */
int qt_listen(struct qt_link *l, struct lunq_error *err);

#endif
