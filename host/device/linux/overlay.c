/* overlay.c - see overlay.h. Habits of the vendor kernels' interface: a write succeeds also when the
 * overlay failed; `dtbo` is applied at close, so its error is lost, and reads back empty then; so
 * does `path`, the older way (linux-boards.md A8). */
#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dry_run.h"
#include "firmware.h"
#include "helper.h"
#include "kmsg.h"

enum {
    PATH_SIZE = 1024,
    NAME_LIMIT = 64,
    DTBO_LIMIT = 1 << 20 /* bytes, of the attribute */
};

struct target {
    const char *root, *name;
    const struct lunq_dt *overlay;
    struct lunq_error *err;
};

/* ---- files ---------------------------------------------------------------------------------- */

static bool make_path(char *path, const char *root, const char *fixed, const char *name,
                      const char *file)
{
    int n = snprintf(path, PATH_SIZE, "%s%s/%s%s%s", root, fixed, name, *file ? "/" : "", file);
    return n >= 0 && n < PATH_SIZE;
}

/* An attribute of the overlay. */
static int open_attribute(const struct target *t, const char *file, int flags)
{
    char path[PATH_SIZE];
    if (!make_path(path, t->root, LUNQ_OVERLAY_FOLDER, t->name, file)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(path, flags | O_CLOEXEC);
}

/* One read, as the kernel wants it for `dtbo`. -1: not readable. */
static ssize_t read_attribute(const struct target *t, const char *file, void *data, size_t size)
{
    int fd = open_attribute(t, file, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, data, size);
    if (fd >= 0)
        close(fd);
    return n;
}

/* One write. */
static bool write_attribute(const struct target *t, const char *file, const void *data, size_t size)
{
    int fd = open_attribute(t, file, O_WRONLY), why;
    ssize_t n = fd < 0 ? -1 : write(fd, data, size);
    if (fd < 0)
        return false;
    why = n < 0 ? errno : EIO;
    if (close(fd) < 0 && n == (ssize_t)size) {
        why = errno;
        n = -1;
    }
    errno = why;
    return n == (ssize_t)size;
}

static bool status_is(const struct target *t, const char *word)
{
    char status[32];
    ssize_t n = read_attribute(t, "status", status, sizeof status - 1);
    if (n < 0)
        return false;
    status[n] = '\0';
    status[strcspn(status, "\n")] = '\0';
    return !strcmp(status, word);
}

/* ---- before --------------------------------------------------------------------------------- */

static int check_name(const char *name, struct lunq_error *err)
{
    size_t n = strlen(name);
    if (n && n <= NAME_LIMIT && *name != '.' && !strchr(name, '/'))
        return 0;
    return lunq_fail(
        err, LUNQ_VALUE,
        "'%s' is no name for an overlay: 1 to %d characters, no slash, no dot in front", name,
        NAME_LIMIT);
}

/* Says which step is missing between this kernel and overlays. */
static int check_interface(const struct target *t)
{
    char path[PATH_SIZE];
    if (make_path(path, t->root, LUNQ_OVERLAY_FOLDER, "", "") && access(path, F_OK) == 0)
        return 0;
    if (make_path(path, t->root, "/sys/kernel/config", "", "") && access(path, F_OK) == 0)
        return lunq_fail(
            t->err, LUNQ_UNSUPPORTED,
            "This kernel takes no device-tree overlays: there is no " LUNQ_OVERLAY_FOLDER
            ". Mount configfs (mount -t configfs none /sys/kernel/config); if it is, "
            "a kernel with OF_CONFIGFS is needed, as PYNQ, PetaLinux and Kria have; "
            "mainline has none");
    return lunq_fail(
        t->err, LUNQ_UNSUPPORTED,
        "This kernel has no configfs, so no device-tree overlays: there is no "
        "/sys/kernel/config; load the module (modprobe configfs), or use a kernel with "
        "CONFIGFS_FS and OF_CONFIGFS");
}

static int check_free(const struct target *t)
{
    char path[PATH_SIZE];
    if (!make_path(path, t->root, LUNQ_OVERLAY_FOLDER, t->name, "") || access(path, F_OK) < 0)
        return 0;
    return lunq_fail(t->err, LUNQ_RUNTIME,
                     "Device tree %s cannot be applied: an overlay of that name is there "
                     "already; remove it first (rmdir %s)",
                     t->name, path);
}

/* What the kernel would refuse is refused here, with the reason. */
static int dry_run(const struct target *t)
{
    char path[PATH_SIZE];
    struct lunq_dt *live;
    int rc;
    if (!make_path(path, t->root, "/proc", "device-tree", ""))
        return lunq_fail(t->err, LUNQ_IO, "%s: too long a path", t->root);
    if (access(path, F_OK) < 0)
        return lunq_fail(t->err, LUNQ_IO,
                         "This machine has no device tree (%s): overlays are for boards", path);
    rc = lunq_dt_read(&live, path, t->err);
    if (rc < 0)
        return rc;
    rc = lx_dry_run(live, t->overlay, t->err);
    lunq_dt_free(live);
    return rc;
}

/* The bitstreams of all nodes: the region loads them while the overlay is applied. */
static int check_firmware(const struct target *t, const struct lunq_dt_node *n)
{
    const char *name = lunq_dt_text(n, "firmware-name");
    char path[LX_PATH];
    int rc = 0;
    if (name && !lx_firmware_is_name(name))
        return lunq_fail(t->err, LUNQ_VALUE,
                         "%s: firmware-name '%.300s' should be a name below /lib/firmware, shorter "
                         "than %d bytes and without '..'",
                         t->overlay->file, name, LX_FIRMWARE_LIMIT);
    if (name && !lx_firmware_find(t->root, name, path))
        return lunq_fail(t->err, LUNQ_IO,
                         "%s: its bitstream '%s' is not in /lib/firmware; copy it there (a .bin; "
                         "LUNQ makes one of a .bit: lunq.core.bitstream_read(file):to_bin())",
                         t->overlay->file, name);
    for (const struct lunq_dt_node *c = n->child; rc == 0 && c; c = c->next)
        rc = check_firmware(t, c);
    return rc;
}

/* ---- applying ------------------------------------------------------------------------------- */

static int make_folder(const struct target *t)
{
    char path[PATH_SIZE];
    if (!make_path(path, t->root, LUNQ_OVERLAY_FOLDER, t->name, ""))
        return lunq_fail(t->err, LUNQ_IO, "%s: too long a path", t->root);
    if (mkdir(path, 0755) == 0)
        return 0;
    if (errno == EACCES || errno == EPERM)
        return lunq_fail(
            t->err, LUNQ_PERMISSION,
            "Device tree %s cannot be applied: %s: %s. Applying overlays is for root, or "
            "lunq-helper%s.",
            t->name, path, strerror(errno), lx_helper_hint());
    return lunq_fail(t->err, lx_errno_kind(errno), "Device tree %s cannot be applied: %s: %s",
                     t->name, path, strerror(errno));
}

/* The overlay's name below /lib/firmware, or NULL when it is elsewhere. */
static const char *firmware_name(const struct target *t)
{
    static const char folder[] = "/lib/firmware/";
    const char *file = t->overlay->file;
    size_t n = strlen(t->root);
    if (strncmp(file, t->root, n) || strncmp(file + n, folder, sizeof folder - 1))
        return NULL;
    return file + n + sizeof folder - 1;
}

/* Gives the blob to `dtbo`, or its name to `path` where that is all there is. */
static int give(const struct target *t)
{
    size_t size;
    const void *blob = lunq_dt_image(t->overlay, &size);
    const char *name = firmware_name(t);
    if (write_attribute(t, "dtbo", blob, size))
        return 0;
    if (errno == ENOENT && !name)
        return lunq_fail(t->err, LUNQ_UNSUPPORTED,
                         "Device tree %s cannot be applied: this kernel reads overlays from "
                         "/lib/firmware only; copy %s there and name it there",
                         t->name, t->overlay->file);
    if (errno == ENOENT && write_attribute(t, "path", name, strlen(name)))
        return 0;
    return lunq_fail(t->err, LUNQ_RUNTIME, "Device tree %s cannot be applied: %s", t->name,
                     strerror(errno));
}

/* The same that was given, in one read. */
static bool reads_back(const struct target *t)
{
    size_t size;
    const void *blob = lunq_dt_image(t->overlay, &size);
    char *back = malloc(size + 1);
    ssize_t n = back ? read_attribute(t, "dtbo", back, size + 1) : -1;
    bool same = n == (ssize_t)size && !memcmp(back, blob, size);
    if (n < 0 && back && size) { /* the older way: its name */
        n = read_attribute(t, "path", back, size);
        same = n > 1;
    }
    free(back);
    return same;
}

static bool is_applied(const struct target *t)
{
    return status_is(t, "applied") || status_is(t, "1");
}

static int verify(const struct target *t)
{
    const char *what = "the kernel does not keep it";
    if (reads_back(t)) {
        what = "its status is not 'applied'";
        if (status_is(t, "0")) /* dtbocfg, a module with the same folder, wants to be told */
            write_attribute(t, "status", "1", 1);
        if (is_applied(t))
            return 0;
    }
    return lunq_fail(t->err, LUNQ_RUNTIME, "Device tree %s cannot be applied: %s", t->name, what);
}

/* Adds what the kernel logged meanwhile, and takes the overlay out again. */
static int undo(const struct target *t, int log)
{
    char text[1024], path[PATH_SIZE];
    lunq_kmsg_text(log, text, sizeof text);
    if (t->err) {
        size_t used = strlen(t->err->message);
        snprintf(t->err->message + used, sizeof t->err->message - used, "%s%s",
                 *text ? "; the kernel says: " : "; dmesg may tell why", text);
    }
    if (make_path(path, t->root, LUNQ_OVERLAY_FOLDER, t->name, ""))
        rmdir(path);
    return t->err ? t->err->kind : LUNQ_RUNTIME;
}

static int insert(const struct target *t)
{
    int log = lunq_kmsg_open(t->root), rc = make_folder(t);
    if (rc == 0) {
        rc = give(t);
        if (rc == 0)
            rc = verify(t);
        if (rc < 0)
            rc = undo(t, log);
    }
    if (log >= 0)
        close(log);
    return rc;
}

static int check(const struct target *t)
{
    size_t size;
    int rc = check_name(t->name, t->err);
    if (rc == 0)
        rc = check_interface(t);
    if (rc == 0)
        rc = check_free(t);
    if (rc == 0 && (!lunq_dt_image(t->overlay, &size) || size > DTBO_LIMIT))
        rc = lunq_fail(t->err, LUNQ_VALUE, "%s: an overlay is a file of at most 1 MiB",
                       t->overlay->file);
    return rc == 0 ? dry_run(t) : rc;
}

int lunq_overlay_check(const char *root, const char *name, const struct lunq_dt *overlay,
                       struct lunq_error *err)
{
    const struct target t = {root, name, overlay, err};
    return check(&t);
}

int lunq_overlay_apply(const char *root, const char *name, const struct lunq_dt *overlay,
                       struct lunq_error *err)
{
    const struct target t = {root, name, overlay, err};
    int rc;
    if (lx_helper_wanted(root))
        return lx_helper_insert(name, overlay, err);
    rc = check(&t);
    if (rc == 0)
        rc = check_firmware(&t, overlay->root);
    return rc == 0 ? insert(&t) : rc;
}

/* ---- what it loads -------------------------------------------------------------------------- */

const struct lunq_dt_node *lunq_overlay_region(const struct lunq_dt *overlay)
{
    for (const struct lunq_dt_node *f = overlay->root->child; f; f = f->next) {
        const struct lunq_dt_node *inside = lunq_dt_child(f, "__overlay__");
        if (inside && lunq_dt_text(inside, "firmware-name"))
            return inside;
    }
    return NULL;
}

/* ---- afterwards ----------------------------------------------------------------------------- */

int lunq_overlay_remove(const char *root, const char *name, struct lunq_error *err)
{
    char path[PATH_SIZE];
    int rc = check_name(name, err);
    if (rc < 0)
        return rc;
    if (lx_helper_wanted(root))
        return lx_helper_remove(name, err);
    if (!make_path(path, root, LUNQ_OVERLAY_FOLDER, name, ""))
        return lunq_fail(err, LUNQ_IO, "%s: too long a path", root);
    if (rmdir(path) == 0 || errno == ENOENT)
        return 0;
    return lunq_fail(err, errno == EACCES || errno == EPERM ? LUNQ_PERMISSION : LUNQ_RUNTIME,
                     "Device tree %s cannot be removed: %s: %s", name, path, strerror(errno));
}

bool lunq_overlay_is_applied(const char *root, const char *name)
{
    const struct target t = {.root = root, .name = name};
    struct lunq_error e;
    return check_name(name, &e) == 0 && is_applied(&t);
}
