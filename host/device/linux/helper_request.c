#include "helper_request.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "../../core/device.h"

_Static_assert(sizeof(struct lx_helper_request) == 288, "no padding, the same on 32 and 64 bits");

/* What each operation needs, by its number. */
static const struct {
    size_t files_min, files_max;
    bool name, index, region, hz;
} needs[LX_HELPER_OPS] = {
    [LX_HELPER_LOAD] = {1, 2, .region = true},
    [LX_HELPER_INSERT] = {1, 1, .name = true},
    [LX_HELPER_REMOVE] = {0, 0, .name = true},
    [LX_HELPER_CLOCK_GET] = {0, 0, .index = true},
    [LX_HELPER_CLOCK_SET] = {0, 0, .index = true, .hz = true},
    [LX_HELPER_CLOCK_RUNS] = {0, 0, .index = true},
};

/* Printable, ended within its field, and zeros from there on. */
static bool is_text(const char *s, size_t size)
{
    size_t n = strnlen(s, size);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] < ' ' || (unsigned char)s[i] > '~')
            return false;
    for (size_t i = n; i < size; i++)
        if (s[i])
            return false;
    return n < size;
}

static bool is_name(const char *s)
{
    if (*s == '.' || strlen(s) > 64)
        return false;
    for (; *s; s++)
        if (!isascii((unsigned char)*s) || (!isalnum((unsigned char)*s) && !strchr("._-", *s)))
            return false;
    return true;
}

static int check_texts(const struct lx_helper_request *q, struct lunq_error *err)
{
    if (!is_text(q->name, sizeof q->name) || !is_text(q->region, sizeof q->region) ||
        !is_text(q->file, sizeof q->file))
        return lunq_fail(err, LUNQ_VALUE, "A text of the request is damaged.");
    if (!is_name(q->name))
        return lunq_fail(err, LUNQ_VALUE,
                         "'%s' is no name for an overlay: up to 64 letters, digits, and . _ - "
                         "but no dot in front.",
                         q->name);
    return 0;
}

int lx_helper_request_check(struct lx_helper_request *out, const void *packet, size_t n,
                            size_t n_files, struct lunq_error *err)
{
    struct lx_helper_request *q = out;
    int r;
    memset(q, 0, sizeof *q);
    if (n != sizeof *q)
        return lunq_fail(err, LUNQ_VALUE, "A request has %zu bytes, this one has %zu.", sizeof *q,
                         n);
    memcpy(q, packet, n);
    if (q->magic != LX_HELPER_MAGIC)
        return lunq_fail(err, LUNQ_VALUE, "This is no request of this version of LUNQ.");
    if (q->op < LX_HELPER_LOAD || q->op >= LX_HELPER_OPS)
        return lunq_fail(err, LUNQ_VALUE, "There is no operation %" PRIu32 ".", q->op);
    if (n_files != q->n_files || n_files < needs[q->op].files_min ||
        n_files > needs[q->op].files_max)
        return lunq_fail(err, LUNQ_VALUE, "Operation %" PRIu32 " came with %zu files.", q->op,
                         n_files);
    if ((r = check_texts(q, err)) < 0)
        return r;
    /* LOAD has a name exactly when it has an overlay. */
    if ((q->name[0] != 0) != (q->op == LX_HELPER_LOAD ? n_files == 2 : needs[q->op].name) ||
        (q->region[0] && !needs[q->op].region) || (q->index && !needs[q->op].index) ||
        (q->hz && !needs[q->op].hz) || (q->file[0] != 0) != (n_files > 0))
        return lunq_fail(err, LUNQ_VALUE, "Operation %" PRIu32 " lacks something or has too much.",
                         q->op);
    if (q->index >= LUNQ_PL_CLOCKS)
        return lunq_fail(err, LUNQ_VALUE, "Valid PL clock index is 0 - 3.");
    if (q->hz > UINT64_C(10000000000))
        return lunq_fail(err, LUNQ_VALUE, "%" PRIu64 " Hz is no clock of programmable logic.",
                         q->hz);
    return 0;
}
