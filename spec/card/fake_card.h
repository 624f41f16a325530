/* fake_card.h - a card made of nothing, for the C programs of these specs: it notes what it is asked
 * and ends runs when the test says, at once, or on a thread of its own in random order. */
#ifndef SPEC_CARD_FAKE_CARD_H
#define SPEC_CARD_FAKE_CARD_H

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/run_internal.h"
#include "lunq.h"

enum fake_mode {
    FAKE_HOLDS,   /* runs stay until fake_end */
    FAKE_AT_ONCE, /* they end within run_start */
    FAKE_THREAD   /* a thread ends them, in random order */
};

struct fake_card {
    struct lunq_device dev;
    struct lunq_device_ops ops;
    enum fake_mode mode;
    struct lunq_bank banks[2];
    uint64_t next; /* address */
    char log[4096];
    size_t logged;
    bool refuses; /* run_start fails */
    bool destroyed;

    pthread_mutex_t lock;
    pthread_cond_t more;
    pthread_t thread;
    bool stop;
    struct lunq_run **held;
    size_t n_held, room;
    size_t started, failures_every; /* FAKE_THREAD: every so manieth run fails; 0: none */
    unsigned seed;
    void (*on_start)(struct lunq_run *r); /* with the lock */
};

static inline struct fake_card *fake_of(struct lunq_device *d)
{
    return (struct fake_card *)d;
}

static inline void fake_note(struct fake_card *c, const char *what, const char *name)
{
    int n = snprintf(c->log + c->logged, sizeof c->log - c->logged, "%s%s%s ", what,
                     name ? " " : "", name ? name : "");
    c->logged += (size_t)n < sizeof c->log - c->logged ? (size_t)n : 0;
}

static inline void fake_destroy(struct lunq_device *d)
{
    fake_of(d)->destroyed = true;
}

static inline int fake_program(struct lunq_device *d, const struct lunq_program *p,
                               struct lunq_error *err)
{
    (void)p, (void)err;
    fake_note(fake_of(d), "program", NULL);
    return 0;
}

static inline int fake_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err)
{
    struct fake_card *c = fake_of(d);
    (void)err;
    m->host = calloc(1, m->size);
    m->address = c->next;
    c->next += 0x10000;
    return 0;
}

static inline void fake_free(struct lunq_device *d, struct lunq_mem *m)
{
    (void)d;
    free(m->host);
}

static inline int fake_kernel_open(struct lunq_device *d, struct lunq_kernel *k,
                                   struct lunq_error *err)
{
    (void)err;
    fake_note(fake_of(d), "open", k->cus[0]->kernel);
    return 0;
}

static inline void fake_kernel_close(struct lunq_device *d, struct lunq_kernel *k)
{
    fake_note(fake_of(d), "close", k->cus[0]->kernel);
}

static inline void fake_run_free(struct lunq_device *d, struct lunq_run *r)
{
    (void)r;
    fake_note(fake_of(d), "free", NULL);
}

static inline int fake_run_start(struct lunq_device *d, struct lunq_run *r, struct lunq_error *err)
{
    struct fake_card *c = fake_of(d);
    if (c->refuses)
        return lunq_fail(err, LUNQ_DEVICE, "The card is full.");
    pthread_mutex_lock(&c->lock);
    if (!r->key)
        r->key = c;
    r->cu = 0;
    c->started++;
    if (c->on_start)
        c->on_start(r);
    if (c->mode != FAKE_AT_ONCE) {
        if (c->n_held == c->room) {
            c->room = c->room ? 2 * c->room : 64;
            c->held = realloc(c->held, c->room * sizeof *c->held);
        }
        c->held[c->n_held++] = r;
        pthread_cond_signal(&c->more);
    }
    pthread_mutex_unlock(&c->lock);
    if (c->mode == FAKE_AT_ONCE)
        lunq_run_ended(r, LUNQ_RUN_COMPLETED, NULL);
    return 0;
}

/* Takes held run i, counted from the oldest. */
static inline struct lunq_run *fake_take(struct fake_card *c, size_t i)
{
    struct lunq_run *r = c->held[i];
    memmove(&c->held[i], &c->held[i + 1], (--c->n_held - i) * sizeof *c->held);
    return r;
}

/* Ends the oldest run the card has. */
static inline void fake_end(struct fake_card *c, enum lunq_run_state state, const char *why)
{
    struct lunq_run *r;
    pthread_mutex_lock(&c->lock);
    r = fake_take(c, 0);
    pthread_mutex_unlock(&c->lock);
    lunq_run_ended(r, state, why);
}

static inline void *fake_thread(void *arg)
{
    struct fake_card *c = arg;
    size_t ended = 0;
    pthread_mutex_lock(&c->lock);
    while (!c->stop) {
        struct lunq_run *r;
        bool fails;
        if (c->n_held == 0) {
            pthread_cond_wait(&c->more, &c->lock);
            continue;
        }
        c->seed = c->seed * 1103515245u + 12345u;
        r = fake_take(c, (c->seed >> 16) % c->n_held);
        fails = c->failures_every && ++ended % c->failures_every == 0;
        pthread_mutex_unlock(&c->lock);
        lunq_run_ended(r, fails ? LUNQ_RUN_ERROR : LUNQ_RUN_COMPLETED, fails ? "bad luck" : NULL);
        pthread_mutex_lock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* ---- a design: vadd with two units (a, b in bank0, n), copy with one (src in bank1), and free, which
 * always runs -------------------------------------------------------------------------------------- */

enum { VADD_1, VADD_2, COPY_1, FREE_1, FAKE_CUS };

static inline struct lunq_design *fake_design(void)
{
    static const size_t bank0[] = {0}, bank1[] = {1};
    static const struct lunq_arg vadd[] = {{.name = "a",
                                            .type = "int*",
                                            .port = "M",
                                            .index = 0,
                                            .kind = LUNQ_ARG_GLOBAL,
                                            .offset = 0x10,
                                            .size = 8,
                                            .memories = bank0,
                                            .n_memories = 1},
                                           {.name = "n",
                                            .type = "uint",
                                            .port = "S",
                                            .index = 1,
                                            .kind = LUNQ_ARG_SCALAR,
                                            .offset = 0x1c,
                                            .size = 4},
                                           {.name = "out",
                                            .type = "int*",
                                            .port = "M_OUT",
                                            .index = 2,
                                            .kind = LUNQ_ARG_STREAM,
                                            .output = true}};
    static const struct lunq_arg copy[] = {{.name = "src",
                                            .type = "char*",
                                            .port = "M",
                                            .index = 0,
                                            .kind = LUNQ_ARG_GLOBAL,
                                            .offset = 0x10,
                                            .size = 8,
                                            .memories = bank1,
                                            .n_memories = 1}};
    static const struct lunq_cu cus[FAKE_CUS] = {{.kernel = "vadd",
                                                  .name = "vadd_1",
                                                  .full = "vadd:vadd_1",
                                                  .has_address = true,
                                                  .base = 0x1000000,
                                                  .range = 0x10000,
                                                  .args = vadd,
                                                  .n_args = 3,
                                                  .args_end = 0x20},
                                                 {.kernel = "vadd",
                                                  .name = "vadd_2",
                                                  .full = "vadd:vadd_2",
                                                  .has_address = true,
                                                  .base = 0x1010000,
                                                  .range = 0x10000,
                                                  .index = 1,
                                                  .args = vadd,
                                                  .n_args = 3,
                                                  .args_end = 0x20},
                                                 {.kernel = "copy",
                                                  .name = "copy_1",
                                                  .full = "copy:copy_1",
                                                  .has_address = true,
                                                  .base = 0x1020000,
                                                  .range = 0x10000,
                                                  .index = 2,
                                                  .args = copy,
                                                  .n_args = 1,
                                                  .args_end = 0x18},
                                                 {.kernel = "free",
                                                  .name = "free_1",
                                                  .full = "free:free_1",
                                                  .control = LUNQ_CTRL_NONE,
                                                  .args = copy,
                                                  .n_args = 0}};
    static const struct lunq_memory memories[] = {
        {.tag = "bank0", .type = LUNQ_MEM_DDR4, .used = true, .size = 1 << 30, .row = 0},
        {.tag = "bank1",
         .type = LUNQ_MEM_DDR4,
         .used = true,
         .base = 1 << 30,
         .size = 1 << 30,
         .row = 1}};
    struct lunq_design *d;
    if (lunq_design_new(&d, "fake.xclbin", "table", NULL) < 0)
        abort();
    d->card.cus = (struct lunq_cu *)cus;
    d->card.n_cus = FAKE_CUS;
    d->card.memories = (struct lunq_memory *)memories;
    d->card.n_memories = 2;
    if (lunq_design_finish(d, NULL) < 0)
        abort();
    return d;
}

static inline void fake_load(struct fake_card *c)
{
    struct lunq_program p = {.design = fake_design()};
    if (lunq_device_program(&c->dev, &p, NULL) < 0)
        abort();
    lunq_design_unref(p.design);
}

/* A card with the design loaded; the caller's reference is c->dev's first. */
static inline void fake_open(struct fake_card *c, const char *name, enum fake_mode mode,
                             bool threads)
{
    memset(c, 0, sizeof *c);
    c->mode = mode;
    c->seed = 1;
    c->next = 0x400000000;
    c->ops = (struct lunq_device_ops){.kind = "fake",
                                      .destroy = fake_destroy,
                                      .program = fake_program,
                                      .alloc = fake_alloc,
                                      .free = fake_free,
                                      .threads = threads,
                                      .kernel_open = fake_kernel_open,
                                      .kernel_close = fake_kernel_close,
                                      .run_start = fake_run_start,
                                      .run_free = fake_run_free};
    lunq_device_init(&c->dev, &c->ops, name);
    c->banks[0] = (struct lunq_bank){.name = "bank0", .base = 0, .size = 1 << 30, .row = 0};
    c->banks[1] = (struct lunq_bank){.name = "bank1", .base = 1 << 30, .size = 1 << 30, .row = 1};
    c->dev.banks = c->banks;
    c->dev.n_banks = 2;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->more, NULL);
    fake_load(c);
    if (mode == FAKE_THREAD)
        pthread_create(&c->thread, NULL, fake_thread, c);
}

/* Gives the caller's reference back. */
static inline void fake_close(struct fake_card *c)
{
    lunq_runs_close(&c->dev);
    if (c->mode == FAKE_THREAD) {
        pthread_mutex_lock(&c->lock);
        c->stop = true;
        pthread_cond_signal(&c->more);
        pthread_mutex_unlock(&c->lock);
        pthread_join(c->thread, NULL);
    }
    lunq_device_unref(&c->dev);
    free(c->held);
}

#endif
