/* sim.c - the device table of the simulated device: accesses, memory, time. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "private.h"

/* Events that may fire at one moment; more means that they plan each other without end. */
#define MAX_STORM 1000000
#define MAX_LOG (64u << 20) /* recording ends there, bytes */

static const struct lunq_device_ops sim_ops;

struct lunq_sim *lunq_sim_of(struct lunq_device *d)
{
    return d && d->ops == &sim_ops ? (struct lunq_sim *)d : NULL;
}

/* ---- time ---------------------------------------------------------------------------------- */

void sim_update_direct(struct lunq_sim *s)
{
    s->dev.direct = !s->programming && !s->clock.first && !s->armed && !s->tracing && !s->counting;
}

uint64_t sim_now(struct sim_inst *i)
{
    return i->sim->clock.now;
}

void sim_plan(struct sim_inst *i, struct sim_event *e, uint64_t delay)
{
    sim_clock_plan(&i->sim->clock, e, delay);
    i->sim->dev.direct = false;
}

void sim_cancel(struct sim_inst *i, struct sim_event *e)
{
    sim_clock_cancel(&i->sim->clock, e);
    sim_update_direct(i->sim);
}

uint64_t sim_latency(struct sim_inst *i, uint64_t ns)
{
    struct lunq_sim *s = i->sim;
    const struct lunq_sim_fault *f =
        s->armed ? sim_fault_strike(s, i, "slow_bus", NULL, UINT64_MAX) : NULL;
    return sim_clock_latency(&s->clock, ns) + (f ? f->ns : 0);
}

uint64_t sim_clock_hz(const struct sim_inst *i, const char *pin)
{
    const struct lunq_port *p = lunq_module_port(i->module, pin);
    return p && p->clk_hz ? p->clk_hz : 100000000;
}

int64_t sim_param(const struct sim_inst *i, const char *name, int64_t otherwise)
{
    return lunq_module_param_int(i->module, name, otherwise);
}

void sim_report(struct sim_inst *i, const struct lunq_error *err)
{
    if (!i->sim->failure.kind)
        i->sim->failure = *err;
}

/* Gives the failure a model reported to the caller; 0 when there is none. Inside a model the
 * access that started it all is still to come back, so it waits for that one. */
static int take_failure(struct lunq_sim *s, struct lunq_error *err)
{
    int kind = s->failure.kind;
    if (!kind || s->depth > 0)
        return 0;
    if (err)
        *err = s->failure;
    s->failure.kind = 0;
    return kind;
}

/* Runs the first event due at or before `until`. False: there was none. */
static bool run_one(struct lunq_sim *s, uint64_t until)
{
    struct sim_event *e = sim_clock_next(&s->clock, until);
    if (!e)
        return false;
    s->depth++;
    e->fire(e);
    s->depth--;
    return true;
}

void sim_run_due(struct lunq_sim *s)
{
    unsigned n = 0;
    while (n < MAX_STORM && run_one(s, s->clock.now))
        n++;
    if (n == MAX_STORM && !s->failure.kind)
        lunq_fail(&s->failure, LUNQ_RUNTIME,
                  "The simulated design does not settle: %u events at %" PRIu64 " ns. A model plans "
                  "events without letting time pass.", n, s->clock.now);
    sim_update_direct(s);
}

static uint64_t dev_now(struct lunq_device *d)
{
    return ((struct lunq_sim *)d)->clock.now;
}

static int no_waiting(struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_RUNTIME, "A model can't wait: time stands still while it runs. Use "
                                        "self:after(ns, function) instead.");
}

/* Lets the device run until an event has happened, but not beyond `until`. */
static int dev_advance(struct lunq_device *d, uint64_t until, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    int r;
    if (s->depth > 0)
        return no_waiting(err);
    if (!s->clock.first && until == UINT64_MAX)
        return lunq_fail(err, LUNQ_TIMEOUT,
                         "Nothing is under way on %s: a wait without a time limit would never end.",
                         d->name);
    lunq_device_ref(d); /* a model may close its device */
    if (!run_one(s, until) && until > s->clock.now)
        s->clock.now = until;
    sim_update_direct(s);
    r = take_failure(s, err);
    lunq_device_unref(d);
    return r;
}

int lunq_sim_step(struct lunq_sim *s, struct lunq_error *err)
{
    int r, ran;
    if (s->depth > 0)
        return no_waiting(err);
    lunq_device_ref(&s->dev);
    ran = run_one(s, UINT64_MAX);
    sim_update_direct(s);
    r = take_failure(s, err);
    lunq_device_unref(&s->dev);
    return r < 0 ? r : ran;
}

void sim_trace(struct lunq_sim *s, const char *fmt, ...)
{
    char line[512];
    size_t n = (size_t)snprintf(line, sizeof line, "%" PRIu64 " ", s->clock.now);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line + n, sizeof line - n - 1, fmt, ap);
    va_end(ap);
    n = strlen(line);
    line[n++] = '\n';
    if (s->log_size + n > s->log_room) {
        size_t room = s->log_room ? 2 * s->log_room : 65536;
        char *log = room <= MAX_LOG ? realloc(s->log, room) : NULL;
        if (!log) {
            s->tracing = false; /* what is there stays */
            return;
        }
        s->log = log;
        s->log_room = room;
    }
    memcpy(s->log + s->log_size, line, n);
    s->log_size += n;
}

void lunq_sim_record(struct lunq_sim *s, bool on)
{
    s->tracing = on;
    if (on)
        s->log_size = 0;
    sim_update_direct(s);
}

const char *lunq_sim_recorded(struct lunq_sim *s, size_t *size)
{
    *size = s->log_size;
    return s->log ? s->log : "";
}

/* ---- register accesses --------------------------------------------------------------------- */

/* The plain range that answers while no design is loaded; NULL: [addr, addr+n) isn't in it. */
static uint8_t *plain_at(struct lunq_sim *s, uint64_t addr, uint64_t n)
{
    if (s->fabric.design || addr < SIM_PLAIN_BASE || addr - SIM_PLAIN_BASE >= SIM_PLAIN_SIZE ||
        SIM_PLAIN_SIZE - (addr - SIM_PLAIN_BASE) < n)
        return NULL;
    if (!s->plain) {
        void *p = mmap(NULL, SIM_PLAIN_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p == MAP_FAILED)
            return NULL;
        s->plain = p;
    }
    return s->plain + (addr - SIM_PLAIN_BASE);
}

static uint8_t *ddr_at(struct lunq_sim *s, uint64_t addr, uint64_t n)
{
    return addr < s->ram.size && s->ram.size - addr >= n ? s->ram.device + addr : NULL;
}

/* The IP closest to an address, for messages. */
static const struct sim_slot *nearest_slot(const struct lunq_sim *s, uint64_t addr)
{
    const struct sim_slot *best = NULL;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < s->fabric.n_slots; i++) {
        const struct sim_slot *slot = s->fabric.slots[i];
        uint64_t far = addr < slot->base ? slot->base - addr : addr - slot->base - (slot->size - 1);
        if (far < least) {
            least = far;
            best = slot;
        }
    }
    return best;
}

static int decode_error(struct lunq_sim *s, uint64_t addr, unsigned width, const char *verb,
                        struct lunq_error *err)
{
    const struct sim_slot *near = nearest_slot(s, addr);
    if (!near)
        return lunq_fail(err, LUNQ_IO, "Bus error (DECERR) %s %u bytes at 0x%" PRIx64
                         ": nothing answers there%s.", verb, width, addr,
                         s->fabric.design ? ", the loaded design has no addresses"
                                          : ", and no design is loaded");
    return lunq_fail(err, LUNQ_IO,
                     "Bus error (DECERR) %s %u bytes at 0x%" PRIx64 ": nothing answers there. The "
                     "nearest IP is %s at 0x%" PRIx64 " to 0x%" PRIx64 ".",
                     verb, width, addr, near->inst->path, near->base, near->base + near->size - 1);
}

static int bus_error(const struct sim_slot *slot, int resp, uint64_t addr, unsigned width,
                     const char *verb, const char *why, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_IO, "Bus error (%s) %s %u bytes at 0x%" PRIx64 " (%s + 0x%" PRIx64
                     ")%s%s.", resp == SIM_DECERR ? "DECERR" : "SLVERR", verb, width, addr,
                     slot->inst->path, addr - slot->base, *why ? ": " : "", why);
}

/* One access to a slot by the CPU. Models may close the device under us: the caller holds it. */
static int slot_access(struct lunq_sim *s, struct sim_slot *slot, uint64_t addr, unsigned width,
                       uint64_t *value, bool write, struct lunq_error *err)
{
    const char *verb = write ? "writing" : "reading";
    uint64_t off = addr - slot->base, delay = 0;
    struct lunq_error why;
    int r = SIM_OKAY;
    why.message[0] = 0;
    if (s->armed)
        r = sim_fault_access(s, slot->inst, slot->slave, off, &delay);
    s->clock.now += delay;
    if (r != SIM_OKAY)
        return bus_error(slot, r, addr, width, verb, "an injected fault", err);
    if (s->depth >= SIM_MAX_DEPTH)
        return lunq_fail(err, LUNQ_RUNTIME, "The model of %s accesses itself without end.",
                         slot->inst->path);
    s->depth++;
    if (write) {
        slot->writes++;
        r = sim_slot_write(slot, off, width, *value, &why);
    } else {
        slot->reads++;
        r = sim_slot_read(slot, off, width, value, &why);
    }
    s->depth--;
    if (s->tracing)
        sim_trace(s, "%s %s+0x%" PRIx64 " %u 0x%" PRIx64 "%s", write ? "write" : "read",
                  s->fabric.design ? slot->inst->path : "?", off, width, *value,
                  r == SIM_OKAY ? "" : " error");
    return r == SIM_OKAY ? 0 : bus_error(slot, r, addr, width, verb, why.message, err);
}

/* Every access that reaches the device comes through here. */
static int cpu_access(struct lunq_sim *s, uint64_t addr, unsigned width, uint64_t *value, bool write,
                      struct lunq_error *err)
{
    struct sim_slot *slot = s->hit;
    uint8_t *mem;
    int r = 0, failed;
    s->clock.now += SIM_ACCESS_NS;
    if (s->clock.first && s->clock.first->at <= s->clock.now && s->depth == 0)
        sim_run_due(s);
    slot = s->hit;
    if (!slot || addr - slot->base >= slot->size || s->fabric.overlap)
        slot = s->hit = sim_slot_at(s, addr);
    if (slot && slot->size - (addr - slot->base) >= width) {
        r = slot_access(s, slot, addr, width, value, write, err);
    } else if (!slot && ((mem = plain_at(s, addr, width)) || (mem = ddr_at(s, addr, width)))) {
        if (write) {
            memcpy(mem, value, width);
        } else {
            *value = 0;
            memcpy(value, mem, width);
        }
        if (s->tracing)
            sim_trace(s, "%s 0x%" PRIx64 " %u 0x%" PRIx64, write ? "write" : "read", addr, width,
                      *value);
    } else {
        r = decode_error(s, addr, width, write ? "writing" : "reading", err);
    }
    failed = take_failure(s, err);
    return failed ? failed : r;
}

static int dev_read(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
                    struct lunq_error *err)
{
    int r;
    d->refs++; /* a model may close its device */
    r = cpu_access((struct lunq_sim *)d, addr, width, value, false, err);
    lunq_device_unref(d);
    return r;
}

static int dev_write(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
                     struct lunq_error *err)
{
    int r;
    d->refs++;
    r = cpu_access((struct lunq_sim *)d, addr, width, &value, true, err);
    lunq_device_unref(d);
    return r;
}

/* Plain memory can be mapped; whatever has side effects can't. */
static volatile uint8_t *dev_map(struct lunq_device *d, uint64_t addr, uint64_t size,
                                 struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct sim_slot *slot = sim_slot_at(s, addr);
    uint8_t *mem;
    if (slot) {
        if (!slot->inst->cls->plain || slot->size - (addr - slot->base) < size || s->fabric.overlap)
            return NULL;
        mem = sim_slot_memory(slot, err);
        return mem ? mem + (addr - slot->base) : NULL;
    }
    mem = plain_at(s, addr, size);
    if (!mem)
        mem = ddr_at(s, addr, size);
    if (!mem)
        decode_error(s, addr, 4, "reaching", err);
    return mem;
}

/* ---- memory -------------------------------------------------------------------------------- */

static int dev_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct sim_block *block;
    int r = sim_ram_alloc(&s->ram, m->size, &m->address, &block, err);
    if (r < 0)
        return r;
    m->host = s->ram.host + m->address;
    m->coherent = s->config.coherent;
    m->key = (uintptr_t)block;
    return 0;
}

static void dev_free(struct lunq_device *d, struct lunq_mem *m)
{
    sim_ram_free(&((struct lunq_sim *)d)->ram, (struct sim_block *)(uintptr_t)m->key);
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

static int check_ddr(struct lunq_sim *s, uint64_t addr, size_t n, struct lunq_error *err)
{
    if (addr < s->ram.size && s->ram.size - addr >= n)
        return 0;
    return lunq_fail(err, LUNQ_INDEX, "%zu bytes at 0x%" PRIx64 " are outside the device's memory of "
                     "0x%" PRIx64 " bytes.", n, addr, s->ram.size);
}

int lunq_sim_peek(struct lunq_sim *s, uint64_t addr, void *data, size_t n, struct lunq_error *err)
{
    int r = check_ddr(s, addr, n, err);
    if (r == 0 && n > 0)
        memcpy(data, s->ram.device + addr, n);
    return r;
}

int lunq_sim_poke(struct lunq_sim *s, uint64_t addr, const void *data, size_t n,
                  struct lunq_error *err)
{
    int r = check_ddr(s, addr, n, err);
    if (r == 0 && n > 0)
        memcpy(s->ram.device + addr, data, n);
    return r;
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

static int dev_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    int r;
    if (s->depth > 0)
        return lunq_fail(err, LUNQ_RUNTIME, "A model can't load a design: it would remove itself "
                                            "while it runs.");
    s->depth++; /* models that are made now can't program either */
    s->programming = true; /* windows still point at what goes: nobody may use them directly */
    s->dev.direct = false;
    r = sim_fabric_program(s, p, err);
    s->programming = false;
    s->depth--;
    sim_update_direct(s);
    return r;
}

static void dev_destroy(struct lunq_device *d)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    s->tracing = false;
    free(s->log);
    lunq_sim_clear_faults(s);
    sim_fabric_clear(s);
    if (s->plain)
        munmap(s->plain, SIM_PLAIN_SIZE);
    sim_ram_close(&s->ram);
    free(s);
}

static const struct lunq_device_ops sim_ops = {
    .kind = "sim",
    .destroy = dev_destroy,
    .program = dev_program,
    .read = dev_read,
    .write = dev_write,
    .map = dev_map,
    .alloc = dev_alloc,
    .free = dev_free,
    .sync = dev_sync,
    .now = dev_now,
    .advance = dev_advance,
};

int lunq_sim_open(struct lunq_device **out, const char *spec, struct lunq_error *err)
{
    struct sim_config config;
    struct lunq_sim *s;
    int r = sim_config_parse(&config, spec, err);
    if (r < 0)
        return r;
    s = calloc(1, sizeof *s);
    if (!s)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    lunq_device_init(&s->dev, &sim_ops, spec);
    s->config = config;
    s->clock.random = config.seed;
    s->bank = (struct lunq_bank){"PSDDR", 0, config.ddr, config.coherent};
    s->dev.banks = &s->bank;
    s->dev.n_banks = 1;
    r = sim_ram_open(&s->ram, config.ddr, config.coherent, err);
    if (r < 0) {
        free(s);
        return r;
    }
    *out = &s->dev;
    return 0;
}
