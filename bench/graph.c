/* graph.c - dependency graphs of kernels on sim:alveo, from C: the graph, the scheduler and the queues of the
 * units, with a kernel in C that does next to nothing. Prints "chain NS" and "wide NS", for each node, best
 * of several. Built and run by graph.lua. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device/sim/sim.h"
#include "lunq.h"

enum { NODES = 100000, WIDTH = 1000, ROUNDS = 7 };

static struct lunq_error err;

static void must(int r)
{
    if (r >= 0)
        return;
    fprintf(stderr, "%s\n", err.message);
    exit(1);
}

static int step(struct lunq_sim_call *c, struct lunq_error *e)
{
    size_t bytes;
    uint32_t *p = lunq_sim_call_buffer(c, 0, &bytes, e);
    if (!p)
        return LUNQ_IO;
    *p += (uint32_t)lunq_sim_call_scalar(c, 1);
    return 0;
}

static struct lunq_kernel *kernel;
static struct lunq_mem *buffer;

static struct lunq_run *new_run(void)
{
    uint32_t one = 1;
    struct lunq_run *r;
    must(lunq_run_new(&r, kernel, &err));
    must(lunq_run_set_buffer(r, 0, buffer, 0, &err));
    must(lunq_run_set(r, 1, &one, sizeof one, &err));
    return r;
}

/* Each after the one before. */
static void chain(void)
{
    struct lunq_run *last = NULL;
    for (int i = 0; i < NODES; i++) {
        struct lunq_run *r = new_run();
        must(lunq_run_start(r, &last, 1, &err));
        lunq_run_unref(last);
        last = r;
    }
    must(lunq_run_wait(last, -1, &err));
    lunq_run_unref(last);
}

/* A thousand after one, one after those, and so on. */
static void wide(void)
{
    static struct lunq_run *all[WIDTH];
    struct lunq_run *knot = new_run();
    must(lunq_run_start(knot, NULL, 0, &err));
    for (int n = 0; n < NODES; n += WIDTH + 1) {
        struct lunq_run *next = new_run();
        for (int i = 0; i < WIDTH; i++) {
            all[i] = new_run();
            must(lunq_run_start(all[i], &knot, 1, &err));
        }
        must(lunq_run_start(next, all, WIDTH, &err));
        for (int i = 0; i < WIDTH; i++)
            lunq_run_unref(all[i]);
        lunq_run_unref(knot);
        knot = next;
    }
    must(lunq_run_wait(knot, -1, &err));
    lunq_run_unref(knot);
}

static void measure(const char *name, void (*work)(void))
{
    double best = 1e18;
    for (int i = 0; i < ROUNDS; i++) {
        struct timespec a, b;
        double ns;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
        work();
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
        ns = ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / NODES;
        best = ns < best ? ns : best;
    }
    printf("%s %.0f\n", name, best);
}

int main(int argc, char **argv)
{
    static const struct lunq_sim_kernel model = {.name = "step", .run = step};
    struct lunq_device *d;
    struct lunq_program p = {0};
    size_t units[64], n = 0;
    if (argc != 2)
        return 2;
    must(lunq_device_open(&d, "sim:alveo", &err));
    must(lunq_sim_bind_kernel(lunq_sim_of(d), &model, &err));
    must(lunq_design_read(&p.design, argv[1], &err));
    must(lunq_device_program(d, &p, &err));
    while (n < p.design->card.n_cus && n < 64)
        units[n] = n, n++;
    must(lunq_kernel_open(&kernel, d, p.design, units, n, &err));
    must(lunq_mem_alloc(&buffer, d, 4096, NULL, &err));
    measure("chain", chain);
    measure("wide", wide);
    lunq_mem_unref(buffer);
    lunq_kernel_unref(kernel);
    lunq_design_unref(p.design);
    lunq_device_unref(d);
    return 0;
}
