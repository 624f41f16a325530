/* check.h - what the C programs of the specs say of what they find. A program ends with `failed` as its
 * exit code; see c_program.lua. */
#ifndef SPEC_CHECK_H
#define SPEC_CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int failed;

static inline void that(const char *what, bool ok)
{
    if (!ok)
        printf("not true: %s\n", what);
    failed |= !ok;
}

static inline void that_is(const char *what, uint64_t want, uint64_t got)
{
    if (want != got)
        printf("%s: wanted %" PRIu64 ", got %" PRIu64 "\n", what, want, got);
    failed |= want != got;
}

static inline void that_text(const char *what, const char *want, const char *got)
{
    if (strcmp(want, got))
        printf("%s:\n  wanted %s\n  got    %s\n", what, want, got);
    failed |= strcmp(want, got) != 0;
}

#endif
