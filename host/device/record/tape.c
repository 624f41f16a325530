#include "tape.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

static const char *failure; /* see lunq_replay_failure */

const char *lunq_replay_failure(void)
{
    return failure;
}

/* ---- opening -------------------------------------------------------------------------------- */

int tape_record(struct tape *t, const char *file, size_t n, struct lunq_error *err)
{
    t->file = strndup(file, n);
    if (!t->file)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    t->out = fopen(t->file, "wb");
    if (!t->out)
        return lunq_fail(err, LUNQ_IO, "The trace %s can't be written: %s.", t->file,
                         strerror(errno));
    lunq_trace_write_start(t->out);
    return 0;
}

static int read_all(struct tape *t, FILE *f, size_t *size, struct lunq_error *err)
{
    size_t room = 0, got = 1;
    while (got > 0) {
        if (*size == room) {
            uint8_t *more = realloc(t->bytes, room = room ? 2 * room : 65536);
            if (!more)
                return lunq_fail(err, LUNQ_MEMORY, "The trace %s doesn't fit into memory.",
                                 t->file);
            t->bytes = more;
        }
        *size += got = fread(t->bytes + *size, 1, room - *size, f);
    }
    if (ferror(f))
        return lunq_fail(err, LUNQ_IO, "The trace %s can't be read: %s.", t->file, strerror(errno));
    return 0;
}

static int load(struct tape *t, size_t *size, struct lunq_error *err)
{
    FILE *f = fopen(t->file, "rb");
    int r;
    if (!f)
        return lunq_fail(err, LUNQ_IO, "The trace %s can't be read: %s.", t->file, strerror(errno));
    r = read_all(t, f, size, err);
    fclose(f);
    return r;
}

/* Everything is looked at once, so that damage shows before the device has been used. */
static int check_all(struct tape *t, struct lunq_error *err)
{
    struct lunq_trace_reader all = t->reader;
    struct lunq_trace_record r;
    int more;
    while ((more = lunq_trace_next(&all, &r, err)) == 1)
        t->total += r.what > TRACE_TIME;
    return more;
}

static int step(struct tape *t, struct lunq_error *err)
{
    int r = lunq_trace_next(&t->reader, &t->next, err);
    t->more = r == 1;
    return r < 0 ? r : 0;
}

int tape_replay(struct tape *t, const char *file, struct lunq_error *err)
{
    size_t size = 0;
    int r;
    t->file = strdup(file);
    if (!t->file)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    r = load(t, &size, err);
    if (r < 0)
        return r;
    r = lunq_trace_begin(&t->reader, t->bytes, size, err);
    if (r == 0)
        r = check_all(t, err);
    if (r == 0)
        r = step(t, err);
    return r < 0 ? lunq_fail_in(err, "%s", t->file) : 0;
}

/* ---- replaying ------------------------------------------------------------------------------ */

/* Takes the next record; it was checked when the trace was opened. */
static void pass(struct tape *t)
{
    t->now += t->next.passed;
    step(t, NULL);
}

static void pass_looks(struct tape *t)
{
    while (t->more && t->next.what == TRACE_TIME)
        pass(t);
}

static void diverge(struct tape *t, const struct lunq_trace_record *r,
                    const struct lunq_design *design)
{
    static char text[sizeof t->apart.message];
    char asked[512], recorded[512];
    lunq_trace_describe(r, design, asked, sizeof asked);
    if (!t->more)
        lunq_fail(&t->apart, LUNQ_RUNTIME,
                  "The replay of %s ends after %" PRIu64 " accesses, and the script goes on: it "
                  "wants to %s. Record again if it should.",
                  t->file, t->total, asked);
    else
        lunq_fail(&t->apart, LUNQ_RUNTIME,
                  "The replay of %s diverges at access %" PRIu64 " of %" PRIu64 ".\n"
                  "  now:      %s\n  recorded: %s\n"
                  "Up to here the script did what was recorded. Record again if it should differ.",
                  t->file, t->done + 1, t->total, asked,
                  lunq_trace_describe(&t->next, design, recorded, sizeof recorded));
    snprintf(text, sizeof text, "%s", t->apart.message);
    failure = text;
}

bool tape_answers(struct tape *t, struct lunq_trace_record *r, const struct lunq_design *design,
                  int *result, struct lunq_error *err)
{
    const struct lunq_trace_record *next = &t->next;
    if (t->out) {
        t->depth++;
        return false;
    }
    pass_looks(t);
    if (!t->apart.kind && (!t->more || !lunq_trace_same(r, next)))
        diverge(t, r, design);
    *result = t->apart.kind;
    if (*result < 0) {
        if (err)
            *err = t->apart;
        return true;
    }
    *r = *next;
    *result = r->result;
    if (r->result < 0)
        lunq_fail(err, r->result, "%.*s", (int)r->n_message, r->message);
    if (r->fault)
        lunq_fault(err);
    t->done++;
    pass(t);
    return true;
}

/* ---- recording ------------------------------------------------------------------------------ */

static void put(struct tape *t, struct lunq_trace_record *r, uint64_t now)
{
    r->passed = now > t->now ? now - t->now : 0;
    t->now += r->passed;
    lunq_trace_write(t->out, r);
}

int tape_keep(struct tape *t, struct lunq_trace_record *r, int result, uint64_t now,
              struct lunq_error *err)
{
    if (--t->depth > 0)
        return result;
    r->result = result;
    if (result < 0 && err) {
        r->fault = err->fault;
        r->message = err->message;
        r->n_message = strlen(err->message);
    }
    put(t, r, now);
    if (ferror(t->out))
        return lunq_fail(err, LUNQ_IO, "The trace %s can't be written: the disk may be full.",
                         t->file);
    return result;
}

uint64_t tape_time(struct tape *t, uint64_t now)
{
    struct lunq_trace_record r = {.what = TRACE_TIME};
    if (t->out && t->depth > 0)
        return now;
    if (t->out && now != t->now)
        put(t, &r, now);
    else if (t->more && t->next.what == TRACE_TIME)
        pass(t);
    else if (!t->out && (!t->more || t->apart.kind))
        t->now += 1000000; /* nothing is left: whoever only looks at the clock must not hang */
    return t->now;
}

/* ---- closing -------------------------------------------------------------------------------- */

static void warn_rest(struct tape *t)
{
    char text[512];
    failure = failure ? failure : "";
    lunq_warn("user",
              "The replay of %s was left at access %" PRIu64 " of %" PRIu64 ". Recorded was "
              "next: %s.",
              t->file, t->done, t->total, lunq_trace_describe(&t->next, NULL, text, sizeof text));
}

void tape_close(struct tape *t)
{
    if (t->bytes)
        pass_looks(t);
    if (t->bytes && t->more && !t->apart.kind && t->next.what > TRACE_TIME)
        warn_rest(t);
    if (t->out && fclose(t->out) != 0)
        lunq_warn("user", "The trace %s is not whole: %s.", t->file, strerror(errno));
    free(t->bytes);
    free(t->file);
}
