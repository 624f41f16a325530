/* load.c - bitstreams. Who loads them (linux-boards.md A8): the region of an overlay that names the
 * bitstream; else the FPGA manager by its files `flags` and `firmware`, which vendor kernels have; else,
 * where a kernel has overlays and no such files, an overlay of our own (load_region.c). */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../design/bitstream.h"
#include "firmware.h"
#include "helper.h"
#include "kmsg.h"
#include "load.h"
#include "overlay.h"

/* The flags of include/linux/fpga/fpga-mgr.h that the file `flags` takes, in hexadecimal; from USER_KEY on
 * vendor kernels only have them. */
enum { PARTIAL = 0x1, DEVICE_KEY = 0x4, USER_KEY = 0x20, AUTH_DDR = 0x40, AUTH_OCM = 0x80 };

/* Of the managers the first that takes bitstreams from programs; else the first; -1: there is none. */
int lx_manager(const struct lunq_linux *x)
{
    char path[LX_PATH];
    DIR *d = lx_path(path, x->root, "/sys/class/fpga_manager") ? opendir(path) : NULL;
    struct dirent *e;
    int best = -1;
    bool takes = false;
    while (d && (e = readdir(d))) {
        int n = lx_index(e->d_name, "fpga");
        bool has = n >= 0 && lx_manager_file(x, n, "firmware", path) && access(path, F_OK) == 0;
        if (n >= 0 && (best < 0 || (has && !takes) || (has == takes && n < best))) {
            best = n;
            takes = has;
        }
    }
    if (d)
        closedir(d);
    return best;
}

bool lx_manager_file(const struct lunq_linux *x, int manager, const char *file, char path[LX_PATH])
{
    return lx_path(path, x->root, "/sys/class/fpga_manager/fpga%d/%s", manager, file);
}

static bool takes_names(const struct lunq_linux *x, int manager)
{
    char path[LX_PATH];
    return lx_manager_file(x, manager, "firmware", path) && access(path, F_OK) == 0;
}

bool lx_manager_operates(const struct lunq_linux *x, int manager)
{
    char path[LX_PATH], state[64];
    return lx_manager_file(x, manager, "state", path) && lx_read(path, state, sizeof state) &&
           !strcmp(state, "operating");
}

int lx_explain_load(const struct lunq_linux *x, int manager, const char *file, const char *why,
                    struct lunq_error *err)
{
    char path[LX_PATH], state[64] = "not readable", status[256] = "";
    lx_manager_file(x, manager, "state", path);
    lx_read(path, state, sizeof state);
    lx_manager_file(x, manager, "status", path);
    lx_read(path, status, sizeof status);
    return lunq_fail(err, LUNQ_DEVICE,
                     "The FPGA manager did not load %s: %s; its state is \"%s\"%s%s.", file, why,
                     state, status[0] ? ", status " : "", status);
}

/* ---- by the files of the manager ------------------------------------------------------------- */

static int explain(struct lunq_linux *x, int manager, const struct lunq_program *p, int e,
                   bool began, int log, struct lunq_error *err)
{
    const char *part = p->bitstream->part;
    char said[1024];
    size_t used;
    if (e == EACCES || e == EPERM)
        return lunq_fail(err, LUNQ_PERMISSION,
                         "The FPGA manager can't be written: %s. Loading a bitstream needs root, "
                         "or lunq-helper%s.",
                         strerror(e), lx_helper_hint());
    x->dev.lost = began;
    lx_explain_load(x, manager, p->bitstream->file, e ? strerror(e) : "no reason given", err);
    lunq_kmsg_text(log, said, sizeof said);
    if (err) {
        used = strlen(err->message);
        snprintf(err->message + used, sizeof err->message - used,
                 "%s%s%s %s is %s. Is the bitstream for this device%s%s%s?",
                 said[0] ? " The kernel says: " : "", said, said[0] ? "." : "",
                 p->region ? p->region : "The logic",
                 began ? "not configured now" : "what it was before", part[0] ? ", not for " : "",
                 part,
                 p->secure ? ", and protected as was said, and can the firmware do that" : "");
    }
    return LUNQ_DEVICE;
}

/* Writes a file of the manager; errno. */
static int tell(const struct lunq_linux *x, int manager, const char *file, const char *text)
{
    char path[LX_PATH];
    return lx_manager_file(x, manager, file, path) && lx_write(path, text) ? 0 : errno;
}

/* The key of the user stands in the file for the load only. Older drivers copy what is written without a
 * bound: exactly as many bytes as they have room for. */
static int tell_key(const struct lunq_linux *x, int manager, const char *key,
                    struct lunq_error *err)
{
    int e = tell(x, manager, "key", key);
    if (e == ENOENT)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "This kernel's FPGA manager takes no key (it has no file `key`; vendor "
                         "kernels for Zynq UltraScale+ have it).");
    return e == 0 ? 0
                  : lunq_fail(err, lx_errno_kind(e),
                              "The key can't be given to the FPGA manager: %s.", strerror(e));
}

static void forget_key(const struct lunq_linux *x, int manager)
{
    char zeros[LUNQ_KEY_DIGITS + 1];
    memset(zeros, '0', LUNQ_KEY_DIGITS);
    zeros[LUNQ_KEY_DIGITS] = 0;
    tell(x, manager, "key", zeros);
}

static unsigned flags_of(const struct lunq_program *p)
{
    return (p->region ? PARTIAL : 0u) | (p->secure & LUNQ_DEVICE_KEY ? DEVICE_KEY : 0u) |
           (p->secure & LUNQ_USER_KEY ? USER_KEY : 0u) |
           (p->secure & LUNQ_AUTH_DDR ? AUTH_DDR : 0u) |
           (p->secure & LUNQ_AUTH_OCM ? AUTH_OCM : 0u);
}

/* Flags, then the name; errno of what failed. The flags stay as they were written. */
static int tell_load(struct lunq_linux *x, int manager, const struct lunq_program *p, bool *began)
{
    char text[16];
    int e;
    snprintf(text, sizeof text, "%x", flags_of(p));
    e = tell(x, manager, "flags", text);
    *began = e == 0;
    if (e == 0)
        e = tell(x, manager, "firmware", LX_FIRMWARE);
    if (flags_of(p))
        tell(x, manager, "flags", "0");
    return e;
}

static int load_by_name(struct lunq_linux *x, int manager, const struct lunq_program *p,
                        struct lunq_error *err)
{
    char put[LX_PATH];
    bool began = false;
    int log, e, r = p->secure & LUNQ_USER_KEY ? tell_key(x, manager, p->key, err) : 0;
    if (r == 0)
        r = lx_firmware_put(x->root, LX_FIRMWARE, true, p->bitstream, put, err);
    if (r < 0)
        return r;
    log = lunq_kmsg_open(x->root);
    e = tell_load(x, manager, p, &began);
    if (e || !lx_manager_operates(x, manager))
        r = explain(x, manager, p, e, began, log, err);
    if (log >= 0)
        close(log);
    lx_firmware_take_away(put);
    if (p->secure & LUNQ_USER_KEY)
        forget_key(x, manager);
    return r;
}

/* ---- which way ------------------------------------------------------------------------------ */

static int program(struct lunq_linux *x, const struct lunq_program *p, struct lunq_error *err)
{
    int manager = lx_manager(x), r;
    if (manager < 0)
        return lunq_fail(
            err, LUNQ_UNSUPPORTED,
            "This kernel has no FPGA manager (/sys/class/fpga_manager is empty): nothing "
            "can load a bitstream. It needs CONFIG_FPGA, the manager of this family and "
            "its node in the device tree.");
    if (!p->bitstream)
        return lunq_fail(err, LUNQ_IO, "%s has no bitstream: a board needs one.", p->design->file);
    if (p->secure && lx_helper_wanted(x->root))
        return lunq_fail(err, LUNQ_PERMISSION,
                         "lunq-helper loads no protected bitstreams: run this as root.");
    if (p->secure & LUNQ_USER_KEY && (!p->key || strlen(p->key) != LUNQ_KEY_DIGITS))
        return lunq_fail(err, LUNQ_VALUE, "A user key has %d hexadecimal digits.", LUNQ_KEY_DIGITS);
    if (lx_helper_wanted(x->root))
        return lx_helper_load(x, p, err);
    if (!p->region && (r = lx_region_free(x, err)) < 0)
        return r;
    if (p->overlay && lunq_overlay_region(p->overlay))
        return lx_region_load(x, manager, p, err);
    return takes_names(x, manager) ? load_by_name(x, manager, p, err)
                                   : lx_region_load_bare(x, manager, p, err);
}

int lx_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    struct lunq_linux *x = lx_of(d);
    int r = program(x, p, err);
    if (r == 0 || d->lost)
        x->region_failed = r < 0 && p->region && d->design;
    return r;
}
