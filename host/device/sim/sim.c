/* sim.c - the simulated device as a device: its table of functions, its memory, its life. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../../core/clocks.h"
#include "card.h"

#define FIRST 0x100000u /* the first megabyte belongs to the boot code of a Zynq */
#define MORE "free buffers, or open the device with more: \"sim?ddr=1G\""

static const struct lunq_device_ops sim_ops, card_ops;

struct lunq_sim *lunq_sim_of(struct lunq_device *d)
{
    return d && (d->ops == &sim_ops || d->ops == &card_ops) ? (struct lunq_sim *)d : NULL;
}

/* ---- the device table: accesses and time ---------------------------------------------------- */

static uint64_t dev_now(struct lunq_device *d)
{
    return ((struct lunq_sim *)d)->clock.now;
}

static int dev_read(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
                    struct lunq_error *err)
{
    int r;
    d->refs++; /* a model may close its device */
    r = sim_access((struct lunq_sim *)d, addr, width, value, false, err);
    lunq_device_unref(d);
    return r;
}

static int dev_write(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
                     struct lunq_error *err)
{
    int r;
    d->refs++;
    r = sim_access((struct lunq_sim *)d, addr, width, &value, true, err);
    lunq_device_unref(d);
    return r;
}

static int dev_block(struct lunq_device *d, uint64_t addr, unsigned width, void *data, size_t n,
                     bool write, struct lunq_error *err)
{
    int r;
    d->refs++;
    r = sim_access_block((struct lunq_sim *)d, addr, width, data, n, write, err);
    lunq_device_unref(d);
    return r;
}

static volatile uint8_t *dev_map(struct lunq_device *d, uint64_t addr, uint64_t size,
                                 struct lunq_error *err)
{
    return sim_map((struct lunq_sim *)d, addr, size, err);
}

static int dev_advance(struct lunq_device *d, uint64_t until, struct lunq_error *err)
{
    return sim_advance((struct lunq_sim *)d, until, err);
}

static enum lunq_ps dev_ps(struct lunq_device *d, uint64_t *ref_hz)
{
    *ref_hz = 0; /* a board's device tree knows; here the metadata has to say */
    return ((struct lunq_sim *)d)->ps.kind;
}

static int dev_drive(struct lunq_device *d, const char *pin, uint64_t level, struct lunq_error *err)
{
    return lunq_sim_drive((struct lunq_sim *)d, pin, level, err);
}

static int dev_wire(struct lunq_device *d, const char *pin, uint64_t *level, struct lunq_error *err)
{
    return lunq_sim_wire((struct lunq_sim *)d, pin, level, err);
}

/* ---- memory -------------------------------------------------------------------------------- */

static int dev_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct lunq_space_block *block;
    int r = lunq_ram_alloc(&s->ram, m->size, &m->address, &block, err);
    if (r < 0)
        return r;
    m->host = s->ram.host + m->address;
    m->coherent = s->config.coherent;
    m->key = (uintptr_t)block;
    return 0;
}

static void dev_free(struct lunq_device *d, struct lunq_mem *m)
{
    lunq_ram_free(&((struct lunq_sim *)d)->ram, (struct lunq_space_block *)(uintptr_t)m->key);
}

static int dev_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n,
                    enum lunq_sync dir, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    uint8_t *device = s->ram.device + m->address + off;
    (void)err;
    if (device == m->host + off)
        return 0;
    if (dir == LUNQ_TO_DEVICE)
        memcpy(device, m->host + off, n);
    else
        memcpy(m->host + off, device, n);
    return 0;
}

/* The device's copy; NULL with *err: there is none. */
static uint8_t *memory_at(struct lunq_sim *s, uint64_t addr, size_t n, struct lunq_error *err)
{
    uint8_t *p = s->card ? sim_card_at(s, addr, n, NULL) : lunq_ram_at(&s->ram, addr, n);
    if (!p && s->card)
        lunq_fail(err, LUNQ_INDEX, "%zu bytes at 0x%" PRIx64 " are in no buffer of %s.", n, addr,
                  s->dev.name);
    else if (!p)
        lunq_fail(err, LUNQ_INDEX,
                  "%zu bytes at 0x%" PRIx64 " are outside the device's memory of 0x%" PRIx64
                  " bytes.",
                  n, addr, s->ram.size);
    return p;
}

int lunq_sim_peek(struct lunq_sim *s, uint64_t addr, void *data, size_t n, struct lunq_error *err)
{
    const uint8_t *p = memory_at(s, addr, n, err);
    if (p && data && n > 0)
        memcpy(data, p, n);
    return p ? 0 : LUNQ_INDEX;
}

int lunq_sim_poke(struct lunq_sim *s, uint64_t addr, const void *data, size_t n,
                  struct lunq_error *err)
{
    uint8_t *p = memory_at(s, addr, n, err);
    if (p && n > 0)
        memcpy(p, data, n);
    return p ? 0 : LUNQ_INDEX;
}

/* ---- instances ----------------------------------------------------------------------------- */

void lunq_sim_set_provider(struct lunq_sim *s, const struct lunq_sim_provider *p)
{
    s->provider = *p;
}

size_t lunq_sim_ips(struct lunq_sim *s)
{
    return s->fabric.n_insts;
}

void lunq_sim_ip(struct lunq_sim *s, size_t index, struct lunq_sim_ip *ip)
{
    const struct sim_inst *i = s->fabric.insts[index];
    *ip = (struct lunq_sim_ip){.path = i->path, .model = i->cls->name, .origin = i->cls->origin};
    for (size_t k = 0; k < i->n_slots; k++) {
        ip->reads += i->slots[k]->reads;
        ip->writes += i->slots[k]->writes;
    }
}

struct sim_inst *lunq_sim_inst(struct lunq_sim *s, const char *path)
{
    return sim_inst_find(s, path);
}

void lunq_sim_count(struct lunq_sim *s, bool on)
{
    s->counting = on;
    sim_update_direct(s);
}

/* ---- life ---------------------------------------------------------------------------------- */

/* A board refuses a bitstream for another part; here it runs, and a person may wonder why. */
static void check_family(const struct lunq_sim *s, const struct lunq_design *design)
{
    enum lunq_ps ps = lunq_clocks_designed_for(design);
    bool zynq = ps == LUNQ_PS_ZYNQ7000, mp = ps == LUNQ_PS_ZYNQMP;
    if ((s->config.family == SIM_ZYNQ7000 && mp) || (s->config.family == SIM_ZYNQMP && zynq))
        lunq_warn("user", "%s is a design for %s; a board of the family of %s would refuse it.",
                  design->file, zynq ? "Zynq-7000" : "Zynq UltraScale+", s->dev.name);
}

int sim_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    int r;
    if (s->depth > 0)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "A model can't load a design: it would remove itself "
                         "while it runs.");
    s->depth++;            /* models that are made now can't program either */
    s->programming = true; /* windows still point at what goes: nobody may use them directly */
    s->dev.direct = false;
    r = sim_fabric_program(s, p, err);
    s->programming = false;
    s->depth--;
    if (s->wave)
        sim_wave_program(s);
    if (s->listener)
        s->listener->changed(s->listener);
    sim_gpio_changed(s);
    sim_update_direct(s);
    return r;
}

static int board_program(struct lunq_device *d, const struct lunq_program *p,
                         struct lunq_error *err)
{
    if (p->design->card.present)
        return lunq_fail(err, LUNQ_VALUE,
                         "%s is a design for a card; %s is a board. A simulated card is --device "
                         "sim:alveo, or { device = \"sim:alveo\" }.",
                         p->design->file, d->name);
    check_family((struct lunq_sim *)d, p->design);
    return sim_program(d, p, err);
}

static void dev_destroy(struct lunq_device *d)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    s->tracing = false;
    free(s->log);
    lunq_sim_clear_faults(s);
    sim_fabric_clear(s);
    lunq_sim_detach_all(s);
    if (s->first.destroy)
        s->first.destroy(s->first.ctx);
    for (size_t i = 0; i < SIM_PLAIN_PARTS; i++)
        if (s->plain[i])
            munmap(s->plain[i], SIM_PLAIN_PART);
    lunq_ram_close(&s->ram);
    sim_card_close(s);
    free(s);
}

static const struct lunq_device_ops sim_ops = {
    .kind = "sim",
    .destroy = dev_destroy,
    .program = board_program,
    .read = dev_read,
    .write = dev_write,
    .block = dev_block,
    .map = dev_map,
    .alloc = dev_alloc,
    .free = dev_free,
    .sync = dev_sync,
    .now = dev_now,
    .advance = dev_advance,
    .irq_arm = sim_irq_arm,
    .irq_take = sim_irq_take,
    .irq_fd = sim_irq_fd,
    .irq_level = sim_irq_level,
    .gpio_chip = sim_gpio_chip,
    .gpio_open = sim_gpio_open,
    .gpio_close = sim_gpio_close,
    .gpio_read = sim_gpio_read,
    .gpio_write = sim_gpio_write,
    .gpio_watch = sim_gpio_watch,
    .axis_attach = sim_end_attach,
    .axis_detach = sim_end_detach,
    .axis_kick = sim_end_kick,
    .ps = dev_ps,
    .drive = dev_drive,
    .wire = dev_wire,
};

/* A card under XRT: what it has beside kernels and memory is in its design. */
static const struct lunq_device_ops card_ops = {
    .kind = "sim",
    .places = 1u << LUNQ_DEVICE_ONLY | 1u << LUNQ_HOST_ONLY | 1u << LUNQ_P2P,
    .destroy = dev_destroy,
    .program = sim_card_program,
    .read = dev_read,
    .write = dev_write,
    .block = dev_block,
    .map = dev_map,
    .alloc = sim_card_alloc,
    .free = sim_card_free,
    .sync = sim_card_sync,
    .now = dev_now,
    .advance = dev_advance,
    .drive = dev_drive,
    .wire = dev_wire,
    .kernel_open = sim_card_kernel_open,
    .kernel_close = sim_card_kernel_close,
    .run_start = sim_card_run_start,
    .run_abort = sim_card_run_abort,
    .run_free = sim_card_run_free,
};

static int open_memory(struct lunq_sim *s, struct lunq_error *err)
{
    const struct sim_config *c = &s->config;
    int r;
    if (c->family == SIM_ALVEO)
        return sim_card_open(s, err);
    r = c->memory[0] ? lunq_ram_share(&s->ram, c->memory, c->memory_base, sim_memory_end(c), err)
                     : lunq_ram_open(&s->ram, FIRST, c->ddr, c->coherent, MORE, err);
    s->bank = (struct lunq_bank){.name = "PSDDR",
                                 .base = s->ram.base,
                                 .size = s->ram.size - s->ram.base,
                                 .coherent = c->coherent};
    s->dev.banks = &s->bank;
    s->dev.n_banks = 1;
    return r;
}

int lunq_sim_open(struct lunq_device **out, const char *spec, struct lunq_error *err)
{
    struct sim_config config;
    struct lunq_sim *s;
    int r = sim_config_parse(&config, spec, err);
    if (r < 0)
        return r;
    if (config.cards > 0)
        return lunq_fail(err, LUNQ_VALUE,
                         "\"%s\" stands for %u cards: open one of them, sim:alveo:0 to "
                         "sim:alveo:%u.",
                         spec, config.cards, config.cards - 1);
    s = calloc(1, sizeof *s);
    if (!s)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    lunq_device_init(&s->dev, config.family == SIM_ALVEO ? &card_ops : &sim_ops, spec);
    s->config = config;
    s->clock.random = config.seed ? config.seed + config.card : 0;
    sim_ps_boot(s, NULL);
    r = open_memory(s, err);
    if (r < 0) {
        sim_card_close(s);
        free(s);
        return r;
    }
    *out = &s->dev;
    return 0;
}

/* "sim:alveo*4?seed=7" stands for sim:alveo:0?seed=7 to sim:alveo:3?seed=7. */
int lunq_sim_list(const char *spec, char (*names)[LUNQ_DEVICE_NAME], size_t max,
                  struct lunq_error *err)
{
    struct sim_config c;
    const char *options = strchr(spec, '?');
    int r = sim_config_parse(&c, spec, err);
    if (r < 0)
        return r;
    for (unsigned i = 0; i < c.cards && i < max; i++)
        if (snprintf(names[i], LUNQ_DEVICE_NAME, "sim:alveo:%u%s", i, options ? options : "") >=
            LUNQ_DEVICE_NAME)
            return lunq_fail(err, LUNQ_VALUE, "The name of a device has at most %d characters.",
                             LUNQ_DEVICE_NAME - 1);
    if (c.cards == 0 && max > 0)
        snprintf(names[0], LUNQ_DEVICE_NAME, "%s", spec);
    return c.cards ? (int)c.cards : 1;
}
