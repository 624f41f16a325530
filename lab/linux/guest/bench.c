/* bench.c - the peer of bench.lua: how long after an interrupt of a Cadence TTC a C program is back from read()
 * of its UIO node. bench ADDRESS ROUNDS prints the median in ticks of the counter, which starts anew with
 * each interrupt. Built by guest.sh, static. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CLOCK = 0x00, CONTROL = 0x0c, VALUE = 0x18, INTERVAL = 0x24, ISR = 0x54, IER = 0x60 };

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static int open_uio(unsigned long address)
{
    for (int n = 0; n < 64; n++) {
        char path[64];
        unsigned long base = 0;
        FILE *f;
        snprintf(path, sizeof path, "/sys/class/uio/uio%d/maps/map0/addr", n);
        f = fopen(path, "r");
        if (f && fscanf(f, "%lx", &base) != 1)
            base = 0;
        if (f)
            fclose(f);
        snprintf(path, sizeof path, "/dev/uio%d", n);
        if (base == address)
            return open(path, O_RDWR);
    }
    return -1;
}

int main(int argc, char **argv)
{
    int rounds = argc == 3 ? atoi(argv[2]) : 0;
    int fd = open_uio(argc == 3 ? strtoul(argv[1], NULL, 0) : 0);
    uint32_t *ticks = calloc(rounds > 0 ? (size_t)rounds : 1, sizeof *ticks), count, on = 1;
    volatile uint8_t *r = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || rounds <= 0 || !ticks || r == MAP_FAILED)
        return 1;
    *(volatile uint32_t *)(r + CONTROL) = 0x21;     /* stopped */
    *(volatile uint32_t *)(r + CLOCK) = 1 | 2 << 1; /* every eighth clock */
    *(volatile uint32_t *)(r + INTERVAL) = 30000;
    *(volatile uint32_t *)(r + IER) = 1;
    *(volatile uint32_t *)(r + CONTROL) = 2 | 16; /* intervals */
    for (int i = -10; i < rounds; i++) {
        if (write(fd, &on, 4) != 4 || read(fd, &count, 4) != 4)
            return 1;
        ticks[i < 0 ? 0 : i] = *(volatile uint32_t *)(r + VALUE);
        (void)*(volatile uint32_t *)(r + ISR); /* clears it */
    }
    *(volatile uint32_t *)(r + IER) = 0;
    *(volatile uint32_t *)(r + CONTROL) = 0x21;
    qsort(ticks, (size_t)rounds, sizeof *ticks, by_size);
    printf("%u\n", ticks[rounds / 2]);
    return 0;
}
