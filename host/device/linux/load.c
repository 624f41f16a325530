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

/* The flags of include/linux/fpga/fpga-mgr.h, as the file `flags` takes them: hexadecimal. */
#define FULL "0"
#define PARTIAL "1"

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

static int explain(struct lunq_linux *x, int manager, const struct lunq_program *p, int e, int log,
                   struct lunq_error *err)
{
    const char *part = p->bitstream->part;
    char said[1024];
    size_t used;
    if (e == EACCES || e == EPERM)
        return lunq_fail(err, LUNQ_PERMISSION,
                         "The FPGA manager can't be written: %s. Loading a bitstream needs root.",
                         strerror(e));
    x->dev.lost = true;
    lx_explain_load(x, manager, p->bitstream->file, e ? strerror(e) : "no reason given", err);
    lunq_kmsg_text(log, said, sizeof said);
    if (err) {
        used = strlen(err->message);
        snprintf(err->message + used, sizeof err->message - used,
                 "%s%s%s %s is not configured now. Is the bitstream for this device%s%s?",
                 said[0] ? " The kernel says: " : "", said, said[0] ? "." : "",
                 p->region ? p->region : "The logic", part[0] ? ", not for " : "", part);
    }
    return LUNQ_DEVICE;
}

/* Writes a file of the manager; errno. */
static int tell(const struct lunq_linux *x, int manager, const char *file, const char *text)
{
    char path[LX_PATH];
    return lx_manager_file(x, manager, file, path) && lx_write(path, text) ? 0 : errno;
}

static int load_by_name(struct lunq_linux *x, int manager, const struct lunq_program *p,
                        struct lunq_error *err)
{
    char put[LX_PATH];
    int log, e, r = lx_firmware_put(x->root, LX_FIRMWARE, true, p->bitstream, put, err);
    if (r < 0)
        return r;
    log = lunq_kmsg_open(x->root);
    e = tell(x, manager, "flags", p->region ? PARTIAL : FULL);
    if (e == 0)
        e = tell(x, manager, "firmware", LX_FIRMWARE);
    if (p->region)
        tell(x, manager, "flags", FULL); /* they stay as they were written */
    if (e || !lx_manager_operates(x, manager))
        r = explain(x, manager, p, e, log, err);
    if (log >= 0)
        close(log);
    lx_firmware_take_away(put);
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
