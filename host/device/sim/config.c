/* config.c - reads the string that opens a simulated device. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define OPTIONS                                                                                    \
    "seed=N, coherent=0|1, ddr=BYTES (with K, M or G), memory=FILE, memory_base=ADDRESS, "         \
    "gpio_base=N, gpiochip=LABEL:BASE:LINES, uio=0|1"

#define CARD_OPTIONS "seed=N"
#define MOST_CARDS 16u /* as many as devices can be open */

static bool is(const char *s, size_t n, const char *word)
{
    return strlen(word) == n && !memcmp(s, word, n);
}

/* A number with an optional K, M or G; the whole of [s, s+n) must be one. */
static bool number(const char *s, size_t n, uint64_t *out)
{
    char copy[32], *end;
    unsigned shift = 0;
    if (n == 0 || n >= sizeof copy || s[0] < '0' || s[0] > '9')
        return false;
    memcpy(copy, s, n);
    copy[n] = 0;
    errno = 0;
    *out = strtoull(copy, &end, 0);
    if (*end == 'K' || *end == 'k')
        shift = 10;
    else if (*end == 'M' || *end == 'm')
        shift = 20;
    else if (*end == 'G' || *end == 'g')
        shift = 30;
    end += shift ? 1 : 0;
    if (errno || *end || (*out << shift) >> shift != *out)
        return false;
    *out <<= shift;
    return true;
}

/* "LABEL:BASE:LINES": a GPIO chip beside the processor, an expander on I2C for example. */
static bool expander(struct lunq_gpio_chip *chip, const char *s, size_t n)
{
    size_t label = 0, base;
    uint64_t first, lines;
    while (label < n && s[label] != ':')
        label++;
    base = label + 1;
    while (base < n && s[base] != ':')
        base++;
    if (label == 0 || label >= sizeof chip->label || base >= n || memchr(s, '/', label) ||
        !number(s + label + 1, base - label - 1, &first) ||
        !number(s + base + 1, n - base - 1, &lines) || first > 65535 || lines < 1 ||
        lines > SIM_EXPANDER_LINES)
        return false;
    memset(chip, 0, sizeof *chip);
    memcpy(chip->label, s, label);
    chip->base = (unsigned)first;
    chip->lines = (unsigned)lines;
    return true;
}

/* "alveo", "alveo:3", "alveo*4" */
static bool card(struct sim_config *c, const char *s, size_t n)
{
    uint64_t v;
    if (n < 5 || memcmp(s, "alveo", 5) != 0)
        return false;
    c->family = SIM_ALVEO;
    if (n == 5)
        return true;
    if ((s[5] != ':' && s[5] != '*') || !number(s + 6, n - 6, &v) ||
        v >= MOST_CARDS + (s[5] == '*'))
        return false;
    *(s[5] == ':' ? &c->card : &c->cards) = (unsigned)v;
    return s[5] == ':' || v > 0;
}

uint64_t sim_memory_end(const struct sim_config *c)
{
    return c->family == SIM_ZYNQMP ? UINT64_C(2) << 30 : UINT64_C(1) << 30;
}

static int parse_option(struct sim_config *c, const char *s, size_t n, const char *spec,
                        struct lunq_error *err)
{
    const char *eq = memchr(s, '=', n);
    size_t k = eq ? (size_t)(eq - s) : n;
    const char *known = c->family == SIM_ALVEO ? CARD_OPTIONS : OPTIONS;
    uint64_t v = 0;
    bool ok = eq && number(eq + 1, n - k - 1, &v);
    if (c->family == SIM_ALVEO && !is(s, k, "seed"))
        return lunq_fail(err, LUNQ_VALUE,
                         "Device \"%s\": unknown option \"%.*s\". A simulated card knows %s.", spec,
                         (int)k, s, CARD_OPTIONS);
    if (is(s, k, "gpiochip")) {
        if (!eq || !expander(&c->expander, eq + 1, n - k - 1))
            return lunq_fail(err, LUNQ_VALUE,
                             "Device \"%s\": \"%.*s\" should be gpiochip=LABEL:BASE:LINES with 1 "
                             "to %d lines.",
                             spec, (int)n, s, SIM_EXPANDER_LINES);
        return 0;
    }
    if (is(s, k, "memory")) {
        if (!eq || n - k - 1 == 0 || n - k - 1 >= sizeof c->memory)
            return lunq_fail(err, LUNQ_VALUE,
                             "Device \"%s\": memory= needs the path of a file, of at most %zu "
                             "characters.",
                             spec, sizeof c->memory - 1);
        memcpy(c->memory, eq + 1, n - k - 1);
        return 0;
    }
    if (is(s, k, "seed")) {
        c->seed = v;
    } else if (is(s, k, "memory_base")) {
        c->memory_base = v;
    } else if (is(s, k, "coherent")) {
        c->coherent = v != 0;
        ok = ok && v <= 1;
    } else if (is(s, k, "uio")) {
        c->uio = v != 0;
        ok = ok && v <= 1;
    } else if (is(s, k, "gpio_base")) {
        c->gpio_base = v;
        ok = ok && v <= 65535;
    } else if (is(s, k, "ddr")) {
        uint64_t max = sim_memory_end(c);
        if (ok && (v < (2u << 20) || v > max))
            return lunq_fail(err, LUNQ_VALUE,
                             "Device \"%s\": ddr is from 2M to %" PRIu64 "M (the memory below the "
                             "programmable logic).",
                             spec, max >> 20);
        c->ddr = v & ~UINT64_C(4095);
    } else {
        return lunq_fail(err, LUNQ_VALUE,
                         "Device \"%s\": unknown option \"%.*s\". A simulated device knows %s.",
                         spec, (int)k, s, known);
    }
    if (!ok)
        return lunq_fail(err, LUNQ_VALUE,
                         "Device \"%s\": \"%.*s\" needs a number. A simulated %s knows %s.", spec,
                         (int)n, s, c->family == SIM_ALVEO ? "card" : "device", known);
    return 0;
}

static int parse_family(struct sim_config *c, const char *s, size_t n, const char *spec,
                        struct lunq_error *err)
{
    if (is(s, n, "zynq7000"))
        c->family = SIM_ZYNQ7000;
    else if (is(s, n, "zynqmp"))
        c->family = SIM_ZYNQMP;
    else if (!card(c, s, n))
        return lunq_fail(err, LUNQ_VALUE,
                         "Device \"%s\": unknown family \"%.*s\". There are sim (the family of the "
                         "design), sim:zynq7000, sim:zynqmp and cards: sim:alveo, sim:alveo:0 to "
                         "sim:alveo:%u, sim:alveo*N for N cards.",
                         spec, (int)n, s, MOST_CARDS - 1);
    return 0;
}

int sim_config_parse(struct sim_config *c, const char *spec, struct lunq_error *err)
{
    const char *s = spec + strlen("sim");
    int r = 0;
    *c = (struct sim_config){.coherent = true, .ddr = UINT64_C(512) << 20, .gpio_base = UINT64_MAX};
    if (*s == ':') {
        size_t n = strcspn(++s, "?");
        r = parse_family(c, s, n, spec, err);
        s += n;
    }
    for (; r == 0 && *s; s += strcspn(s, "&")) {
        s++; /* the ? or & */
        r = parse_option(c, s, strcspn(s, "&"), spec, err);
    }
    if (r == 0 && c->memory[0] && !c->coherent)
        return lunq_fail(err, LUNQ_VALUE,
                         "Device \"%s\": memory= is what both sides see, so there is no "
                         "coherent=0 with it.",
                         spec);
    return r;
}
