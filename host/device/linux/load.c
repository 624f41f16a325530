/* load.c - bitstreams through the FPGA manager of vendor kernels: files `flags` and `firmware`
 * (linux-boards.md A8). The data go below /lib/firmware first, in the manager's order of bytes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../design/bitstream.h"
#include "kmsg.h"
#include "private.h"

#define FIRMWARE "lunq-design.bin"

/* The flags of include/linux/fpga/fpga-mgr.h that the file `flags` takes. */
enum { FULL = 0, PARTIAL = 1 };

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

static int no_manager(const struct lunq_linux *x, int manager, struct lunq_error *err)
{
    char path[LX_PATH];
    if (manager < 0)
        return lunq_fail(
            err, LUNQ_UNSUPPORTED,
            "This kernel has no FPGA manager (/sys/class/fpga_manager is empty): nothing "
            "can load a bitstream. It needs CONFIG_FPGA, the manager of this family and "
            "its node in the device tree.");
    lx_manager_file(x, manager, "firmware", path);
    return lunq_fail(err, LUNQ_UNSUPPORTED,
                     "This kernel's FPGA manager takes no bitstream from programs: %s is not there "
                     "(vendor kernels have it). Load the design through a device-tree overlay with "
                     "firmware-name (lunq dtbo), then open the overlay with download=false.",
                     path);
}

static int write_all(int fd, const uint8_t *data, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, data, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return -1;
        data += done;
        n -= (size_t)done;
    }
    return 0;
}

/* Puts the configuration data where the manager looks for them. */
static int put_firmware(const struct lunq_linux *x, const struct lunq_bitstream *b,
                        struct lunq_error *err)
{
    char path[LX_PATH];
    uint8_t *bin = malloc(b->size);
    int fd, r;
    if (!bin)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    if ((r = lunq_bitstream_to_bin(b, bin, err)) < 0) {
        free(bin);
        return r;
    }
    lx_path(path, x->root, "/lib/firmware");
    mkdir(path, 0755); /* it is there on most systems */
    if (!lx_path(path, x->root, "/lib/firmware/%s", FIRMWARE)) {
        free(bin);
        return lunq_fail(err, LUNQ_VALUE, "The path of the root, %s, is too long.", x->root);
    }
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    r = fd < 0 ? -1 : write_all(fd, bin, b->size);
    if (fd >= 0 && close(fd) < 0)
        r = -1;
    free(bin);
    if (r == 0)
        return 0;
    return lunq_fail(err, errno == EACCES || errno == EPERM ? LUNQ_PERMISSION : LUNQ_IO,
                     "%s can't be written: %s. Loading a bitstream needs root.", path,
                     strerror(errno));
}

static int explain(const struct lunq_linux *x, int manager, const struct lunq_bitstream *b,
                   const char *said, int e, struct lunq_error *err)
{
    char path[LX_PATH], state[64] = "not readable", status[256] = "";
    if (e == EACCES || e == EPERM)
        return lunq_fail(err, LUNQ_PERMISSION,
                         "The FPGA manager can't be written: %s. Loading a bitstream needs root.",
                         strerror(e));
    lx_manager_file(x, manager, "state", path);
    lx_read(path, state, sizeof state);
    lx_manager_file(x, manager, "status", path);
    lx_read(path, status, sizeof status);
    return lunq_fail(
        err, LUNQ_DEVICE,
        "The FPGA manager did not load %s: %s; its state is \"%s\"%s%s.%s%s%s The logic is "
        "not configured now. Is the bitstream for this device%s%s?",
        b->file, e ? strerror(e) : "no reason given", state, status[0] ? ", status " : "", status,
        said[0] ? " The kernel says: " : "", said, said[0] ? "." : "",
        b->part[0] ? ", not for " : "", b->part);
}

static int load(const struct lunq_linux *x, int manager, const struct lunq_bitstream *b, int flags,
                struct lunq_error *err)
{
    char flag_path[LX_PATH], path[LX_PATH], state[64], said[1024] = "";
    int log, e = 0;
    lx_manager_file(x, manager, "flags", flag_path);
    lx_manager_file(x, manager, "firmware", path);
    log = lunq_kmsg_open(x->root);
    if (!lx_write(flag_path, flags == PARTIAL ? "1" : "0") || !lx_write(path, FIRMWARE))
        e = errno;
    if (flags != FULL)
        lx_write(flag_path, "0"); /* they stay as they were written */
    lunq_kmsg_text(log, said, sizeof said);
    if (log >= 0)
        close(log);
    lx_manager_file(x, manager, "state", path);
    if (e == 0 && lx_read(path, state, sizeof state) && !strcmp(state, "operating"))
        return 0;
    return explain(x, manager, b, said, e, err);
}

int lx_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    struct lunq_linux *x = lx_of(d);
    char path[LX_PATH];
    int manager = lx_manager(x), r;
    if (manager < 0 || !lx_manager_file(x, manager, "firmware", path) || access(path, F_OK) != 0)
        return no_manager(x, manager, err);
    r = put_firmware(x, p->bitstream, err);
    return r < 0 ? r : load(x, manager, p->bitstream, p->region ? PARTIAL : FULL, err);
}
