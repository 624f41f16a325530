/* fake_kernel.c - overlays by configfs and the FPGA manager as vendor kernels have them (linux-boards.md A8),
 * played below $FAKE_ROOT for a program that is started with this library in LD_PRELOAD: a new folder gets its
 * attributes, what is written to `dtbo` or `path` is applied at close, removing the folder works
 * although there are files in it; a name written to the manager's `firmware` is loaded at close. What happens
 * stands in $FAKE_ROOT/log, what was loaded in $FAKE_ROOT/image. $FAKE_KERNEL says what goes wrong:
 *   fails     the overlay is not applied; a line is logged, `dtbo` and `path` read back empty
 *   stays     it is kept, but its status does not change
 *   paths     there is no `dtbo`, only `path`
 *   dtbocfg   the status is 0 until 1 is written to it
 *   keeps     the folder can't be removed
 *   refuses   the manager refuses the bitstream: writing `firmware` is an error, the state tells
 *   crashes   libfdt crashes when an overlay is applied in memory
 *   fails=N   only the overlay of this name fails
 * $FAKE_FIRMWARE: an overlay that is applied makes the kernel load this name, if it is there. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OVERLAYS "/sys/kernel/config/device-tree/overlays/"
#define MANAGER "/sys/class/fpga_manager/fpga0/"

static bool mode(const char *name)
{
    const char *m = getenv("FAKE_KERNEL");
    return m && !strcmp(m, name);
}

/* Also from the moment on when there is a file $FAKE_ROOT/refuses. */
static bool refuses(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/refuses", getenv("FAKE_ROOT") ? getenv("FAKE_ROOT") : "");
    return mode("refuses") ||
           (getenv("FAKE_ROOT") && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0);
}

/* What follows root and `folder` in a path; NULL: it is elsewhere. */
static const char *below(const char *path, const char *folder)
{
    const char *root = getenv("FAKE_ROOT");
    size_t n = root ? strlen(root) : 0;
    if (!n || strncmp(path, root, n) || strncmp(path + n, folder, strlen(folder)))
        return NULL;
    return path + n + strlen(folder);
}

/* The file of an overlay's folder, or "" for the folder itself; NULL: not ours. */
static const char *ours(const char *path)
{
    const char *name = below(path, OVERLAYS), *rest = name ? strchr(name, '/') : NULL;
    return rest ? rest + 1 : name ? "" : NULL;
}

static void put(const char *folder, const char *file, const char *text, int flags)
{
    char path[4096];
    int fd;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | flags, 0644);
    if (fd >= 0 && write(fd, text, strlen(text)) >= 0)
        syscall(SYS_close, fd);
}

static void note(const char *what, const char *name)
{
    char line[512];
    snprintf(line, sizeof line, "%s %s\n", what, name);
    put(getenv("FAKE_ROOT"), "log", line, O_APPEND);
}

/* ---- libfdt --------------------------------------------------------------------------------- */

int fdt_overlay_apply(void *onto, void *overlay)
{
    int (*real)(void *, void *) = (int (*)(void *, void *))dlsym(RTLD_NEXT, "fdt_overlay_apply");
    if (mode("crashes"))
        raise(SIGSEGV);
    return real(onto, overlay);
}

/* ---- the manager ---------------------------------------------------------------------------- */

static void copy(const char *from, const char *to)
{
    char block[4096];
    int in = (int)syscall(SYS_openat, AT_FDCWD, from, O_RDONLY),
        out = (int)syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ssize_t n;
    while (in >= 0 && out >= 0 && (n = read(in, block, sizeof block)) > 0)
        if (syscall(SYS_write, out, block, n) != n)
            break;
    syscall(SYS_close, in);
    syscall(SYS_close, out);
}

static void load(const char *name)
{
    char from[4200], to[4096], flags[16] = "", folder[4096];
    int fd;
    snprintf(from, sizeof from, "%s/lib/firmware/%s", getenv("FAKE_ROOT"), name);
    snprintf(to, sizeof to, "%s/image", getenv("FAKE_ROOT"));
    if (syscall(SYS_faccessat, AT_FDCWD, from, F_OK) != 0)
        return;
    copy(from, to);
    snprintf(folder, sizeof folder, "%s" MANAGER, getenv("FAKE_ROOT"));
    snprintf(from, sizeof from, "%sflags", folder);
    fd = (int)syscall(SYS_openat, AT_FDCWD, from, O_RDONLY);
    if (fd >= 0 && read(fd, flags, sizeof flags - 1) > 0)
        flags[strcspn(flags, "\n")] = 0;
    syscall(SYS_close, fd);
    snprintf(to, sizeof to, "load %s", flags);
    note(to, name);
    put(folder, "state", refuses() ? "write error\n" : "operating\n", O_TRUNC);
}

ssize_t write(int fd, const void *data, size_t n)
{
    char link[64], path[4096];
    ssize_t got = -1;
    if (refuses()) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        got = readlink(link, path, sizeof path - 1);
    }
    if (got > 0) {
        path[got] = '\0';
        const char *file = below(path, MANAGER);
        if (file && !strcmp(file, "firmware")) {
            load((const char *)data);
            errno = EIO;
            return -1;
        }
    }
    return syscall(SYS_write, fd, data, n);
}

/* The name in the file. */
static void load_named(const char *path)
{
    char name[256] = "";
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
    if (fd >= 0 && read(fd, name, sizeof name - 1) > 0 && !refuses())
        load(name);
    syscall(SYS_close, fd);
}

static void note_key(const char *path)
{
    char key[128] = "";
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
    if (fd >= 0 && read(fd, key, sizeof key - 1) > 0)
        note("key", key);
    syscall(SYS_close, fd);
}

/* ---- overlays ------------------------------------------------------------------------------- */

int mkdir(const char *path, mode_t mode_of_folder)
{
    int rc = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode_of_folder);
    const char *file = ours(path);
    if (rc < 0 || !file || *file)
        return rc;
    put(path, "path", "", 0);
    if (!mode("paths"))
        put(path, "dtbo", "", 0);
    put(path, "status", mode("dtbocfg") ? "0\n" : "unapplied\n", 0);
    return 0;
}

static void apply(char *folder, const char *file)
{
    char log[4096];
    const char *name = below(folder, OVERLAYS), *m = getenv("FAKE_KERNEL");
    if (mode("fails") || (m && !strncmp(m, "fails=", 6) && !strcmp(m + 6, name))) {
        put(folder, file, "", O_TRUNC);
        snprintf(log, sizeof log, "%s/dev", getenv("FAKE_ROOT"));
        put(log, "kmsg",
            "3,901,77,-;OF: resolver: overlay phandle fixup failed: -22\n SUBSYSTEM=of\n"
            "3,902,78,-;create_overlay: Failed to resolve tree\n",
            O_APPEND);
    } else if (!strcmp(file, "status")) {
        put(folder, file, "1\n", O_TRUNC);
    } else if (!mode("stays") && !mode("dtbocfg")) {
        put(folder, "status", "applied\n", O_TRUNC);
        note("insert", name);
        if (getenv("FAKE_FIRMWARE"))
            load(getenv("FAKE_FIRMWARE"));
    }
}

int close(int fd)
{
    char link[64], path[4096];
    const char *file = NULL, *manager = NULL;
    ssize_t n;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    if (n > 0 && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY) {
        path[n] = '\0';
        file = ours(path);
        manager = below(path, MANAGER);
    }
    n = syscall(SYS_close, fd);
    if (n == 0 && manager && !strcmp(manager, "firmware"))
        load_named(path);
    if (n == 0 && manager && !strcmp(manager, "key"))
        note_key(path);
    if (n == 0 && file && *file) {
        *strrchr(path, '/') = '\0';
        apply(path, file);
    }
    return (int)n;
}

int rmdir(const char *path)
{
    static const char *const files[] = {"path", "dtbo", "status"};
    const char *file = ours(path);
    char name[4096];
    if (file && !*file && mode("keeps") && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0) {
        errno = EBUSY;
        return -1;
    }
    if (file && !*file && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0)
        note("remove", below(path, OVERLAYS));
    for (size_t i = 0; file && !*file && i < 3; i++) {
        snprintf(name, sizeof name, "%s/%s", path, files[i]);
        unlink(name);
    }
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}
