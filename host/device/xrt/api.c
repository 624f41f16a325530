#include "api.h"

#include <dlfcn.h>
#include <string.h>

struct symbol {
    const char *name;
    size_t place; /* in struct xrt_api */
    enum { NEEDED, OPTIONAL, OF_SHIM } need;
};

#define PLACE(member) offsetof(struct xrt_api, member)
static const struct symbol symbols[] = {
    {"xrtIniStringSet", PLACE(ini_string), NEEDED},
    {"xrtDeviceOpen", PLACE(device_open), NEEDED},
    {"xrtDeviceOpenByBDF", PLACE(device_open_bdf), OPTIONAL},
    {"xrtDeviceClose", PLACE(device_close), NEEDED},
    {"xrtDeviceLoadXclbin", PLACE(device_load), NEEDED},
    {"xrtDeviceGetXclbinUUID", PLACE(device_uuid), NEEDED},
    {"xrtBOAlloc", PLACE(bo_alloc), NEEDED},
    {"xrtBOFree", PLACE(bo_free), NEEDED},
    {"xrtBOAddress", PLACE(bo_address), NEEDED},
    {"xrtBOMap", PLACE(bo_map), NEEDED},
    {"xrtBOSync", PLACE(bo_sync), NEEDED},
    {"xrtPLKernelOpen", PLACE(kernel_open), NEEDED},
    {"xrtKernelClose", PLACE(kernel_close), NEEDED},
    {"xrtKernelReadRegister", PLACE(kernel_read), NEEDED},
    {"xrtKernelWriteRegister", PLACE(kernel_write), NEEDED},
    {"xrtRunOpen", PLACE(run_open), NEEDED},
    {"xrtRunClose", PLACE(run_close), NEEDED},
    {"xrtRunStart", PLACE(run_start), NEEDED},
    {"xrtRunState", PLACE(run_state), NEEDED},
    {"xrtRunWait", PLACE(run_wait), NEEDED},
    {"xrtRunSetCallback", PLACE(run_callback), NEEDED},
    {"_Z13xrtRunSetArgVPviPKvm", PLACE(run_set_value), OPTIONAL},
    {"xrtRunSetArg", PLACE(run_set), NEEDED},
    {"xrtVersionCode", PLACE(version), OPTIONAL},
    {"xrtDeviceToXclDevice", PLACE(to_shim), OPTIONAL},
    {"xclProbe", PLACE(probe), OF_SHIM},
    {"xclGetDeviceInfo2", PLACE(info), OF_SHIM},
    {"xclIPName2Index", PLACE(ip_index), OF_SHIM},
    {"xclOpenContext", PLACE(context_open), OF_SHIM},
    {"xclCloseContext", PLACE(context_close), OF_SHIM},
    {"xclRegRead", PLACE(reg_read), OF_SHIM},
    {"xclRegWrite", PLACE(reg_write), OF_SHIM},
};

int xrt_api_find(struct xrt_api *api, void *coreutil, void *shim, const char *path,
                 struct lunq_error *err)
{
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        const struct symbol *s = &symbols[i];
        void *f = dlsym(s->need == OF_SHIM ? shim : coreutil, s->name);
        if (!f && s->need == NEEDED)
            return lunq_fail(err, LUNQ_DEVICE,
                             "XRT's library %s has no %s: it is older than 2.8 (2020.2), the first "
                             "LUNQ can use, or not XRT's. Install a later one.",
                             path, s->name);
        memcpy((char *)api + s->place, &f, sizeof f); /* ISO C has no cast to a function */
    }
    return 0;
}
