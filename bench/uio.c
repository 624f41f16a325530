/* uio.c - interrupts through a UIO node in C, for bench/board.lua: write 1, read 4 bytes, as every example of
 * UIO has it. Prints the times in ns from each interrupt to the instruction behind the read.
 *   uio timer NODE N         the node of a TTC, whose counter says how long ago it was
 *   uio read NODE FILE N     an interrupt of `uio source`, which notes in FILE when it was
 *   uio source FILE          a pseudo-terminal that behaves as a UIO node does, until it is killed; prints its
 *                            name and the process */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* Registers of a TTC (UG585, "TTC"): clock and counter control, counter, interval, interrupts. */
enum { CLOCK = 0x00, CONTROL = 0x0c, COUNTER = 0x18, INTERVAL = 0x24, ISR = 0x54, IER = 0x60 };
enum { MOST = 100000 };

static double times[MOST];

static void report(int n)
{
    for (int i = 0; i < n; i++)
        printf("%.0f\n", times[i]);
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static volatile void *map(int fd)
{
    void *p = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return p == MAP_FAILED ? NULL : p;
}

static int arm(int fd)
{
    int32_t one = 1;
    return write(fd, &one, sizeof one) == sizeof one ? 0 : -1;
}

/* One interrupt; 0: it came. */
static int await(int fd)
{
    int32_t count;
    return read(fd, &count, sizeof count) == sizeof count ? 0 : -1;
}

/* Each time the timer starts from 0 and is stopped behind the read. Its period is a whole number of ns: where
 * QEMU counts instructions, its model never comes back from the rounded rest of another one. */
static int timer(const char *node, int n)
{
    int fd = open(node, O_RDWR | O_SYNC);
    volatile uint32_t *ttc = fd < 0 ? NULL : map(fd);
    if (!ttc)
        return 1;
    ttc[CONTROL / 4] = 1;              /* off */
    ttc[CLOCK / 4] = 1 | 2 << 1;       /* by 8 */
    ttc[INTERVAL / 4] = 133 * 150 - 1; /* 1.2 ms: until then it sleeps */
    ttc[IER / 4] = 1;
    for (int i = -3; i < n; i++) { /* the first ones find everything cold */
        if (arm(fd) < 0)
            return 1;
        ttc[CONTROL / 4] = 1 << 1 | 1 << 4; /* interval mode, from 0 */
        if (await(fd) < 0)
            return 1;
        times[i < 0 ? 0 : i] = ttc[COUNTER / 4] * 8e9 / 133e6;
        ttc[CONTROL / 4] = 1;
        (void)ttc[ISR / 4]; /* cleared by reading */
    }
    report(n);
    return 0;
}

static int reader(const char *node, const char *file, int n)
{
    int fd = open(node, O_RDWR | O_NOCTTY), stamp = open(file, O_RDWR);
    volatile uint64_t *when = stamp < 0 ? NULL : map(stamp);
    if (fd < 0 || !when)
        return 1;
    for (int i = -3; i < n; i++) {
        if (arm(fd) < 0 || await(fd) < 0)
            return 1;
        times[i < 0 ? 0 : i] = (double)(now() - *when);
    }
    report(n);
    return 0;
}

static int source(const char *file)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY), stamp = open(file, O_RDWR), slave;
    volatile uint64_t *when = stamp < 0 ? NULL : map(stamp);
    struct termios raw;
    int32_t word, count = 0;
    if (fd < 0 || !when || grantpt(fd) < 0 || unlockpt(fd) < 0)
        return 1;
    slave = open(ptsname(fd), O_RDWR | O_NOCTTY); /* stays, so that the master never hangs up */
    if (slave < 0 || tcgetattr(slave, &raw) < 0)
        return 1;
    cfmakeraw(&raw);
    tcsetattr(slave, TCSANOW, &raw);
    printf("%s %d\n", ptsname(fd), (int)getpid());
    fflush(stdout);
    while (read(fd, &word, sizeof word) == sizeof word)
        if (word == 1) {
            nanosleep(&(struct timespec){0, 300000}, NULL); /* until it waits */
            count++;
            *when = now();
            if (write(fd, &count, sizeof count) != sizeof count)
                return 1;
        }
    return 0;
}

int main(int argc, char **argv)
{
    int n = argc > 3 ? atoi(argv[argc - 1]) : 0;
    if (argc == 3 && !strcmp(argv[1], "source"))
        return source(argv[2]);
    if (n < 1 || n > MOST)
        return 2;
    if (argc == 4 && !strcmp(argv[1], "timer"))
        return timer(argv[2], n);
    return argc == 5 && !strcmp(argv[1], "read") ? reader(argv[2], argv[3], n) : 2;
}
