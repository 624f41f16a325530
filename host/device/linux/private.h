/* private.h - the inside of the device `linux`, shared by its own files only (linux-boards.md).
 *
 *   linux.c   opens it; its table of functions      soc.c     which board this is
 *   map.c     register windows: UIO, then /dev/mem  ready.c   whether the logic can be accessed
 *   load.c    bitstreams; load_*.c one way each     memory.h  buffers; memory_*.c one mechanism each
 *   gpio.c    GPIO lines                            ../uio.h  interrupts
 *   clocks.c  clocks of the logic, by the kernel    here.c    whether a program takes it by itself
 */
#ifndef LUNQ_LINUX_PRIVATE_H
#define LUNQ_LINUX_PRIVATE_H

#include "../../core/device.h"
#include "../files.h"
#include "../mapping.h"
#include "../uio.h"
#include "memory.h"

/* What this machine is. */
struct lx_soc {
    enum lunq_ps ps;
    bool versal;
    char model[128];  /* "Xilinx ZCU102 Rev1.0"; "" when nobody says */
    char family[128]; /* of `compatible`: "xlnx,zynqmp" */
    uint64_t ref_hz;  /* reference clock of the processing system; 0: not said */
};

/* Asked for by ?coherent=: cached memory is never coherent, always, or as the design says. */
enum lx_coherence { LX_BY_DESIGN, LX_NOT_COHERENT, LX_COHERENT };

struct lunq_linux {
    struct lunq_device dev; /* first */
    char root[256];
    bool force;         /* leave out the checks of ready.c */
    bool region_failed; /* the last load was that of a region and failed: the rest runs on */
    bool run_asked;     /* run has been looked for */
    char run[LX_PATH];  /* the folder of locks; "": none */
    struct lx_soc soc;
    struct lunq_uio_lines lines;
    struct lunq_mapping *maps;
    struct lunq_bank bank;
    char memory_kind[16];     /* asked for by ?memory=KIND:PART; "": the first that works */
    char memory_part[64];     /* the device, node or heap of that kind; "": any */
    struct lx_memory *memory; /* the mechanism in use; NULL: not looked for yet */
    enum lx_coherence coherence;
    bool known_coherent; /* coherent.c: of this design, loaded so often */
    const struct lunq_design *known_design;
    uint64_t known_loads;
};

static inline struct lunq_linux *lx_of(struct lunq_device *d)
{
    return (struct lunq_linux *)d;
}

/* soc.c: reads root/proc/device-tree. LUNQ_DEVICE: none, or of no family LUNQ knows. */
int lx_soc_detect(struct lx_soc *soc, const char *root, struct lunq_error *err);
/* The pin of the processing system that clocks the port by which an address of the programmable logic is
 * reached; NULL: the address lies elsewhere. */
const char *lx_soc_in_pl(const struct lx_soc *soc, uint64_t addr);

/* map.c: the device table's map and unmap. */
volatile uint8_t *lx_map(struct lunq_device *d, uint64_t addr, uint64_t size,
                         struct lunq_error *err);
void lx_unmap(struct lunq_device *d, volatile uint8_t *ptr, uint64_t size);

/* load.c: the device table's program. The number of the FPGA manager to use, -1: none; the path of one of
 * its files, false: too long. */
int lx_manager(const struct lunq_linux *x);
bool lx_manager_file(const struct lunq_linux *x, int manager, const char *file, char path[LX_PATH]);
int lx_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err);

/* gpio.c: the device table's functions of that name. */
bool lx_gpio_chip(struct lunq_device *d, size_t i, struct lunq_gpio_chip *chip);
int lx_gpio_open(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err);
void lx_gpio_close(struct lunq_device *d, struct lunq_gpio_line *l);
int lx_gpio_read(struct lunq_device *d, struct lunq_gpio_line *l, bool *level,
                 struct lunq_error *err);
int lx_gpio_write(struct lunq_device *d, struct lunq_gpio_line *l, bool level,
                  struct lunq_error *err);
int lx_gpio_watch(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err);
int lx_gpio_edges(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err);

/* clocks.c: the device table's functions of that name. LUNQ_UNSUPPORTED: the kernel has no driver for it. */
int lx_clock_get(struct lunq_device *d, unsigned index, uint64_t *hz, struct lunq_error *err);
int lx_clock_set(struct lunq_device *d, unsigned index, uint64_t hz, struct lunq_error *err);

/* Not what the kernel believes without a driver: it calls clocks off that nobody asked it for, and which run
 * since the boot. */
int lx_clock_running(struct lunq_device *d, unsigned index, bool *on, struct lunq_error *err);

/* ready.c: whether an address of the logic can be accessed. LUNQ_RUNTIME: why not, and what to do. */
int lx_ready(struct lunq_linux *x, uint64_t addr, struct lunq_error *err);

#endif
