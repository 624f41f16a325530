/* hardened.c - what Debian's libexpat.a, libfdt.a and libz.a ask of glibc beyond standard C: the checked
 * functions of -D_FORTIFY_SOURCE and libbsd's random numbers. Sizes that don't fit end the program, as
 * glibc does. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

int __fprintf_chk(FILE *f, int flag, const char *format, ...)
{
    va_list args;
    (void)flag;
    va_start(args, format);
    int n = vfprintf(f, format, args);
    va_end(args);
    return n;
}

int __vsnprintf_chk(char *s, size_t n, int flag, size_t room, const char *format, va_list args)
{
    (void)flag;
    if (n > room)
        abort();
    return vsnprintf(s, n, format, args);
}

int __snprintf_chk(char *s, size_t n, int flag, size_t room, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    n = (size_t)__vsnprintf_chk(s, n, flag, room, format, args);
    va_end(args);
    return (int)n;
}

void *__memcpy_chk(void *to, const void *from, size_t n, size_t room)
{
    if (n > room)
        abort();
    return memcpy(to, from, n);
}

/* For the salt of expat's hash tables. */
void arc4random_buf(void *data, size_t n)
{
    for (unsigned char *p = data; n;) {
        ssize_t k = getrandom(p, n, 0);
        if (k > 0) {
            p += k;
            n -= (size_t)k;
        } else if (errno != EINTR) {
            abort();
        }
    }
}
