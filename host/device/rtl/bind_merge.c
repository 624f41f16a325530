/* bind_merge.c - groups of pins that are one bus together: a channel each, or a direction each. */
#include <stdio.h>
#include <strings.h>

#include "bind_groups.h"

/* ---- names such as X_aw_valid: groups that hold one channel each ----------------------------- */

static bool only(const struct rtl_bus *f, const char *channel)
{
    for (int k = 0; k < RTL_SIGNALS; k++)
        if (f->s[k].name && strncmp(rtl_signal_name((enum rtl_signal)k), channel, strlen(channel)))
            return false;
    return true;
}

/* The channel such a group's name ends in, when it holds nothing else: m_axi_b is not one of m_axi. */
static const char *channel_of(const struct rtl_bus *f)
{
    static const char *const channels[] = {"aw", "ar", "w", "b", "r"};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        size_t n = strlen(f->name), k = strlen(channels[i]);
        if (n > k + 1 && f->name[n - k - 1] == '_' && !strcasecmp(f->name + n - k, channels[i]) &&
            only(f, channels[i]))
            return channels[i];
    }
    return NULL;
}

static bool clash(const struct rtl_bus *a, const struct rtl_bus *b)
{
    for (int k = 0; k < RTL_SIGNALS; k++)
        if (a->s[k].name && b->s[k].name)
            return true;
    return false;
}

/* All pins of another group. */
static void take(struct rtl_bus *to, const struct rtl_bus *f)
{
    for (int k = 0; k < RTL_SIGNALS; k++)
        if (f->s[k].name)
            to->s[k] = f->s[k];
}

static void merge(struct rtl_bind *b, size_t i, const char *channel)
{
    struct rtl_bus *f = &b->buses[i], *to;
    char whole[sizeof f->name];
    size_t n = strlen(f->name) - strlen(channel) - 1;
    memcpy(whole, f->name, n);
    whole[n] = 0;
    to = rtl_bind_bus(b, whole);
    if (!to) {
        memcpy(f->name, whole, n + 1);
        return;
    }
    if (clash(to, f))
        return;
    take(to, f);
    memmove(f, f + 1, (--b->n_buses - i) * sizeof *f);
}

void rtl_merge_channels(struct rtl_bind *b)
{
    for (size_t i = b->n_buses; i-- > 0;) {
        const char *channel = channel_of(&b->buses[i]);
        if (channel)
            merge(b, i, channel);
    }
}

/* ---- names such as i_X_awvalid and o_X_awready: groups that hold one direction each ------------- */

/* Is this "i" or "i_X", and nothing but inputs? The same for "o" and outputs. */
static bool one_way(const struct rtl_bus *f, char way)
{
    bool in = way == 'i';
    if ((f->name[0] | 0x20) != way || (f->name[1] && f->name[1] != '_'))
        return false;
    for (int k = 0; k < RTL_SIGNALS; k++)
        if (f->s[k].name && (f->s[k].direction == LUNQ_RTL_IN) != in)
            return false;
    return true;
}

/* X, or what a bus without a name is called. */
static const char *way_less(const struct rtl_bus *f)
{
    int k = 0;
    while (k < RTL_SIGNALS && !f->s[k].name)
        k++;
    return f->name[1] ? f->name + 2 : rtl_unnamed((enum rtl_signal)k);
}

/* i_X and o_X become X. i_tdata and i_tready are a stream named "i": a group of both directions stays. */
void rtl_merge_ways(struct rtl_bind *b)
{
    for (size_t i = b->n_buses; i-- > 0;) {
        struct rtl_bus *f = &b->buses[i], *to = NULL;
        for (size_t j = 0; one_way(f, 'o') && j < b->n_buses && !to; j++)
            if (one_way(&b->buses[j], 'i') && !strcasecmp(b->buses[j].name + 1, f->name + 1))
                to = &b->buses[j];
        if (!to || clash(to, f) || rtl_bind_bus(b, way_less(f)))
            continue;
        take(to, f);
        snprintf(to->name, sizeof to->name, "%s", way_less(f));
        memmove(f, f + 1, (--b->n_buses - i) * sizeof *f);
    }
}
