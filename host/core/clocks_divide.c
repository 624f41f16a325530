/* clocks_divide.c - which two dividers make a frequency. */
#include <inttypes.h>
#include <math.h>

#include "clocks_internal.h"

#define MAX_DIV 63

/* The pair of dividers whose product is nearest to `quotient`, as PYNQ finds it (pynq-behaviour.md
 * B13): products in the order they come up with the first factor counted outside, the first of two
 * equally near ones, and of its pairs the one with the largest first factor. */
static void nearest_pair(double quotient, unsigned *div0, unsigned *div1)
{
    double best = INFINITY;
    unsigned product = 1;
    *div0 = 1;
    for (unsigned i = 1; i <= MAX_DIV; i++)
        for (unsigned k = 1; k <= MAX_DIV; k++)
            if (fabs(i * k - quotient) < best) {
                best = fabs(i * k - quotient);
                product = i * k;
            }
    for (unsigned i = 1; i <= MAX_DIV; i++)
        if (product % i == 0 && product / i <= MAX_DIV)
            *div0 = i;
    *div1 = product / *div0;
}

static int check_divider(const int64_t *div, unsigned n, struct lunq_error *err)
{
    if (!div || (*div >= 1 && *div <= MAX_DIV))
        return 0;
    return lunq_fail(err, LUNQ_VALUE,
                     "Frequency divider %u value out of range. It is %" PRId64 "; %d to %d divide.",
                     n, *div, 1, MAX_DIV);
}

static int check_mhz(double mhz, double source, const char *name, struct lunq_error *err)
{
    if (!(mhz > 0) || isinf(mhz))
        return lunq_fail(err, LUNQ_VALUE, "A clock of %g MHz can't be made.", mhz);
    if (lunq_clock_round(source / mhz) <= 0.5)
        return lunq_fail(err, LUNQ_VALUE,
                         "%g MHz can't be made: the clock comes from the %s, which has %g MHz.",
                         mhz, name, source);
    return 0;
}

/* Fills in the dividers that were not given, from the frequency. */
int lunq_clock_divide(const struct lunq_clock_ask *ask, const char *name, double source,
                      int64_t div[2], struct lunq_error *err)
{
    unsigned pair[2];
    int r = check_divider(ask->div0, 0, err);
    if (r == 0)
        r = check_divider(ask->div1, 1, err);
    if (r == 0 && !(ask->div0 && ask->div1))
        r = check_mhz(ask->mhz, source, name, err);
    if (r < 0)
        return r;
    if (!ask->div0 && !ask->div1) {
        nearest_pair(lunq_clock_round(source / ask->mhz), &pair[0], &pair[1]);
        div[0] = pair[0];
        div[1] = pair[1];
        return 0;
    }
    div[0] =
        ask->div0 ? *ask->div0 : (int64_t)fmin(rint(source / ask->mhz / (double)*ask->div1), 1e9);
    div[1] =
        ask->div1 ? *ask->div1 : (int64_t)fmin(rint(source / ask->mhz / (double)*ask->div0), 1e9);
    r = check_divider(&div[0], 0, err);
    return r < 0 ? r : check_divider(&div[1], 1, err);
}
