/* peer.h - who is at the other end of a connection, as the kernel says it. */
#ifndef LUNQ_HELPER_PEER_H
#define LUNQ_HELPER_PEER_H

#include <stdbool.h>
#include <sys/types.h>

struct peer {
    uid_t uid;
    gid_t gid;
    pid_t pid;
};

/* Of a connected socket. False: the kernel does not say. */
bool peer_of(int fd, struct peer *p);
/* Whether it is root, or was in the group when it connected. */
bool peer_may(int fd, const struct peer *p, gid_t group);
/* A group by name or number. False: there is none. */
bool peer_group(const char *name, gid_t *group);

#endif
