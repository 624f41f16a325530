/* files.h - small files of /proc, /sys and /dev. Every path starts at a root: "" on a board, in tests a
 * folder that looks like one. Paths longer than LX_PATH are refused as not there. */
#ifndef LUNQ_LINUX_FILES_H
#define LUNQ_LINUX_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/error.h"

enum { LX_PATH = 512 };

/* "root" and the formatted rest. False: too long. */
bool lx_path(char path[LX_PATH], const char *root, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The file's first bytes, at most `size`; how many. -1, with errno: not readable. */
long lx_read_bytes(const char *path, void *data, size_t size);
/* The file's text without newlines at its end, cut at `size`. False, with errno: not readable. */
bool lx_read(const char *path, char *text, size_t size);
/* Its number, hexadecimal with 0x, else decimal; what follows is ignored. False: none. */
bool lx_read_number(const char *path, uint64_t *n);
/* Writes a text in one call, as sysfs wants it. False, with errno. */
bool lx_write(const char *path, const char *text);
/* Writes all of it to an open file. False, with errno. */
bool lx_write_all(int fd, const void *data, size_t n);
/* "prefixN": N, else -1. */
int lx_index(const char *name, const char *prefix);
/* The kind of an errno of open and its like: LUNQ_PERMISSION or LUNQ_IO. */
int lx_errno_kind(int e);

#endif
