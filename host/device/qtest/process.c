#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Descriptors of the child. */
enum { QTEST = 3, NET = 4, CHILD_FDS = 5 };
enum { MAX_ARGS = 40 };

struct command {
    const char *args[MAX_ARGS];
    size_t n;
    char ram[16], park[96], serial[160];
};

static void add(struct command *c, const char *flag, const char *value)
{
    c->args[c->n++] = flag;
    if (value)
        c->args[c->n++] = value;
}

static void make_command(struct command *c, const struct qt_config *config)
{
    const struct qt_machine *m = config->machine;
    snprintf(c->ram, sizeof c->ram, "%" PRIu64, m->ram_mib);
    snprintf(c->park, sizeof c->park, "loader,addr=0,%s", m->park);
    add(c, m->binary, NULL);
    add(c, "-M", m->name);
    add(c, "-m", c->ram);
    add(c, "-accel", "tcg"); /* "qtest", which would give us its clock, is not in Debian's builds */
    add(c, "-nodefaults", "-no-user-config");
    add(c, "-display", "none");
    add(c, "-device", c->park);
    add(c, "-chardev", "socket,id=qtest,fd=3");
    add(c, "-qtest", "chardev:qtest");
    add(c, "-qtest-log", "/dev/null");
    if (m->ethernet) {
        add(c, "-netdev", "dgram,id=net,local.type=fd,local.str=4");
        add(c, "-net", "nic,netdev=net,model=xlnx.axi-ethernet");
    }
    if (config->serial[0]) {
        snprintf(c->serial, sizeof c->serial, "socket,id=serial,server=on,wait=off,path=%s",
                 config->serial);
        add(c, "-chardev", c->serial);
        add(c, "-serial", "chardev:serial");
    }
    c->args[c->n] = NULL;
}

/* A datagram socket that is its own other end: each frame the Ethernet sends comes back to it. */
static int open_echo(void)
{
    struct sockaddr_un self = {.sun_family = AF_UNIX};
    socklen_t n = offsetof(struct sockaddr_un, sun_path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)&self, n) == 0) { /* without a name: the kernel gives one */
        n = sizeof self;
        if (getsockname(fd, (struct sockaddr *)&self, &n) == 0 &&
            connect(fd, (struct sockaddr *)&self, n) == 0)
            return fd;
    }
    close(fd);
    return -1;
}

/* In the child: puts everything where QEMU looks for it and becomes QEMU. Only async-safe calls. */
static void become(const struct command *c, const int fds[CHILD_FDS], pid_t parent, int failed)
{
    int high[CHILD_FDS];
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* QEMU does not end when its socket closes */
    if (getppid() != parent)
        _exit(127);
    setpgid(0, 0); /* Ctrl-C in a terminal is for us */
    for (int i = 0; i < CHILD_FDS; i++)
        high[i] = fds[i] < 0 ? -1 : fcntl(fds[i], F_DUPFD, CHILD_FDS + 1);
    failed = fcntl(failed, F_DUPFD_CLOEXEC, CHILD_FDS + 1);
    for (int i = 0; i < CHILD_FDS; i++)
        if (high[i] >= 0)
            dup2(high[i], i);
    for (int fd = CHILD_FDS; fd < 1024; fd++)
        if (fd != failed)
            close(fd);
    execvp(c->args[0], (char *const *)(const void *)c->args);
    if (write(failed, &errno, sizeof errno) < 0)
        _exit(126);
    _exit(127);
}

/* The other end closes when QEMU has been started; else it says why not. */
static int start_error(int fd)
{
    int code = 0;
    ssize_t n;
    do
        n = read(fd, &code, sizeof code);
    while (n < 0 && errno == EINTR);
    return n == sizeof code ? code : 0;
}

static int no_start(const struct qt_config *c, int code, struct lunq_error *err)
{
    if (code == ENOENT)
        return lunq_fail(err, LUNQ_DEVICE,
                         "No Devices Found: there is no %s in PATH. On Debian it is in the package "
                         "qemu-system-misc.",
                         c->machine->binary);
    return lunq_fail(err, LUNQ_DEVICE, "Can't start %s: %s.", c->machine->binary, strerror(code));
}

static int start(struct qt_process *p, const struct qt_config *config, const int fds[CHILD_FDS],
                 struct lunq_error *err)
{
    struct command c = {.n = 0};
    pid_t parent = getpid();
    int failed[2], code;
    make_command(&c, config);
    if (pipe2(failed, O_CLOEXEC) < 0)
        return no_start(config, errno, err);
    p->pid = fork();
    if (p->pid == 0)
        become(&c, fds, parent, failed[1]);
    code = p->pid < 0 ? errno : 0;
    if (p->pid < 0)
        p->pid = 0;
    close(failed[1]);
    code = code ? code : start_error(failed[0]);
    close(failed[0]);
    return code ? no_start(config, code, err) : 0;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int qt_process_start(struct qt_process *p, const struct qt_config *c, struct lunq_error *err)
{
    int pair[2] = {-1, -1}, null = -1, net = -1, r = 0;
    *p = (struct qt_process){.qtest = -1, .messages = memfd_create("qemu", MFD_CLOEXEC)};
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (c->machine->ethernet)
        net = open_echo();
    if (p->messages < 0 || null < 0 || (c->machine->ethernet && net < 0) ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        r = no_start(c, errno, err);
    if (r == 0)
        r = start(p, c, (int[CHILD_FDS]){null, null, p->messages, pair[1], net}, err);
    p->qtest = pair[0];
    close_fd(&pair[1]);
    close_fd(&net);
    close_fd(&null);
    if (r < 0)
        qt_process_end(p);
    return r;
}

void qt_process_end(struct qt_process *p)
{
    if (p->pid > 0) {
        kill(p->pid, SIGKILL);
        while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    p->pid = 0;
    close_fd(&p->qtest);
    close_fd(&p->messages);
}

const char *qt_process_said(const struct qt_process *p, char *text, size_t size)
{
    ssize_t n = p->messages < 0 ? 0 : pread(p->messages, text, size - 1, 0);
    text[n > 0 ? n : 0] = 0;
    for (char *s = text; *s; s++)
        if (*s == '\n')
            *s = s[1] ? ';' : 0;
    return text;
}
