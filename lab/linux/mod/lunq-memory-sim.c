// SPDX-License-Identifier: GPL-2.0 OR MIT
// lunq-memory-sim.c: the interfaces of u-dma-buf, u-dma-buf-mgr and zocl, as far as LUNQ uses them, on contiguous memory of the kernel: real
// addresses, mappings and cache maintenance without those modules' sources. Facts: reference/linux-boards.md A4, A6.
// Build: ./module.sh KERNEL. Parameter udmabuf0=SIZE: a device from the start.
#include <linux/cdev.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

static unsigned long udmabuf0;
module_param(udmabuf0, ulong, 0444);

static struct platform_device *platform;
static struct device *dma; // all memory is allocated for it

struct memory {
    void *va;
    dma_addr_t pa;
    size_t size;
};

static int memory_get(struct memory *m, u64 size)
{
    if (!size || size > SIZE_MAX - PAGE_SIZE)
        return -EINVAL;
    m->size = PAGE_ALIGN(size);
    m->va = dma_alloc_coherent(dma, m->size, &m->pa, GFP_KERNEL);
    return m->va ? 0 : -ENOMEM;
}

static void memory_put(struct memory *m)
{
    dma_free_coherent(dma, m->size, m->va, m->pa);
}

static int memory_map(struct memory *m, struct vm_area_struct *vma, pgprot_t prot, unsigned long at)
{
    unsigned long n = vma->vm_end - vma->vm_start;

    if (at > m->size || n > m->size - at)
        return -EINVAL;
    vma->vm_page_prot = prot;
    return remap_pfn_range(vma, vma->vm_start, (m->pa + at) >> PAGE_SHIFT, n, prot);
}

static int memory_sync(struct memory *m, u64 at, u64 n, bool to_device, enum dma_data_direction dir)
{
    if (at > m->size || n > m->size - at)
        return -EINVAL;
    if (to_device)
        dma_sync_single_for_device(dma, m->pa + at, n, dir);
    else
        dma_sync_single_for_cpu(dma, m->pa + at, n, dir);
    return 0;
}

// ---------------------------------------------------------------- u-dma-buf

enum { MINORS = 64 };

struct buffer {
    struct memory m;
    struct cdev cdev;
    struct device *dev;
    int mode;
    struct list_head list;
};

static LIST_HEAD(buffers);
static DEFINE_MUTEX(lock); // of the list
static DEFINE_IDA(minors);
static dev_t first;
static struct class *class;

static ssize_t phys_addr_show(struct device *d, struct device_attribute *a, char *text)
{
    struct buffer *b = dev_get_drvdata(d);

    return sprintf(text, "%pad\n", &b->m.pa);
}
static DEVICE_ATTR_RO(phys_addr);

static ssize_t size_show(struct device *d, struct device_attribute *a, char *text)
{
    struct buffer *b = dev_get_drvdata(d);

    return sprintf(text, "%zu\n", b->m.size);
}
static DEVICE_ATTR_RO(size);

static ssize_t dma_coherent_show(struct device *d, struct device_attribute *a, char *text)
{
    return sprintf(text, "0\n");
}
static DEVICE_ATTR_RO(dma_coherent);

static ssize_t sync_mode_show(struct device *d, struct device_attribute *a, char *text)
{
    struct buffer *b = dev_get_drvdata(d);

    return sprintf(text, "%d\n", b->mode);
}
static ssize_t sync_mode_store(struct device *d, struct device_attribute *a, const char *text,
                               size_t n)
{
    struct buffer *b = dev_get_drvdata(d);
    int r = kstrtoint(text, 0, &b->mode);

    return r ? r : n;
}
static DEVICE_ATTR_RW(sync_mode);

// offset, size, direction in bits 3:2, 1 in bit 0
static int sync_word(struct buffer *b, u64 word, bool to_device)
{
    static const enum dma_data_direction dirs[] = {DMA_BIDIRECTIONAL, DMA_TO_DEVICE,
                                                   DMA_FROM_DEVICE, DMA_BIDIRECTIONAL};

    return memory_sync(&b->m, word >> 32, word & 0xfffffff0, to_device, dirs[word >> 2 & 3]);
}

static ssize_t store_sync(struct device *d, const char *text, size_t n, bool to_device)
{
    u64 word;
    int r = kstrtoull(text, 0, &word);

    if (!r)
        r = sync_word(dev_get_drvdata(d), word, to_device);
    return r ? r : n;
}
static ssize_t sync_for_cpu_store(struct device *d, struct device_attribute *a, const char *text,
                                  size_t n)
{
    return store_sync(d, text, n, false);
}
static DEVICE_ATTR_WO(sync_for_cpu);
static ssize_t sync_for_device_store(struct device *d, struct device_attribute *a, const char *text,
                                     size_t n)
{
    return store_sync(d, text, n, true);
}
static DEVICE_ATTR_WO(sync_for_device);

static struct attribute *buffer_attrs[] = {&dev_attr_phys_addr.attr,
                                           &dev_attr_size.attr,
                                           &dev_attr_dma_coherent.attr,
                                           &dev_attr_sync_mode.attr,
                                           &dev_attr_sync_for_cpu.attr,
                                           &dev_attr_sync_for_device.attr,
                                           NULL};
ATTRIBUTE_GROUPS(buffer);

static int buffer_open(struct inode *inode, struct file *f)
{
    f->private_data = container_of(inode->i_cdev, struct buffer, cdev);
    return 0;
}

static int buffer_mmap(struct file *f, struct vm_area_struct *vma)
{
    struct buffer *b = f->private_data;
    pgprot_t prot = vma->vm_page_prot;

    if (f->f_flags & O_SYNC || b->mode & 4)
        prot = (b->mode & 3) == 1 ? pgprot_noncached(prot)
               : b->mode & 3      ? pgprot_writecombine(prot)
                                  : prot;
    return memory_map(&b->m, vma, prot, vma->vm_pgoff << PAGE_SHIFT);
}

static long buffer_ioctl(struct file *f, unsigned int request, unsigned long arg)
{
    struct buffer *b = f->private_data;
    u64 v[3] = {0};

    switch (request) {
    case _IOR('U', 1, u64[3]): // version of the interface
        v[0] = 2;
        return copy_to_user((void __user *)arg, v, sizeof(v)) ? -EFAULT : 0;
    case _IOW('U', 5, u64):
    case _IOW('U', 6, u64):
        if (copy_from_user(v, (void __user *)arg, sizeof(u64)))
            return -EFAULT;
        return sync_word(b, v[0], request == _IOW('U', 6, u64));
    case _IOR('U', 8, u64[3]): // flags, size, offset
        v[0] = b->mode << 8;
        return copy_to_user((void __user *)arg, v, sizeof(v)) ? -EFAULT : 0;
    case _IOW('U', 9, u64[3]):
        if (copy_from_user(v, (void __user *)arg, sizeof(v)))
            return -EFAULT;
        if (v[0] >> 8 & 0xff)
            b->mode = v[0] >> 8 & 0xff;
        return 0;
    }
    return -ENOTTY;
}

static const struct file_operations buffer_ops = {
    .owner = THIS_MODULE, .open = buffer_open, .mmap = buffer_mmap, .unlocked_ioctl = buffer_ioctl};

static int buffer_create(const char *name, u64 size)
{
    struct buffer *b = kzalloc(sizeof(*b), GFP_KERNEL);
    int minor, r;

    if (!b)
        return -ENOMEM;
    b->mode = 1;
    minor = ida_alloc_max(&minors, MINORS - 1, GFP_KERNEL);
    r = minor < 0 ? minor : memory_get(&b->m, size);
    if (r)
        goto no_memory;
    cdev_init(&b->cdev, &buffer_ops);
    r = cdev_add(&b->cdev, first + minor, 1);
    if (r)
        goto no_cdev;
    b->dev = device_create_with_groups(class, NULL, first + minor, b, buffer_groups, "%s", name);
    if (!IS_ERR(b->dev)) {
        list_add(&b->list, &buffers);
        return 0;
    }
    r = PTR_ERR(b->dev);
    cdev_del(&b->cdev);
no_cdev:
    memory_put(&b->m);
no_memory:
    if (minor >= 0)
        ida_free(&minors, minor);
    kfree(b);
    return r;
}

static void buffer_delete(struct buffer *b)
{
    dev_t number = b->dev->devt;

    list_del(&b->list);
    device_destroy(class, number);
    cdev_del(&b->cdev);
    memory_put(&b->m);
    ida_free(&minors, MINOR(number) - MINOR(first));
    kfree(b);
}

static ssize_t manager_write(struct file *f, const char __user *data, size_t n, loff_t *at)
{
    char text[128] = "", name[64];
    u64 size;
    struct buffer *b, *next;
    int r = -EINVAL;

    if (n >= sizeof(text) || copy_from_user(text, data, n))
        return -EINVAL;
    mutex_lock(&lock);
    if (sscanf(text, "create %63s %llu", name, &size) == 2)
        r = buffer_create(name, size);
    else if (sscanf(text, "delete %63s", name) == 1)
        list_for_each_entry_safe(b, next, &buffers, list) if (!strcmp(dev_name(b->dev), name))
        {
            buffer_delete(b);
            r = 0;
        }
    mutex_unlock(&lock);
    return r ? r : n;
}

static const struct file_operations manager_ops = {.owner = THIS_MODULE, .write = manager_write};
static struct miscdevice manager = {
    .minor = MISC_DYNAMIC_MINOR, .name = "u-dma-buf-mgr", .fops = &manager_ops};

// ---------------------------------------------------------------- zocl

struct object {
    struct memory m;
    u32 flags;
};

struct version {
    int number[3];
    struct {
        size_t size;
        char __user *text;
    } name, date, description;
};

static int zocl_open(struct inode *inode, struct file *f)
{
    struct idr *objects = kzalloc(sizeof(*objects), GFP_KERNEL);

    if (!objects)
        return -ENOMEM;
    idr_init_base(objects, 1);
    f->private_data = objects;
    return 0;
}

static void object_free(struct object *o)
{
    memory_put(&o->m);
    kfree(o);
}

static int zocl_release(struct inode *inode, struct file *f)
{
    struct object *o;
    int handle;

    idr_for_each_entry((struct idr *)f->private_data, o, handle) object_free(o);
    idr_destroy(f->private_data);
    kfree(f->private_data);
    return 0;
}

// the offset of a mapping is 16 MiB times the handle
static int zocl_mmap(struct file *f, struct vm_area_struct *vma)
{
    struct object *o = idr_find(f->private_data, vma->vm_pgoff >> 12);

    if (!o || vma->vm_pgoff & 0xfff)
        return -EINVAL;
    return memory_map(
        &o->m, vma, o->flags >> 24 & 1 ? vma->vm_page_prot : pgprot_writecombine(vma->vm_page_prot),
        0);
}

static int object_create(struct idr *objects, u64 *v)
{
    struct object *o = kzalloc(sizeof(*o), GFP_KERNEL);
    int r = o ? memory_get(&o->m, v[0]) : -ENOMEM;

    if (!r) {
        o->flags = v[1] >> 32;
        r = idr_alloc(objects, o, 1, 0, GFP_KERNEL);
        if (r > 0) {
            v[1] = (u64)o->flags << 32 | r;
            return 0;
        }
        memory_put(&o->m);
    }
    kfree(o);
    return r;
}

// the structures as little-endian words of 64 bits: handle is the lower half of the first, but in CREATE_BO of the second
static long zocl_object(struct idr *objects, unsigned int request, u64 *v)
{
    struct object *o = request == _IOWR('d', 0x40, u64[2]) ? NULL : idr_find(objects, (u32)v[0]);

    if (request == _IOWR('d', 0x40, u64[2]))
        return object_create(objects, v);
    if (!o)
        return -EINVAL;
    switch (request) {
    case _IOWR('d', 0x43, u64[2]): v[1] = (u64)(u32)v[0] << 24; return 0;
    case _IOWR('d', 0x44, u64[3]):
        return memory_sync(&o->m, v[1], v[2], !(v[0] >> 32),
                           v[0] >> 32 ? DMA_FROM_DEVICE : DMA_TO_DEVICE);
    case _IOWR('d', 0x45, u64[3]):
        v[0] = (u64)o->flags << 32 | (u32)v[0];
        v[1] = o->m.size;
        v[2] = o->m.pa;
        return 0;
    case _IOW('d', 0x09, u64):
        idr_remove(objects, (u32)v[0]);
        object_free(o);
        return 0;
    }
    return -ENOTTY;
}

static long zocl_ioctl(struct file *f, unsigned int request, unsigned long arg)
{
    u64 v[3] = {0};
    struct version version;
    long r;

    if (request == _IOWR('d', 0, struct version)) {
        if (copy_from_user(&version, (void __user *)arg, sizeof(version)))
            return -EFAULT;
        return copy_to_user(version.name.text, "zocl", min_t(size_t, version.name.size, 4))
                   ? -EFAULT
                   : 0;
    }
    if (_IOC_SIZE(request) > sizeof(v))
        return -ENOTTY;
    if (copy_from_user(v, (void __user *)arg, _IOC_SIZE(request)))
        return -EFAULT;
    r = zocl_object(f->private_data, request, v);
    if (!r && _IOC_DIR(request) & _IOC_READ &&
        copy_to_user((void __user *)arg, v, _IOC_SIZE(request)))
        return -EFAULT;
    return r;
}

static const struct file_operations zocl_ops = {.owner = THIS_MODULE,
                                                .open = zocl_open,
                                                .release = zocl_release,
                                                .mmap = zocl_mmap,
                                                .unlocked_ioctl = zocl_ioctl};
static struct miscdevice zocl = {.minor = MISC_DYNAMIC_MINOR,
                                 .name = "renderD128",
                                 .nodename = "dri/renderD128",
                                 .fops = &zocl_ops};

// ---------------------------------------------------------------- module

static int __init sim_init(void)
{
    struct platform_device_info info = {
        .name = "lunq-memory-sim", .id = PLATFORM_DEVID_NONE, .dma_mask = DMA_BIT_MASK(32)};
    int r;

    platform = platform_device_register_full(&info);
    if (IS_ERR(platform))
        return PTR_ERR(platform);
    dma = &platform->dev;
    dma_set_coherent_mask(dma, DMA_BIT_MASK(32));
    r = alloc_chrdev_region(&first, 0, MINORS, "u-dma-buf");
    if (r)
        goto no_region;
    class = class_create(THIS_MODULE, "u-dma-buf");
    if (IS_ERR(class)) {
        r = PTR_ERR(class);
        goto no_class;
    }
    r = misc_register(&manager);
    if (r)
        goto no_manager;
    r = misc_register(&zocl);
    if (r)
        goto no_zocl;
    r = udmabuf0 ? buffer_create("udmabuf0", udmabuf0) : 0;
    if (!r)
        return 0;
    misc_deregister(&zocl);
no_zocl:
    misc_deregister(&manager);
no_manager:
    class_destroy(class);
no_class:
    unregister_chrdev_region(first, MINORS);
no_region:
    platform_device_unregister(platform);
    return r;
}

static void __exit sim_exit(void)
{
    struct buffer *b, *next;

    misc_deregister(&zocl);
    misc_deregister(&manager);
    list_for_each_entry_safe(b, next, &buffers, list) buffer_delete(b);
    class_destroy(class);
    unregister_chrdev_region(first, MINORS);
    ida_destroy(&minors);
    platform_device_unregister(platform);
}

module_init(sim_init);
module_exit(sim_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("interfaces of u-dma-buf and zocl for tests");
