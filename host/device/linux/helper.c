/* helper.c - see helper.h. The bytes that are sent are those in memory, which the program has checked: what
 * the helper loads is what the program read, whatever happens to the file. */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../design/bitstream.h"
#include "../../design/dt.h"
#include "helper_request.h"
#include "linux.h"
#include "overlay.h"
#include "packet_socket.h"
#include "private.h"

enum { ANSWER_LIMIT = 120 }; /* seconds; the helper gives up earlier and says so */

#define SERVES                                                                                     \
    "serves the members of group lunq: usermod -a -G lunq USER makes one, from the next login on"

static const char *socket_path(const char *root)
{
    const char *path = getenv("LUNQ_HELPER");
    if (path)
        return *path ? path : NULL;
    if (*root || geteuid() == 0 || access(LX_HELPER_SOCKET, W_OK) != 0)
        return NULL;
    return LX_HELPER_SOCKET;
}

bool lx_helper_wanted(const char *root)
{
    return socket_path(root) != NULL;
}

const char *lx_helper_hint(void)
{
    int why = errno; /* stands in the same message */
    bool runs = access(LX_HELPER_SOCKET, F_OK) == 0;
    errno = why;
    return runs ? ", which " SERVES
                : ", which does not run here (systemctl enable --now lunq-helper.socket)";
}

bool lunq_linux_has_helper(const struct lunq_device *d)
{
    return lx_helper_wanted(((const struct lunq_linux *)d)->root);
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Sealed memory with these bytes; -1, with *err. */
static int sealed(const void *data, size_t n, struct lunq_error *err)
{
    int fd = memfd_create("lunq", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && lx_write_all(fd, data, n) &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
        return fd;
    lunq_fail(err, LUNQ_MEMORY, "No memory for the %zu bytes that lunq-helper is to load: %s.", n,
              strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* For messages, cut; what is not printable is replaced. */
static void put_text(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text);
    for (; *to; to++)
        if ((unsigned char)*to < ' ' || (unsigned char)*to > '~')
            *to = '?';
}

/* ---- a conversation -------------------------------------------------------------------------- */

static int unreachable(const char *path, int why, struct lunq_error *err)
{
    if (why == EACCES || why == EPERM)
        return lunq_fail(err, LUNQ_PERMISSION, "lunq-helper at %s " SERVES ".", path);
    if (why == ENAMETOOLONG)
        return lunq_fail(err, LUNQ_VALUE, "The path of lunq-helper's socket is too long: %s", path);
    if (why == EAGAIN || why == EWOULDBLOCK)
        return lunq_fail(err, LUNQ_TIMEOUT,
                         "lunq-helper at %s did not answer within %d s; its log says more "
                         "(journalctl -u lunq-helper).",
                         path, ANSWER_LIMIT);
    return lunq_fail(err, LUNQ_DEVICE,
                     "lunq-helper at %s can't be reached: %s. Is lunq-helper.socket started "
                     "(systemctl status lunq-helper.socket)?",
                     path, strerror(why));
}

/* Sends the request with its files. errno. */
static int send_request(int fd, const struct lx_helper_request *q, const int *files)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(LX_HELPER_FILES * sizeof(int))];
    } control = {{0}};
    struct iovec part = {(void *)q, sizeof *q};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    size_t bytes = q->n_files * sizeof(int);
    ssize_t n;
    if (q->n_files) {
        struct cmsghdr *c;
        m.msg_control = control.room;
        m.msg_controllen = CMSG_SPACE(bytes);
        c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(bytes);
        memcpy(CMSG_DATA(c), files, bytes);
    }
    do {
        n = sendmsg(fd, &m, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *q ? 0 : n < 0 ? errno : EIO;
}

/* Where the helper refuses who asks before it has read the question, it closes with that unread: the
 * kernel tells of it once (ECONNRESET), and then gives the answer. */
static ssize_t receive_packet(int fd, void *packet, size_t size)
{
    bool told = false;
    for (;;) {
        ssize_t n = recv(fd, packet, size, 0);
        if (n >= 0 || (errno != EINTR && (errno != ECONNRESET || told)))
            return n;
        told = told || errno == ECONNRESET;
    }
}

static int receive(int fd, const char *path, struct lx_helper_reply *reply, struct lunq_error *err)
{
    ssize_t n = receive_packet(fd, reply, sizeof *reply);
    if (n < 0)
        return unreachable(path, errno, err);
    if (n != sizeof *reply || reply->magic != LX_HELPER_MAGIC || reply->kind > 0 ||
        !memchr(reply->message, 0, sizeof reply->message))
        return lunq_fail(err, LUNQ_DEVICE,
                         "lunq-helper at %s %s. Is it of the same version? Its log says more "
                         "(journalctl -u lunq-helper).",
                         path, n == 0 ? "went away without an answer" : "answered something else");
    if (reply->kind == 0)
        return 0;
    lunq_fail(err, reply->kind, "%s", reply->message);
    return reply->fault ? lunq_fault(err) : reply->kind;
}

/* Asks; *reply is zero when nobody answered. */
static int ask(struct lx_helper_request *q, const int *files, struct lx_helper_reply *reply,
               struct lunq_error *err)
{
    const char *path = getenv("LUNQ_HELPER");
    int fd, r;
    memset(reply, 0, sizeof *reply);
    path = path && *path ? path : LX_HELPER_SOCKET;
    q->magic = LX_HELPER_MAGIC;
    fd = lx_packet_socket(path, ANSWER_LIMIT);
    if (fd < 0)
        return unreachable(path, errno, err);
    r = send_request(fd, q, files);
    /* A helper that refuses the user answers at once and closes: the answer is there all the same. */
    r = r && r != EPIPE ? unreachable(path, r, err) : receive(fd, path, reply, err);
    close(fd);
    return r;
}

/* ---- the requests --------------------------------------------------------------------------- */

static void put_file(struct lx_helper_request *q, const char *path)
{
    const char *slash = strrchr(path, '/');
    put_text(q->file, sizeof q->file, slash && slash[1] ? slash + 1 : path);
}

static int put_name(struct lx_helper_request *q, const char *name, struct lunq_error *err)
{
    if (strlen(name) < sizeof q->name) {
        memcpy(q->name, name, strlen(name));
        return 0;
    }
    return lunq_fail(err, LUNQ_VALUE, "'%s' is no name for an overlay: at most 64 characters.",
                     name);
}

static int overlay_file(const struct lunq_dt *overlay, struct lunq_error *err)
{
    size_t size;
    const void *blob = lunq_dt_image(overlay, &size);
    if (!blob)
        return lunq_fail(err, LUNQ_VALUE, "%s: an overlay is a file of at most 1 MiB",
                         overlay->file);
    return sealed(blob, size, err);
}

static int bitstream_file(const struct lunq_bitstream *b, struct lunq_error *err)
{
    uint8_t *bin = malloc(b->size ? b->size : 1);
    int r =
        bin ? lunq_bitstream_to_bin(b, bin, err) : lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    if (r == 0)
        r = sealed(bin, b->size, err);
    free(bin);
    return r;
}

int lx_helper_load(struct lunq_linux *x, const struct lunq_program *p, struct lunq_error *err)
{
    struct lx_helper_request q = {.op = LX_HELPER_LOAD, .n_files = 1};
    struct lx_helper_reply reply = {0};
    int files[LX_HELPER_FILES] = {-1, -1}, r = 0;
    put_file(&q, p->bitstream->file);
    if (p->region)
        put_text(q.region, sizeof q.region, p->region);
    if (p->overlay && lunq_overlay_region(p->overlay)) {
        q.n_files = 2;
        r = put_name(&q, p->overlay_name, err);
        if (r == 0)
            r = files[1] = overlay_file(p->overlay, err);
    }
    if (r >= 0)
        r = files[0] = bitstream_file(p->bitstream, err);
    if (r >= 0)
        r = ask(&q, files, &reply, err);
    x->dev.lost |= reply.lost != 0;
    for (int i = 0; i < LX_HELPER_FILES; i++)
        if (files[i] >= 0)
            close(files[i]);
    return r;
}

int lx_helper_insert(const char *name, const struct lunq_dt *overlay, struct lunq_error *err)
{
    struct lx_helper_request q = {.op = LX_HELPER_INSERT, .n_files = 1};
    struct lx_helper_reply reply;
    int fd, r = put_name(&q, name, err);
    if (r < 0)
        return r;
    put_file(&q, overlay->file);
    fd = overlay_file(overlay, err);
    if (fd < 0)
        return fd;
    r = ask(&q, &fd, &reply, err);
    close(fd);
    return r;
}

int lx_helper_remove(const char *name, struct lunq_error *err)
{
    struct lx_helper_request q = {.op = LX_HELPER_REMOVE};
    struct lx_helper_reply reply;
    int r = put_name(&q, name, err);
    return r < 0 ? r : ask(&q, NULL, &reply, err);
}

int lx_helper_clock_get(unsigned index, uint64_t *hz, struct lunq_error *err)
{
    struct lx_helper_request q = {.op = LX_HELPER_CLOCK_GET, .index = index};
    struct lx_helper_reply reply;
    int r = ask(&q, NULL, &reply, err);
    *hz = reply.hz;
    return r;
}

int lx_helper_clock_running(unsigned index, bool *on, struct lunq_error *err)
{
    struct lx_helper_request q = {.op = LX_HELPER_CLOCK_RUNS, .index = index};
    struct lx_helper_reply reply;
    int r = ask(&q, NULL, &reply, err);
    *on = reply.hz != 0;
    return r;
}

int lx_helper_clock_set(unsigned index, uint64_t hz, struct lunq_error *err)
{
    struct lx_helper_request q = {.op = LX_HELPER_CLOCK_SET, .index = index, .hz = hz};
    struct lx_helper_reply reply;
    return ask(&q, NULL, &reply, err);
}
