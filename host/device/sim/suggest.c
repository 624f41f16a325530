/* suggest.c - the nearest of a list of names, for messages about a name that isn't there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define LONGEST 63 /* longer names are compared by their last characters */

static const char *tail(const char *s)
{
    size_t n = strlen(s);
    return n > LONGEST ? s + n - LONGEST : s;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Number of single-character edits between two words (Levenshtein). */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[LONGEST + 1];
    size_t n, m;
    a = tail(a);
    b = tail(b);
    n = strlen(a);
    m = strlen(b);
    for (size_t j = 0; j <= m; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned cost = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least(cost, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[m];
}

const char *sim_suggest(char *buf, size_t size, const char *word,
                        const char *(*name)(void *, size_t), void *ctx, size_t n)
{
    const char *best = NULL;
    unsigned least_distance = (unsigned)strlen(tail(word)) / 2 + 1;
    buf[0] = 0;
    for (size_t i = 0; i < n; i++) {
        const char *candidate = name(ctx, i);
        const char *leaf = strrchr(candidate, '/');
        unsigned d = distance(word, candidate);
        if (leaf && !strcmp(leaf + 1, word))
            d = 0; /* the name without its hierarchy */
        if (d < least_distance) {
            least_distance = d;
            best = candidate;
        }
    }
    if (best)
        snprintf(buf, size, " (did you mean %s?)", best);
    return buf;
}
