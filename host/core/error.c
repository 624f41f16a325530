#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static lunq_warning_hook *warning_hook;
static void *warning_ctx;

int lunq_fail(struct lunq_error *err, int kind, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        err->kind = kind;
        err->fault = false;
        va_start(ap, fmt);
        vsnprintf(err->message, sizeof err->message, fmt, ap);
        va_end(ap);
    }
    return kind;
}

int lunq_fault(struct lunq_error *err)
{
    if (!err)
        return LUNQ_RUNTIME;
    err->fault = true;
    return err->kind;
}

int lunq_fail_in(struct lunq_error *err, const char *fmt, ...)
{
    char was[sizeof err->message];
    va_list ap;
    int n;
    if (!err)
        return LUNQ_RUNTIME;
    memcpy(was, err->message, sizeof was);
    va_start(ap, fmt);
    n = vsnprintf(err->message, sizeof err->message, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n + 3 < sizeof err->message)
        snprintf(err->message + n, sizeof err->message - (size_t)n, ": %.*s",
                 (int)sizeof err->message - n - 3, was);
    return err->kind;
}

const char *lunq_kind_name(int kind)
{
    static const char *const names[] = {"ok",          "value",   "type",       "index",
                                        "memory",      "io",      "permission", "timeout",
                                        "unsupported", "runtime", "attribute",  "device"};
    if (kind > 0 || -kind >= (int)(sizeof names / sizeof *names))
        return "unknown";
    return names[-kind];
}

void lunq_set_warning_hook(lunq_warning_hook *hook, void *ctx)
{
    warning_hook = hook;
    warning_ctx = ctx;
}

void lunq_warn(const char *category, const char *fmt, ...)
{
    char text[4096];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (warning_hook)
        warning_hook(warning_ctx, category, text);
    else
        fprintf(stderr, "lunq: warning: %s\n", text);
}
