#include "link.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PIECE = 8192 }; /* bytes of memory in one command: two digits each, in and out */

static int gone(struct qt_link *l, struct lunq_error *err, const char *what)
{
    l->dead = true;
    lunq_fail(err, LUNQ_DEVICE, "Device %s: QEMU %s. Open the device again.", l->name, what);
    return lunq_fault(err);
}

static int still_there(struct qt_link *l, struct lunq_error *err)
{
    return l->dead ? gone(l, err, "has ended") : 0;
}

/* Reads more, waiting for it or not. 1: something came, 0: nothing (only without waiting). */
static int receive(struct qt_link *l, bool wait, struct lunq_error *err)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    ssize_t n;
    int r;
    if (l->at > 0)
        memmove(l->in, l->in + l->at, l->have - l->at);
    l->have -= l->at;
    l->at = 0;
    if (l->have == sizeof l->in)
        return gone(l, err, "sends lines without an end");
    do
        r = poll(&p, 1, wait ? QT_REPLY_SECONDS * 1000 : 0);
    while (r < 0 && errno == EINTR);
    if (r == 0)
        return wait ? gone(l, err, "does not answer") : 0;
    n = recv(l->fd, l->in + l->have, sizeof l->in - l->have, MSG_DONTWAIT);
    if (n <= 0 && (n == 0 || (errno != EAGAIN && errno != EINTR)))
        return gone(l, err, "has ended");
    l->have += n > 0 ? (size_t)n : 0;
    return n > 0;
}

/* The next whole line that is there, without its end; NULL: none. Good until the next receive. */
static char *next_line(struct qt_link *l)
{
    char *line = l->in + l->at, *end = memchr(line, '\n', l->have - l->at);
    if (!end)
        return NULL;
    *end = 0;
    l->at = (size_t)(end + 1 - l->in);
    return line;
}

/* "IRQ raise 3": true when the line was such a one. */
static bool is_news(struct qt_link *l, const char *line)
{
    unsigned n;
    if (sscanf(line, "IRQ raise %u", &n) == 1)
        l->irq(l->ctx, n, true);
    else if (sscanf(line, "IRQ lower %u", &n) == 1)
        l->irq(l->ctx, n, false);
    else
        return false;
    return true;
}

/* Takes what has come: nothing may be left that the descriptor does not tell of. */
static int news(struct qt_link *l, struct lunq_error *err)
{
    char *line;
    while ((line = next_line(l)) != NULL)
        if (!is_news(l, line))
            return gone(l, err, "answers what nobody asked");
    return 0;
}

int qt_listen(struct qt_link *l, struct lunq_error *err)
{
    int r = still_there(l, err);
    while (r == 0 && (r = receive(l, false, err)) > 0)
        r = news(l, err);
    return r;
}

static int send_all(struct qt_link *l, const char *s, size_t n, struct lunq_error *err)
{
    int r = still_there(l, err);
    while (r == 0 && n > 0) {
        ssize_t k = send(l->fd, s, n, MSG_NOSIGNAL);
        if (k < 0 && errno != EINTR)
            return gone(l, err, "has ended");
        s += k > 0 ? k : 0;
        n -= k > 0 ? (size_t)k : 0;
    }
    return r;
}

/* What follows "OK", or NULL with *err. */
static char *reply(struct qt_link *l, struct lunq_error *err)
{
    for (;;) {
        char *line = next_line(l);
        if (!line && receive(l, true, err) < 0)
            return NULL;
        if (!line || is_news(l, line))
            continue;
        if (!strncmp(line, "OK", 2) && (line[2] == ' ' || !line[2]))
            return news(l, err) < 0 ? NULL : line + 2 + (line[2] == ' ');
        gone(l, err, "refuses a command");
        lunq_fail_in(err, "\"%.80s\"", line);
        return NULL;
    }
}

int qt_command(struct qt_link *l, uint64_t *value, struct lunq_error *err, const char *fmt, ...)
{
    char text[256], *answer, *end;
    va_list args;
    int n, r;
    va_start(args, fmt);
    n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        return lunq_fail(err, LUNQ_VALUE, "A qtest command is too long.");
    r = send_all(l, text, (size_t)n, err);
    answer = r < 0 ? NULL : reply(l, err);
    if (!answer)
        return LUNQ_DEVICE;
    if (!value)
        return 0;
    *value = strtoull(answer, &end, 0);
    return end == answer || *end ? gone(l, err, "answers no number") : 0;
}

/* ---- memory -------------------------------------------------------------------------------- */

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_piece(struct qt_link *l, uint64_t addr, uint8_t *data, size_t n,
                      struct lunq_error *err)
{
    char text[64], *s;
    int k = snprintf(text, sizeof text, "read 0x%" PRIx64 " 0x%zx\n", addr, n);
    int r = send_all(l, text, (size_t)k, err);
    s = r < 0 ? NULL : reply(l, err);
    if (!s)
        return LUNQ_DEVICE;
    if (strncmp(s, "0x", 2) != 0 || strlen(s) != 2 + 2 * n)
        return gone(l, err, "answers another number of bytes");
    for (size_t i = 0; i < n; i++) {
        int high = digit(s[2 + 2 * i]), low = digit(s[3 + 2 * i]);
        if (high < 0 || low < 0)
            return gone(l, err, "answers what are no bytes");
        data[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

static int write_piece(struct qt_link *l, uint64_t addr, const uint8_t *data, size_t n,
                       struct lunq_error *err)
{
    char text[2 * PIECE + 64];
    size_t k = (size_t)snprintf(text, sizeof text, "write 0x%" PRIx64 " 0x%zx 0x", addr, n);
    int r;
    for (size_t i = 0; i < n; i++) {
        text[k++] = "0123456789abcdef"[data[i] >> 4];
        text[k++] = "0123456789abcdef"[data[i] & 15];
    }
    text[k++] = '\n';
    r = send_all(l, text, k, err);
    return r < 0 || reply(l, err) ? r : LUNQ_DEVICE;
}

int qt_read_memory(struct qt_link *l, uint64_t addr, uint8_t *data, size_t n,
                   struct lunq_error *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i += PIECE)
        r = read_piece(l, addr + i, data + i, n - i < PIECE ? n - i : PIECE, err);
    return r;
}

int qt_write_memory(struct qt_link *l, uint64_t addr, const uint8_t *data, size_t n,
                    struct lunq_error *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i += PIECE)
        r = write_piece(l, addr + i, data + i, n - i < PIECE ? n - i : PIECE, err);
    return r;
}
