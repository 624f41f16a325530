/* kept.c - see kept.h. */
#include "kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned begun;

bool kept_somewhere(void)
{
    return begun > 0;
}

bool kept_open(struct kept *k)
{
    *k = (struct kept){.file = memfd_create("lunq-output", MFD_CLOEXEC), .saved = {-1, -1}};
    k->screen = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    return k->screen >= 0;
}

void kept_close(struct kept *k)
{
    kept_end(k);
    if (k->screen >= 0)
        close(k->screen);
    if (k->file >= 0)
        close(k->file);
    k->screen = k->file = -1;
}

void kept_write(const struct kept *k, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t done = write(k->screen, text, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return; /* the terminal is gone */
        text += done;
        n -= (size_t)done;
    }
}

void kept_begin(struct kept *k)
{
    fflush(stdout);
    fflush(stderr);
    if (k->begun || k->file < 0)
        return;
    for (int i = 0; i < 2; i++)
        if (isatty(i + 1) && (k->saved[i] = fcntl(i + 1, F_DUPFD_CLOEXEC, 3)) >= 0)
            dup2(k->file, i + 1);
    k->begun = true;
    begun++;
}

static off_t end_of(const struct kept *k)
{
    return lseek(k->file, 0, SEEK_END);
}

bool kept_news(struct kept *k)
{
    fflush(stdout);
    fflush(stderr);
    return k->begun && end_of(k) > k->shown;
}

/* What has been shown is given back to the system, by whole pages. */
void kept_show(struct kept *k)
{
    char text[4096], last = '\n';
    off_t end = end_of(k);
    while (k->shown < end) {
        off_t left = end - k->shown;
        ssize_t n =
            pread(k->file, text, left < (off_t)sizeof text ? (size_t)left : sizeof text, k->shown);
        if (n <= 0)
            break;
        kept_write(k, text, (size_t)n);
        k->shown += n;
        last = text[n - 1];
    }
    if (last != '\n')
        kept_write(k, "\n", 1);
    fallocate(k->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, k->shown & ~(off_t)4095);
}

void kept_end(struct kept *k)
{
    bool news;
    if (!k->begun)
        return;
    news = kept_news(k);
    k->begun = false;
    begun--;
    for (int i = 0; i < 2; i++)
        if (k->saved[i] >= 0) {
            dup2(k->saved[i], i + 1);
            close(k->saved[i]);
            k->saved[i] = -1;
        }
    if (news)
        kept_show(k);
}
