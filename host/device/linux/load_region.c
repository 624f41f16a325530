/* load_region.c - bitstreams that the kernel's fpga-region loads while an overlay is applied
 * (linux-boards.md A8; bindings fpga-region.yaml). */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../design/bitstream.h"
#include "../../design/fdt_write.h"
#include "firmware.h"
#include "load.h"
#include "overlay.h"

#define OWN_OVERLAY "lunq-design"

/* ---- by an overlay -------------------------------------------------------------------------- */

/* The kernel loads as the overlay says: a full configuration over a running region stops the board. */
static int check_partial(const struct lunq_program *p, struct lunq_error *err)
{
    const struct lunq_dt_node *region = lunq_overlay_region(p->overlay);
    bool partial = lunq_dt_property(region, "partial-fpga-config") != NULL;
    if (partial == (p->region != NULL))
        return 0;
    return lunq_fail(err, LUNQ_VALUE, "%s %s partial-fpga-config, but %s is a %s design.",
                     p->overlay->file, partial ? "says" : "does not say", p->bitstream->file,
                     partial ? "full" : "partial");
}

/* What an overlay says of a protected bitstream (drivers/fpga/of-fpga-region.c of vendor kernels; mainline has
 * the first). */
static const struct {
    unsigned flag;
    const char *property;
} protections[] = {
    {LUNQ_DEVICE_KEY, "encrypted-fpga-config"},
    {LUNQ_USER_KEY, "userkey-encrypted-fpga-config"},
    {LUNQ_AUTH_DDR, "ddrmem-authenticated-fpga-config"},
    {LUNQ_AUTH_OCM, "securemem-authenticated-fpga-config"},
};

static int check_secure(const struct lunq_program *p, struct lunq_error *err)
{
    const struct lunq_dt_node *region = lunq_overlay_region(p->overlay);
    for (size_t i = 0; i < sizeof protections / sizeof *protections; i++)
        if (p->secure & protections[i].flag && !lunq_dt_property(region, protections[i].property))
            return lunq_fail(
                err, LUNQ_VALUE,
                "%s makes the kernel load the bitstream, but does not say %s, as the option "
                "secure does.",
                p->overlay->file, protections[i].property);
    return 0;
}

/* The node of the live tree that `of_node` of a device in sysfs stands for; false: not told. */
static bool node_of(const char *link, char path[LX_PATH])
{
    char target[LX_PATH], *found;
    ssize_t n = readlink(link, target, sizeof target - 1);
    if (n < 0)
        return false;
    target[n] = 0;
    found = strstr(target, "/devicetree/base/");
    if (found)
        snprintf(path, LX_PATH, "%s", found + strlen("/devicetree/base"));
    return found != NULL;
}

/* Whether a node is an FPGA region the kernel has a driver on; where that is not told, it is. */
static bool is_bound(const struct lunq_linux *x, const char *path)
{
    char folder[LX_PATH], link[LX_PATH], node[LX_PATH];
    DIR *d = lx_path(folder, x->root, "/sys/class/fpga_region") ? opendir(folder) : NULL;
    struct dirent *e;
    bool bound = !d;
    while (d && !bound && (e = readdir(d)))
        bound = lx_index(e->d_name, "region") >= 0 &&
                lx_path(link, folder, "/%s/device/of_node", e->d_name) && node_of(link, node) &&
                !strcmp(node, path);
    if (d)
        closedir(d);
    return bound;
}

static const struct lunq_dt_node *labelled(const struct lunq_dt_node *n, const char *label)
{
    const struct lunq_dt_node *found = n->label && !strcmp(n->label, label) ? n : NULL;
    for (const struct lunq_dt_node *c = n->child; c && !found; c = c->next)
        found = labelled(c, label);
    return found;
}

/* The node a fragment is for; NULL: its own check says what is wrong. */
static const struct lunq_dt_node *target_of(const struct lunq_dt *live,
                                            const struct lunq_dt_node *fragment)
{
    const char *path = lunq_dt_text(fragment, "target-path");
    const struct lunq_dt_property *p = lunq_dt_property(fragment, "target");
    const struct lunq_dt_ref *ref = p ? lunq_dt_ref_at(p, 0) : NULL;
    if (path)
        return lunq_dt_find(live, path);
    return ref && ref->label ? labelled(live->root, ref->label) : NULL;
}

/* An overlay over a node without a region driver is applied and loads nothing. */
static int check_bound(const struct lunq_linux *x, const struct lunq_program *p,
                       struct lunq_error *err)
{
    const struct lunq_dt_node *target;
    struct lunq_dt *live;
    char path[LX_PATH];
    int r;
    lx_path(path, x->root, "/proc/device-tree");
    if ((r = lunq_dt_read(&live, path, err)) < 0)
        return r;
    target = target_of(live, lunq_overlay_region(p->overlay)->parent);
    if (target && !is_bound(x, lunq_dt_path(target, path, sizeof path)))
        r = lunq_fail(err, LUNQ_UNSUPPORTED,
                      "%s lays firmware-name over %s, which is no FPGA region of this kernel "
                      "(/sys/class/fpga_region has none for it): it would load nothing. A region "
                      "needs compatible \"fpga-region\", a manager (fpga-mgr) and "
                      "CONFIG_OF_FPGA_REGION.",
                      p->overlay->file, path);
    lunq_dt_free(live);
    return r;
}

static int apply(struct lunq_linux *x, int manager, const struct lunq_program *p,
                 struct lunq_error *err)
{
    int r = lunq_overlay_apply(x->root, p->overlay_name, p->overlay, err);
    if (r < 0) {
        struct lunq_error why = *err;
        if (r == LUNQ_PERMISSION)
            return r;
        x->dev.lost = true;
        return lx_explain_load(x, manager, p->bitstream->file, why.message, err);
    }
    if (lx_manager_operates(x, manager))
        return 0;
    x->dev.lost = true;
    r = lx_explain_load(x, manager, p->bitstream->file,
                        "its overlay is applied, but loaded nothing", err);
    lunq_overlay_remove(x->root, p->overlay_name, NULL);
    return r;
}

int lx_region_load(struct lunq_linux *x, int manager, const struct lunq_program *p,
                   struct lunq_error *err)
{
    const char *name = lunq_dt_text(lunq_overlay_region(p->overlay), "firmware-name");
    struct lunq_error own;
    char put[LX_PATH];
    int r = check_partial(p, &own);
    if (r == 0)
        r = check_secure(p, &own);
    if (r == 0 && !lx_firmware_is_name(name))
        r = lunq_fail(&own, LUNQ_VALUE,
                      "%s: firmware-name '%.300s' is no name below /lib/firmware.",
                      p->overlay->file, name);
    if (r == 0)
        r = lunq_overlay_check(x->root, p->overlay_name, p->overlay, &own);
    if (r == 0)
        r = check_bound(x, p, &own);
    if (r == 0)
        r = lx_firmware_put(x->root, name, !strcmp(name, LX_FIRMWARE), p->bitstream, put, &own);
    if (r == 0) {
        r = apply(x, manager, p, &own);
        lx_firmware_take_away(put);
    }
    if (r < 0 && err)
        *err = own;
    return r;
}

/* ---- by an overlay of our own ---------------------------------------------------------------- */

static bool is_region(const struct lunq_dt_node *n)
{
    const struct lunq_dt_property *c = lunq_dt_property(n, "compatible");
    static const char word[] = "fpga-region";
    for (uint32_t at = 0; c && at < c->size;
         at += (uint32_t)strnlen((const char *)c->value + at, c->size - at) + 1)
        if (c->size - at >= sizeof word && !memcmp(c->value + at, word, sizeof word))
            return lunq_dt_property(n, "fpga-mgr") != NULL;
    return false;
}

/* Whether a region is the manager's, as far as sysfs tells. */
static bool has_manager(const struct lunq_linux *x, int manager, const struct lunq_dt *live,
                        const struct lunq_dt_node *region)
{
    const struct lunq_dt_property *p = lunq_dt_property(region, "fpga-mgr");
    const struct lunq_dt_node *node =
        p->size >= 4 ? lunq_dt_phandle(live, lunq_dt_cell(p, 0)) : NULL;
    char link[LX_PATH], own[LX_PATH], path[LX_PATH];
    if (!node || !is_bound(x, lunq_dt_path(region, path, sizeof path)))
        return false;
    if (!lx_manager_file(x, manager, "device/of_node", link) || !node_of(link, own))
        return true;
    return !strcmp(own, lunq_dt_path(node, path, sizeof path));
}

/* The first region of the manager, from the root down. */
static const struct lunq_dt_node *find_region(const struct lunq_linux *x, int manager,
                                              const struct lunq_dt *live,
                                              const struct lunq_dt_node *n)
{
    const struct lunq_dt_node *found = is_region(n) && has_manager(x, manager, live, n) ? n : NULL;
    for (const struct lunq_dt_node *c = n->child; c && !found; c = c->next)
        found = find_region(x, manager, live, c);
    return found;
}

/* An overlay that lays the name of the bitstream over a node. */
static int write_overlay(struct lunq_dt **out, const char *path, unsigned secure,
                         struct lunq_error *err)
{
    struct lunq_fdt_writer *w = lunq_fdt_writer_new();
    void *blob = NULL;
    size_t size;
    int r;
    if (!w)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    lunq_fdt_writer_begin(w, "");
    lunq_fdt_writer_begin(w, "fragment@0");
    lunq_fdt_writer_property(w, "target-path", path, strlen(path) + 1);
    lunq_fdt_writer_begin(w, "__overlay__");
    lunq_fdt_writer_property(w, "firmware-name", LX_FIRMWARE, sizeof LX_FIRMWARE);
    for (size_t i = 0; i < sizeof protections / sizeof *protections; i++)
        if (secure & protections[i].flag)
            lunq_fdt_writer_property(w, protections[i].property, "", 0);
    for (int i = 0; i < 3; i++)
        lunq_fdt_writer_end(w);
    r = lunq_fdt_writer_finish(w, OWN_OVERLAY, &blob, &size, err);
    if (r == 0)
        r = lunq_dt_parse(out, OWN_OVERLAY, blob, size, err);
    free(blob);
    return r;
}

/* Why there is no way to load a bitstream with this kernel. */
static int no_way(const struct lunq_linux *x, int manager, const char *lacks,
                  struct lunq_error *err)
{
    char path[LX_PATH];
    lx_manager_file(x, manager, "firmware", path);
    return lunq_fail(
        err, LUNQ_UNSUPPORTED,
        "This kernel's FPGA manager takes no bitstream from programs (%s is not there; "
        "vendor kernels have it), and %s. Boot a kernel of PYNQ, PetaLinux, Ubuntu for "
        "Kria, or one with such overlays (module dtbocfg); or have the boot loader "
        "configure the logic and open the overlay with download=false.",
        path, lacks);
}

static int bare(struct lunq_linux *x, int manager, const struct lunq_program *p,
                const struct lunq_dt *live, struct lunq_error *err)
{
    const struct lunq_dt_node *region = find_region(x, manager, live, live->root);
    struct lunq_program own = *p;
    struct lunq_dt *overlay = NULL;
    char path[LX_PATH];
    int r;
    if (!region)
        return no_way(x, manager,
                      "no node of the device tree is an fpga-region of it, which an overlay could "
                      "load it by",
                      err);
    if (p->region)
        return no_way(x, manager,
                      "a partial bitstream needs an overlay for its own fpga-region: name one with "
                      "firmware-name and partial-fpga-config (dtbo=)",
                      err);
    r = write_overlay(&overlay, lunq_dt_path(region, path, sizeof path), p->secure, err);
    own.overlay = overlay;
    own.overlay_name = OWN_OVERLAY;
    if (r == 0)
        r = lx_region_load(x, manager, &own, err);
    lunq_dt_free(overlay);
    return r;
}

int lx_region_load_bare(struct lunq_linux *x, int manager, const struct lunq_program *p,
                        struct lunq_error *err)
{
    struct lunq_dt *live;
    char path[LX_PATH];
    int r;
    if (!lx_path(path, x->root, LUNQ_OVERLAY_FOLDER) || access(path, F_OK) != 0)
        return no_way(x, manager,
                      "it takes no device-tree overlays either (" LUNQ_OVERLAY_FOLDER
                      " is not there; mainline has none)",
                      err);
    lx_path(path, x->root, "/proc/device-tree");
    if ((r = lunq_dt_read(&live, path, err)) < 0)
        return r;
    r = bare(x, manager, p, live, err);
    lunq_dt_free(live);
    return r;
}

int lx_region_free(struct lunq_linux *x, struct lunq_error *err)
{
    return lunq_overlay_remove(x->root, OWN_OVERLAY, err);
}
