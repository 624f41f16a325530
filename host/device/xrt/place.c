#include "place.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AMD_FOLDER "/opt/xilinx/xrt/lib"

static const struct mode {
    const char *name, *shim;
} modes[] = {
    {"", "libxrt_core.so.2"}, /* a card */
    {"noop", "libxrt_noop.so.2"},
    {"sw_emu", "libxrt_swemu.so.2"},
    {"hw_emu", "libxrt_hwemu.so.2"},
};

static const char *variable(const char *name)
{
    const char *v = getenv(name);
    return v ? v : "";
}

static bool is_file(const char *path)
{
    return access(path, R_OK) == 0;
}

/* dir/name into path[PATH_MAX]; false when it does not fit. */
static bool join(char *path, const char *dir, const char *name)
{
    int n = snprintf(path, PATH_MAX, "%s/%s", dir, name);
    return n > 0 && n < PATH_MAX;
}

static int find_mode(const struct mode **mode, struct lunq_error *err)
{
    const char *name = variable("XCL_EMULATION_MODE");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (!strcmp(modes[i].name, name)) {
            *mode = &modes[i];
            return 0;
        }
    return lunq_fail(
        err, LUNQ_DEVICE,
        "XCL_EMULATION_MODE=%.60s is none of hw_emu, noop, sw_emu: correct it, or unset "
        "it to use a card.",
        name);
}

/* sw_emu ends the process when the model of the card, a program of Vitis, does not start (xrt.md 3.7). */
static int check_vitis(const struct mode *mode, struct lunq_error *err)
{
    static const char *const names[] = {"sw_emu", "cpu_em"};
    const char *vitis = variable("XILINX_VITIS");
    char path[PATH_MAX];
    if (strcmp(mode->name, "sw_emu") != 0)
        return 0;
    for (size_t i = 0; i < 2; i++) {
        int n = snprintf(path, sizeof path,
                         "%s/data/emulation/unified/%s/generic_pcie/model/genericpciemodel", vitis,
                         names[i]);
        if (*vitis && n > 0 && n < PATH_MAX && access(path, X_OK) == 0)
            return 0;
    }
    return lunq_fail(
        err, LUNQ_DEVICE,
        "XCL_EMULATION_MODE=sw_emu needs Vitis: XILINX_VITIS is %s%.200s%s, and XRT would "
        "end the process. Source Vitis' settings64.sh, or try --device sim:alveo.",
        *vitis ? "\"" : "not set", vitis,
        *vitis ? "\", which has no data/emulation/unified/sw_emu/generic_pcie/model" : "");
}

/* ---- the library --------------------------------------------------------------------------- */

static void *open_path(const char *path, char *reason, size_t size)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (!handle)
        snprintf(reason, size, "%s", dlerror());
    return handle;
}

static int find_library(struct xrt_place *p, const char *library, struct lunq_error *err)
{
    const char *home = variable("XILINX_XRT");
    char dir[PATH_MAX], path[PATH_MAX], reason[512] = "";
    struct link_map *map;
    if (*home && join(dir, home, "lib") && join(path, dir, library) && is_file(path))
        p->coreutil = open_path(path, reason, sizeof reason);
    else if (!(p->coreutil = open_path(library, reason, sizeof reason)) &&
             join(path, AMD_FOLDER, library) && is_file(path))
        p->coreutil = open_path(path, reason, sizeof reason);
    if (!p->coreutil)
        return lunq_fail(
            err, LUNQ_DEVICE,
            "No Devices Found: XRT can't be used: %s (looked in %s%s%sthe library path "
            "and " AMD_FOLDER "). For a card install AMD's package xrt and source its "
            "setup.sh; Debian has XRT as libxrt1. lunq doctor --all says what there is.",
            reason, home, *home ? "/lib" : "", *home ? ", " : "");
    if (dlinfo(p->coreutil, RTLD_DI_LINKMAP, &map) < 0 || !realpath(map->l_name, p->library))
        snprintf(p->library, sizeof p->library, "%s", library);
    return 0;
}

/* ---- the shim ------------------------------------------------------------------------------ */

/* Where the libraries are that no value of XILINX_XRT finds, for their folder is not called lib: Debian's.
 * A temporary folder has a link of that name to it while there is a card. */
static char beside[PATH_MAX];
static char made[64]; /* that folder; "": none now */

static bool set_home(const char *dir)
{
    const char *name = strrchr(dir, '/');
    char path[PATH_MAX];
    if (!name || strcmp(name, "/lib") != 0) {
        snprintf(beside, sizeof beside, "%s", dir);
        return true;
    }
    snprintf(path, sizeof path, "%.*s", (int)(name - dir), dir);
    return setenv("XILINX_XRT", path, 1) == 0;
}

int xrt_place_enter(struct lunq_error *err)
{
    static bool leaves;
    const char *tmp = variable("TMPDIR");
    char path[PATH_MAX];
    int n;
    if (!beside[0] || made[0])
        return 0;
    leaves = leaves || atexit(xrt_place_leave) == 0;
    n = snprintf(made, sizeof made, "%s/lunq-xrt-XXXXXX", *tmp ? tmp : "/tmp");
    if (n < (int)sizeof made && mkdtemp(made) && join(path, made, "lib") &&
        symlink(beside, path) == 0 && setenv("XILINX_XRT", made, 1) == 0)
        return 0;
    xrt_place_leave();
    return lunq_fail(
        err, LUNQ_DEVICE,
        "XILINX_XRT is not set, and no folder could be made for XRT to find %s in: set "
        "TMPDIR to a folder that can be written.",
        beside);
}

void xrt_place_leave(void)
{
    char path[PATH_MAX];
    if (!made[0])
        return;
    join(path, made, "lib");
    unlink(path);
    rmdir(made);
    if (!strcmp(variable("XILINX_XRT"), made))
        unsetenv("XILINX_XRT");
    made[0] = '\0';
}

static int no_shim(const struct mode *mode, const char *dir, bool own, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_DEVICE,
                     "XRT has no %s in %s, and would end the process looking for it. %s",
                     mode->shim, dir,
                     own ? "Source the setup.sh of AMD's XRT, which sets XILINX_XRT; with Debian's "
                           "libxrt1 unset it."
                         : "Install XRT again; XCL_EMULATION_MODE says what it should use.");
}

static int find_shim(struct xrt_place *p, const struct mode *mode, struct lunq_error *err)
{
    const char *home = variable("XILINX_XRT");
    char dir[PATH_MAX], path[PATH_MAX], *slash;
    if (*home)
        join(dir, home, "lib");
    else
        snprintf(dir, sizeof dir, "%s", p->library);
    if (!*home && (slash = strrchr(dir, '/')))
        *slash = '\0';
    if (!join(path, dir, mode->shim) || !is_file(path))
        return no_shim(mode, dir, *home != '\0', err);
    p->shim = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (!p->shim)
        return lunq_fail(err, LUNQ_DEVICE, "XRT's %s can't be loaded: %s. Install XRT again.",
                         mode->shim, dlerror());
    if (!*home && !set_home(dir))
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    return 0;
}

int xrt_place_find(struct xrt_place *p, const char *library, struct lunq_error *err)
{
    const struct mode *mode = NULL;
    int r = find_mode(&mode, err);
    memset(p, 0, sizeof *p);
    if (r == 0)
        r = check_vitis(mode, err);
    if (r == 0)
        r = find_library(p, library, err);
    return r < 0 ? r : find_shim(p, mode, err);
}
