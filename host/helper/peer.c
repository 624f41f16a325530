#include "peer.h"

#include <grp.h>
#include <stdlib.h>
#include <sys/socket.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59 /* Linux 4.13: asm-generic/socket.h */
#endif

bool peer_of(int fd, struct peer *p)
{
    struct ucred c;
    socklen_t n = sizeof c;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &n) < 0 || n != sizeof c)
        return false;
    p->uid = c.uid;
    p->gid = c.gid;
    p->pid = c.pid;
    return true;
}

/* The groups the process had, not those its user would have at the next login. */
static bool has_group(int fd, gid_t group)
{
    gid_t *list;
    socklen_t bytes = 65536 * sizeof *list; /* the kernel's NGROUPS_MAX */
    bool found = false;
    list = malloc(bytes);
    if (list && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, list, &bytes) == 0)
        for (size_t i = 0; i < bytes / sizeof *list && !found; i++)
            found = list[i] == group;
    free(list);
    return found;
}

bool peer_may(int fd, const struct peer *p, gid_t group)
{
    return p->uid == 0 || p->gid == group || has_group(fd, group);
}

bool peer_group(const char *name, gid_t *group)
{
    char *end;
    unsigned long n = strtoul(name, &end, 10);
    const struct group *g;
    if (*name >= '0' && *name <= '9' && !*end && n < (gid_t)-1) {
        *group = (gid_t)n;
        return true;
    }
    g = getgrnam(name);
    if (g)
        *group = g->gr_gid;
    return g != NULL;
}
