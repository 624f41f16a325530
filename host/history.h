/* history.h - the lines typed at prompts, kept between runs in one file for all of them. */
#ifndef LUNQ_HISTORY_H
#define LUNQ_HISTORY_H

#include <histedit.h>

/* Reads the lines of the file into the history, of which it keeps no more than `most` itself. A file
 * that can't be read or made is left out of it. */
void history_load(History *history, const char *path, int most);
/* Adds a line to the history and, unless path is "", to the end of the file. The same line twice in a row
 * is kept once. */
void history_add(History *history, const char *path, const char *line);

#endif
