// SPDX-License-Identifier: GPL-2.0 OR MIT
// lunq-fclk.c: one clock of the programmable logic as vendor kernels offer it to programs: file set_rate, in Hz, of a platform device.
// Build: ./module.sh KERNEL. Bind: compatible = "xlnx,fclk" with one clock; the clock is on as long as the driver is bound.
#include <linux/clk.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>

static ssize_t set_rate_show(struct device *d, struct device_attribute *a, char *text)
{
    return sysfs_emit(text, "%lu\n", clk_get_rate(dev_get_drvdata(d)));
}

static ssize_t set_rate_store(struct device *d, struct device_attribute *a, const char *text,
                              size_t n)
{
    unsigned long hz;
    int r = kstrtoul(text, 0, &hz);

    if (!r)
        r = clk_set_rate(dev_get_drvdata(d), hz);
    return r ? r : n;
}
static DEVICE_ATTR_RW(set_rate);

static struct attribute *fclk_attrs[] = {&dev_attr_set_rate.attr, NULL};
ATTRIBUTE_GROUPS(fclk);

static int fclk_probe(struct platform_device *p)
{
    struct clk *c = devm_clk_get_enabled(&p->dev, NULL);

    if (IS_ERR(c))
        return PTR_ERR(c);
    platform_set_drvdata(p, c);
    return 0;
}

static const struct of_device_id fclk_ids[] = {{.compatible = "xlnx,fclk"}, {}};
MODULE_DEVICE_TABLE(of, fclk_ids);

static struct platform_driver fclk_driver = {
    .probe = fclk_probe,
    .driver = {.name = "lunq-fclk", .of_match_table = fclk_ids, .dev_groups = fclk_groups},
};
module_platform_driver(fclk_driver);

MODULE_DESCRIPTION("a clock of the programmable logic for programs");
MODULE_LICENSE("Dual MIT/GPL");
