// SPDX-License-Identifier: GPL-2.0 OR MIT
// lunq-fpga-sim.c: a simulated FPGA manager: accepts any image, keeps it in debugfs (lunq-fpga-image), has the vendor kernels' sysfs files.
// Build: ./module.sh KERNEL. Bind: compatible = "lunq,fpga-mgr-sim" or module parameter standalone=1. Parameter fail=1|2|3: next loads fail in init, write, complete.
#include <linux/debugfs.h>
#include <linux/firmware.h>
#include <linux/fpga/fpga-mgr.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

struct sim {
    struct fpga_manager *mgr;
    struct debugfs_blob_wrapper image;
    struct dentry *file;
    enum fpga_mgr_states state;
    u32 flags;
};

static int fail;
module_param(fail, int, 0644);
static bool standalone;
module_param(standalone, bool, 0444);

static enum fpga_mgr_states sim_state(struct fpga_manager *m)
{
    struct sim *s = m->priv;

    return s->state;
}

static int sim_init(struct fpga_manager *m, struct fpga_image_info *i, const char *b, size_t n)
{
    struct sim *s = m->priv;

    dev_info(&m->dev, "write_init flags=%x\n", i->flags);
    if (fail == 1)
        return -EIO;
    vfree(s->image.data);
    s->image.data = NULL;
    s->image.size = 0;
    return 0;
}

static int sim_write(struct fpga_manager *m, const char *b, size_t n)
{
    struct sim *s = m->priv;
    char *all;

    if (fail == 2)
        return -EIO;
    all = vmalloc(s->image.size + n);
    if (!all)
        return -ENOMEM;
    if (s->image.size)
        memcpy(all, s->image.data, s->image.size);
    memcpy(all + s->image.size, b, n);
    vfree(s->image.data);
    s->image.data = all;
    s->image.size += n;
    return 0;
}

static int sim_complete(struct fpga_manager *m, struct fpga_image_info *i)
{
    struct sim *s = m->priv;

    if (fail == 3)
        return -ETIMEDOUT;
    s->state = FPGA_MGR_STATE_OPERATING;
    dev_info(&m->dev, "write_complete %lu bytes\n", s->image.size);
    return 0;
}

static const struct fpga_manager_ops sim_ops = {
    .state = sim_state,
    .write_init = sim_init,
    .write = sim_write,
    .write_complete = sim_complete,
};

// the vendor kernels' files: flags (hex, persists) and firmware (a name below /lib/firmware; the write returns the error of the load)
static struct sim *to_sim(struct device *d)
{
    return container_of(d, struct fpga_manager, dev)->priv;
}

static ssize_t flags_show(struct device *d, struct device_attribute *a, char *b)
{
    return sysfs_emit(b, "%x\n", to_sim(d)->flags);
}

static ssize_t flags_store(struct device *d, struct device_attribute *a, const char *b, size_t n)
{
    int r = kstrtou32(b, 16, &to_sim(d)->flags);

    return r ? r : n;
}
static DEVICE_ATTR_RW(flags);

static ssize_t firmware_store(struct device *d, struct device_attribute *a, const char *b, size_t n)
{
    struct sim *s = to_sim(d);
    struct fpga_image_info *info;
    char name[NAME_MAX + 1];
    int r;

    if (strscpy(name, b, sizeof(name)) < 0)
        return -ENAMETOOLONG;
    name[strcspn(name, "\n")] = 0;
    info = fpga_image_info_alloc(d);
    if (!info)
        return -ENOMEM;
    info->flags = s->flags;
    info->firmware_name = devm_kstrdup(d, name, GFP_KERNEL);
    r = info->firmware_name ? fpga_mgr_lock(s->mgr) : -ENOMEM;
    if (!r) {
        r = fpga_mgr_load(s->mgr, info);
        fpga_mgr_unlock(s->mgr);
    }
    fpga_image_info_free(info);
    return r ? r : n;
}
static DEVICE_ATTR_WO(firmware);

static int sim_probe(struct platform_device *p)
{
    struct sim *s = devm_kzalloc(&p->dev, sizeof(*s), GFP_KERNEL);
    int r;

    if (!s)
        return -ENOMEM;
    s->state = FPGA_MGR_STATE_POWER_UP;
    s->mgr = devm_fpga_mgr_register(&p->dev, "LUNQ simulated FPGA Manager", &sim_ops, s);
    if (IS_ERR(s->mgr))
        return PTR_ERR(s->mgr);
    platform_set_drvdata(p, s);
    r = device_create_file(&s->mgr->dev, &dev_attr_flags);
    if (!r)
        r = device_create_file(&s->mgr->dev, &dev_attr_firmware);
    s->file = debugfs_create_blob("lunq-fpga-image", 0444, NULL, &s->image);
    return r;
}

static int sim_remove(struct platform_device *p)
{
    struct sim *s = platform_get_drvdata(p);

    device_remove_file(&s->mgr->dev, &dev_attr_flags);
    device_remove_file(&s->mgr->dev, &dev_attr_firmware);
    debugfs_remove(s->file);
    vfree(s->image.data);
    return 0;
}

static const struct of_device_id ids[] = {{.compatible = "lunq,fpga-mgr-sim"}, {}};
MODULE_DEVICE_TABLE(of, ids);

static struct platform_driver sim_driver = {
    .probe = sim_probe,
    .remove = sim_remove,
    .driver = {.name = "lunq-fpga-sim", .of_match_table = ids},
};

static struct platform_device *self;

static int __init sim_start(void)
{
    int r = platform_driver_register(&sim_driver);

    if (!r && standalone)
        self = platform_device_register_simple("lunq-fpga-sim", -1, NULL, 0);
    return r;
}

static void __exit sim_stop(void)
{
    if (!IS_ERR_OR_NULL(self))
        platform_device_unregister(self);
    platform_driver_unregister(&sim_driver);
}

module_init(sim_start);
module_exit(sim_stop);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("simulated FPGA manager for tests");
