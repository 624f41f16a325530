/* uio.c - `?uio=1`: the kernel's side of UIO for the processor's lines. Each line is a pair of
 * sockets; what passes is what passes through a node on a board, and the other end is in the hands
 * of ../uio.c. So interrupts can be tried the way they come on a board: by descriptors. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../uio.h"
#include "private.h"

struct sim_uio {
    struct lunq_uio node;
    int kernel;      /* our end */
    uint32_t events; /* all there were */
    bool unread;     /* a count lies in the socket */
};

struct sim_uio *sim_uio_open(struct lunq_error *err)
{
    struct sim_uio *u = calloc(1, sizeof *u);
    int ends[2];
    if (!u) {
        lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
        return NULL;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0) {
        lunq_fail(err, LUNQ_RUNTIME, "The line's UIO device can't be made: %s.", strerror(errno));
        free(u);
        return NULL;
    }
    u->kernel = ends[0];
    lunq_uio_adopt(&u->node, ends[1]);
    return u;
}

void sim_uio_close(struct sim_uio *u)
{
    if (!u)
        return;
    lunq_uio_close(&u->node);
    close(u->kernel);
    free(u);
}

int sim_uio_fd(const struct sim_uio *u)
{
    return u->node.fd;
}

/* The word LUNQ writes, and what a kernel makes of it. */
int sim_uio_arm(struct sim_uio *u, bool on, bool *armed, struct lunq_error *err)
{
    int32_t word = 0;
    int r = lunq_uio_arm(&u->node, on, err);
    if (r == 0 && read(u->kernel, &word, sizeof word) == sizeof word)
        *armed = word != 0;
    return r;
}

/* One more event. A count nobody has read yet is replaced, as a node has only the last. */
void sim_uio_fire(struct sim_uio *u)
{
    uint32_t old;
    ssize_t n = u->unread ? read(u->node.fd, &old, sizeof old) : 0;
    u->events++;
    n = write(u->kernel, &u->events, sizeof u->events);
    u->unread = n == sizeof u->events;
}

int sim_uio_take(struct sim_uio *u, uint64_t *count, struct lunq_error *err)
{
    u->unread = false;
    return lunq_uio_take(&u->node, count, err);
}
