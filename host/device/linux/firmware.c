#include "firmware.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../design/bitstream.h"
#include "helper.h"

bool lx_firmware_is_name(const char *name)
{
    return *name && *name != '/' && strlen(name) < LX_FIRMWARE_LIMIT && !strstr(name, "..");
}

static bool is_at(char path[LX_PATH], const char *root, const char *folder, const char *name)
{
    return *folder && lx_path(path, root, "%s/%s", folder, name) && access(path, F_OK) == 0;
}

bool lx_firmware_find(const char *root, const char *name, char path[LX_PATH])
{
    char own[256] = "";
    if (lx_path(path, root, "/sys/module/firmware_class/parameters/path"))
        lx_read(path, own, sizeof own);
    return is_at(path, root, own, name) || is_at(path, root, "/lib/firmware/updates", name) ||
           is_at(path, root, "/lib/firmware", name);
}

/* ---- putting -------------------------------------------------------------------------------- */

static bool holds(const char *path, const uint8_t *data, size_t n)
{
    uint8_t block[65536];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool same = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size == n;
    for (size_t at = 0; same && at < n;) {
        ssize_t got = read(fd, block, sizeof block);
        same = got > 0 && (size_t)got <= n - at && !memcmp(block, data + at, (size_t)got);
        at += same ? (size_t)got : 0;
    }
    if (fd >= 0)
        close(fd);
    return same;
}

/* The folders of a path from `from` on; they are there on most systems. */
static void make_folders(char *path, size_t from)
{
    for (char *slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0755);
        *slash = '/';
    }
}

static int write_file(const char *path, const uint8_t *data, size_t n, struct lunq_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    int r = fd >= 0 && lx_write_all(fd, data, n) ? 0 : -1, why = errno;
    if (fd >= 0 && close(fd) < 0 && r == 0) {
        why = errno;
        r = -1;
    }
    if (r == 0)
        return 0;
    if (fd >= 0)
        unlink(path);
    if (why == EACCES || why == EPERM)
        return lunq_fail(
            err, LUNQ_PERMISSION,
            "%s can't be written: %s. Loading a bitstream needs root, or lunq-helper%s.", path,
            strerror(why), lx_helper_hint());
    return lunq_fail(
        err, LUNQ_IO,
        "%s can't be written: %s. The kernel reads bitstreams from there; is there room "
        "(df), is it mounted for writing?",
        path, strerror(why));
}

int lx_firmware_put(const char *root, const char *name, bool ours, const struct lunq_bitstream *b,
                    char path[LX_PATH], struct lunq_error *err)
{
    char there[LX_PATH];
    uint8_t *bin = malloc(b->size ? b->size : 1);
    int r =
        bin ? lunq_bitstream_to_bin(b, bin, err) : lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    *path = 0;
    if (r == 0 && !lx_path(path, root, "/lib/firmware/%s", name))
        r = lunq_fail(err, LUNQ_VALUE, "The path of %s below %s/lib/firmware is too long.", name,
                      root);
    if (r == 0 && !ours && lx_firmware_find(root, name, there)) {
        *path = 0; /* not ours to remove */
        if (!holds(there, bin, b->size))
            r = lunq_fail(
                err, LUNQ_VALUE,
                "%s is another bitstream than %s. Remove it: LUNQ puts the bitstream there "
                "by itself.",
                there, b->file);
    } else if (r == 0) {
        make_folders(path, strlen(root) + 1);
        r = write_file(path, bin, b->size, err);
    }
    free(bin);
    if (r < 0)
        *path = 0;
    return r;
}

void lx_firmware_take_away(const char *path)
{
    if (*path)
        unlink(path);
}
