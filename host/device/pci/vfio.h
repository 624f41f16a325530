/* vfio.h - what vfio.c, vfio_group.c and vfio_irq.c share: Documentation/driver-api/vfio.rst and
 * linux/vfio.h, container and group interface, type 1 IOMMU. */
#ifndef LUNQ_PCI_VFIO_H
#define LUNQ_PCI_VFIO_H

#include "../space.h"
#include "private.h"

enum { VFIO_RANGES = 16 };

/* Functions an IOMMU can't tell apart: a program has all of them or none, and they share their
 * addresses. */
struct vfio_group {
    int id;
    bool noiommu, coherent;
    int fd, container;
    unsigned refs;
    struct lunq_space space; /* addresses for the functions: IOVA */
    struct {
        uint64_t first, last;
    } ranges[VFIO_RANGES];
    size_t n_ranges;
    uint64_t granule; /* bytes: the smallest page of the IOMMU, at least one of the processor */
    struct vfio_group *next;
};

struct vfio {
    struct vfio_group *group;
    int fd;
    unsigned irq_index;
    bool routed; /* the vectors are allocated */
    bool masked; /* INTx: by the kernel, or by us */
};

/* The group of p's function, opened or shared. NULL with *err. */
struct vfio_group *vfio_group_open(struct lunq_pci *p, struct lunq_error *err);
void vfio_group_close(struct vfio_group *g);

/* vfio_irq.c */
int vfio_irq_find(struct lunq_pci *p, struct lunq_error *err);
int vfio_irq_open(struct lunq_pci *p, unsigned line, struct lunq_error *err);
int vfio_irq_enable(struct lunq_pci *p, unsigned line, bool on, struct lunq_error *err);
int vfio_irq_count(struct lunq_pci *p, unsigned line, uint64_t *count, struct lunq_error *err);
void vfio_irq_close(struct lunq_pci *p);

#endif
