/* error.h - how every function of liblunq reports a failure.
 * A failing function returns one of the kinds below (all negative) and fills the caller's
 * struct; nothing is kept in the object that failed, so a failed creation can be explained. */
#ifndef LUNQ_ERROR_H
#define LUNQ_ERROR_H

#include <stdbool.h>

/* The kinds are PYNQ's exception classes in LUNQ's words (reference: pynq-behaviour, Conventions). */
enum lunq_kind {
    LUNQ_OK = 0,
    LUNQ_VALUE = -1,       /* an argument has an impossible value */
    LUNQ_TYPE = -2,        /* an argument has the wrong type */
    LUNQ_INDEX = -3,       /* outside a buffer, a window, a register */
    LUNQ_MEMORY = -4,      /* misaligned access, or no memory */
    LUNQ_IO = -5,          /* a file, or the bus, refused */
    LUNQ_PERMISSION = -6,  /* the system does not let this user do it */
    LUNQ_TIMEOUT = -7,     /* a wait ran out of time */
    LUNQ_UNSUPPORTED = -8, /* this device or configuration can't do it */
    LUNQ_RUNTIME = -9,     /* the object is in the wrong state; a transfer failed */
    LUNQ_ATTRIBUTE = -10,  /* no such name, or not readable or writable */
    LUNQ_DEVICE = -11      /* no device, or the device is busy or failed */
};

struct lunq_error {
    int kind;           /* enum lunq_kind */
    bool fault;         /* the device failed while it worked: a bus error, a DMA error */
    char message[2048]; /* UTF-8, one or more lines, no newline at the end */
};

/* Formats a message into *err (NULL is allowed) and returns `kind`. Too long a message is cut. */
int lunq_fail(struct lunq_error *err, int kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Marks *err, which was just filled, as a failure of the device and not of the call; returns its
 * kind. Lua's error objects carry it as `fault`, the program's exit code 5 comes from it. */
int lunq_fault(struct lunq_error *err);

/* Puts "text: " before the message already in *err; returns its kind. */
int lunq_fail_in(struct lunq_error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "value", "type", ... as Lua's error objects spell it; "unknown" for another number. */
const char *lunq_kind_name(int kind);

/* Warnings are for things a person should know but work goes on after. category: "user",
 * "deprecated", "resource". The hook replaces printing to stderr; hook NULL restores it. */
typedef void lunq_warning_hook(void *ctx, const char *category, const char *message);
void lunq_set_warning_hook(lunq_warning_hook *hook, void *ctx);
void lunq_warn(const char *category, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
