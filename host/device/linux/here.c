/* here.c - whether this machine is a board LUNQ can use: what decides where nobody names a device. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "linux.h"
#include "private.h"

/* What was found of the nodes that reach registers. */
struct nodes {
    unsigned there;
    bool usable;
    char refused[LX_PATH]; /* the first that this user may not open; "": none */
    int why;               /* errno of that */
};

/* To open is the only honest question: capabilities and the device rules of a container refuse what the
 * mode allows. */
static void try(struct nodes *n, const char *path)
{
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0) {
        close(fd);
        n->usable = true;
    } else if (!n->refused[0] && errno != ENOENT) {
        snprintf(n->refused, sizeof n->refused, "%s", path);
        n->why = errno;
    }
    n->there += fd >= 0 || errno != ENOENT;
}

/* UIO devices, then /dev/mem: the ways of map.c. */
static void look(struct nodes *n, const char *root)
{
    char path[LX_PATH];
    DIR *d = lx_path(path, root, "/sys/class/uio") ? opendir(path) : NULL;
    struct dirent *e;
    while (d && !n->usable && (e = readdir(d)))
        if (lx_index(e->d_name, "uio") >= 0 && lx_path(path, root, "/dev/%s", e->d_name))
            try(n, path);
    if (d)
        closedir(d);
    if (!n->usable && lx_path(path, root, "/dev/mem"))
        try(n, path);
}

int lunq_linux_here(const char *root, char *what, size_t size, struct lunq_error *err)
{
    struct lx_soc soc;
    struct nodes n = {0};
    if (lx_soc_detect(&soc, root, NULL) < 0) {
        snprintf(what, size, "no board here");
        return 0;
    }
    snprintf(what, size, "%s", soc.model[0] ? soc.model : soc.family);
    look(&n, root);
    if (n.usable)
        return 1;
    if (!n.there)
        return lunq_fail(
            err, LUNQ_DEVICE,
            "This is a board (%s, %s), but it has neither UIO devices nor /dev/mem, so "
            "nothing reaches its programmable logic. lunq doctor says what its kernel "
            "needs; --device sim simulates a board.",
            what, soc.family);
    return lunq_fail(
        err, LUNQ_PERMISSION,
        "This is a board (%s, %s), but this user may open none of its devices: %s: %s. "
        "Become a member of the group that has them, with LUNQ's udev rules the group "
        "lunq (usermod -aG lunq $USER, then log in again), or run as root. lunq doctor "
        "says which are meant; --device sim simulates a board.",
        what, soc.family, n.refused, strerror(n.why));
}
