#include "kmsg.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 512, RECORD = 8192 };

int lunq_kmsg_open(const char *root)
{
    char path[PATH_SIZE];
    int len = snprintf(path, sizeof path, "%s/dev/kmsg", root);
    int fd = len < 0 || (size_t)len >= sizeof path
                 ? -1
                 : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0)
        lseek(fd, 0, SEEK_END);
    return fd;
}

/* Adds one line; what came first goes when there is no room. */
static void add(char *text, size_t size, const char *line, size_t n)
{
    size_t used = strlen(text), gap = used ? 2 : 0;
    if (n + 3 > size)
        n = size - 3;
    if (used + gap + n + 1 > size) {
        size_t cut = used + gap + n + 1 - size;
        memmove(text, text + cut, used - cut + 1);
        used -= cut;
    }
    memcpy(text + used, "; ", gap);
    for (size_t i = 0; i < n; i++)
        text[used + gap + i] = line[i] < ' ' ? ' ' : line[i];
    text[used + gap + n] = '\0';
}

/* "6,1234,98765,-;text\n" and lines of details that begin with a blank. */
static void add_record(char *text, size_t size, const char *record)
{
    while (*record) {
        size_t n = strcspn(record, "\n");
        const char *from = memchr(record, ';', n);
        if (from && *record != ' ')
            add(text, size, from + 1, (size_t)(record + n - from - 1));
        record += n + (record[n] == '\n');
    }
}

void lunq_kmsg_text(int fd, char *text, size_t size)
{
    char record[RECORD];
    ssize_t n;
    *text = '\0';
    while (fd >= 0 && (n = read(fd, record, sizeof record - 1)) > 0) {
        record[n] = '\0';
        add_record(text, size, record);
    }
}
