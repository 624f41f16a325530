/* uio_find.c - which UIO node has an interrupt; see uio.h. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "uio.h"

/* COLUMNS of /proc/interrupts at least: number, a count for each processor, chip, number, kind, name. PYNQ wants
 * one more and finds nothing on a Zynq-7000S, which has one processor. */
enum { PPI_FIRST = 16, SPI_FIRST = 32, COLUMNS = 6 };

/* The lowest N for which test() holds. */
static int first_of(const char *root, bool (*test)(const char *root, unsigned n, const void *arg),
                    const void *arg)
{
    char path[LX_PATH];
    struct dirent *e;
    int best = -1;
    DIR *d = lx_path(path, root, "/sys/class/uio") ? opendir(path) : NULL;
    while (d && (e = readdir(d))) {
        int n = lx_index(e->d_name, "uio");
        if (n >= 0 && (best < 0 || n < best) && test(root, (unsigned)n, arg))
            best = n;
    }
    if (d)
        closedir(d);
    return best;
}

static bool has_name(const char *root, unsigned n, const void *name)
{
    char path[LX_PATH], text[256];
    return lx_path(path, root, "/sys/class/uio/uio%u/name", n) &&
           lx_read(path, text, sizeof text) && !strcmp(text, name);
}

int lunq_uio_by_name(const char *root, const char *name)
{
    return first_of(root, has_name, name);
}

/* The first entry of an `interrupts` property with the GIC's three cells, big endian: kind (0 a
 * shared one, 1 a processor's own), number, flags. */
static bool has_interrupt(const char *root, unsigned n, const void *gic)
{
    char path[LX_PATH];
    uint8_t c[12];
    uint32_t kind, number;
    if (!lx_path(path, root, "/sys/class/uio/uio%u/device/of_node/interrupts", n) ||
        lx_read_bytes(path, c, sizeof c) != sizeof c)
        return false;
    kind = (uint32_t)c[0] << 24 | c[1] << 16 | c[2] << 8 | c[3];
    number = (uint32_t)c[4] << 24 | c[5] << 16 | c[6] << 8 | c[7];
    return kind <= 1 && number < 1024 &&
           number + (kind ? PPI_FIRST : SPI_FIRST) == *(const unsigned *)gic;
}

/* Splits a line at blanks; the last three columns, and how many there are. */
static size_t last_columns(char *line, char *last[3])
{
    size_t n = 0;
    char *save, *word = strtok_r(line, " \t\n", &save);
    for (; word; word = strtok_r(NULL, " \t\n", &save), n++) {
        last[0] = last[1];
        last[1] = last[2];
        last[2] = word;
    }
    return n;
}

bool lunq_uio_proc_name(const char *root, unsigned gic, char *name, size_t size)
{
    char path[LX_PATH], *line = NULL, number[16];
    size_t room = 0;
    bool found = false;
    FILE *f = lx_path(path, root, "/proc/interrupts") ? fopen(path, "r") : NULL;
    snprintf(number, sizeof number, "%u", gic);
    while (f && getline(&line, &room, f) >= 0) {
        char *last[3] = {NULL, NULL, NULL};
        if (last_columns(line, last) < COLUMNS || strcmp(last[0], number) ||
            strlen(last[2]) >= size)
            continue;
        strcpy(name, last[2]);
        found = true;
    }
    free(line);
    if (f)
        fclose(f);
    return found;
}

int lunq_uio_find(const char *root, unsigned gic)
{
    char name[256];
    int n = first_of(root, has_interrupt, &gic);
    if (n < 0 && lunq_uio_proc_name(root, gic, name, sizeof name))
        n = lunq_uio_by_name(root, name);
    return n;
}
