/* history.c - the file in which the lines typed at prompts are kept; several prompts may be at it at once.
 * Each adds its lines to the end, so none takes away what another has kept. The form is libedit's: a first
 * line, then a line each, in which a backslash and what is no printing character of ASCII is written as
 * \ooo, as strvis does. */
#include "history.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_LINE "_HiStOrY_V2_\n"

/* Makes the folders of a path; failing shows when the file is opened. */
static void make_folders(const char *path)
{
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%s", path);
    for (char *p = dir + 1; *p; p++)
        if (*p == '/') {
            *p = '\0';
            mkdir(dir, 0700);
            *p = '/';
        }
}

/* The file, locked until it is closed; NULL: it can't be used. Writing adds to the end. */
static FILE *open_locked(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "a");
    if (!f && fd >= 0)
        close(fd);
    if (f)
        flock(fd, LOCK_EX); /* where the file system has no locks, nothing is lost but order */
    return f;
}

void history_load(History *history_, const char *path, int most)
{
    HistEvent e;
    FILE *f;
    int n;
    make_folders(path);
    f = open_locked(path);
    if (!f)
        return;
    n = history(history_, &e, H_LOAD, path);
    /* Now and then what nobody will see again is dropped, and so is what is no history. */
    if ((n < 0 || n > 2 * most) && ftruncate(fileno(f), 0) == 0)
        history(history_, &e, H_SAVE_FP, f);
    fclose(f);
}

static void put_encoded(const char *line, FILE *f)
{
    for (const unsigned char *p = (const unsigned char *)line; *p; p++)
        if (*p > ' ' && *p <= '~' && *p != '\\')
            fputc(*p, f);
        else
            fprintf(f, "\\%03o", *p);
    fputc('\n', f);
}

void history_add(History *history_, const char *path, const char *line)
{
    HistEvent e;
    FILE *f;
    struct stat s;
    bool again = history(history_, &e, H_FIRST) == 0 && !strcmp(e.str, line);
    history(history_, &e, H_ENTER, line);
    f = again || !*path ? NULL : open_locked(path);
    if (!f)
        return;
    if (fstat(fileno(f), &s) == 0 && s.st_size == 0)
        fputs(FIRST_LINE, f);
    put_encoded(line, f);
    fclose(f);
}
