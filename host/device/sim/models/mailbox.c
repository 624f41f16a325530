/* mailbox.c - Mailbox 2.1: two FIFOs of words between two processors, an AXI port for each.
 * Registers: registers.md section 17 (embeddedsw). A port that says S1 in its name is the second side;
 * when the design's metadata has none for this master, a peer (peer.h) stands on it: it takes words as
 * fast as they come, unless it refuses them (answers 0): then it is asked again. Without a peer they
 * wait.
 * Send threshold (embeddedsw xmbox_hw.h): STA while at most SIT words wait; receive threshold: RTA while more than RIT do. */
#include <stdlib.h>
#include <string.h>

#include "../model.h"

enum {
    WRDATA = 0x00,
    RDDATA = 0x08,
    STATUS = 0x10,
    ERROR = 0x14,
    SIT = 0x18,
    RIT = 0x1c,
    IS = 0x20,
    IE = 0x24,
    IP = 0x28,
    CTRL = 0x2c
};
enum { EMPTY = 1, FULL = 2, STA = 4, RTA = 8 };
enum { STI = 1, RTI = 2, ERR = 4 };

#define MAX_DEPTH 8192
#define PASS_NS 100     /* a word to a peer */
#define AGAIN_NS 100000 /* and the next try when it does not take it */

struct side {
    uint32_t *words; /* that wait to be read on this side */
    unsigned first, n;
    uint32_t error, sit, rit, is, ie;
    bool sta, rta;
};

struct mailbox {
    struct sim_inst *inst;
    unsigned depth;
    struct side side[2];
    struct sim_event pass;
};

static unsigned side_of(const struct sim_slot *slot)
{
    return slot->slave && strstr(slot->slave, "S1") ? 1 : 0;
}

/* Thresholds interrupt when they are reached, not while they are (TBV: drivers look after they have
 * enabled an interrupt, and so don't care). */
static void update(struct mailbox *m)
{
    static const char *const pins[] = {"Interrupt_0", "Interrupt_1"};
    for (unsigned k = 0; k < 2; k++) {
        struct side *s = &m->side[k], *other = &m->side[!k];
        bool sta = other->n <= s->sit, rta = s->n > s->rit;
        s->is |= (sta && !s->sta ? STI : 0) | (rta && !s->rta ? RTI : 0);
        s->sta = sta;
        s->rta = rta;
        sim_wire_set(m->inst, pins[k], (s->is & s->ie) != 0);
    }
}

static bool put(struct mailbox *m, unsigned to, uint32_t word)
{
    struct side *s = &m->side[to];
    if (s->n == m->depth)
        return false;
    s->words[(s->first + s->n++) % m->depth] = word;
    return true;
}

static uint32_t take(struct mailbox *m, unsigned from)
{
    struct side *s = &m->side[from];
    uint32_t word = s->words[s->first];
    s->first = (s->first + 1) % m->depth;
    s->n--;
    return word;
}

/* ---- the peer ------------------------------------------------------------------------------ */

static void expect(struct mailbox *m)
{
    if (m->side[1].n > 0 && !m->pass.due.in && sim_peer_next(m->inst, NULL))
        sim_plan(m->inst, &m->pass, sim_latency(m->inst, PASS_NS));
}

static void pass(struct sim_event *e)
{
    struct mailbox *m = (struct mailbox *)((char *)e - offsetof(struct mailbox, pass));
    struct sim_peer *p = sim_peer_next(m->inst, NULL);
    if (!p || m->side[1].n == 0)
        return;
    if (sim_fault(m->inst, "stall", NULL) ||
        p->call(p, m->inst, SIM_PEER_RECEIVE, m->side[1].words[m->side[1].first], 0) == 0) {
        sim_plan(m->inst, e, AGAIN_NS);
        return;
    }
    if (m->side[1].n > 0)
        take(m, 1);
    update(m);
    expect(m);
}

static int mailbox_feed(struct sim_inst *i, const uint8_t *data, size_t n, struct lunq_error *err)
{
    struct mailbox *m = i->state;
    if (n % 4)
        return lunq_fail(err, LUNQ_VALUE, "A mailbox takes words of 4 bytes, not %zu bytes.", n);
    if (n / 4 > m->depth - m->side[0].n)
        return lunq_fail(err, LUNQ_MEMORY, "%s: %zu words don't fit, there is room for %u.",
                         i->path, n / 4, m->depth - m->side[0].n);
    for (size_t k = 0; k < n; k += 4) {
        uint32_t word;
        memcpy(&word, data + k, 4);
        put(m, 0, word);
    }
    update(m);
    return 0;
}

/* ---- registers ----------------------------------------------------------------------------- */

static uint32_t status(struct mailbox *m, unsigned k)
{
    const struct side *s = &m->side[k];
    bool full = m->side[!k].n == m->depth || sim_fault(m->inst, "fifo_full", NULL);
    bool empty = s->n == 0 || sim_fault(m->inst, "fifo_empty", NULL);
    return (empty ? EMPTY : 0) | (full ? FULL : 0) | (s->sta ? STA : 0) | (s->rta ? RTA : 0);
}

static int mailbox_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                        uint64_t *value, struct lunq_error *err)
{
    struct mailbox *m = i->state;
    unsigned k = side_of(slot);
    struct side *s = &m->side[k];
    (void)width, (void)err;
    *value = 0;
    expect(m);
    switch (off & 0x3f) {
    case RDDATA:
        if (s->n > 0) {
            *value = take(m, k);
        } else {
            s->error |= EMPTY;
            s->is |= ERR;
        }
        break;
    case STATUS: *value = status(m, k); break;
    case ERROR:
        *value = s->error;
        s->error = 0;
        break;
    case SIT: *value = s->sit; break;
    case RIT: *value = s->rit; break;
    case IS: *value = s->is; break;
    case IE: *value = s->ie; break;
    case IP: *value = s->is & s->ie; break;
    default: break;
    }
    update(m);
    return SIM_OKAY;
}

static void control(struct mailbox *m, unsigned k, uint32_t v)
{
    if (v & 1)
        m->side[!k].n = 0;
    if (v & 2)
        m->side[k].n = 0;
}

static int mailbox_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                         uint64_t value, struct lunq_error *err)
{
    struct mailbox *m = i->state;
    unsigned k = side_of(slot);
    struct side *s = &m->side[k];
    uint32_t v = (uint32_t)value;
    (void)width, (void)err;
    switch (off & 0x3f) {
    case WRDATA:
        if (!put(m, !k, v)) {
            s->error |= FULL;
            s->is |= ERR;
        }
        break;
    case SIT: s->sit = v & (MAX_DEPTH - 1); break;
    case RIT: s->rit = v & (MAX_DEPTH - 1); break;
    case IS: s->is &= ~v; break;
    case IE: s->ie = v & 7; break;
    case CTRL: control(m, k, v); break;
    default: break;
    }
    update(m);
    expect(m);
    return SIM_OKAY;
}

/* ---- life ---------------------------------------------------------------------------------- */

static int mailbox_create(struct sim_inst *i, struct lunq_error *err)
{
    struct mailbox *m = i->state = calloc(1, sizeof *m);
    int64_t depth = sim_param(i, "C_MAILBOX_DEPTH", 16);
    if (!m)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    m->inst = i;
    m->pass.fire = pass;
    m->depth = depth >= 1 && depth <= MAX_DEPTH ? (unsigned)depth : 16;
    for (unsigned k = 0; k < 2; k++) {
        m->side[k].words = calloc(m->depth, sizeof *m->side[k].words);
        m->side[k].sta = true;
        if (!m->side[k].words)
            return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    return 0;
}

static void mailbox_destroy(struct sim_inst *i)
{
    struct mailbox *m = i->state;
    if (!m)
        return;
    sim_cancel(i, &m->pass);
    free(m->side[0].words);
    free(m->side[1].words);
    free(m);
}

static const char *const vlnv[] = {"xilinx.com:ip:mailbox:*", NULL};

const struct sim_class sim_mailbox = {
    .name = "mailbox",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .bus = SIM_MAILBOX,
    .create = mailbox_create,
    .destroy = mailbox_destroy,
    .read = mailbox_read,
    .write = mailbox_write,
    .feed = mailbox_feed,
};
