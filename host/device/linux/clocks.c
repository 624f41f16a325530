/* clocks.c - clocks of the programmable logic through the kernel (linux-boards.md A9), whose clock framework
 * does not see what is written to the registers. Drivers that set one:
 *   xlnx,fclk  vendor kernels: a platform device for each clock, file `set_rate`
 *   fclk       older ones: what devcfg exports, files `set_rate` and `enable`
 *   fclkcfg    a module of its own: files `rate` and `enable`
 * Without any, registers are used (core/clocks_registers.c); where those are out of reach, debugfs still says
 * what the kernel believes. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "private.h"

static const struct {
    const char *folder, *rate;
    bool by_tree; /* an entry's of_node says which clock it is */
} drivers[] = {
    {"/sys/bus/platform/devices", "set_rate", true},
    {"/sys/class/fclk", "set_rate", false},
    {"/sys/class/fclkcfg", "rate", false},
};

/* Number of the first clock of the logic at the clock controller of the tree
 * (dt-bindings: clock/zynq-7000.txt "fclk0", clock/xlnx-zynqmp-clk.h PL0_REF), and its name in debugfs. */
static const struct {
    enum lunq_ps ps;
    uint32_t first;
    const char *debugfs;
} families[] = {
    {LUNQ_PS_ZYNQ7000, 15, "fclk%u"},
    {LUNQ_PS_ZYNQMP, 71, "pl%u_ref"},
};

/* The files of one clock. */
struct clock_files {
    char rate[LX_PATH];   /* Hz */
    char enable[LX_PATH]; /* 0 or 1; "": there is no such file */
};

/* "fclk2", "amba_pl@0:fclk2": 2; else -1. */
static int index_by_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return lx_index(colon ? colon + 1 : name, "fclk");
}

/* By the first clock of its node, <&controller number>; -1: it is another one. */
static int index_by_tree(const struct lunq_linux *x, const char *folder, const char *name)
{
    char path[LX_PATH];
    uint8_t c[12];
    uint32_t number;
    long n = -1;
    if (lx_path(path, x->root, "%s/%s/of_node/clocks", folder, name))
        n = lx_read_bytes(path, c, sizeof c);
    if (n < 0)
        return index_by_name(name);
    if (n != 8)
        return -1;
    number = (uint32_t)c[4] << 24 | c[5] << 16 | c[6] << 8 | c[7];
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (families[i].ps == x->soc.ps && number - families[i].first < LUNQ_PL_CLOCKS)
            return (int)(number - families[i].first);
    return -1;
}

static bool find_in(const struct lunq_linux *x, size_t driver, unsigned index,
                    struct clock_files *f)
{
    const char *folder = drivers[driver].folder;
    char path[LX_PATH];
    DIR *d = lx_path(path, x->root, "%s", folder) ? opendir(path) : NULL;
    struct dirent *e;
    bool found = false;
    while (d && !found && (e = readdir(d))) {
        int n;
        if (!lx_path(f->rate, x->root, "%s/%s/%s", folder, e->d_name, drivers[driver].rate) ||
            access(f->rate, F_OK) != 0)
            continue;
        n = drivers[driver].by_tree ? index_by_tree(x, folder, e->d_name)
                                    : index_by_name(e->d_name);
        found = n == (int)index;
        if (found && (!lx_path(f->enable, x->root, "%s/%s/enable", folder, e->d_name) ||
                      access(f->enable, F_OK) != 0))
            f->enable[0] = 0;
    }
    if (d)
        closedir(d);
    return found;
}

static bool find(const struct lunq_linux *x, unsigned index, struct clock_files *f)
{
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++)
        if (find_in(x, i, index, f))
            return true;
    return false;
}

/* What debugfs says, which can't set anything: only where nobody reaches the registers. */
static bool believed(const struct lunq_linux *x, unsigned index, uint64_t *hz)
{
    char path[LX_PATH], name[16];
    uint64_t users;
    if (lx_path(path, x->root, "/dev/mem") && access(path, R_OK | W_OK) == 0)
        return false;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (families[i].ps != x->soc.ps)
            continue;
        snprintf(name, sizeof name, families[i].debugfs, index);
        if (!lx_path(path, x->root, "/sys/kernel/debug/clk/%s/clk_rate", name) ||
            !lx_read_number(path, hz))
            return false;
        if (lx_path(path, x->root, "/sys/kernel/debug/clk/%s/clk_enable_count", name) &&
            lx_read_number(path, &users) && users == 0)
            *hz = 0;
        return true;
    }
    return false;
}

int lx_clock_get(struct lunq_device *d, unsigned index, uint64_t *hz, struct lunq_error *err)
{
    const struct lunq_linux *x = lx_of(d);
    struct clock_files f;
    uint64_t on;
    if (!find(x, index, &f)) {
        if (lx_helper_wanted(x->root))
            return lx_helper_clock_get(index, hz, err);
        return believed(x, index, hz) ? 0 : LUNQ_UNSUPPORTED;
    }
    if (!lx_read_number(f.rate, hz))
        return lunq_fail(err, LUNQ_IO, "PL clock %u can't be read from %s: %s.", index, f.rate,
                         errno ? strerror(errno) : "it is no number");
    if (f.enable[0] && lx_read_number(f.enable, &on) && on == 0)
        *hz = 0;
    return 0;
}

int lx_clock_running(struct lunq_device *d, unsigned index, bool *on, struct lunq_error *err)
{
    const struct lunq_linux *x = lx_of(d);
    struct clock_files f;
    uint64_t hz;
    int r;
    if (!find(x, index, &f))
        return lx_helper_wanted(x->root) ? lx_helper_clock_running(index, on, err)
                                         : LUNQ_UNSUPPORTED;
    r = lx_clock_get(d, index, &hz, err);
    if (r == 0)
        *on = hz != 0;
    return r;
}

static int put(const char *path, uint64_t value, unsigned index, struct lunq_error *err)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, value);
    if (lx_write(path, text))
        return 0;
    if (errno == EACCES || errno == EPERM)
        return lunq_fail(
            err, LUNQ_PERMISSION,
            "PL clock %u can't be set: %s: %s. Setting clocks is for root, or lunq-helper%s.",
            index, path, strerror(errno), lx_helper_hint());
    return lunq_fail(err, LUNQ_IO, "PL clock %u can't be set: %s does not take %s: %s.", index,
                     path, text, strerror(errno));
}

int lx_clock_set(struct lunq_device *d, unsigned index, uint64_t hz, struct lunq_error *err)
{
    struct clock_files f;
    int r;
    if (lx_helper_wanted(lx_of(d)->root))
        return lx_helper_clock_set(index, hz, err);
    if (!find(lx_of(d), index, &f))
        return lunq_fail(err, LUNQ_UNSUPPORTED, "No driver of the kernel sets PL clock %u.", index);
    if (hz == 0 && !f.enable[0])
        return lunq_fail(
            err, LUNQ_UNSUPPORTED,
            "PL clock %u can't be turned off: the kernel's driver has it (%s), and keeps "
            "it on.",
            index, f.rate);
    if (hz > 0 && (r = put(f.rate, hz, index, err)) < 0)
        return r;
    return f.enable[0] ? put(f.enable, hz > 0, index, err) : 0;
}
