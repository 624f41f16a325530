/* words.c - see words.h. */
#include "words.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool has(const char *name, const char *word)
{
    return strcasestr(name, word) != NULL;
}

/* Characters of a name without the direction at its end: "awaddr_i", "irq_out". */
size_t rtl_bare(const char *name)
{
    static const char *const ways[] = {"_i", "_o", "_in", "_out"};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        size_t k = strlen(ways[i]);
        if (n > k && !strcasecmp(name + n - k, ways[i]))
            return n - k;
    }
    return n;
}

static bool ends(const char *name, const char *word)
{
    size_t n = rtl_bare(name), k = strlen(word);
    return n >= k && !strncasecmp(name + n - k, word, k);
}

/* "rst" or "reset", but not the end of "first" or "burst". */
bool rtl_is_reset(const char *name)
{
    static const char *const inside[] = {"first", "burst", "worst"};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (has(name, inside[i]))
            return has(name, "reset");
    return has(name, "rst") || has(name, "reset") || has(name, "por_n") || !strcasecmp(name, "por");
}

bool rtl_is_low(const char *name)
{
    return has(name, "rstn") || has(name, "rst_n") || has(name, "resetn") || has(name, "reset_n") ||
           has(name, "nrst") || has(name, "nreset") || ends(name, "_n") || ends(name, "_b") ||
           ends(name, "_l");
}

/* "clk", "aclk", "core_clock_p", but not what only tells of a clock or chooses one. */
bool rtl_is_clock(const char *name)
{
    static const char *const about[] = {"sel",  "select", "lock",    "locked", "valid",
                                        "good", "ok",     "stop",    "lost",   "mode",
                                        "req",  "ack",    "present", "on",     "off"};
    if (!has(name, "clk") && !has(name, "clock") && !ends(name, "_ck") && strcasecmp(name, "ck"))
        return false;
    for (size_t i = 0; i < sizeof about / sizeof *about; i++)
        if (ends(name, about[i]) && name[strlen(name) - strlen(about[i]) - 1] == '_')
            return false;
    return true;
}

/* "aclken", "clk_en", "clock_enable", "clk_ce" */
bool rtl_is_enable(const char *name)
{
    return ends(name, "en") || ends(name, "enable") || ends(name, "_ce");
}

/* Names that only tell of an interrupt, choose or acknowledge one. */
static bool is_about_irq(const char *name)
{
    static const char *const about[] = {
        "ack",  "attr",   "cause",   "clear",    "clr",  "cnt",      "count", "data",
        "en",   "enable", "fail",    "function", "id",   "level",    "mask",  "mode",
        "num",  "number", "pending", "present",  "prio", "priority", "sel",   "select",
        "sent", "status", "type",    "vector",   "width"};
    size_t n = rtl_bare(name);
    for (size_t i = 0; i < sizeof about / sizeof *about; i++) {
        size_t k = strlen(about[i]);
        if (n > k && name[n - k - 1] == '_' && ends(name, about[i]))
            return true;
    }
    return false;
}

bool rtl_is_irq(const char *name)
{
    return !is_about_irq(name) &&
           (has(name, "interrupt") || has(name, "irq") || has(name, "introut") ||
            has(name, "irpt") || ends(name, "_int") || ends(name, "_inta") ||
            has(name, "_int_out") || ends(name, "intr") || !strcasecmp(name, "int_o"));
}

/* Of a vector the name has to say more: "irq_state" is anything. */
bool rtl_is_irqs(const char *name)
{
    static const char *const words[] = {"irq",  "irqs",  "interrupt", "interrupts",
                                        "intr", "intrs", "_int",      "irpt"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ends(name, words[i]))
            return true;
    return false;
}
