/* device.h - the one interface every device implements: simulated, Linux board, XRT card, RTL.
 * The core and everything above it call the lunq_device_* functions; a device fills the table.
 * All of it runs on one thread, but for what run_start says. An entry that is NULL means "this
 * device has no such thing". */
#ifndef LUNQ_DEVICE_H
#define LUNQ_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../design/design.h"
#include "error.h"

struct lunq_device;
struct lunq_mmio;
struct lunq_irqs;
struct lunq_gpio_chip;
struct lunq_gpio_line;
struct lunq_timeline;
struct lunq_axis;
struct lunq_kernel;
struct lunq_run;
struct lunq_runs;

#define LUNQ_DEVICE_NAME 128 /* bytes of the string that opens a device, with its NUL */

/* A memory bank buffers can be allocated in. */
struct lunq_bank {
    const char *name; /* "PSDDR" */
    uint64_t base, size;
    bool coherent; /* device and host see the same bytes without a sync */
    unsigned row;  /* of a card: lunq_memory.row, which arguments of kernels are checked against */
};

struct lunq_device_range {
    const char *name; /* "bar0"; lives as long as the device */
    uint64_t base, size;
};

/* Processing systems whose registers LUNQ knows. */
enum lunq_ps { LUNQ_PS_NONE, LUNQ_PS_ZYNQ7000, LUNQ_PS_ZYNQMP };
#define LUNQ_PL_CLOCKS 4 /* both give the programmable logic four */

enum lunq_sync { LUNQ_TO_DEVICE, LUNQ_FROM_DEVICE };

/* Where the bytes of a buffer are: on both sides (sync moves them), only on the card (host is NULL), in
 * host memory the card reaches, or on the card with a window for other cards (xrt.md 2, flags). */
enum lunq_place { LUNQ_BOTH, LUNQ_DEVICE_ONLY, LUNQ_HOST_ONLY, LUNQ_P2P };

/* A block of memory both the host and the device can reach. See memory.h for its life. */
struct lunq_mem {
    struct lunq_device *dev;      /* NULL: plain host memory without device address */
    uint8_t *host;                /* NULL: freed, or LUNQ_DEVICE_ONLY */
    uint64_t address;             /* device (physical) address */
    size_t size;                  /* bytes; 0 after it was freed */
    size_t bank;                  /* index into the device's banks */
    bool coherent;                /* sync has nothing to do */
    bool borrowed;                /* the bytes are somebody else's */
    bool cacheable;               /* as asked for */
    enum lunq_place place;        /* where its bytes are */
    unsigned refs;                /* views and handles */
    unsigned holds;               /* transfers that may still touch it */
    bool freed;                   /* free was asked for; happens when holds is 0 */
    uint64_t key;                 /* device's own */
    struct lunq_mem *prev, *next; /* the device's list of live memory */
};

/* A bitstream as read from a .bit or .bin file; see design/bitstream.h. */
struct lunq_bitstream;
struct lunq_dt; /* design/dt.h */

/* How a bitstream is protected. */
enum lunq_secure { LUNQ_DEVICE_KEY = 1, LUNQ_USER_KEY = 2, LUNQ_AUTH_DDR = 4, LUNQ_AUTH_OCM = 8 };
#define LUNQ_KEY_DIGITS 64 /* hexadecimal, of a user key */

struct lunq_program {
    struct lunq_design *design;
    const struct lunq_bitstream *bitstream; /* NULL: metadata only (a simulated device accepts) */
    const char *region;                     /* full path of a region: partial; NULL: everything */
    /* A device-tree overlay that names the bitstream: a Linux board loads that by applying the overlay
     * under this name. NULL: none, or it names no bitstream. */
    const struct lunq_dt *overlay;
    const char *overlay_name;
    unsigned secure; /* of enum lunq_secure; 0: not protected */
    const char *key; /* LUNQ_KEY_DIGITS digits, with LUNQ_USER_KEY */
};

struct lunq_device_ops {
    const char *kind;     /* "sim" */
    bool needs_bitstream; /* program wants one; else the metadata alone make a design */
    unsigned places; /* bit p: memory can be in place p of enum lunq_place; 0: LUNQ_BOTH only */
    void (*destroy)(struct lunq_device *d);

    /* Loads a design. On failure the device says what state it is in (an error text), stays usable,
     * and sets d->lost when what was there before is gone. */
    int (*program)(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err);
    /* A design that another program has loaded becomes d->design. NULL: that is all there is to do. */
    void (*adopt)(struct lunq_device *d, struct lunq_design *design);

    /* The folder where programs leave what others have to know: locks, what is loaded. NULL: this device
     * has none, or it can't be made. */
    const char *(*run_folder)(struct lunq_device *d);

    /* One bus access of exactly `width` (1, 2, 4, 8) bytes at a naturally aligned address. */
    int (*read)(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
                struct lunq_error *err);
    int (*write)(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
                 struct lunq_error *err);
    /* n words of `width` bytes from addr on at once, where the device has bursts for it; `data` is only
     * read from in a write. 1: nothing has happened, use read and write. NULL: always that. */
    int (*block)(struct lunq_device *d, uint64_t addr, unsigned width, void *data, size_t n,
                 bool write, struct lunq_error *err);
    /* The host address where [addr, addr+size) is mapped, or NULL: use read and write. Called when
     * a window is opened and again for each window after program. *err is filled when the range
     * can't be reached at all, which is only reported at the first access. */
    volatile uint8_t *(*map)(struct lunq_device *d, uint64_t addr, uint64_t size,
                             struct lunq_error *err);
    void (*unmap)(struct lunq_device *d, volatile uint8_t *ptr, uint64_t size);
    /* An access through a mapped window failed on the bus at this host address (bus_error.h): says so in
     * *err, with the address on the bus and the likely cause. Returns LUNQ_IO. */
    int (*bus_error)(struct lunq_device *d, const void *host, struct lunq_error *err);

    /* Window i of registers the device has by itself, by name, or false: there are no more. For those
     * whose addresses no design needs to say: the BARs of a PCI function. */
    bool (*range)(struct lunq_device *d, size_t i, struct lunq_device_range *range);

    /* Memory. alloc fills host, address, coherent and key of *m (size, bank, cacheable, place are
     * set). */
    int (*alloc)(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err);
    void (*free)(struct lunq_device *d, struct lunq_mem *m);
    int (*sync)(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
                struct lunq_error *err);

    /* How many interrupt lines the device has by itself, "irq0" and on: for them no design is needed, and
     * their numbers are those of the functions below. NULL: none. */
    unsigned (*irq_lines)(struct lunq_device *d);
    /* Interrupt lines of the processor, by GIC number as a design's raw_irq. An armed line takes one
     * interrupt and disarms itself, as Linux's UIO does: a level that stays up takes another one
     * each time it is armed, an edge that came meanwhile is kept. LUNQ_VALUE: no such line.
     * take: how many it took since the last take (0: none) and when the last one came, ns. */
    int (*irq_arm)(struct lunq_device *d, unsigned gic, bool on, struct lunq_error *err);
    int (*irq_take)(struct lunq_device *d, unsigned gic, uint64_t *count, uint64_t *when,
                    struct lunq_error *err);
    /* As irq_take, but sleeps until there is something or the event loop is to look up (`read` of
     * struct lunq_watch). NULL: the loop sleeps, on irq_fd. */
    int (*irq_read)(struct lunq_device *d, unsigned gic, uint64_t *count, uint64_t *when,
                    struct lunq_error *err);
    /* For messages: whether the line is high (1), low (0), or nobody can say (-1). */
    int (*irq_level)(struct lunq_device *d, unsigned gic);
    /* A descriptor that is readable once take has something; -1 where advance does the waiting. */
    int (*irq_fd)(struct lunq_device *d, unsigned gic);
    /* For test benches: holds a pin of the design at a level from now on, whatever its source says;
     * a device whose wires nobody can reach leaves it out. LUNQ_VALUE: no such pin. */
    int (*drive)(struct lunq_device *d, const char *pin, uint64_t level, struct lunq_error *err);
    /* The level on a pin of the design or on its external port. LUNQ_VALUE: no such pin. */
    int (*wire)(struct lunq_device *d, const char *pin, uint64_t *level, struct lunq_error *err);

    /* Streams of the design a bench can have an end of; see axis.h. attach finds the stream by
     * x->port and fills in the device's part of *x; kick: x has something to send, or takes data
     * again. */
    int (*axis_attach)(struct lunq_device *d, struct lunq_axis *x, struct lunq_error *err);
    void (*axis_detach)(struct lunq_device *d, struct lunq_axis *x);
    void (*axis_kick)(struct lunq_device *d, struct lunq_axis *x);

    /* GPIO lines of the processor; see gpio.h. gpio_chip: chip i, or false: there are no more.
     * gpio_open takes l->line of l->chip from the system in direction l->out, an output low;
     * gpio_close gives it back with the level it has. gpio_watch: from now on the edges of an input
     * are counted; gpio_edges brings the counts in *l up to date (NULL: they always are). */
    bool (*gpio_chip)(struct lunq_device *d, size_t i, struct lunq_gpio_chip *chip);
    int (*gpio_open)(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err);
    void (*gpio_close)(struct lunq_device *d, struct lunq_gpio_line *l);
    int (*gpio_read)(struct lunq_device *d, struct lunq_gpio_line *l, bool *level,
                     struct lunq_error *err);
    int (*gpio_write)(struct lunq_device *d, struct lunq_gpio_line *l, bool level,
                      struct lunq_error *err);
    int (*gpio_watch)(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err);
    int (*gpio_edges)(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err);

    /* The processing system, whose registers read, write and map reach. *ref_hz is its reference
     * clock as the device tree says ("ps-clk-frequency"); 0, as it comes: nobody knows. */
    enum lunq_ps (*ps)(struct lunq_device *d, uint64_t *ref_hz);
    /* Clocks of the programmable logic where a kernel has them in its hands; hz 0: off. NULL, or
     * LUNQ_UNSUPPORTED for one clock: clocks.c uses the registers. */
    int (*clock_get)(struct lunq_device *d, unsigned index, uint64_t *hz, struct lunq_error *err);
    int (*clock_set)(struct lunq_device *d, unsigned index, uint64_t hz, struct lunq_error *err);
    /* Whether one runs, where that is known for certain. NULL, LUNQ_UNSUPPORTED: clocks.c uses the registers. */
    int (*clock_running)(struct lunq_device *d, unsigned index, bool *on, struct lunq_error *err);
    /* clocks.c has changed one, by clock_set or by registers. NULL: the device sees that by itself. */
    void (*clocks_changed)(struct lunq_device *d);

    /* Kernels of a card; see kernel.h and run.h. kernel_open: opens k->cus and keeps what it needs in
     * k->key. run_start: r's arguments are complete and its predecessors done; the device calls
     * lunq_run_ended once. Where `threads` is true that may come from a thread of its own, and
     * run_start may be called from one of the graph's, for another run than the one run_start or
     * run_abort is called for on the loop's thread at that moment; the rest comes on the loop's thread
     * alone. run_abort: NULL, or LUNQ_UNSUPPORTED: it can't; an aborted run still ends by
     * lunq_run_ended. run_look and run_watch: both NULL, or for a device that need not tell of the end
     * of a run by itself when r->asked is set in run_start (it may clear it), which at most one run
     * under way has: run_look calls lunq_run_ended when it has ended; after run_watch nobody looks any
     * more, and the device tells. run_free: r->key goes. */
    bool threads;
    int (*kernel_open)(struct lunq_device *d, struct lunq_kernel *k, struct lunq_error *err);
    void (*kernel_close)(struct lunq_device *d, struct lunq_kernel *k);
    int (*run_start)(struct lunq_device *d, struct lunq_run *r, struct lunq_error *err);
    int (*run_abort)(struct lunq_device *d, struct lunq_run *r, struct lunq_error *err);
    void (*run_look)(struct lunq_device *d, struct lunq_run *r);
    void (*run_watch)(struct lunq_device *d, struct lunq_run *r);
    void (*run_free)(struct lunq_device *d, struct lunq_run *r);

    /* Time. now: nanoseconds, monotonic. advance: let device time pass until something happens or
     * `until`; real hardware leaves both NULL and time is CLOCK_MONOTONIC. */
    uint64_t (*now)(struct lunq_device *d);
    int (*advance)(struct lunq_device *d, uint64_t until, struct lunq_error *err);
};

struct lunq_device {
    const struct lunq_device_ops *ops;
    /* the string that opens it: "sim:zynq7000?seed=7"; of a recorded device: the device's own */
    char name[LUNQ_DEVICE_NAME];
    /* True while mapped windows may be used without asking the device. A simulated device clears
     * it while anything is in flight, injected or traced, so that each access reaches it. */
    bool direct;
    bool unlocked; /* programs that use it don't lock each other out */
    bool lost;     /* the last program failed, and what was there before is gone */
    const char
        *root; /* a board with Linux: what stands before /proc, /sys, /dev, /lib; NULL: none */
    unsigned refs;
    struct lunq_bank *banks;
    size_t n_banks;
    size_t default_bank;
    struct lunq_design *design;  /* what is loaded, with a reference; NULL: nothing */
    uint64_t serial;             /* no two devices of a process ever have the same */
    uint64_t loads;              /* counts full downloads: an overlay compares it with its own */
    struct lunq_mmio *windows;   /* open register windows */
    struct lunq_mem *memory;     /* live memory */
    struct lunq_irqs *irqs;      /* open interrupt pins of the loaded design: irq.c */
    struct lunq_gpio_line *gpio; /* lines in use: gpio.c */
    struct lunq_timeline *line;  /* who waits in its time: loop.c */
    struct lunq_kernel *kernels; /* open ones: kernel.c */
    struct lunq_runs *runs;      /* the graph of its runs: run.c */
    uint64_t mem_bytes, mem_count;
    double ref_mhz;                   /* reference clock as a script says; 0: it doesn't */
    bool ref_assumed;                 /* somebody was told that nobody knows it */
    double asked_mhz[LUNQ_PL_CLOCKS]; /* what was asked of its clocks: clocks.c */
};

/* The device a program is started with. */
struct lunq_choice {
    const char *spec; /* as lunq_device_open takes it */
    char why[160];    /* "as asked for", "Xilinx ZCU102 Rev1.0", "no board here" */
    char buffer[LUNQ_DEVICE_NAME];
};
/* What is asked for, else the board this is, else the simulated device. asked: --device or LUNQ_DEVICE, NULL
 * or "" when nobody asks; it lives as long as *c. root: the folder that stands for "/", NULL or "" for that. A
 * board that can't be used is no reason to simulate one: LUNQ_PERMISSION, LUNQ_DEVICE, with spec and why as they
 * would be, and what to do. */
int lunq_device_choose(struct lunq_choice *c, const char *asked, const char *root,
                       struct lunq_error *err);

/* Opens by string: "sim", "sim:zynqmp?seed=7", "qtest", "replay:FILE", "linux", "xrt:0", "pci:65:00.0", later
 * "rtl:...". One reference. LUNQ_VALUE: the string is not understood; LUNQ_DEVICE: there is no such device. */
int lunq_device_open(struct lunq_device **out, const char *spec, struct lunq_error *err);

/* Kind number i of the devices this build has ("sim", ...), or NULL when there are no more. */
const char *lunq_device_kind(size_t i);
/* The same of kinds that this build has not, but another may. */
const char *lunq_device_kind_elsewhere(size_t i);

/* For implementations: sets up the common part. */
void lunq_device_init(struct lunq_device *d, const struct lunq_device_ops *ops, const char *name);

/* The devices a string stands for: "sim:alveo*4" for four cards, "xrt" for all there are; any other
 * string for itself. Fills names[i] for i < max; returns how many there are, at least one, or an error
 * kind: LUNQ_VALUE, LUNQ_DEVICE. */
int lunq_device_list(const char *spec, char (*names)[LUNQ_DEVICE_NAME], size_t max,
                     struct lunq_error *err);

struct lunq_device *lunq_device_ref(struct lunq_device *d);
/* The last reference closes the device. Windows and memory hold references, so it never goes
 * while one is open. NULL is allowed. */
void lunq_device_unref(struct lunq_device *d);

/* Loads a design and makes windows opened for an older design stale and maps the others again. With a
 * region only windows inside the region become stale. When it fails and the older design is gone
 * (d->lost), nothing is loaded afterwards: d->design is NULL. */
int lunq_device_program(struct lunq_device *d, const struct lunq_program *p,
                        struct lunq_error *err);
/* The same for a design that is loaded already, by another program: nothing is done to the hardware. */
void lunq_device_adopt(struct lunq_device *d, struct lunq_design *design);

uint64_t lunq_device_now(struct lunq_device *d); /* ns */

/* ---- waiting ------------------------------------------------------------------------------- */

/* A wait is a loop: check the hardware; return if done; else lunq_wait_step. On a simulated
 * device a step runs its clock to the next event, on hardware it spins briefly, then sleeps. */
struct lunq_wait {
    struct lunq_device *dev;
    uint64_t deadline; /* device time, ns; UINT64_MAX: none */
    uint64_t now;      /* the time at the last look */
    unsigned spins;
};
/* seconds: < 0 or infinite means no limit; 0 means "check once". */
void lunq_wait_begin(struct lunq_wait *w, struct lunq_device *d, double seconds);
/* 0: check again. LUNQ_TIMEOUT: time is over (after which one last check is due: the step that
 * reaches the deadline still returns 0). LUNQ_RUNTIME "interrupted": Ctrl-C. */
int lunq_wait_step(struct lunq_wait *w, struct lunq_error *err);

/* Set by the program's SIGINT handler, cleared by whoever reports it. */
extern volatile int lunq_interrupted;

#endif
