/* main.c - lunq-helper: does for the members of a group the three things that need root: load a design (a
 * bitstream and its overlay), take overlays out, set clocks.
 *
 * One connection after the other: who is there, one request, one answer, one line in the log. Each
 * request is done by a process of its own, which a time limit ends, whatever hangs. systemd starts it at the
 * first connection (tools/systemd/lunq-helper.socket) and it ends when nobody came for a while; elsewhere
 * --socket makes the socket. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "work.h"

enum {
    FIRST_PASSED = 3,    /* sd_listen_fds(3): the first descriptor systemd passes */
    IDLE = 60,           /* seconds without a connection, when systemd starts us again */
    ACCEPT_PAUSE = 1000, /* milliseconds after a connection that could not be taken */
    REQUEST_LIMIT = 5,   /* seconds a program may take to send its request */
    TOO_MANY_FILES = 16, /* room for descriptors nobody asked for, so that they can be closed */
    MAX_SECONDS = 3600
};

struct options {
    const char *socket, *root, *group;
    int limit; /* seconds for one request */
};

static volatile sig_atomic_t ended;

static void on_end(int sig)
{
    (void)sig;
    ended = 1;
}

/* ---- one connection ------------------------------------------------------------------------- */

struct request {
    struct lx_helper_request q;
    int files[TOO_MANY_FILES];
    size_t n_files;
};

static void close_files(struct request *r)
{
    for (size_t i = 0; i < r->n_files; i++)
        close(r->files[i]);
    r->n_files = 0;
}

static void take_files(struct request *r, struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t at = 0; at + sizeof(int) <= c->cmsg_len - CMSG_LEN(0); at += sizeof(int))
            if (r->n_files < TOO_MANY_FILES)
                memcpy(&r->files[r->n_files++], CMSG_DATA(c) + at, sizeof(int));
    }
}

/* One packet with its descriptors. LUNQ_VALUE: it is no request; LUNQ_TIMEOUT: none came. */
static int receive(int fd, int limit, struct request *r, struct lunq_error *err)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(TOO_MANY_FILES * sizeof(int))];
    } control;
    char packet[sizeof r->q + 1]; /* a longer one shows */
    struct iovec part = {packet, sizeof packet};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room};
    struct pollfd p = {fd, POLLIN, 0};
    ssize_t n;
    m.msg_controllen = sizeof control.room;
    if (poll(&p, 1, limit * 1000) <= 0)
        return lunq_fail(err, LUNQ_TIMEOUT, "No request came within %d s.", limit);
    n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (n >= 0)
        take_files(r, &m); /* an empty packet can have some too */
    if (n <= 0)
        return lunq_fail(err, LUNQ_VALUE, "The connection ended without a request.");
    if (m.msg_flags & MSG_CTRUNC)
        return lunq_fail(err, LUNQ_VALUE, "The request came with too many files.");
    return lx_helper_request_check(&r->q, packet, (size_t)n, r->n_files, err);
}

static void answer(int fd, const struct lx_helper_reply *reply)
{
    if (send(fd, reply, sizeof *reply, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EPIPE)
        fprintf(stderr, "lunq-helper: the answer can't be sent: %s\n", strerror(errno));
}

static void refuse(int fd, const struct lunq_error *e)
{
    struct lx_helper_reply reply = {.magic = LX_HELPER_MAGIC, .kind = e->kind};
    memcpy(reply.message, e->message, sizeof reply.message);
    answer(fd, &reply);
}

static void log_line(const struct peer *p, const char *what, const char *outcome)
{
    fprintf(stderr, "lunq-helper: uid %ld gid %ld pid %ld: %s: %s\n", (long)p->uid, (long)p->gid,
            (long)p->pid, what, outcome);
}

/* In a process of its own: does the work, answers, and ends. */
static void serve_child(const struct options *o, int fd, const struct peer *p, struct request *r)
{
    struct lx_helper_reply reply = {.magic = LX_HELPER_MAGIC};
    char what[400];
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    alarm((unsigned)o->limit); /* its default ends the process */
    work_describe(&r->q, what, sizeof what);
    work_do(o->root, &r->q, r->files, &reply);
    alarm(0);
    log_line(p, what, reply.kind ? reply.message : "done");
    answer(fd, &reply);
    close_files(r);
    exit(0);
}

static void serve_request(const struct options *o, int fd, const struct peer *p, struct request *r)
{
    struct lunq_error e = {0}; /* all of its bytes are sent */
    char what[400];
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        serve_child(o, fd, p, r);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    if (child > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        lunq_fail(&e, LUNQ_TIMEOUT, "lunq-helper gave up after %d s.", o->limit);
    else
        lunq_fail(&e, LUNQ_DEVICE, "lunq-helper could not do it: its process %s.",
                  child < 0 ? strerror(errno) : "ended badly");
    work_describe(&r->q, what, sizeof what);
    log_line(p, what, e.message);
    refuse(fd, &e);
}

static void serve(const struct options *o, int fd)
{
    struct request r = {.n_files = 0};
    struct peer p = {0};
    struct lunq_error e = {0};
    gid_t group;
    int rc = 0;
    if (!peer_of(fd, &p))
        return;
    if (!peer_group(o->group, &group))
        rc = lunq_fail(&e, LUNQ_PERMISSION, "There is no group %s on this machine.", o->group);
    else if (!peer_may(fd, &p, group))
        rc =
            lunq_fail(&e, LUNQ_PERMISSION,
                      "lunq-helper serves the members of group %s, and user %ld was none when this "
                      "program started: usermod -a -G %s USER makes one, from the next login on.",
                      o->group, (long)p.uid, o->group);
    if (rc == 0)
        rc = receive(fd, o->limit < REQUEST_LIMIT ? o->limit : REQUEST_LIMIT, &r, &e);
    if (rc == 0) {
        serve_request(o, fd, &p, &r);
    } else {
        log_line(&p, "refused", e.message);
        refuse(fd, &e);
    }
    close_files(&r);
}

/* ---- the socket ------------------------------------------------------------------------------ */

/* The socket systemd passes; -1: it passes none. */
static int passed_socket(void)
{
    const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
    int type = 0, listening = 0;
    socklen_t size = sizeof type;
    if (!pid || !n || strtol(pid, NULL, 10) != (long)getpid() || strcmp(n, "1"))
        return -1;
    if (getsockopt(FIRST_PASSED, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_SEQPACKET ||
        getsockopt(FIRST_PASSED, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) < 0 || !listening ||
        fcntl(FIRST_PASSED, F_SETFD, FD_CLOEXEC) < 0)
        return -1;
    return FIRST_PASSED;
}

/* Made for the group alone from its first moment on. */
static int make_socket(const struct options *o)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct stat st;
    gid_t group;
    mode_t old;
    int fd, r;
    if (strlen(o->socket) >= sizeof a.sun_path || !peer_group(o->group, &group)) {
        errno = EINVAL;
        return -1;
    }
    memcpy(a.sun_path, o->socket, strlen(o->socket));
    if (lstat(o->socket, &st) == 0 && S_ISSOCK(st.st_mode))
        unlink(o->socket);
    fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    old = umask(0177);
    r = bind(fd, (struct sockaddr *)&a, sizeof a);
    umask(old);
    if (r == 0 && chown(o->socket, (uid_t)-1, group) == 0 && chmod(o->socket, 0660) == 0 &&
        listen(fd, 8) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Whoever knocks where no descriptor or memory is left goes on knocking: asking again at once would take a whole
 * processor. */
static void pause_after(int why)
{
    if (why == EINTR || why == EAGAIN || why == ECONNABORTED)
        return;
    fprintf(stderr, "lunq-helper: a connection can't be taken: %s\n", strerror(why));
    poll(NULL, 0, ACCEPT_PAUSE);
}

static void loop(const struct options *o, int listener, bool started_by_systemd)
{
    struct pollfd p = {listener, POLLIN, 0};
    while (!ended) {
        int n = poll(&p, 1, started_by_systemd ? IDLE * 1000 : -1), fd;
        if (n == 0)
            return;
        fd = n > 0 ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
        if (fd < 0) {
            pause_after(errno);
            continue;
        }
        serve(o, fd);
        close(fd);
    }
}

/* ---- the command line ------------------------------------------------------------------------ */

static void usage(FILE *to)
{
    fputs(
        "lunq-helper [--socket PATH] [--group GROUP] [--time-limit SECONDS] [--root DIR]\n"
        "Loads designs, device-tree overlays and clocks for the members of a group (lunq).\n"
        "  --socket PATH         makes the socket; else systemd passes it (lunq-helper.socket)\n"
        "  --group GROUP         whom it serves, by name or number\n"
        "  --time-limit SECONDS  for one request, 60\n"
        "  --root DIR            a folder that stands for the board's /proc, /sys, /dev and /lib\n",
        to);
}

/* 0: go on; else the exit code plus one. */
static int parse(struct options *o, int argc, char **argv)
{
    *o = (struct options){.root = "", .group = "lunq", .limit = 60};
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(name, "--help") || !strcmp(name, "--version")) {
            if (name[2] == 'h')
                usage(stdout);
            else
                puts("lunq-helper " LUNQ_VERSION);
            return 1;
        }
        if (value && !strcmp(name, "--socket"))
            o->socket = value;
        else if (value && !strcmp(name, "--group"))
            o->group = value;
        else if (value && !strcmp(name, "--root"))
            o->root = value;
        else if (value && !strcmp(name, "--time-limit"))
            o->limit = atoi(value);
        else
            name = NULL;
        if (!name || o->limit < 1 || o->limit > MAX_SECONDS) {
            fprintf(stderr, "lunq-helper: what is %s?\n", argv[i]);
            usage(stderr);
            return 3;
        }
        i++;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct sigaction sa = {.sa_handler = on_end};
    struct options o;
    int listener, code = parse(&o, argc, argv);
    if (code)
        return code - 1;
    setenv("LUNQ_HELPER", "", 1); /* what is done here is done here */
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
    umask(022);
    listener = o.socket ? make_socket(&o) : passed_socket();
    if (listener < 0) {
        if (o.socket)
            fprintf(stderr, "lunq-helper: no socket at %s for group %s: %s\n", o.socket, o.group,
                    strerror(errno));
        else
            fprintf(stderr, "lunq-helper: systemd passed no socket; --socket PATH makes one\n");
        return 2;
    }
    loop(&o, listener, !o.socket);
    if (o.socket)
        unlink(o.socket);
    return 0;
}
