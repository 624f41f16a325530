/* bind_other.c - buses that nothing here drives, told from plain pins by the signals they have: what was found is
 * said, and what to do. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bind_groups.h"
#include "words.h"

struct protocol {
    const char *why;
    const char *need[4]; /* all of these, NULL at the end */
    const char *also[20];
};

#define REGISTERS(name)                                                                            \
    name ", which nothing here drives: put a bridge from AXI4-Lite in front of it, or set its "    \
         "pins with device:wire"
#define STREAM(name)                                                                               \
    name ", which nothing here drives: a table of pins (--pins) can name its signals as those of " \
         "an AXI4-Stream"

static const struct protocol protocols[] = {
    {REGISTERS("APB"),
     {"psel", "penable", "paddr"},
     {"pwrite", "pwdata", "prdata", "pready", "pslverr", "pstrb", "pprot"}},
    {REGISTERS("AHB"),
     {"haddr", "htrans", "hwrite"},
     {"hwdata", "hrdata", "hready", "hreadyin", "hreadyout", "hresp", "hsize", "hburst", "hprot",
      "hsel", "hmastlock", "hmaster"}},
    {REGISTERS("Wishbone"),
     {"cyc", "stb", "ack"},
     {"we", "adr", "addr", "dat", "data", "dat_r", "dat_w", "sel", "err", "rty", "stall", "cti",
      "bte", "idata", "odata", "lock"}},
    {REGISTERS("Avalon-MM"),
     {"readdata", "writedata", "address"},
     {"read", "write", "waitrequest", "readdatavalid", "byteenable", "burstcount", "chipselect",
      "response", "writeresponsevalid", "beginbursttransfer", "lock"}},
    {STREAM("Avalon-ST"),
     {"startofpacket", "endofpacket", "valid"},
     {"ready", "data", "empty", "channel", "error"}},
    {REGISTERS("TileLink"),
     {"a_valid", "a_bits_opcode", "d_valid"},
     {"a_ready", "a_bits_param", "a_bits_size", "a_bits_source", "a_bits_address", "a_bits_mask",
      "a_bits_data", "a_bits_corrupt", "d_ready", "d_bits_opcode", "d_bits_param", "d_bits_size",
      "d_bits_source", "d_bits_sink", "d_bits_denied", "d_bits_data", "d_bits_corrupt"}},
};

/* A name without the direction in front, as in "i_wb_cyc". */
static const char *without_way(const char *name)
{
    return strchr("iIoO", name[0]) && name[0] && name[1] == '_' ? name + 2 : name;
}

/* Does a name end in this word? *n gets the characters before it. */
static bool ends_in(const char *name, const char *word, size_t *n)
{
    size_t all = rtl_bare(name), k = strlen(word);
    if (all < k || strncasecmp(name + all - k, word, k) != 0 ||
        (all > k && name[all - k - 1] != '_'))
        return false;
    *n = all - k;
    return true;
}

/* The plain pin of this bus and word, or NULL. */
static struct rtl_left *find(struct rtl_bind *b, const char *bus, size_t n, const char *word)
{
    for (size_t i = 0; i < b->n_left; i++) {
        const char *name = without_way(b->left[i].pin.name);
        size_t k;
        if (!b->left[i].why && ends_in(name, word, &k) && k == n && !strncasecmp(name, bus, n))
            return &b->left[i];
    }
    return NULL;
}

static void mark(struct rtl_bind *b, const struct protocol *p, const char *bus, size_t n,
                 const char *word)
{
    struct rtl_left *left;
    while (word && (left = find(b, bus, n, word)))
        left->why = p->why;
}

static void look_for(struct rtl_bind *b, const struct protocol *p)
{
    for (size_t i = 0; i < b->n_left; i++) {
        const char *bus = without_way(b->left[i].pin.name);
        bool all = true;
        size_t n;
        if (b->left[i].why || !ends_in(bus, p->need[0], &n))
            continue;
        for (int k = 1; all && p->need[k]; k++)
            all = find(b, bus, n, p->need[k]);
        for (int k = 0; all && p->need[k]; k++)
            mark(b, p, bus, n, p->need[k]);
        for (int k = 0; all && p->also[k]; k++)
            mark(b, p, bus, n, p->also[k]);
    }
}

void rtl_name_others(struct rtl_bind *b)
{
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        look_for(b, &protocols[i]);
}
