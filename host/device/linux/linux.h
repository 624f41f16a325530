/* linux.h - a board with Linux: the machine this program runs on. See private.h for its parts. */
#ifndef LUNQ_LINUX_H
#define LUNQ_LINUX_H

#include "../../core/device.h"

/* "linux", "linux?root=DIR&force=1". LUNQ_DEVICE: this machine has no programmable logic LUNQ knows. */
int lunq_linux_open(struct lunq_device **out, const char *spec, struct lunq_error *err);

/* Whether a device was opened by it (a recorded one is another's). */
bool lunq_linux_is(const struct lunq_device *d);

/* A mechanism for contiguous memory, and whether it works here for this user. */
struct lunq_linux_memory {
    const char *kind; /* as linux?memory= takes it */
    bool usable;
    bool chosen;    /* buffers come from it */
    char why[1024]; /* why not, and what to do; "" when it is usable */
};
/* All of them for a board, in the order they are tried; how many. Takes no memory
 * and changes nothing. */
size_t lunq_linux_memory(struct lunq_device *d, struct lunq_linux_memory *out, size_t max);

/* What is looked at before the first access to the programmable logic. */
enum lunq_linux_found {
    LUNQ_READY,     /* it is as it has to be */
    LUNQ_NOT_READY, /* an access could stop the board: it is refused */
    LUNQ_NOT_KNOWN  /* nobody can see it, or this user can't: nothing is refused for it */
};
struct lunq_linux_check {
    const char *name; /* "PL", "level shifters", ... as lunq doctor calls it */
    enum lunq_linux_found found;
    char what[512];   /* what was found; where it is not ready a sentence without its full stop */
    char advice[512]; /* what to do about it, likewise; "": nothing */
};
/* Those for all of the logic, as they are now; how many. Changes nothing. */
size_t lunq_linux_checks(struct lunq_device *d, struct lunq_linux_check *out, size_t max);

/* Whether lunq-helper is asked for what needs root (helper.h). */
bool lunq_linux_has_helper(const struct lunq_device *d);

/* Whether the machine whose /proc, /sys and /dev stand below `root` ("": this one) is such a board: 1, and
 * this user can open something that reaches its registers; 0: it is none. what: the board's model, or "no
 * board here". LUNQ_PERMISSION, LUNQ_DEVICE: it is one, but can't be used; why, and how to change that. */
int lunq_linux_here(const char *root, char *what, size_t size, struct lunq_error *err);
/* Whether the masters of the loaded design see the processor's caches, so that syncs of cached buffers do nothing;
 * the reason for it into why. */
bool lunq_linux_coherent(struct lunq_device *d, char *why, size_t size);

#endif
