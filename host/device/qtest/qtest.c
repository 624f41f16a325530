/* qtest.c - the device: its table of functions, its memory, its interrupt line. */
#include "qtest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../ram.h"
#include "line.h"
#include "link.h"
#include "machine.h"
#include "mend.h"
#include "process.h"

struct qtest {
    struct lunq_device dev; /* first */
    struct lunq_bank bank;
    struct qt_config config;
    struct qt_process process;
    struct qt_link link;
    struct qt_mend mend;
    struct lunq_ram ram; /* our copy of the machine's; a sync moves bytes */
    struct qt_line line;
};

static struct qtest *of(struct lunq_device *d)
{
    return (struct qtest *)d;
}

/* ---- accesses ------------------------------------------------------------------------------ */

static const struct qt_window *window(struct qtest *q, uint64_t addr, uint64_t n,
                                      struct lunq_error *err)
{
    const struct qt_machine *m = q->config.machine;
    const struct qt_window *w = qt_machine_window(m, addr, n);
    char list[256];
    if (w)
        return w;
    lunq_fail(err, LUNQ_IO, "Nothing answers at 0x%" PRIx64 " (DECERR). %s has %s.", addr, m->name,
              qt_machine_list(m, list, sizeof list));
    lunq_fault(err);
    return NULL;
}

static bool mended(const struct qtest *q, uint64_t addr, unsigned width)
{
    return q->config.machine->dma && !q->config.raw && width == 4 && addr >= q->mend.base &&
           addr - q->mend.base < 0x60;
}

static char suffix(unsigned width)
{
    return width == 1 ? 'b' : width == 2 ? 'w' : width == 4 ? 'l' : 'q';
}

static int dev_read(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
                    struct lunq_error *err)
{
    struct qtest *q = of(d);
    if (!window(q, addr, width, err))
        return LUNQ_IO;
    if (mended(q, addr, width))
        return qt_mend_read(&q->mend, addr - q->mend.base, value, err);
    return qt_command(&q->link, value, err, "read%c 0x%" PRIx64 "\n", suffix(width), addr);
}

static int dev_write(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
                     struct lunq_error *err)
{
    struct qtest *q = of(d);
    if (!window(q, addr, width, err))
        return LUNQ_IO;
    if (mended(q, addr, width))
        return qt_mend_write(&q->mend, addr - q->mend.base, value, err);
    return qt_command(&q->link, NULL, err, "write%c 0x%" PRIx64 " 0x%" PRIx64 "\n", suffix(width),
                      addr, value);
}

/* ---- memory -------------------------------------------------------------------------------- */

static int dev_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err)
{
    struct qtest *q = of(d);
    struct lunq_space_block *block;
    uint64_t offset;
    int r = lunq_ram_alloc(&q->ram, m->size, &offset, &block, err);
    if (r < 0)
        return r;
    r = qt_command(&q->link, NULL, err, "memset 0x%" PRIx64 " 0x%zx 0x0\n", q->bank.base + offset,
                   m->size);
    if (r < 0) {
        lunq_ram_free(&q->ram, block);
        return r;
    }
    m->address = q->bank.base + offset;
    m->host = q->ram.host + offset;
    m->coherent = false;
    m->key = (uintptr_t)block;
    return 0;
}

static void dev_free(struct lunq_device *d, struct lunq_mem *m)
{
    lunq_ram_free(&of(d)->ram, (struct lunq_space_block *)(uintptr_t)m->key);
}

static int dev_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n,
                    enum lunq_sync dir, struct lunq_error *err)
{
    struct qt_link *l = &of(d)->link;
    if (dir == LUNQ_TO_DEVICE)
        return qt_write_memory(l, m->address + off, m->host + off, n, err);
    return qt_read_memory(l, m->address + off, m->host + off, n, err);
}

/* ---- the interrupt line -------------------------------------------------------------------- */

static int dev_irq_arm(struct lunq_device *d, unsigned gic, bool on, struct lunq_error *err)
{
    return qt_line_arm(&of(d)->line, gic, on, err);
}

static int dev_irq_take(struct lunq_device *d, unsigned gic, uint64_t *count, uint64_t *when,
                        struct lunq_error *err)
{
    return qt_line_take(&of(d)->line, gic, count, when, err);
}

static int dev_irq_level(struct lunq_device *d, unsigned gic)
{
    return qt_line_level(&of(d)->line, gic);
}

static int dev_irq_fd(struct lunq_device *d, unsigned gic)
{
    return gic == QT_LINE ? of(d)->line.ready : -1;
}

/* A pin at an interrupt controller: plays the source. */
static int dev_drive(struct lunq_device *d, const char *pin, uint64_t level, struct lunq_error *err)
{
    struct qtest *q = of(d);
    const struct lunq_design *design = d->design;
    for (size_t i = 0; design && i < design->n_pins; i++)
        if (!strcmp(design->pins[i].path, pin) && design->pins[i].controller != LUNQ_NONE)
            return qt_command(&q->link, NULL, err, "set_irq_in %s unnamed-gpio-in %u %d\n",
                              q->config.machine->intc, design->pins[i].index, level != 0);
    return lunq_fail(err, LUNQ_VALUE,
                     "Device %s: %s is no pin of the loaded design at an interrupt controller; "
                     "others can't be driven.",
                     d->name, pin);
}

/* ---- life ---------------------------------------------------------------------------------- */

/* Nothing is loaded: a design says what of the machine is used, and must be right about it. */
static int dev_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    const struct qt_machine *m = of(d)->config.machine;
    char list[256];
    for (size_t i = 0; i < p->design->n_ip; i++) {
        const struct lunq_ip *ip = &p->design->ip[i];
        if (ip->has_address && !qt_machine_window(m, ip->phys_addr, 4))
            return lunq_fail(err, LUNQ_VALUE,
                             "%s has nothing at 0x%" PRIx64 ", where the design has %s. It has %s.",
                             m->name, ip->phys_addr, ip->key,
                             qt_machine_list(m, list, sizeof list));
    }
    return 0;
}

static void dev_destroy(struct lunq_device *d)
{
    struct qtest *q = of(d);
    qt_line_close(&q->line);
    qt_process_end(&q->process);
    lunq_ram_close(&q->ram);
    free(q);
}

static const struct lunq_device_ops ops = {
    .kind = "qtest",
    .destroy = dev_destroy,
    .program = dev_program,
    .read = dev_read,
    .write = dev_write,
    .alloc = dev_alloc,
    .free = dev_free,
    .sync = dev_sync,
    .irq_arm = dev_irq_arm,
    .irq_take = dev_irq_take,
    .irq_level = dev_irq_level,
    .irq_fd = dev_irq_fd,
    .drive = dev_drive,
};

/* The stream peer of the AXI DMA is an Ethernet MAC whose frames come back: receiver and
 * transmitter on, jumbo frames, no address filter (hw/net/xilinx_axienet.c). */
static int start_ethernet(struct qtest *q, struct lunq_error *err)
{
    static const struct {
        uint32_t off, value;
    } set[] = {{0x404, 1u << 30 | 1u << 28}, {0x408, 1u << 30 | 1u << 28}, {0x708, 1u << 31}};
    uint64_t base = q->config.machine->ethernet;
    int r = 0;
    for (size_t i = 0; base && r == 0 && i < sizeof set / sizeof *set; i++)
        r = qt_command(&q->link, NULL, err, "writel 0x%" PRIx64 " 0x%" PRIx32 "\n",
                       base + set[i].off, set[i].value);
    return r;
}

/* The first command waits until QEMU has started, or tells that it has not. */
static int start(struct qtest *q, struct lunq_error *err)
{
    char said[512];
    int r = qt_process_start(&q->process, &q->config, err);
    if (r < 0)
        return r;
    q->link.fd = q->process.qtest;
    r = qt_line_open(&q->line, &q->link, err);
    if (r == 0)
        r = qt_command(&q->link, NULL, err, "irq_intercept_in %s\n", q->config.machine->cpu);
    if (r == 0)
        r = start_ethernet(q, err);
    if (r < 0 && *qt_process_said(&q->process, said, sizeof said))
        lunq_fail_in(err, "%s", said);
    return r;
}

int lunq_qtest_open(struct lunq_device **out, const char *spec, struct lunq_error *err)
{
    struct qt_config config;
    const struct qt_machine *m;
    struct qtest *q;
    int r = qt_config_parse(&config, spec, err);
    if (r < 0)
        return r;
    q = calloc(1, sizeof *q);
    if (!q)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    m = config.machine;
    q->config = config;
    q->process = (struct qt_process){.qtest = -1, .messages = -1};
    q->bank = (struct lunq_bank){.name = "RAM", .base = m->ram, .size = m->ram_mib << 20};
    lunq_device_init(&q->dev, &ops, spec);
    q->dev.banks = &q->bank;
    q->dev.n_banks = 1;
    q->link.name = q->dev.name;
    q->mend = (struct qt_mend){.link = &q->link, .base = m->dma};
    r = lunq_ram_open(&q->ram, 0, q->bank.size, true, NULL, err);
    if (r == 0)
        r = start(q, err);
    if (r < 0) {
        dev_destroy(&q->dev);
        return r;
    }
    *out = &q->dev;
    return 0;
}
