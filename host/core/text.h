/* text.h - a text that grows in a buffer of fixed size: what does not fit is cut. */
#ifndef LUNQ_TEXT_H
#define LUNQ_TEXT_H

#include <stddef.h>

/* Begins as {buffer, size}. The buffer is a string after the first addition. */
struct lunq_text {
    char *at;    /* its end, where the next addition goes */
    size_t left; /* bytes from there on; 0: nothing is ever added */
};

void lunq_text_add(struct lunq_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
