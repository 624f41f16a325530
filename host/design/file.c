#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/progress.h"

/* Up to `size` bytes; what is missing is noticed by the reader of the format. -1: errno. */
static long long read_all(int fd, char *to, size_t size, struct lunq_progress *p)
{
    size_t n = 0;
    while (n < size) {
        size_t want = size - n < LUNQ_PROGRESS_BYTES ? size - n : LUNQ_PROGRESS_BYTES;
        ssize_t got = read(fd, to + n, want);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (!got)
            break; /* it became shorter meanwhile */
        n += (size_t)got;
        lunq_progress_add(p, (size_t)got);
    }
    return (long long)n;
}

static int load_open(int fd, const char *path, const char *what, size_t limit, char **data,
                     size_t *size, struct lunq_error *err)
{
    struct lunq_progress p = {.on = false};
    struct stat st;
    long long n;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return lunq_fail(err, LUNQ_IO, "%s is not a file", path);
    if ((unsigned long long)st.st_size > limit)
        return lunq_fail(err, LUNQ_VALUE, "%s: %lld bytes are too much for %s (limit %zu MiB)",
                         path, (long long)st.st_size, what, limit >> 20);
    *data = malloc((size_t)st.st_size + 1);
    if (!*data)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory for %lld bytes", path,
                         (long long)st.st_size);
    if (st.st_size > LUNQ_PROGRESS_BYTES)
        lunq_progress_begin(&p, path, (uint64_t)st.st_size);
    n = read_all(fd, *data, (size_t)st.st_size, &p);
    lunq_progress_end(&p);
    if (n < 0) {
        int why = errno;
        free(*data);
        *data = NULL;
        return lunq_fail(err, LUNQ_IO, "%s: %s", path, strerror(why));
    }
    (*data)[n] = '\0';
    *size = (size_t)n;
    return 0;
}

int lunq_file_load(const char *path, const char *what, size_t limit, char **data, size_t *size,
                   struct lunq_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hang us */
    int rc;
    *data = NULL;
    *size = 0;
    if (fd < 0)
        return lunq_fail(err, errno == EACCES ? LUNQ_PERMISSION : LUNQ_IO, "%s: %s", path,
                         strerror(errno));
    rc = load_open(fd, path, what, limit, data, size, err);
    close(fd);
    return rc;
}
