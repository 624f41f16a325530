/* recorder.h - what the files of record and replay devices share. */
#ifndef LUNQ_DEVICE_RECORDER_H
#define LUNQ_DEVICE_RECORDER_H

#include "tape.h"

enum { RECORDER_LINES = 64 };

struct recorder {
    struct lunq_device dev; /* first */
    struct lunq_device_ops ops;
    char kind[32];
    struct lunq_device *inner; /* NULL: replaying */
    struct tape tape;
    enum lunq_ps ps;
    uint64_t ref_hz;
    unsigned armed[RECORDER_LINES]; /* interrupt lines that may wake up a nap */
    size_t n_armed;
    struct lunq_mmio **windows; /* windows.c: on the device behind, if that can only be mapped */
    size_t n_windows;
};

static inline struct recorder *recorder_of(struct lunq_device *d)
{
    return (struct recorder *)d;
}

static inline bool recorder_answers(struct recorder *c, struct lunq_trace_record *r, int *result,
                                    struct lunq_error *err)
{
    return tape_answers(&c->tape, r, c->dev.design, result, err);
}

static inline int recorder_keep(struct recorder *c, struct lunq_trace_record *r, int result,
                                struct lunq_error *err)
{
    return tape_keep(&c->tape, r, result, lunq_device_now(c->inner), err);
}

/* In an entry of the table that has a record r, and err: the tape answers r, or CALL asks the device
 * behind, `in`, with the error `own`, and the tape keeps it. Leaves `result`, and *err filled. */
#define ASK(CALL)                                                                                  \
    struct recorder *c = recorder_of(d);                                                           \
    struct lunq_device *in = c->inner;                                                             \
    struct lunq_error own = {0};                                                                   \
    int result;                                                                                    \
    if (!recorder_answers(c, &r, &result, &own))                                                   \
        result = recorder_keep(c, &r, CALL, &own);                                                 \
    if (result < 0 && err)                                                                         \
    *err = own

/* One access to the device behind, of a device that can only be mapped. As the entries read and write. */
int recorder_map_read(struct recorder *c, uint64_t addr, unsigned width, uint64_t *value,
                      struct lunq_error *err);
int recorder_map_write(struct recorder *c, uint64_t addr, unsigned width, uint64_t value,
                       struct lunq_error *err);
void recorder_unmap(struct recorder *c);

/* The entries that are not in record.c. */
void recorder_free(struct lunq_device *d, struct lunq_mem *m);
int recorder_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err);
int recorder_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n,
                  enum lunq_sync dir, struct lunq_error *err);
int recorder_irq_arm(struct lunq_device *d, unsigned gic, bool on, struct lunq_error *err);
int recorder_irq_take(struct lunq_device *d, unsigned gic, uint64_t *count, uint64_t *when,
                      struct lunq_error *err);
int recorder_irq_level(struct lunq_device *d, unsigned gic);
int recorder_drive(struct lunq_device *d, const char *pin, uint64_t level, struct lunq_error *err);
int recorder_wire(struct lunq_device *d, const char *pin, uint64_t *level, struct lunq_error *err);
bool recorder_gpio_chip(struct lunq_device *d, size_t i, struct lunq_gpio_chip *chip);
int recorder_gpio_open(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err);
void recorder_gpio_close(struct lunq_device *d, struct lunq_gpio_line *l);
int recorder_gpio_read(struct lunq_device *d, struct lunq_gpio_line *l, bool *level,
                       struct lunq_error *err);
int recorder_gpio_write(struct lunq_device *d, struct lunq_gpio_line *l, bool level,
                        struct lunq_error *err);
int recorder_gpio_watch(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err);
int recorder_gpio_edges(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err);

#endif
