#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool lx_path(char path[LX_PATH], const char *root, const char *fmt, ...)
{
    size_t n = strlen(root);
    va_list ap;
    int len;
    path[0] = 0;
    if (n >= LX_PATH)
        return false;
    memcpy(path, root, n);
    va_start(ap, fmt);
    len = vsnprintf(path + n, LX_PATH - n, fmt, ap);
    va_end(ap);
    return len >= 0 && (size_t)len < LX_PATH - n;
}

long lx_read_bytes(const char *path, void *data, size_t size)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), e; /* a pipe would wait */
    ssize_t n;
    if (fd < 0)
        return -1;
    do
        n = read(fd, data, size);
    while (n < 0 && errno == EINTR);
    e = errno;
    close(fd);
    errno = e;
    return (long)n;
}

bool lx_read(const char *path, char *text, size_t size)
{
    long n = lx_read_bytes(path, text, size - 1);
    text[n < 0 ? 0 : n] = 0;
    while (n > 0 && text[n - 1] == '\n')
        text[--n] = 0;
    return n >= 0;
}

bool lx_read_number(const char *path, uint64_t *n)
{
    char text[64], *end;
    if (!lx_read(path, text, sizeof text))
        return false;
    errno = 0;
    *n = strtoull(text, &end, text[0] == '0' && (text[1] | 32) == 'x' ? 16 : 10);
    return end != text && errno == 0;
}

bool lx_write(const char *path, const char *text)
{
    size_t n = strlen(text);
    int fd = open(path, O_WRONLY | O_CLOEXEC), e;
    ssize_t done;
    if (fd < 0)
        return false;
    do
        done = write(fd, text, n);
    while (done < 0 && errno == EINTR);
    e = done < 0 ? errno : (size_t)done < n ? EIO : 0;
    if (close(fd) < 0 && e == 0)
        e = errno;
    errno = e;
    return e == 0;
}

bool lx_write_all(int fd, const void *data, size_t n)
{
    const uint8_t *at = data;
    while (n > 0) {
        ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            errno = done < 0 ? errno : EIO;
            return false;
        }
        at += done;
        n -= (size_t)done;
    }
    return true;
}

int lx_index(const char *name, const char *prefix)
{
    size_t n = strlen(prefix);
    char *end;
    unsigned long i;
    if (strncmp(name, prefix, n) || name[n] < '0' || name[n] > '9')
        return -1;
    i = strtoul(name + n, &end, 10);
    return *end || i > 65535 ? -1 : (int)i;
}

int lx_errno_kind(int e)
{
    return e == EACCES || e == EPERM ? LUNQ_PERMISSION : LUNQ_IO;
}
