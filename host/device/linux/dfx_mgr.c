#include "dfx_mgr.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "packet_socket.h"

enum {
    HEADER = 24,       /* what a packet has beside its text, as far as its size goes */
    TEXT_OLD = 12,     /* where the text is: after id, size and a count */
    TEXT_NEW = 16,     /* after id, size, flags and a count */
    TEXT_LIMIT = 4000, /* the names of slots and packages are far shorter */
    PACKET = HEADER + 32 * 1024,
    ANSWER_LIMIT = 60 /* seconds */
};

struct conversation {
    const char *socket;
    int fd, text_at;
    struct lunq_error *err;
};

static int failed(const struct conversation *c, int why)
{
    if (why == EACCES || why == EPERM)
        return lunq_fail(
            c->err, LUNQ_PERMISSION,
            "dfx-mgr's daemon at %s listens to root only: run this as root, or give its "
            "socket to your group.",
            c->socket);
    if (why == EAGAIN || why == EWOULDBLOCK)
        return lunq_fail(c->err, LUNQ_TIMEOUT,
                         "dfx-mgr's daemon at %s did not answer within %d s; its log may say more "
                         "(journalctl -u dfx-mgr).",
                         c->socket, ANSWER_LIMIT);
    return lunq_fail(c->err, LUNQ_DEVICE,
                     "dfx-mgr's daemon at %s can't be reached: %s. Does it run (systemctl status "
                     "dfx-mgr)?",
                     c->socket, strerror(why));
}

static int say(const struct conversation *c, uint32_t id, const char *text)
{
    char packet[HEADER + TEXT_LIMIT + 1] = {0};
    uint32_t words[2] = {id, *text ? (uint32_t)strlen(text) + 1 : 0};
    ssize_t n;
    memcpy(packet, words, sizeof words);
    memcpy(packet + c->text_at, text, strlen(text));
    do {
        n = send(c->fd, packet, HEADER + words[1], MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? failed(c, errno) : 0;
}

/* A packet, zeros behind it. */
static int hear(const struct conversation *c, char packet[PACKET + 1])
{
    ssize_t n;
    memset(packet, 0, PACKET + 1);
    do {
        n = recv(c->fd, packet, PACKET, 0);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return failed(c, errno);
    if (n >= HEADER)
        return 0;
    return lunq_fail(c->err, LUNQ_DEVICE,
                     "dfx-mgr's daemon at %s %s: is it dfx-mgr 2021.1 or later?", c->socket,
                     n ? "answered something else" : "went away without an answer");
}

/* Where its version has the text shows in a list, which is never empty: the words before it are 0 in a reply. */
static int hear_list(struct conversation *c, char packet[PACKET + 1])
{
    int r = say(c, LUNQ_DFX_MGR_LIST, "");
    if (r == 0)
        r = hear(c, packet);
    c->text_at = packet[TEXT_OLD] ? TEXT_OLD : TEXT_NEW;
    return r;
}

static bool is_number(const char *text)
{
    return *text == '-' || (*text >= '0' && *text <= '9');
}

/* The versions of 2021 answer nothing to unloading. Whoever left before all was answered would end the daemon,
 * which does not expect that (SIGPIPE), so a list asked for behind it says that it is done. */
static int unload(struct conversation *c, const char *text, char packet[PACKET + 1])
{
    char behind[PACKET + 1];
    int r = say(c, LUNQ_DFX_MGR_UNLOAD, text);
    if (r == 0)
        r = say(c, LUNQ_DFX_MGR_LIST, "");
    if (r == 0)
        r = hear(c, packet);
    if (r < 0)
        return r;
    if (is_number(packet + c->text_at))
        return hear(c, behind);
    strcpy(packet + c->text_at, "0");
    return 0;
}

static int ask(struct conversation *c, enum lunq_dfx_mgr_request request, const char *text,
               char packet[PACKET + 1])
{
    int r = hear_list(c, packet);
    if (r < 0 || request == LUNQ_DFX_MGR_LIST)
        return r;
    if (request == LUNQ_DFX_MGR_UNLOAD)
        return unload(c, text, packet);
    r = say(c, request, text);
    return r < 0 ? r : hear(c, packet);
}

int lunq_dfx_mgr_ask(const char *socket, enum lunq_dfx_mgr_request request, const char *text,
                     char answer[LUNQ_DFX_MGR_ANSWER], struct lunq_error *err)
{
    struct conversation c = {.socket = socket, .text_at = TEXT_OLD, .err = err};
    char packet[PACKET + 1];
    int r;
    if (strlen(text) > TEXT_LIMIT)
        return lunq_fail(err, LUNQ_VALUE, "A package's name has at most %d bytes.", TEXT_LIMIT);
    c.fd = lx_packet_socket(socket, ANSWER_LIMIT);
    if (c.fd < 0)
        return failed(&c, errno);
    r = ask(&c, request, text, packet);
    close(c.fd);
    if (r == 0)
        memcpy(answer, packet + c.text_at, LUNQ_DFX_MGR_ANSWER);
    return r;
}
