#include "trace.h"

#include <inttypes.h>
#include <string.h>

static const char first_line[] = "lunq-trace 1\n";
#define START "lunq-trace "

/* ---- reading -------------------------------------------------------------------------------- */

static int damaged(const struct lunq_trace_reader *t, const char *what, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_VALUE, "The trace is damaged at byte %zu: %s.", t->at, what);
}

int lunq_trace_begin(struct lunq_trace_reader *t, const void *data, size_t size,
                     struct lunq_error *err)
{
    size_t n = sizeof first_line - 1, start = sizeof START - 1;
    *t = (struct lunq_trace_reader){data, size, 0};
    if (size < n || memcmp(data, START, start) != 0)
        return lunq_fail(err, LUNQ_VALUE, "It is no trace: traces are written by lunq record.");
    if (memcmp(data, first_line, n) != 0)
        return lunq_fail(err, LUNQ_VALUE,
                         "The trace is of another version than 1, which this program reads: record "
                         "again.");
    t->at = n;
    return 0;
}

static bool get_number(struct lunq_trace_reader *t, uint64_t *value)
{
    unsigned shift = 0;
    *value = 0;
    while (t->at < t->size && shift < 64) {
        uint8_t byte = t->data[t->at++];
        if (shift == 63 && byte > 1) /* the tenth byte has room for one bit */
            return false;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
        shift += 7;
    }
    return false;
}

static bool get_numbers(struct lunq_trace_reader *t, uint64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!get_number(t, &values[i]))
            return false;
    return true;
}

static bool get_bytes(struct lunq_trace_reader *t, const uint8_t **bytes, size_t *n)
{
    uint64_t size;
    if (!get_number(t, &size) || size > t->size - t->at)
        return false;
    *bytes = t->data + t->at;
    *n = (size_t)size;
    t->at += *n;
    return true;
}

static bool get_text(struct lunq_trace_reader *t, const char **text, size_t *n)
{
    const uint8_t *bytes;
    if (!get_bytes(t, &bytes, n))
        return false;
    *text = (const char *)bytes;
    return !memchr(bytes, 0, *n);
}

static bool get_failure(struct lunq_trace_reader *t, struct lunq_trace_record *r, uint64_t kind)
{
    uint64_t fault;
    r->result = -(int)kind;
    if (!get_number(t, &fault) || fault > 1)
        return false;
    r->fault = fault == 1;
    return get_text(t, &r->message, &r->n_message);
}

int lunq_trace_next(struct lunq_trace_reader *t, struct lunq_trace_record *r,
                    struct lunq_error *err)
{
    uint64_t kind;
    memset(r, 0, sizeof *r);
    if (t->at >= t->size)
        return 0;
    if (t->data[t->at] >= TRACE_N)
        return damaged(t, "no record begins like that", err);
    r->what = (enum lunq_trace_what)t->data[t->at++];
    if (!get_numbers(t, r->ask, 4) || !get_numbers(t, r->answer, 4) || !get_number(t, &r->passed))
        return damaged(t, "a number is cut off or too large", err);
    if (!get_text(t, &r->text, &r->n_text) || !get_bytes(t, &r->data, &r->n_data))
        return damaged(t, "a text or block of bytes is cut off", err);
    if (!get_number(t, &kind) || kind > -LUNQ_DEVICE || (kind > 0 && !get_failure(t, r, kind)))
        return damaged(t, "there is no such result", err);
    return 1;
}

/* ---- writing -------------------------------------------------------------------------------- */

void lunq_trace_write_start(FILE *f)
{
    fwrite(first_line, 1, sizeof first_line - 1, f);
}

static void put_number(FILE *f, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        putc((int)(value & 0x7f) | 0x80, f);
    putc((int)value, f);
}

static void put_bytes(FILE *f, const void *bytes, size_t n)
{
    put_number(f, n);
    if (n > 0)
        fwrite(bytes, 1, n, f);
}

void lunq_trace_write(FILE *f, const struct lunq_trace_record *r)
{
    putc((int)r->what, f);
    for (size_t i = 0; i < 4; i++)
        put_number(f, r->ask[i]);
    for (size_t i = 0; i < 4; i++)
        put_number(f, r->answer[i]);
    put_number(f, r->passed);
    put_bytes(f, r->text, r->n_text);
    put_bytes(f, r->data, r->n_data);
    put_number(f, (uint64_t)-r->result);
    if (r->result < 0) {
        put_number(f, r->fault);
        put_bytes(f, r->message, r->n_message);
    }
}

/* ---- comparing and telling ------------------------------------------------------------------ */

/* A design's name is for people, its digest counts. How far time should go depends on the waits,
 * whose ends other records tell. */
bool lunq_trace_same(const struct lunq_trace_record *a, const struct lunq_trace_record *b)
{
    if (a->what != b->what || a->what == TRACE_ADVANCE)
        return a->what == b->what;
    return !memcmp(a->ask, b->ask, sizeof a->ask) &&
           (a->what == TRACE_LOAD ||
            (a->n_text == b->n_text && (!a->n_text || !memcmp(a->text, b->text, a->n_text))));
}

/* "leds+0x8 (0x41200008)", or the address alone. */
static void put_address(char *out, size_t size, const struct lunq_design *design, uint64_t addr)
{
    const struct lunq_ip *ip = design ? lunq_design_ip_at(design, addr) : NULL;
    if (ip)
        snprintf(out, size, "%s+0x%" PRIx64 " (0x%08" PRIx64 ")", ip->key, addr - ip->phys_addr,
                 addr);
    else
        snprintf(out, size, "0x%08" PRIx64, addr);
}

const char *lunq_trace_describe(const struct lunq_trace_record *r, const struct lunq_design *design,
                                char *out, size_t size)
{
    const uint64_t *a = r->ask;
    int n = r->n_text < 200 ? (int)r->n_text : 200;
    char where[256];
    put_address(where, sizeof where, design, a[0]);
    switch (r->what) {
    case TRACE_DEVICE:
    case TRACE_BANK: snprintf(out, size, "open the device"); break;
    case TRACE_TIME: snprintf(out, size, "look at the clock"); break;
    case TRACE_ADVANCE: snprintf(out, size, "let time pass"); break;
    case TRACE_LOAD:
        snprintf(out, size, "load design %.*s (contents %016" PRIx64 ")", n, r->text, a[0]);
        break;
    case TRACE_READ: snprintf(out, size, "read %" PRIu64 " bytes from %s", a[1], where); break;
    case TRACE_WRITE:
        snprintf(out, size, "write 0x%" PRIx64 " (%" PRIu64 " bytes) to %s", a[2], a[1], where);
        break;
    case TRACE_ALLOC:
        snprintf(out, size, "allocate %" PRIu64 " bytes in memory bank %" PRIu64 "%s", a[0], a[1],
                 a[2] ? ", cacheable" : "");
        break;
    case TRACE_SEND:
        snprintf(out, size,
                 "send %" PRIu64 " bytes of memory at 0x%08" PRIx64 " to the device "
                 "(contents %016" PRIx64 ")",
                 a[1], a[0], a[2]);
        break;
    case TRACE_FETCH:
        snprintf(out, size, "fetch %" PRIu64 " bytes of memory at 0x%08" PRIx64, a[1], a[0]);
        break;
    case TRACE_ARM:
        snprintf(out, size, "%s interrupt %" PRIu64, a[1] ? "enable" : "disable", a[0]);
        break;
    case TRACE_TAKE: snprintf(out, size, "look for interrupt %" PRIu64, a[0]); break;
    case TRACE_LEVEL: snprintf(out, size, "look at the line of interrupt %" PRIu64, a[0]); break;
    case TRACE_DRIVE: snprintf(out, size, "drive %.*s to 0x%" PRIx64, n, r->text, a[0]); break;
    case TRACE_WIRE: snprintf(out, size, "look at wire %.*s", n, r->text); break;
    case TRACE_CHIP: snprintf(out, size, "look for GPIO chip %" PRIu64, a[0]); break;
    case TRACE_CLOCK_GET: snprintf(out, size, "ask for clock %" PRIu64, a[0]); break;
    case TRACE_CLOCK_SET:
        snprintf(out, size, "set clock %" PRIu64 " to %" PRIu64 " Hz", a[0], a[1]);
        break;
    case TRACE_GPIO_OPEN:
        snprintf(out, size, "open line %" PRIu64 " of GPIO chip %" PRIu64 " as %s", a[1], a[0],
                 a[2] ? "output" : "input");
        break;
    case TRACE_GPIO_WRITE:
        snprintf(out, size, "write %" PRIu64 " to line %" PRIu64 " of GPIO chip %" PRIu64, a[2],
                 a[1], a[0]);
        break;
    default:
        snprintf(out, size, "%s line %" PRIu64 " of GPIO chip %" PRIu64,
                 r->what == TRACE_GPIO_READ ? "read" : "watch", a[1], a[0]);
    }
    return out;
}

uint64_t lunq_trace_digest(uint64_t digest, const void *data, size_t n)
{
    const uint8_t *p = data;
    uint64_t h = digest ? digest : 0xcbf29ce484222325;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3;
    return h;
}
