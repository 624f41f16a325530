/* access.c - the CPU's accesses: which slot or memory answers, faults on the way, bus errors. */
#include <inttypes.h>
#include <string.h>

#include "private.h"

/* Does the plain range that answers while no design is loaded hold [addr, addr+n)? */
static bool is_plain(const struct lunq_sim *s, uint64_t addr, uint64_t n)
{
    return !s->fabric.design && !s->card && addr >= SIM_PLAIN_BASE &&
           addr - SIM_PLAIN_BASE < SIM_PLAIN_SIZE && SIM_PLAIN_SIZE - (addr - SIM_PLAIN_BASE) >= n;
}

/* Its bytes; NULL: [addr, addr+n) isn't in it, not in one part of it, or there is no room for it. */
static uint8_t *plain_at(struct lunq_sim *s, uint64_t addr, uint64_t n)
{
    uint64_t off = addr - SIM_PLAIN_BASE;
    uint8_t **part;
    if (!is_plain(s, addr, n) || SIM_PLAIN_PART - off % SIM_PLAIN_PART < n)
        return NULL;
    part = &s->plain[off / SIM_PLAIN_PART];
    if (!*part)
        *part = lunq_ram_reserve(SIM_PLAIN_PART);
    return *part ? *part + off % SIM_PLAIN_PART : NULL;
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
    if (is_plain(s, addr, width))
        return lunq_fail(err, LUNQ_MEMORY,
                         "No address space for the %u MiB around 0x%" PRIx64
                         " of a simulated device: close other devices.",
                         SIM_PLAIN_PART >> 20, addr);
    if (!near)
        return lunq_fail(err, LUNQ_IO,
                         "Bus error (DECERR) %s %u bytes at 0x%" PRIx64
                         ": nothing answers there%s.",
                         verb, width, addr,
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
    return lunq_fail(err, LUNQ_IO,
                     "Bus error (%s) %s %u bytes at 0x%" PRIx64 " (%s + 0x%" PRIx64 ")%s%s.",
                     resp == SIM_DECERR ? "DECERR" : "SLVERR", verb, width, addr, slot->inst->path,
                     addr - slot->base, *why ? ": " : "", why);
}

/* One access to a slot by the CPU. Models may close the device under us: the caller holds it. */
static int slot_access(struct lunq_sim *s, struct sim_slot *slot, uint64_t addr, unsigned width,
                       uint64_t *value, bool write, struct lunq_error *err)
{
    const char *verb = write ? "writing" : "reading";
    uint64_t off = addr - slot->base, delay = 0;
    struct lunq_error why;
    int r = SIM_OKAY;
    char stopped[256];
    why.message[0] = 0;
    if (s->ps.stopped && sim_ps_stopped(slot, stopped, sizeof stopped))
        return lunq_fail(err, LUNQ_IO,
                         "Bus error (no answer) %s %u bytes at 0x%" PRIx64 " (%s + 0x%" PRIx64
                         "): %s",
                         verb, width, addr, slot->inst->path, off, stopped);
    if (s->n_held && sim_is_silent(slot->inst, &why))
        return lunq_fail(err, LUNQ_IO,
                         "Bus error (no answer) %s %u bytes at 0x%" PRIx64 " (%s + 0x%" PRIx64
                         "): %s.",
                         verb, width, addr, slot->inst->path, off, why.message);
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

static struct sim_slot *find_slot(struct lunq_sim *s, uint64_t addr)
{
    if (!s->hit || addr - s->hit->base >= s->hit->size || s->fabric.overlap)
        s->hit = sim_slot_at(s, addr);
    return s->hit;
}

/* Every access that reaches the device comes through here. */
int sim_access(struct lunq_sim *s, uint64_t addr, unsigned width, uint64_t *value, bool write,
               struct lunq_error *err)
{
    struct sim_slot *slot = find_slot(s, addr);
    uint8_t *mem;
    int r = 0, failed;
    if (!slot || !slot->inst->cls->timed)
        s->clock.now += SIM_ACCESS_NS;
    if (s->clock.events.first && s->clock.events.first->at <= s->clock.now && s->depth == 0) {
        sim_run_due(s);
        slot = find_slot(s, addr);
    }
    if (slot && slot->size - (addr - slot->base) >= width) {
        r = slot_access(s, slot, addr, width, value, write, err);
    } else if (!slot && sim_ps_has(s, addr, width)) {
        r = sim_ps_access(s, addr, width, value, write, err);
    } else if (!slot &&
               ((mem = plain_at(s, addr, width)) || (mem = lunq_ram_at(&s->ram, addr, width)))) {
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
    if (s->wave)
        sim_wave_access(s, slot, addr, *value, write,
                        r == 0 ? NULL
                        : err  ? err->message
                               : "failed");
    failed = sim_take_failure(s, err);
    return failed ? failed : r;
}

/* What a recording has of a block: its words, as if they had come one by one. */
static void trace_words(struct lunq_sim *s, const struct sim_slot *slot, uint64_t off,
                        unsigned width, const uint8_t *data, size_t n, bool write, int r)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t v = 0;
        memcpy(&v, data + i * width, width);
        if (s->tracing)
            sim_trace(s, "%s %s+0x%" PRIx64 " %u 0x%" PRIx64 "%s", write ? "write" : "read",
                      slot->inst->path, off + i * width, width, v, r == SIM_OKAY ? "" : " error");
        if (s->wave)
            sim_wave_access(s, slot, slot->base + off + i * width, v, write,
                            r == SIM_OKAY ? NULL : "failed");
    }
}

int sim_access_block(struct lunq_sim *s, uint64_t addr, unsigned width, void *data, size_t n,
                     bool write, struct lunq_error *err)
{
    struct sim_slot *slot = find_slot(s, addr);
    uint64_t off = slot ? addr - slot->base : 0, bytes = (uint64_t)n * width;
    struct lunq_error why;
    int r, failed;
    if (!slot || !slot->inst->cls->block || slot->size - off < bytes || s->armed || s->ps.stopped ||
        s->depth >= SIM_MAX_DEPTH)
        return 1;
    why.message[0] = 0;
    s->depth++;
    r = sim_slot_block(slot, off, data, (size_t)bytes, write, &why);
    s->depth--;
    if (r == SIM_SINGLE)
        return 1;
    if (s->tracing || s->wave)
        trace_words(s, slot, off, width, data, n, write, r);
    if (r != SIM_OKAY)
        r = bus_error(slot, r, addr, (unsigned)bytes, write ? "writing" : "reading", why.message,
                      err);
    failed = sim_take_failure(s, err);
    return failed ? failed : r;
}

/* Plain memory can be mapped; whatever has side effects can't. */
uint8_t *sim_map(struct lunq_sim *s, uint64_t addr, uint64_t size, struct lunq_error *err)
{
    struct sim_slot *slot = sim_slot_at(s, addr);
    uint8_t *mem;
    if (slot) {
        if (!slot->inst->cls->plain || slot->size - (addr - slot->base) < size || s->fabric.overlap)
            return NULL;
        mem = sim_slot_memory(slot, err);
        return mem ? mem + (addr - slot->base) : NULL;
    }
    if (sim_ps_has(s, addr, 1))
        return NULL;
    mem = plain_at(s, addr, size);
    if (!mem)
        mem = lunq_ram_at(&s->ram, addr, size);
    if (!mem)
        decode_error(s, addr, 4, "reaching", err);
    return mem;
}
