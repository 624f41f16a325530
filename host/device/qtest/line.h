/* line.h - the one interrupt line of a qtest machine's processor, as QEMU reports it. */
#ifndef LUNQ_QTEST_LINE_H
#define LUNQ_QTEST_LINE_H

#include "link.h"

/* A design reaches it as bit 0 of a Zynq's IRQ_F2P (registers.md 19). */
enum { QT_LINE = 61 };

struct qt_line {
    struct qt_link *link;
    bool high, armed;
    bool fired;    /* a rise while it was armed, not taken yet */
    uint64_t when; /* of that, ns */
    int kept;      /* an eventfd that says so */
    int ready;     /* readable when `fired`, or when QEMU has said something */
};

/* Once the link is open: hears what QEMU says about input 0 of the processor. LUNQ_DEVICE. */
int qt_line_open(struct qt_line *l, struct qt_link *link, struct lunq_error *err);
void qt_line_close(struct qt_line *l); /* of zeroed memory, too */

/* As the entries irq_arm and irq_take of a device. LUNQ_VALUE: there is no such line. */
int qt_line_arm(struct qt_line *l, unsigned gic, bool on, struct lunq_error *err);
int qt_line_take(struct qt_line *l, unsigned gic, uint64_t *count, uint64_t *when,
                 struct lunq_error *err);
int qt_line_level(struct qt_line *l, unsigned gic);

#endif
