/* kept.h - what others print while a part of the terminal is being drawn: a line that is typed, a live
 * view, a line of progress. Descriptors 1 and 2 lead into a file in memory meanwhile, so that nothing is
 * written into the middle of it: not by print, not by C, not by programs a task starts. */
#ifndef LUNQ_KEPT_H
#define LUNQ_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct kept {
    int screen;   /* what descriptor 1 was when it was opened: the terminal */
    int file;     /* where 1 and 2 lead to; -1: there is none, and nothing is kept */
    int saved[2]; /* what they were; -1: as ever */
    off_t shown;  /* how much of the file has been shown */
    bool begun;
};

/* Somebody keeps what others print. */
bool kept_somewhere(void);
/* False: no descriptors are left. May be closed all the same. */
bool kept_open(struct kept *k);
void kept_close(struct kept *k);
/* From here on, as far as they are terminals; and no longer, when what is left of it is shown. */
void kept_begin(struct kept *k);
void kept_end(struct kept *k);
/* Something came that was not shown yet. */
bool kept_news(struct kept *k);
/* Shows it, as whole lines. */
void kept_show(struct kept *k);
/* Writes to the terminal itself. */
void kept_write(const struct kept *k, const char *text, size_t n);

#endif
