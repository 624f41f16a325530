/* private.h - the inside of the device `pci`, shared by its own files only.
 *
 *   pci.c     its text and options, its table        function.c  what the kernel shows of a function
 *   refuse.c  who has it, and how to get it          config.c    command register: decoding, bus master
 *   vfio.c    vfio-pci; vfio_irq.c its interrupts    uio.c       uio_pci_generic
 *   bars.c    BARs as windows of registers           bridge.c    where the IP of a design are in them
 *   memory.c  buffers; iova.c, huge.c: the two kinds irq.c       lines, with descriptors
 */
#ifndef LUNQ_PCI_PRIVATE_H
#define LUNQ_PCI_PRIVATE_H

#include "../files.h"
#include "../mapping.h"
#include "../space.h"
#include "pci.h"

enum { PCI_BARS = 6, PCI_LINES = 32 };

/* BAR n stands at PCI_BAR_BASE + n * PCI_BAR_STEP, whatever a design says: 0xba0000000000000 for BAR 0,
 * 0xba2000000000000 for BAR 2. No AXI bus reaches as far. */
#define PCI_BAR_BASE UINT64_C(0x0ba0000000000000)
#define PCI_BAR_STEP UINT64_C(0x0001000000000000)

struct pci_bar {
    char name[8];    /* "bar0" */
    uint64_t size;   /* 0: the function has none of this number */
    uint64_t offset; /* of its first byte in fd */
    int fd;          /* of the driver; -1: not open */
    bool io;         /* ports, not memory */
    bool mappable;
};

/* Addresses of a design, or of the option base=, that are in a BAR. */
struct pci_segment {
    uint64_t base, size;
    unsigned bar;
    uint64_t offset;
};

struct pci_line {
    int event; /* the descriptor the driver makes readable; -1: none yet */
    int gate;  /* an epoll that looks at it while the line is armed: what others wait for */
    bool armed;
};

struct lunq_pci;

/* How a function is reached: a file vfio.c or uio.c. */
struct pci_driver {
    const char *name;   /* of the kernel's driver */
    const char *option; /* of ?driver= */
    /* Fills bars, config_*, n_lines. What is open already is closed by `close` when this fails. */
    int (*open)(struct lunq_pci *p, struct lunq_error *err);
    void (*close)(struct lunq_pci *p);
    /* Gives the line a descriptor, on the first use; lets the next interrupt come, or no more; how many
     * there were. */
    int (*irq_open)(struct lunq_pci *p, unsigned line, struct lunq_error *err);
    int (*irq_enable)(struct lunq_pci *p, unsigned line, bool on, struct lunq_error *err);
    int (*irq_count)(struct lunq_pci *p, unsigned line, uint64_t *count, struct lunq_error *err);
    /* All interrupts off and their descriptors closed. */
    void (*irq_close)(struct lunq_pci *p);
};
extern const struct pci_driver pci_vfio, pci_uio;

/* Where buffers come from: a file iova.c or huge.c. */
struct pci_memory {
    const char *name; /* of ?memory= */
    int (*alloc)(struct lunq_pci *p, struct lunq_mem *m, struct lunq_error *err);
    void (*free)(struct lunq_pci *p, struct lunq_mem *m);
    /* The function is no bus master any more. */
    void (*close)(struct lunq_pci *p);
};
extern const struct pci_memory pci_iova, pci_huge;

struct pci_options {
    char root[256];
    char driver[8], memory[8], irq[8]; /* "": not said */
    int bar;                           /* -1: not said */
    uint64_t base;
    bool has_base;
};

struct lunq_pci {
    struct lunq_device dev; /* first */
    struct pci_options o;
    struct lunq_pci_function f;
    const struct pci_driver *driver;
    int config_fd; /* -1: not open */
    uint64_t config_offset;
    uint16_t command; /* as it was found */
    bool has_command, master;

    struct pci_bar bars[PCI_BARS];
    struct pci_segment *segments;
    size_t n_segments;
    struct lunq_mapping *maps;

    struct pci_line lines[PCI_LINES];
    unsigned n_lines;
    const char *irq_kind; /* "MSI-X", "MSI", "INTx"; NULL: none */

    struct lunq_bank bank;
    const struct pci_memory *memory; /* NULL: not used yet */
    struct lunq_hugetlb *huge;       /* of huge.c */
    struct vfio *vfio;               /* of vfio.c */
    struct uio *uio;                 /* of uio.c */
    struct lunq_pci *next;           /* of those that are open */
    struct lunq_lockfile *lock;      /* against other programs; NULL: none */
};

static inline struct lunq_pci *pci_of(struct lunq_device *d)
{
    return (struct lunq_pci *)d;
}

/* function.c: false: there is no such function. Sizes of the BARs, and which are ports. */
bool pci_function_read(const char *root, const char *address, struct lunq_pci_function *f);
void pci_bars_read(struct lunq_pci *p);

/* refuse.c: why a function can't be used, and the commands that change it. All LUNQ_DEVICE, but where
 * only a permission is missing. */
int pci_refuse_absent(const char *root, const char *address, struct lunq_error *err);
int pci_refuse_driver(const struct lunq_pci *p, struct lunq_error *err);
/* A node can't be opened, for the reason e. */
int pci_refuse_node(const struct lunq_pci *p, const char *path, int e, struct lunq_error *err);

/* config.c: the command register (PCI 3.0, 6.2.2). */
int pci_config_open(struct lunq_pci *p, struct lunq_error *err); /* decodes its BARs from now on */
int pci_master_on(struct lunq_pci *p, struct lunq_error *err);   /* once it needs to be one */
int pci_intx(const struct lunq_pci *p, bool on, struct lunq_error *err);
void pci_config_close(struct lunq_pci *p); /* no bus master any more */

/* bars.c: the device table's functions. */
bool pci_range(struct lunq_device *d, size_t i, struct lunq_device_range *range);
volatile uint8_t *pci_map(struct lunq_device *d, uint64_t addr, uint64_t size,
                          struct lunq_error *err);
void pci_unmap(struct lunq_device *d, volatile uint8_t *ptr, uint64_t size);
int pci_read(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
             struct lunq_error *err);
int pci_write(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
              struct lunq_error *err);
int pci_bus_error(struct lunq_device *d, const void *host, struct lunq_error *err);

/* bridge.c: which addresses of a design are in which BAR, as the parameters of its PCIe bridge say. design
 * NULL: what the options say alone. LUNQ_VALUE: bar= of a BAR that is not there. */
int pci_segments_find(struct lunq_pci *p, const struct lunq_design *design, struct lunq_error *err);

/* irq.c: the device table's functions. */
unsigned pci_irq_lines(struct lunq_device *d);
int pci_irq_arm(struct lunq_device *d, unsigned line, bool on, struct lunq_error *err);
int pci_irq_take(struct lunq_device *d, unsigned line, uint64_t *count, uint64_t *when,
                 struct lunq_error *err);
int pci_irq_fd(struct lunq_device *d, unsigned line);
void pci_irqs_close(struct lunq_pci *p);

/* memory.c: the device table's functions. */
int pci_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err);
void pci_free(struct lunq_device *d, struct lunq_mem *m);
int pci_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
             struct lunq_error *err);

/* vfio.c: whether an IOMMU translates for the function, what is rounded up to, and whether its DMA sees
 * the caches. */
bool pci_vfio_translates(const struct lunq_pci *p);
uint64_t pci_vfio_granule(const struct lunq_pci *p);
bool pci_vfio_coherent(const struct lunq_pci *p);
/* n bytes at host get addresses for the function. NULL with *err. */
struct lunq_space_block *pci_vfio_map(struct lunq_pci *p, void *host, size_t n,
                                      struct lunq_error *err);
/* False: the function may still reach them. */
bool pci_vfio_unmap(struct lunq_pci *p, struct lunq_space_block *b, size_t n);

#endif
