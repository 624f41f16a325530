/* helper_client.c - a hostile client of lunq-helper: helper_client SOCKET CASE. Prints what it is answered as
 * "kind: message". Exit code 1: no connection. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "device/linux/helper_request.h"

static const char *path;

static int dial(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    strncpy(a.sun_path, path, sizeof a.sun_path - 1);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

static void show(int fd)
{
    static struct lx_helper_reply r;
    ssize_t n = recv(fd, &r, sizeof r, 0);
    if (n < 0 && errno == ECONNRESET) /* once: the question was not read; then comes the answer */
        n = recv(fd, &r, sizeof r, 0);
    if (n != sizeof r)
        printf("%zd bytes\n", n);
    else
        printf("%s: %s\n", r.kind ? lunq_kind_name(r.kind) : "done", r.message);
    close(fd);
}

static void say(int fd, const void *packet, size_t n, const int *files, size_t n_files)
{
    char room[CMSG_SPACE(64 * sizeof(int))] = {0};
    struct iovec part = {(void *)packet, n};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    if (n_files) {
        m.msg_control = room;
        m.msg_controllen = CMSG_SPACE(n_files * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n_files * sizeof(int));
        memcpy(CMSG_DATA(c), files, n_files * sizeof(int));
    }
    if (sendmsg(fd, &m, MSG_NOSIGNAL) < 0)
        perror("sendmsg");
}

static void ask(const struct lx_helper_request *q, const int *files, size_t n_files)
{
    int fd = dial();
    say(fd, q, sizeof *q, files, n_files);
    show(fd);
}

static int memory(const char *text, size_t size, int seals)
{
    int fd = memfd_create("x", MFD_ALLOW_SEALING);
    if (ftruncate(fd, (off_t)size) < 0 || (text && write(fd, text, strlen(text)) < 0) ||
        fcntl(fd, F_ADD_SEALS, seals) < 0)
        perror("memfd");
    return fd;
}

static void garbage(void)
{
    static unsigned char packet[600];
    unsigned state = 12345;
    for (int i = 0; i < 200; i++) {
        size_t n = i % 3 ? sizeof(struct lx_helper_request) : 1 + (unsigned)i % sizeof packet;
        for (size_t k = 0; k < n; k++)
            packet[k] = (unsigned char)((state = state * 1103515245 + 12345) >> 16);
        if (i % 2) /* right at its beginning */
            memcpy(packet, &(uint32_t[]){LX_HELPER_MAGIC, state % 6, 0, 0}, 16);
        int fd = dial();
        say(fd, packet, n, NULL, 0);
        close(fd); /* without waiting for the answer */
    }
    puts("sent");
}

int main(int argc, char **argv)
{
    const int all = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    struct lx_helper_request q = {.magic = LX_HELPER_MAGIC, .op = LX_HELPER_LOAD, .n_files = 1};
    int files[64], fd, pipes[2];
    const char *c = argc > 2 ? argv[2] : "";
    path = argc > 1 ? argv[1] : "";
    strcpy(q.file, "x.bin");
    if (!strcmp(c, "short")) {
        fd = dial();
        say(fd, &q, 100, NULL, 0);
        show(fd);
    } else if (!strcmp(c, "long")) {
        static char packet[10000];
        memcpy(packet, &q, sizeof q);
        fd = dial();
        say(fd, packet, sizeof packet, NULL, 0);
        show(fd);
    } else if (!strcmp(c, "files alone")) { /* an empty packet brings some too */
        memset(files, 0, sizeof files);
        fd = dial();
        say(fd, &q, 0, files, 16);
        show(fd);
    } else if (!strcmp(c, "magic")) {
        q.magic++;
        ask(&q, NULL, 0);
    } else if (!strcmp(c, "operation")) {
        q.op = 77;
        ask(&q, NULL, 0);
    } else if (!strcmp(c, "no file")) {
        ask(&q, NULL, 0);
    } else if (!strcmp(c, "many files")) {
        for (int i = 0; i < 64; i++)
            files[i] = 0;
        ask(&q, files, 64);
    } else if (!strcmp(c, "a path")) {
        files[0] = open("/etc/shadow", O_RDONLY);
        ask(&q, files, 1);
    } else if (!strcmp(c, "a pipe")) {
        if (pipe(pipes) == 0)
            ask(&q, pipes, 1);
    } else if (!strcmp(c, "not sealed")) {
        files[0] = memory("abcd", 4, F_SEAL_GROW);
        ask(&q, files, 1);
    } else if (!strcmp(c, "empty")) {
        files[0] = memory(NULL, 0, all);
        ask(&q, files, 1);
    } else if (!strcmp(c, "too big")) {
        files[0] = memory(NULL, (size_t)LX_HELPER_BITSTREAM_LIMIT + 4, all);
        ask(&q, files, 1);
    } else if (!strcmp(c, "a name")) {
        q.op = LX_HELPER_REMOVE;
        q.n_files = 0;
        memset(q.file, 0, sizeof q.file);
        strcpy(q.name, "../../../etc");
        ask(&q, NULL, 0);
    } else if (!strcmp(c, "no overlay")) {
        q.op = LX_HELPER_INSERT;
        strcpy(q.name, "top");
        files[0] = memory("garbage, not a blob, but long enough for a header of one", 60, all);
        ask(&q, files, 1);
    } else if (!strcmp(c, "nothing")) {
        fd = dial();
        show(fd);
    } else if (!strcmp(c, "hang up")) {
        close(dial());
        puts("gone");
    } else if (!strcmp(c, "garbage")) {
        garbage();
    } else if (!strcmp(c, "clock")) {
        q.op = LX_HELPER_CLOCK_GET;
        q.n_files = 0;
        memset(q.file, 0, sizeof q.file);
        ask(&q, NULL, 0);
    } else {
        fprintf(stderr, "no case %s\n", c);
        return 2;
    }
    return 0;
}
