/* xrt.c - peer of bench/xrt.lua: the same work with XRT's C functions and nothing else, loaded as LUNQ
 * loads them. Prints nanoseconds: a call of vadd(a, b, c, n) with start and wait, a sync of a slice,
 * an allocate and free of 4 KiB.
 *   xrt LIBRARY FILE.xclbin     with XILINX_XRT and XCL_EMULATION_MODE=noop (xrt.md 4) */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REPEATS = 15, N = 4000 };

static int (*ini)(const char *, const char *);
static void *(*device_open)(unsigned);
static int (*device_close)(void *);
static int (*load)(void *, const void *);
static int (*uuid_of)(void *, uint8_t *);
static void *(*bo_alloc)(void *, size_t, uint64_t, uint32_t);
static int (*bo_free)(void *);
static int (*bo_sync)(void *, int, size_t, size_t);
static void *(*kernel_open)(void *, const uint8_t *, const char *);
static int (*kernel_close)(void *);
static int (*group_id)(void *, int);
static void *(*run_open)(void *);
static int (*run_close)(void *);
static int (*run_set)(void *, int, ...);
static int (*run_start)(void *);
static int (*run_wait)(void *);

static void *device, *kernel, *run, *a, *b, *c;

static void find(void *library, const char *name, void *place)
{
    *(void **)place = dlsym(library, name);
    if (!*(void **)place) {
        fprintf(stderr, "no %s\n", name);
        exit(1);
    }
}

static void find_all(const char *path)
{
    void *l = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (!l) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    find(l, "xrtIniStringSet", &ini);
    find(l, "xrtDeviceOpen", &device_open);
    find(l, "xrtDeviceClose", &device_close);
    find(l, "xrtDeviceLoadXclbin", &load);
    find(l, "xrtDeviceGetXclbinUUID", &uuid_of);
    find(l, "xrtBOAlloc", &bo_alloc);
    find(l, "xrtBOFree", &bo_free);
    find(l, "xrtBOSync", &bo_sync);
    find(l, "xrtPLKernelOpen", &kernel_open);
    find(l, "xrtKernelClose", &kernel_close);
    find(l, "xrtKernelArgGroupId", &group_id);
    find(l, "xrtRunOpen", &run_open);
    find(l, "xrtRunClose", &run_close);
    find(l, "xrtRunSetArg", &run_set);
    find(l, "xrtRunStart", &run_start);
    find(l, "xrtRunWait", &run_wait);
}

static void *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    void *data = calloc(1, 1 << 20);
    if (!f || !data || fread(data, 1, 1 << 20, f) == 0)
        exit(1);
    fclose(f);
    return data;
}

static void call(void)
{
    run_set(run, 0, a);
    run_set(run, 1, b);
    run_set(run, 2, c);
    run_set(run, 3, 1024u);
    run_start(run);
    run_wait(run);
}

static void sync_slice(void)
{
    bo_sync(a, 0, 64, 64);
}

static void allocate(void)
{
    bo_free(bo_alloc(device, 4096, 0, 0));
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void measure(void (*work)(void))
{
    double best = 1e18;
    for (int r = 0; r < REPEATS; r++) {
        double start = now(), each;
        for (int i = 0; i < N; i++)
            work();
        each = (now() - start) / N;
        best = each < best ? each : best;
    }
    printf("%.1f\n", best);
}

int main(int argc, char **argv)
{
    uint8_t uuid[16];
    void *image;
    if (argc < 3)
        return 2;
    find_all(argv[1]);
    image = read_file(argv[2]);
    ini("Runtime.runtime_log", "null");
    device = device_open(0);
    if (!device || load(device, image) != 0 || uuid_of(device, uuid) != 0 ||
        !(kernel = kernel_open(device, uuid, "vadd:{vadd_1}")))
        return 1;
    a = bo_alloc(device, 4096, 0, (uint32_t)group_id(kernel, 0));
    b = bo_alloc(device, 4096, 0, (uint32_t)group_id(kernel, 1));
    c = bo_alloc(device, 4096, 0, (uint32_t)group_id(kernel, 2));
    run = run_open(kernel);
    measure(call);
    measure(sync_slice);
    measure(allocate);
    run_close(run);
    kernel_close(kernel);
    bo_free(a);
    bo_free(b);
    bo_free(c);
    device_close(device);
    free(image);
    return 0;
}
