/* api.h - the functions of XRT that LUNQ calls, found at run time: XRT is never linked, and none of its
 * headers is needed. Prototypes as in XRT's public headers of 2020.2 (2.8) and later; which release
 * brought what, and what is missing where: xrt.md 2. */
#ifndef LUNQ_XRT_API_H
#define LUNQ_XRT_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../core/error.h"

/* enum ert_cmd_state of ert.h. The numbers from COMPLETED on are ends, but for SUBMITTED. */
enum xrt_state {
    XRT_STATE_COMPLETED = 4,
    XRT_STATE_ERROR = 5,
    XRT_STATE_ABORT = 6,
    XRT_STATE_SUBMITTED = 7,
    XRT_STATE_TIMEOUT = 8,
    XRT_STATE_NO_RESPONSE = 9
};

/* Flags of xrtBOAlloc (xrt_mem.h). */
#define XRT_BO_CACHEABLE (UINT64_C(1) << 24)
#define XRT_BO_DEVICE_ONLY (UINT64_C(1) << 28)
#define XRT_BO_HOST_ONLY (UINT64_C(1) << 29)
#define XRT_BO_P2P (UINT64_C(1) << 30)

typedef void xrt_ended_fn(void *run, unsigned state, void *data);

struct xrt_api {
    /* xrt_ini.h; before anything else. */
    int (*ini_string)(const char *key, const char *value);

    /* xrt_device.h. Handles are pointers, NULL: it failed. A UUID is 16 bytes. */
    void *(*device_open)(unsigned index);
    void *(*device_open_bdf)(const char *bdf); /* NULL before 2.11 */
    int (*device_close)(void *device);
    int (*device_load)(void *device, const void *image);
    int (*device_uuid)(void *device, uint8_t *uuid);

    /* xrt_bo.h. dir as enum lunq_sync: 0 to the card, 1 from it. No range is checked by XRT. */
    void *(*bo_alloc)(void *device, size_t size, uint64_t flags, uint32_t group);
    int (*bo_free)(void *bo);
    uint64_t (*bo_address)(void *bo);
    void *(*bo_map)(void *bo);
    int (*bo_sync)(void *bo, int dir, size_t size, size_t offset);

    /* xrt_kernel.h. */
    void *(*kernel_open)(void *device, const uint8_t *uuid, const char *name);
    int (*kernel_close)(void *kernel);
    int (*kernel_read)(void *kernel, uint32_t offset, uint32_t *value);
    int (*kernel_write)(void *kernel, uint32_t offset, uint32_t value);
    void *(*run_open)(void *kernel);
    int (*run_close)(void *run);
    int (*run_start)(void *run);
    int (*run_state)(void *run); /* enum xrt_state */
    int (*run_wait)(
        void *run); /* the same, when it has ended; never for one that was not started */
    int (*run_callback)(void *run, int state, xrt_ended_fn *ended, void *data);
    /* Argument by pointer and size: its name is a C++ one (2.6 and later). NULL: run_set has to do. */
    int (*run_set_value)(void *run, int index, const void *value, size_t size);
    int (*run_set)(void *run, int index, ...);

    /* NULL before 2.16: major << 16 | minor (version.h). */
    unsigned (*version)(void);

    /* Of the shim, the library below (xrt.h, "xcl" API): each may be missing. */
    unsigned (*probe)(void);
    void *(*to_shim)(void *device); /* xrtDeviceToXclDevice: what the following take */
    int (*info)(void *shim_device, void *info);
    int (*ip_index)(void *shim_device, const char *name);
    int (*context_open)(void *shim_device, const uint8_t *uuid, unsigned ip, bool shared);
    int (*context_close)(void *shim_device, const uint8_t *uuid, unsigned ip);
    int (*reg_read)(void *shim_device, uint32_t ip, uint32_t offset, uint32_t *value);
    int (*reg_write)(void *shim_device, uint32_t ip, uint32_t offset, uint32_t value);
};

/* Fills *api from libraries that dlopen gave: libxrt_coreutil and the shim. LUNQ_DEVICE: a function that
 * 2.8 has is missing. `path` names the library for the message. */
int xrt_api_find(struct xrt_api *api, void *coreutil, void *shim, const char *path,
                 struct lunq_error *err);

#endif
