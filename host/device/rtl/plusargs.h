/* plusargs.h - arguments for $test$plusargs and $value$plusargs of an instance: "+fast", "+seed=7". */
#ifndef LUNQ_RTL_PLUSARGS_H
#define LUNQ_RTL_PLUSARGS_H

#include <stdbool.h>
#include <stddef.h>

struct rtl_plusargs {
    char **list;
    int n;
};

/* Adds n characters, with a + in front where they have none. False: no memory. */
bool rtl_plusargs_add(struct rtl_plusargs *p, const char *s, size_t n);
/* Adds those of another list behind: simulators take the first that fits. False: no memory. */
bool rtl_plusargs_join(struct rtl_plusargs *p, const struct rtl_plusargs *more);
void rtl_plusargs_free(struct rtl_plusargs *p);

#endif
