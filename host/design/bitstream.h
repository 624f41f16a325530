/* bitstream.h - reads .bit files (Vivado's header and the configuration data) and .bin files.
 * Layout and byte order: linux-boards.md A8, pynq-behaviour B12. */
#ifndef LUNQ_BITSTREAM_H
#define LUNQ_BITSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/error.h"

struct lunq_bitstream {
    char *file;          /* as given */
    bool header;         /* .bit; false: raw data in .bin order, and the next five are "" */
    const char *design;  /* field 'a' before its first ';' */
    const char *version; /* field 'a' after its last ';' ("Version=2020.1") */
    const char *part;    /* "7z020clg400" */
    const char *date, *time;
    const uint8_t *data; /* as in the file */
    size_t size;         /* bytes of data */
    char *image;         /* owns all of the above */
};

/* Reads a file by its content. LUNQ_IO, LUNQ_PERMISSION: not readable. Damage is LUNQ_RUNTIME with
 * PYNQ's words ("Invalid length found", "Unknown field: 0x..") and the offset in the file. */
int lunq_bitstream_read(struct lunq_bitstream **out, const char *path, struct lunq_error *err);
/* The same, but what is neither is taken as raw data: encrypted ones have no sync word to be known by. */
int lunq_bitstream_read_any(struct lunq_bitstream **out, const char *path, struct lunq_error *err);
/* The first from memory; `name` stands in messages. The data are copied. */
int lunq_bitstream_read_mem(struct lunq_bitstream **out, const char *name, const void *data,
                            size_t size, struct lunq_error *err);

/* Writes `size` bytes in the order the FPGA manager of Linux wants: every 32-bit word of a .bit
 * swapped (AA 99 55 66 becomes 66 55 99 AA), a .bin as it is. LUNQ_VALUE: no whole words. */
int lunq_bitstream_to_bin(const struct lunq_bitstream *b, uint8_t *out, struct lunq_error *err);

void lunq_bitstream_free(struct lunq_bitstream *b); /* NULL is allowed */

#endif
