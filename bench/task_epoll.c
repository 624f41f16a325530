/* task_epoll.c - peer of bench/task.lua: an event inside one thread as a C program does it: write
 * an eventfd, epoll_wait, read it, call a function. Prints nanoseconds per event. */
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long handled;

static void handle(void *arg)
{
    handled += *(unsigned long *)arg;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(void)
{
    enum { N = 100000, REPEATS = 7 };
    void (*volatile callback)(void *) = handle;
    int fd = eventfd(0, EFD_NONBLOCK), ep = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN};
    double best = 1e18;
    if (fd < 0 || ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) < 0)
        return 1;
    for (int r = 0; r < REPEATS; r++) {
        double start = now(), each;
        for (int i = 0; i < N; i++) {
            uint64_t one = 1, got;
            if (write(fd, &one, sizeof one) < 0 || epoll_wait(ep, &e, 1, -1) != 1 ||
                read(fd, &got, sizeof got) < 0)
                return 1;
            callback(&got);
        }
        each = (now() - start) / N;
        best = each < best ? each : best;
    }
    printf("%.0f\n", best);
    return 0;
}
