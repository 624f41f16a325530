/* xclbin_xrt.c - asks XRT's own library what an xclbin says: for xclbin_writer_spec.lua.
 *   xclbin_xrt XRT FILE           --> uuid, numbers of kernels and compute units, platform
 *   xclbin_xrt XRT FILE KERNEL N  --> and offset and bank of each of the kernel's N arguments, with the
 *                                     noop device (xrt.md 4) in the folder XRT */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void *library;

static void *need(const char *name)
{
    void *f = dlsym(library, name);
    if (!f) {
        printf("%s is not there\n", name);
        exit(3);
    }
    return f;
}

static int show_file(const char *path)
{
    void *(*alloc)(const char *) = need("xrtXclbinAllocFilename");
    int (*get_uuid)(void *, uint8_t *) = need("xrtXclbinGetUUID");
    int (*get_xsa)(void *, char *, int, int *) = need("xrtXclbinGetXSAName");
    size_t (*kernels)(void *) = need("xrtXclbinGetNumKernels");
    size_t (*units)(void *) = need("xrtXclbinGetNumKernelComputeUnits");
    int (*release)(void *) = need("xrtXclbinFreeHandle");
    uint8_t uuid[16];
    char platform[128] = "";
    int n = 0;
    void *x = alloc(path);
    if (!x || get_uuid(x, uuid) || get_xsa(x, platform, sizeof platform, &n)) {
        printf("XRT does not read %s\n", path);
        return 1;
    }
    for (int i = 0; i < 16; i++)
        printf("%02x", uuid[i]);
    printf(" %zu %zu %s\n", kernels(x), units(x), platform);
    release(x);
    return 0;
}

static int show_kernel(void *device, const uint8_t *uuid, const char *name, int n)
{
    void *(*open)(void *, const uint8_t *, const char *) = need("xrtPLKernelOpen");
    int (*group)(void *, int) = need("xrtKernelArgGroupId");
    uint32_t (*offset)(void *, int) = need("xrtKernelArgOffset");
    int (*release)(void *) = need("xrtKernelClose");
    void *k = open(device, uuid, name);
    if (!k) {
        printf("XRT has no kernel %s\n", name);
        return 1;
    }
    printf("%s", name);
    for (int i = 0; i < n; i++) {
        int id = group(k, i); /* -1: a scalar; else the bank is in the low half */
        printf(" %x:%d", offset(k, i), id < 0 ? -1 : id & 0xffff);
    }
    printf("\n");
    release(k);
    return 0;
}

static int show_kernels(const char *file, char **kernels)
{
    void *(*open)(unsigned) = need("xrtDeviceOpen");
    int (*load)(void *, const char *) = need("xrtDeviceLoadXclbinFile");
    int (*get_uuid)(void *, uint8_t *) = need("xrtDeviceGetXclbinUUID");
    int (*release)(void *) = need("xrtDeviceClose");
    uint8_t uuid[16];
    int rc = 0;
    void *device = open(0);
    if (!device || load(device, file) || get_uuid(device, uuid)) {
        printf("XRT does not load %s\n", file);
        return 1;
    }
    for (; kernels[0] && kernels[1] && rc == 0; kernels += 2)
        rc = show_kernel(device, uuid, kernels[0], atoi(kernels[1]));
    release(device);
    return rc;
}

int main(int argc, char **argv)
{
    int (*set)(const char *, const char *);
    int rc;
    if (argc < 3)
        return 2;
    setenv("XILINX_XRT", argv[1], 1);
    setenv("XCL_EMULATION_MODE", "noop", 1);
    library = dlopen("libxrt_coreutil.so.2", RTLD_NOW | RTLD_GLOBAL);
    if (!library) {
        printf("%s\n", dlerror());
        return 2;
    }
    set = need("xrtIniStringSet");
    set("Runtime.runtime_log", "null"); /* its banner */
    rc = show_file(argv[2]);
    return rc == 0 && argc > 3 ? show_kernels(argv[2], argv + 3) : rc;
}
