/* coverage.c - a list of words, found through a hash table; see coverage.h. */
#include "coverage.h"

#include <stdlib.h>
#include <string.h>

#include "flight.h"

enum { PLACES = 2 * LUNQ_COVERAGE_WORDS }; /* of the hash table, a power of two */

static struct {
    struct lunq_coverage_word *words; /* NULL: off */
    uint32_t *places;                 /* 1 + index into words; 0: free */
    size_t n;
    uint64_t lost;
} seen;

int lunq_coverage_start(struct lunq_error *err)
{
    lunq_coverage_stop();
    seen.words = malloc(LUNQ_COVERAGE_WORDS * sizeof *seen.words);
    seen.places = calloc(PLACES, sizeof *seen.places);
    lunq_flight_pause(false);
    if (seen.words && seen.places)
        return 0;
    lunq_coverage_stop();
    return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
}

void lunq_coverage_stop(void)
{
    lunq_coverage_clear();
    free(seen.words);
    free(seen.places);
    memset(&seen, 0, sizeof seen);
    lunq_flight_pause(false);
}

bool lunq_coverage_on(void)
{
    return seen.words != NULL;
}

size_t lunq_coverage_count(void)
{
    return seen.n;
}

const struct lunq_coverage_word *lunq_coverage_at(size_t i)
{
    return &seen.words[i];
}

uint64_t lunq_coverage_lost(void)
{
    return seen.lost;
}

void lunq_coverage_clear(void)
{
    for (size_t i = 0; i < seen.n; i++)
        free(seen.words[i].values);
    if (seen.n > 0)
        memset(seen.places, 0, PLACES * sizeof *seen.places);
    seen.n = 0;
}

/* ---- noting -------------------------------------------------------------------------------- */

/* The word, made when it is touched the first time; NULL: there is no room. */
static struct lunq_coverage_word *word_at(const struct lunq_device *d, uint64_t address)
{
    uint64_t h = (address >> 2 ^ d->serial << 40 ^ d->loads << 48) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(h >> 32) & (PLACES - 1);
    for (; seen.places[at]; at = (at + 1) & (PLACES - 1)) {
        struct lunq_coverage_word *w = &seen.words[seen.places[at] - 1];
        if (w->address == address && w->serial == d->serial && w->loads == d->loads)
            return w;
    }
    if (seen.n == LUNQ_COVERAGE_WORDS) {
        seen.lost++;
        return NULL;
    }
    seen.words[seen.n] =
        (struct lunq_coverage_word){.serial = d->serial, .loads = d->loads, .address = address};
    seen.places[at] = (uint32_t)++seen.n;
    return &seen.words[seen.n - 1];
}

/* The entry of a value, made when it is the first time; NULL: there are too many. */
static struct lunq_coverage_value *value_of(struct lunq_coverage_word *w, uint32_t value)
{
    struct lunq_coverage_value *list = w->values;
    for (size_t i = w->n_values; i-- > 0;) /* what was last is likely */
        if (list[i].value == value)
            return &list[i];
    if (w->n_values == LUNQ_COVERAGE_VALUES)
        return NULL;
    if ((w->n_values & (w->n_values - 1)) == 0) { /* 0 or a power of two: it is full */
        size_t room = w->n_values ? 2 * w->n_values : 1;
        list = realloc(list, room * sizeof *list);
        if (!list)
            return NULL;
        w->values = list;
    }
    list[w->n_values] = (struct lunq_coverage_value){.value = value};
    return &list[w->n_values++];
}

/* n bytes of a word, at its byte `at`. */
static void note(struct lunq_coverage_word *w, bool write, unsigned at, unsigned n, uint32_t part)
{
    uint32_t mask = n < 4 ? ((UINT32_C(1) << 8 * n) - 1) << 8 * at : UINT32_MAX;
    uint32_t value = part << 8 * at & mask;
    struct lunq_coverage_value *v;
    if (write)
        w->writes++;
    else
        w->reads++;
    w->ones |= value;
    w->zeros |= ~value & mask;
    if (w->more || mask != UINT32_MAX) /* of a part, fields elsewhere would be 0 */
        return;
    v = value_of(w, value);
    if (!v)
        w->more = true;
    else if (write)
        v->written = true;
    else
        v->read = true;
}

void lunq_coverage_access(const struct lunq_device *d, bool write, uint64_t address, unsigned width,
                          uint64_t value)
{
    for (unsigned done = 0; done < width; done += 4) {
        unsigned n = width < 4 ? width : 4, at = (unsigned)(address & 3);
        struct lunq_coverage_word *w = word_at(d, (address + done) & ~UINT64_C(3));
        if (w)
            note(w, write, at, n, (uint32_t)(value >> 8 * done));
    }
}
