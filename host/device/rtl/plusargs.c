/* plusargs.c - see plusargs.h. */
#include "plusargs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool rtl_plusargs_add(struct rtl_plusargs *p, const char *s, size_t n)
{
    char **list = realloc(p->list, ((size_t)p->n + 1) * sizeof *list), *text;
    if (!list)
        return false;
    p->list = list;
    text = malloc(n + 2);
    if (!text)
        return false;
    snprintf(text, n + 2, "%s%.*s", *s == '+' ? "" : "+", (int)n, s);
    list[p->n++] = text;
    return true;
}

bool rtl_plusargs_join(struct rtl_plusargs *p, const struct rtl_plusargs *more)
{
    for (int i = 0; i < more->n; i++)
        if (!rtl_plusargs_add(p, more->list[i], strlen(more->list[i])))
            return false;
    return true;
}

void rtl_plusargs_free(struct rtl_plusargs *p)
{
    for (int i = 0; i < p->n; i++)
        free(p->list[i]);
    free(p->list);
    *p = (struct rtl_plusargs){0};
}
