// SPDX-License-Identifier: GPL-2.0 OR MIT
// lunq-overlay.c: device-tree overlays through configfs (device-tree/overlays/NAME/{path,dtbo,status}), behaving like the vendor kernels' interface.
// Build: ./module.sh KERNEL. Needs CONFIG_OF_OVERLAY and configfs. Known vendor habits are kept: a failed overlay does not fail the write, "path" then reads empty.
#include <linux/configfs.h>
#include <linux/firmware.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/sizes.h>
#include <linux/slab.h>

struct overlay {
    struct config_item item;
    char path[NAME_MAX + 1];
    void *blob;
    size_t size;
    int id;
    bool applied;
};

static struct overlay *to_overlay(struct config_item *i)
{
    return container_of(i, struct overlay, item);
}

static int apply(struct overlay *o, const void *blob, size_t size)
{
    int r = of_overlay_fdt_apply(blob, size, &o->id);

    if (r) {
        pr_err("lunq-overlay: %s not applied: %d\n", config_item_name(&o->item), r);
        if (o->id)
            of_overlay_remove(&o->id);
    }
    o->applied = !r;
    return r;
}

static ssize_t overlay_path_show(struct config_item *i, char *page)
{
    return sprintf(page, "%s\n", to_overlay(i)->path);
}

static ssize_t overlay_path_store(struct config_item *i, const char *page, size_t n)
{
    struct overlay *o = to_overlay(i);
    const struct firmware *fw;
    int r;

    if (o->path[0] || o->size)
        return -EPERM;
    if (n >= sizeof(o->path))
        return -ENAMETOOLONG;
    strscpy(o->path, page, sizeof(o->path));
    o->path[strcspn(o->path, "\n")] = 0;
    r = request_firmware(&fw, o->path, NULL);
    if (!r) {
        r = apply(o, fw->data, fw->size);
        release_firmware(fw);
    }
    if (r)
        o->path[0] = 0;
    return n;
}
CONFIGFS_ATTR(overlay_, path);

static ssize_t overlay_status_show(struct config_item *i, char *page)
{
    return sprintf(page, "%s\n", to_overlay(i)->applied ? "applied" : "unapplied");
}
CONFIGFS_ATTR_RO(overlay_, status);

static ssize_t overlay_dtbo_read(struct config_item *i, void *buf, size_t max)
{
    struct overlay *o = to_overlay(i);

    if (!buf)
        return o->size;
    if (o->size > max)
        return -ENOSPC;
    memcpy(buf, o->blob, o->size);
    return o->size;
}

static ssize_t overlay_dtbo_write(struct config_item *i, const void *buf, size_t n)
{
    struct overlay *o = to_overlay(i);
    int r;

    if (o->path[0] || o->size)
        return -EPERM;
    o->blob = kmemdup(buf, n, GFP_KERNEL);
    if (!o->blob)
        return -ENOMEM;
    o->size = n;
    r = apply(o, o->blob, n);
    if (r) {
        kfree(o->blob);
        o->blob = NULL;
        o->size = 0;
        return r;
    }
    return n;
}
CONFIGFS_BIN_ATTR(overlay_, dtbo, NULL, SZ_1M);

static struct configfs_attribute *overlay_attrs[] = {&overlay_attr_path, &overlay_attr_status,
                                                     NULL};
static struct configfs_bin_attribute *overlay_bin_attrs[] = {&overlay_attr_dtbo, NULL};

static void overlay_release(struct config_item *i)
{
    struct overlay *o = to_overlay(i);

    if (o->applied)
        of_overlay_remove(&o->id);
    kfree(o->blob);
    kfree(o);
}

static struct configfs_item_operations overlay_ops = {.release = overlay_release};
static const struct config_item_type overlay_type = {
    .ct_item_ops = &overlay_ops,
    .ct_attrs = overlay_attrs,
    .ct_bin_attrs = overlay_bin_attrs,
    .ct_owner = THIS_MODULE,
};

static struct config_item *overlays_make(struct config_group *g, const char *name)
{
    struct overlay *o = kzalloc(sizeof(*o), GFP_KERNEL);

    if (!o)
        return ERR_PTR(-ENOMEM);
    config_item_init_type_name(&o->item, name, &overlay_type);
    return &o->item;
}

static struct configfs_group_operations overlays_ops = {.make_item = overlays_make};
static const struct config_item_type overlays_type = {.ct_group_ops = &overlays_ops,
                                                      .ct_owner = THIS_MODULE};
static const struct config_item_type root_type = {.ct_owner = THIS_MODULE};
static struct config_group overlays;
static struct configfs_subsystem tree = {
    .su_group = {.cg_item = {.ci_namebuf = "device-tree", .ci_type = &root_type}},
    .su_mutex = __MUTEX_INITIALIZER(tree.su_mutex),
};

static int __init overlay_start(void)
{
    config_group_init(&tree.su_group);
    config_group_init_type_name(&overlays, "overlays", &overlays_type);
    configfs_add_default_group(&overlays, &tree.su_group);
    return configfs_register_subsystem(&tree);
}

static void __exit overlay_stop(void)
{
    configfs_unregister_subsystem(&tree);
}

module_init(overlay_start);
module_exit(overlay_stop);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("device-tree overlays through configfs, for tests");
