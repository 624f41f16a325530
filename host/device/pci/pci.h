/* pci.h - the device `pci:BDF`: a function of PCI Express or PCI, reached from a program through the
 * kernel's vfio-pci or uio_pci_generic. Which of the two drives it is decided outside, by whoever may:
 * nothing is ever bound or unbound here. */
#ifndef LUNQ_PCI_H
#define LUNQ_PCI_H

#include "../../core/device.h"

/* "pci:0000:65:00.0", "pci:65:00.0?driver=vfio"; "pci" when there is only one that can be used. */
int lunq_pci_open(struct lunq_device **out, const char *spec, struct lunq_error *err);
/* "pci": all that can be used; see lunq_device_list. */
int lunq_pci_list(const char *spec, char (*names)[LUNQ_DEVICE_NAME], size_t max,
                  struct lunq_error *err);

/* A function as the kernel shows it. */
struct lunq_pci_function {
    char address[16]; /* "0000:65:00.0": domain, bus, device, function */
    unsigned vendor, device;
    unsigned class;  /* base class << 16 | sub class << 8 | interface */
    char driver[32]; /* of the kernel; "": none */
    int group;       /* of the IOMMU; -1: none, or this machine has no IOMMU that is on */
    bool noiommu;    /* the group is one of vfio-pci's own, without an IOMMU */
    bool usable;     /* its driver is one that lets programs have it */
};

/* All functions below root ("": this machine), by address. Returns how many there are and fills the first
 * `max`. */
size_t lunq_pci_functions(const char *root, struct lunq_pci_function *f, size_t max);

#endif
