/* uio_find.c - which UIO node has an interrupt; see uio.h. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uio.h"

/* COLUMNS of /proc/interrupts at least: number, a count for each processor, chip, number, kind, name. PYNQ wants
 * one more and finds nothing on a Zynq-7000S, which has one processor. */
enum { PATH_SIZE = 512, PPI_FIRST = 16, SPI_FIRST = 32, COLUMNS = 6 };

/* The first `size` bytes of root/sys/class/uio/uioN/file at most; -1: not readable. */
static long contents(const char *root, unsigned index, const char *file, void *data, size_t size)
{
    char path[PATH_SIZE];
    size_t n;
    FILE *f;
    int len = snprintf(path, sizeof path, "%s/sys/class/uio/uio%u/%s", root, index, file);
    if (len < 0 || (size_t)len >= sizeof path || !(f = fopen(path, "r")))
        return -1;
    n = fread(data, 1, size, f);
    fclose(f);
    return (long)n;
}

/* N of "uioN", or -1. */
static int index_of(const char *entry)
{
    char *end;
    unsigned long n;
    if (strncmp(entry, "uio", 3) || entry[3] < '0' || entry[3] > '9')
        return -1;
    n = strtoul(entry + 3, &end, 10);
    return *end || n > 65535 ? -1 : (int)n;
}

/* The lowest N for which test() holds. */
static int first_of(const char *root, bool (*test)(const char *root, unsigned n, const void *arg),
                    const void *arg)
{
    char path[PATH_SIZE];
    struct dirent *e;
    int best = -1, len = snprintf(path, sizeof path, "%s/sys/class/uio", root);
    DIR *d = len < 0 || (size_t)len >= sizeof path ? NULL : opendir(path);
    while (d && (e = readdir(d))) {
        int n = index_of(e->d_name);
        if (n >= 0 && (best < 0 || n < best) && test(root, (unsigned)n, arg))
            best = n;
    }
    if (d)
        closedir(d);
    return best;
}

static bool has_name(const char *root, unsigned n, const void *name)
{
    char text[256];
    long len = contents(root, n, "name", text, sizeof text - 1);
    if (len < 0)
        return false;
    text[len] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return !strcmp(text, name);
}

int lunq_uio_by_name(const char *root, const char *name)
{
    return first_of(root, has_name, name);
}

/* The first entry of an `interrupts` property with the GIC's three cells, big endian: kind (0 a
 * shared one, 1 a processor's own), number, flags. */
static bool has_interrupt(const char *root, unsigned n, const void *gic)
{
    uint8_t c[12];
    uint32_t kind, number;
    if (contents(root, n, "device/of_node/interrupts", c, sizeof c) != sizeof c)
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
    char path[PATH_SIZE], *line = NULL, number[16];
    size_t room = 0;
    bool found = false;
    int len = snprintf(path, sizeof path, "%s/proc/interrupts", root);
    FILE *f = len < 0 || (size_t)len >= sizeof path ? NULL : fopen(path, "r");
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
