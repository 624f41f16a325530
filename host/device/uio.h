/* uio.h - interrupts of the programmable logic through Linux's UIO (linux-boards.md A2, A3).
 *
 * A UIO node takes one interrupt and masks it, until 1 is written: four bytes, an integer of the
 * host's order (deviation 29; PYNQ writes the bytes 0 0 0 1, right only because they are not 0). A
 * read gives four bytes, how many events there have been: the difference to the last one shows
 * those that were merged. `root` is a folder put before /proc, /sys and /dev: "" on a board. */
#ifndef LUNQ_UIO_H
#define LUNQ_UIO_H

#include "../core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- finding --------------------------------------------------------------------------------- */

/* N of the node /dev/uioN that has interrupt `gic` of the processor; -1: none. First by the device
 * tree, /sys/class/uio/uioN/device/of_node/interrupts, which can't be mistaken; else as PYNQ does:
 * the name in /proc/interrupts, then the first device of that name. */
int lunq_uio_find(const char *root, unsigned gic);
/* N of the first UIO device of this name; -1: none. */
int lunq_uio_by_name(const char *root, const char *name);
/* The last column of the last line of /proc/interrupts that has at least six columns and `gic` as
 * the third from the end. False: there is no such line. */
bool lunq_uio_proc_name(const char *root, unsigned gic, char *name, size_t size);

/* ---- one node -------------------------------------------------------------------------------- */

struct lunq_uio {
    int fd; /* -1: not open */
    unsigned index;
    uint32_t events; /* the count as last read */
    bool known;      /* events is one */
    bool blocking;   /* fd is; or it was until somebody cut a sleep short */
};

/* Opens /dev/uioN, not blocking. LUNQ_PERMISSION, LUNQ_DEVICE: not there or busy. */
int lunq_uio_open(struct lunq_uio *u, const char *root, unsigned index, struct lunq_error *err);
/* Uses a descriptor that is open already and gives count 1 at its first event. */
void lunq_uio_adopt(struct lunq_uio *u, int fd);
void lunq_uio_close(struct lunq_uio *u);
/* Lets the next interrupt come, or no more. LUNQ_IO. */
int lunq_uio_arm(struct lunq_uio *u, bool on, struct lunq_error *err);
/* How many events there were since the last call; 0: none. LUNQ_IO. */
int lunq_uio_take(struct lunq_uio *u, uint64_t *count, struct lunq_error *err);

/* The same, but sleeps until there is one, or until the event loop is to look up: 0 then. */
int lunq_uio_read(struct lunq_uio *u, uint64_t *count, struct lunq_error *err);

/* ---- the lines of a processor ---------------------------------------------------------------- */

/* For a device's irq_arm, irq_take, irq_read, irq_fd: nodes opened at their first use, by GIC number. */
struct lunq_uio_lines {
    const char *root; /* lives as long */
    struct lunq_uio_line *first;
};

/* LUNQ_VALUE: "Could not find UIO device for interrupt pin for IRQ number {}". */
int lunq_uio_lines_arm(struct lunq_uio_lines *lines, unsigned gic, bool on, struct lunq_error *err);
int lunq_uio_lines_take(struct lunq_uio_lines *lines, unsigned gic, uint64_t *count, uint64_t *when,
                        struct lunq_error *err);
int lunq_uio_lines_read(struct lunq_uio_lines *lines, unsigned gic, uint64_t *count, uint64_t *when,
                        struct lunq_error *err);
int lunq_uio_lines_fd(struct lunq_uio_lines *lines, unsigned gic); /* -1: never armed */
void lunq_uio_lines_close(struct lunq_uio_lines *lines);

#endif
