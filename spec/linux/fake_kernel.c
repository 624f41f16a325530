/* fake_kernel.c - configfs overlays as the vendor kernels have them (linux-boards.md A8), played below
 * $FAKE_ROOT for a program that is started with this library in LD_PRELOAD: a new folder gets its
 * attributes, what is written to `dtbo` or `path` is applied at close, removing the folder works
 * although there are files in it. $FAKE_KERNEL says what goes wrong:
 *   fails     the overlay is not applied; a line is logged, `dtbo` and `path` read back empty
 *   stays     it is kept, but its status does not change
 *   paths     there is no `dtbo`, only `path`
 *   dtbocfg   the status is 0 until 1 is written to it
 *   keeps     the folder can't be removed */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool mode(const char *name)
{
    const char *m = getenv("FAKE_KERNEL");
    return m && !strcmp(m, name);
}

/* The file of an overlay's folder, or "" for the folder itself; NULL: not ours. */
static const char *ours(const char *path)
{
    static const char folder[] = "/sys/kernel/config/device-tree/overlays/";
    const char *root = getenv("FAKE_ROOT"), *rest;
    size_t n = root ? strlen(root) : 0;
    if (!n || strncmp(path, root, n) || strncmp(path + n, folder, sizeof folder - 1))
        return NULL;
    rest = strchr(path + n + sizeof folder - 1, '/');
    return rest ? rest + 1 : "";
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
    if (mode("fails")) {
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
    }
}

int close(int fd)
{
    char link[64], path[4096];
    const char *file = NULL;
    ssize_t n;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    if (n > 0 && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY) {
        path[n] = '\0';
        file = ours(path);
    }
    n = syscall(SYS_close, fd);
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
    if (file && !*file && mode("keeps")) {
        errno = EBUSY;
        return -1;
    }
    for (size_t i = 0; file && !*file && i < 3; i++) {
        snprintf(name, sizeof name, "%s/%s", path, files[i]);
        unlink(name);
    }
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}
