/* hls.c - the control port of a Vitis HLS core: ap_ctrl_hs, ap_ctrl_chain and ap_ctrl_none, with
 * its arguments and memories kept as plain words. Rules: registers.md section 15 (HWH, UG1399).
 * What the core computes is not in the metadata: a Lua model says it (compute). Without one a start
 * leads to done, and the arguments stay as they are. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../model.h"

enum { CTRL = 0x00, GIER = 0x04, IER = 0x08, ISR = 0x0c };
enum { START = 1, DONE = 2, IDLE = 4, READY = 8, CONTINUE = 16, RESTART = 128, INTERRUPT = 512 };

#define LATENCY_NS 1000 /* start to done, when nobody says better */

struct hls {
    struct sim_inst *inst;
    struct sim_slot *slot; /* the one with CTRL; NULL: ap_ctrl_none */
    bool chain;            /* done stays until AP_CONTINUE */
    bool clear_on_read;    /* IP_ISR of Vitis HLS 2022.1 */
    bool interrupt_bit;    /* CTRL has INTERRUPT */
    bool interrupts;       /* GIER, IP_IER and IP_ISR exist */
    bool turns;            /* restarting by itself (auto_restart_status of releases from 2021 on) */
    bool running, done, ready, restart;
    bool pending; /* computes, and says itself when it is done */
    bool blocked; /* ended, but the last done is still set */
    bool marks;   /* some outputs have words that say they were written */
    uint32_t gier, ier, isr;
    struct sim_event end;
};

static const struct lunq_register *find_register(const struct lunq_block *b, const char *name)
{
    for (size_t i = 0; b && i < b->n_registers; i++)
        if (!strcmp(b->registers[i].name, name))
            return &b->registers[i];
    return NULL;
}

static const struct lunq_field *find_field(const struct lunq_register *r, const char *name)
{
    for (size_t i = 0; r && i < r->n_fields; i++)
        if (!strcmp(r->fields[i].name, name))
            return &r->fields[i];
    return NULL;
}

static const struct lunq_register *control_of(const struct lunq_block *b)
{
    const struct lunq_register *r = find_register(b, "CTRL");
    return r && r->offset == CTRL && find_field(r, "AP_START") ? r : NULL;
}

static bool hls_match(const struct lunq_module *m)
{
    const char *library = m->vlnv ? strchr(m->vlnv, ':') : NULL;
    for (size_t i = 0; i < m->n_blocks; i++)
        if (control_of(&m->blocks[i]))
            return true;
    return library && !strncasecmp(library, ":hls:", 5);
}

/* ---- running ------------------------------------------------------------------------------- */

/* What was latched stays on the line when its enable is taken away (register files of Vitis HLS:
 * interrupt = int_gie && |int_isr; registers.md section 15 has ISR & IER). */
static bool interrupting(const struct hls *h)
{
    return (h->gier & 1) && h->isr;
}

static void wire(struct hls *h)
{
    sim_wire_set(h->inst, "interrupt", interrupting(h));
}

static void start_in(struct hls *h, uint64_t ns)
{
    if (h->running)
        return;
    h->running = true;
    if (sim_fault(h->inst, "no_done", NULL))
        return;
    sim_plan(h->inst, &h->end,
             sim_latency(h->inst, ns + (h->inst->latency ? h->inst->latency : LATENCY_NS)));
}

static void start(struct hls *h)
{
    start_in(h, 0);
}

/* The word behind output argument NAME: NAME_ctrl, whose bit 0 says that NAME was written. The fields
 * say so where there are any: NAME_ctrl may be an argument as well. */
static bool is_valid_word(const struct lunq_block *b, const struct lunq_register *r)
{
    size_t n = strlen(r->name);
    if (n <= 5 || strcmp(r->name + n - 5, "_ctrl"))
        return false;
    for (size_t i = 0; i < r->n_fields; i++)
        if (strstr(r->fields[i].name, "_ap_vld"))
            return true;
    for (size_t i = 0; r->n_fields == 0 && i < b->n_registers; i++) {
        const struct lunq_register *of = &b->registers[i];
        if (!strncmp(of->name, r->name, n - 5) &&
            (!of->name[n - 5] || !strcmp(of->name + n - 5, "_1")))
            return of->access && !strcmp(of->access, "read-only");
    }
    return false;
}

static void mark_outputs(struct hls *h)
{
    for (size_t s = 0; s < h->inst->n_slots; s++) {
        struct sim_slot *slot = h->inst->slots[s];
        uint8_t *mem = sim_slot_memory(slot, NULL);
        for (size_t i = 0; mem && slot->block && i < slot->block->n_registers; i++) {
            const struct lunq_register *r = &slot->block->registers[i];
            if (r->offset < slot->size && is_valid_word(slot->block, r))
                mem[r->offset] |= 1;
        }
    }
}

/* The turns of a core that restarts by itself raise interrupts, but from release 2021 on (whose CTRL
 * has INTERRUPT) only the last one sets AP_DONE and AP_READY. */
static void finished(struct hls *h)
{
    h->running = h->blocked = false;
    if (!(h->turns && h->restart))
        h->done = h->ready = true;
    h->isr |= h->ier & 3; /* latched only when enabled */
    wire(h);
    if (h->restart)
        start(h);
    else
        h->turns = false;
    if (h->inst->ended)
        h->inst->ended(h->inst);
}

static void ended(struct hls *h)
{
    h->pending = false;
    if (h->chain && h->done && !h->turns)
        h->blocked = true; /* the caller hasn't taken the last result: the core waits */
    else
        finished(h);
}

static void end(struct sim_event *e)
{
    struct hls *h = (struct hls *)((char *)e - offsetof(struct hls, end));
    if (h->marks)
        mark_outputs(h); /* first: a model may say that some were not written */
    h->pending = true;
    if (!h->inst->compute || h->inst->compute(h->inst))
        ended(h);
}

void sim_hls_done(struct sim_inst *i)
{
    struct hls *h = i->base == &sim_hls ? i->state : NULL;
    if (h && h->pending)
        ended(h);
}

/* ---- for the scheduler of a card ----------------------------------------------------------- */

void sim_hls_acknowledge(struct sim_inst *i)
{
    struct hls *h = i->state;
    h->done = h->ready = false;
}

void sim_hls_start(struct sim_inst *i, uint64_t ns)
{
    struct hls *h = i->state;
    sim_hls_acknowledge(i);
    h->restart = h->turns = false;
    start_in(h, ns);
}

void sim_hls_stop(struct sim_inst *i)
{
    struct hls *h = i->state;
    sim_cancel(i, &h->end);
    h->running = h->pending = h->blocked = h->restart = h->turns = false;
    if (i->stopped)
        i->stopped(i);
}

bool sim_hls_is_running(const struct sim_inst *i)
{
    return ((const struct hls *)i->state)->running;
}

uint8_t *sim_hls_registers(struct sim_inst *i)
{
    const struct hls *h = i->state;
    return h->slot ? sim_slot_memory(h->slot, NULL) : NULL;
}

uint64_t sim_hls_range(const struct sim_inst *i)
{
    const struct hls *h = i->state;
    return h->slot ? h->slot->size : 0;
}

/* ---- registers ----------------------------------------------------------------------------- */

static uint32_t read_control(struct hls *h)
{
    uint32_t v = (h->running ? START : IDLE) | (h->done ? DONE : 0) | (h->ready ? READY : 0) |
                 (h->restart ? RESTART : 0);
    if (h->interrupt_bit && interrupting(h))
        v |= INTERRUPT;
    h->ready = false;
    if (!h->chain)
        h->done = false;
    return v;
}

static void write_control(struct hls *h, uint32_t v)
{
    h->restart = (v & RESTART) != 0;
    h->turns |= h->restart && h->interrupt_bit;
    if (h->chain && (v & CONTINUE)) {
        h->done = false;
        if (h->blocked)
            finished(h);
    }
    if (v & START)
        start(h);
}

static bool is_control(const struct hls *h, const struct sim_slot *slot, uint64_t off)
{
    return slot == h->slot && (off == CTRL || (h->interrupts && off <= ISR));
}

static int hls_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                    uint64_t *value, struct lunq_error *err)
{
    struct hls *h = i->state;
    int r;
    if (is_control(h, slot, off)) {
        *value = off == CTRL   ? read_control(h)
                 : off == GIER ? h->gier
                 : off == IER  ? h->ier
                               : h->isr;
        if (off == ISR && h->clear_on_read) {
            h->isr = 0;
            wire(h);
        }
        return SIM_OKAY;
    }
    r = sim_plain_read(slot, off, width, value, err);
    if (r == SIM_OKAY && slot->block) { /* x_ap_vld is cleared by its read */
        for (size_t k = 0; k < slot->block->n_registers; k++) {
            const struct lunq_register *reg = &slot->block->registers[k];
            if (reg->offset == off && is_valid_word(slot->block, reg))
                slot->store->mem[off] &= 0xfe;
        }
    }
    return r;
}

static bool read_only(const struct sim_slot *slot, uint64_t off)
{
    for (size_t k = 0; slot->block && k < slot->block->n_registers; k++) {
        const struct lunq_register *r = &slot->block->registers[k];
        if (r->offset == off)
            return r->access && !strcmp(r->access, "read-only");
    }
    return false;
}

static int hls_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t value, struct lunq_error *err)
{
    struct hls *h = i->state;
    uint32_t v = (uint32_t)value;
    int r = SIM_OKAY;
    if (is_control(h, slot, off)) {
        switch (off) {
        case CTRL: write_control(h, v); break;
        case GIER: h->gier = v & 1; break;
        case IER: h->ier = v & 3; break;
        default: h->isr = h->clear_on_read ? h->isr : h->isr ^ (v & 3); /* toggle on write */
        }
        wire(h);
    } else if (!read_only(slot, off)) {
        r = sim_plain_write(slot, off, width, value, err);
        if (r == SIM_OKAY && !h->slot && i->compute)
            i->compute(i); /* ap_ctrl_none: the core always runs */
    }
    return r;
}

/* ---- life ---------------------------------------------------------------------------------- */

/* IP_ISR is cleared by a read in cores of Vitis HLS 2022.1, where the fields of the others say that
 * writes toggle (registers.md section 15). Tables have no such word: their tool decides. */
static bool clears_on_read(const struct hls *h, const struct lunq_register *isr)
{
    const struct lunq_design *d = h->inst->design;
    if (!isr)
        return false;
    if (!strcmp(d->format, "table"))
        return !strncmp(d->tool, "2022.1", 6);
    for (size_t i = 0; i < isr->n_fields; i++)
        if (isr->fields[i].write_effect && !strcmp(isr->fields[i].write_effect, "oneToToggle"))
            return false;
    return isr->n_fields > 0;
}

static void look_at_control(struct hls *h, struct sim_slot *slot)
{
    const struct lunq_register *ctrl = control_of(slot->block);
    const struct lunq_register *isr = find_register(slot->block, "IP_ISR");
    if (!ctrl)
        return;
    h->slot = slot;
    h->chain = find_field(ctrl, "AP_CONTINUE") != NULL;
    h->interrupt_bit = find_field(ctrl, "INTERRUPT") != NULL;
    h->interrupts = isr != NULL;
    h->clear_on_read = clears_on_read(h, isr);
}

static int hls_create(struct sim_inst *i, struct lunq_error *err)
{
    struct hls *h = i->state = calloc(1, sizeof *h);
    if (!h)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    h->inst = i;
    h->end.fire = end;
    for (size_t k = 0; k < i->n_slots && !h->slot; k++)
        look_at_control(h, i->slots[k]);
    for (size_t k = 0; k < i->n_slots; k++) {
        const struct lunq_block *b = i->slots[k]->block;
        for (size_t r = 0; b && r < b->n_registers; r++)
            h->marks = h->marks || is_valid_word(b, &b->registers[r]);
    }
    if (!h->slot && i->n_slots > 0 && !i->slots[0]->block) {
        h->slot = i->slots[0]; /* no metadata to say that there is none: Vitis's default */
        h->interrupts = true;
    }
    return 0;
}

static void hls_destroy(struct sim_inst *i)
{
    struct hls *h = i->state;
    if (h)
        sim_cancel(i, &h->end);
    free(h);
}

const struct sim_class sim_hls = {
    .name = "HLS core",
    .origin = "C",
    .match = hls_match,
    .words = true,
    .create = hls_create,
    .destroy = hls_destroy,
    .read = hls_read,
    .write = hls_write,
};
