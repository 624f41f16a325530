/* typing.h - the terminal a person types at, while everything else goes on: tasks, interrupts and
 * timers are served whenever no key is waiting, and what they print appears above the line.
 *
 * While a line is typed, descriptors 1 and 2 lead into a file in memory, so that nothing is written
 * into the middle of the line: not by print, not by C, not by programs a task starts. What has come
 * in is shown between two steps of the event loop. */
#ifndef LUNQ_TYPING_H
#define LUNQ_TYPING_H

#include <lua.h>
#include <stdbool.h>
#include <stdio.h>

struct typing;

/* What the line editor has to do around output of others, and when the window has another size. */
struct typing_line {
    void (*hide)(void *editor); /* takes the line off the screen; the cursor is where it began */
    void (*show)(void *editor); /* puts it back */
    void (*resized)(void *editor);
    void *editor;
};

/* The terminal at standard input. NULL: it can't be used. One at a time. */
struct typing *typing_open(const struct typing_line *line);
void typing_close(struct typing *t);

/* What the line editor writes to. */
FILE *typing_out(struct typing *t);
unsigned typing_columns(struct typing *t);
unsigned typing_rows(struct typing *t);

/* Typing begins, and ends: what others print meanwhile is kept apart. */
void typing_begin(struct typing *t);
void typing_end(struct typing *t);

enum typing_key { KEY_END = 0, KEY_BYTE = 1, KEY_NONE = -1 };

/* The next byte typed; serves the event loop until there is one. KEY_NONE: a signal to end came, or
 * reading failed. *pasted: it is part of pasted text, so a TAB means itself. Never raises. */
enum typing_key typing_key(struct typing *t, lua_State *L, char *byte, bool *pasted);

#endif
