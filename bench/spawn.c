/* spawn.c - what it costs to start a program: spawn RUNS PROGRAM [ARGS]
 * Prints the median wall time in ns and the largest resident set in KB. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    long long x = *(const long long *)a, y = *(const long long *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    int runs = argc > 2 ? atoi(argv[1]) : 0;
    long long *t = runs > 0 ? calloc((size_t)runs, sizeof *t) : NULL;
    long rss = 0;
    if (!t)
        return 2;
    for (int i = 0; i < runs; i++) {
        struct rusage u;
        int status;
        long long start = now();
        pid_t pid = vfork();
        if (pid == 0) {
            execvp(argv[2], argv + 2);
            _exit(127);
        }
        if (pid < 0 || wait4(pid, &status, 0, &u) < 0 || status != 0)
            return 1;
        t[i] = now() - start;
        rss = u.ru_maxrss > rss ? u.ru_maxrss : rss;
    }
    qsort(t, (size_t)runs, sizeof *t, by_value);
    printf("%lld %ld\n", t[runs / 2], rss);
    free(t);
    return 0;
}
