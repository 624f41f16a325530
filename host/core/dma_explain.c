/* dma_explain.c - what a DMA's registers mean, and the likely cause when something is wrong.
 * Bits: registers.md section 5; the causes are those people lose days with (user-wishes 1). */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dma_internal.h"
#include "flight.h"
#include "text.h"

struct bit_name {
    uint32_t mask;
    const char *name;
};

static const struct bit_name control_bits[] = {
    {CR_RS, "RS"},         {CR_RESET, "Reset"},    {1 << 3, "Keyhole"},   {CR_CYCLIC, "CyclicBD"},
    {CR_IOC, "IOC_IrqEn"}, {1 << 13, "Dly_IrqEn"}, {CR_ERR, "Err_IrqEn"}, {0, NULL}};

static const struct bit_name status_bits[] = {{SR_HALTED, "Halted"},
                                              {SR_IDLE, "Idle"},
                                              {1 << 3, "SGIncld"},
                                              {SR_INT_ERR, "DMAIntErr"},
                                              {SR_SLV_ERR, "DMASlvErr"},
                                              {SR_DEC_ERR, "DMADecErr"},
                                              {SR_SG_INT_ERR, "SGIntErr"},
                                              {SR_SG_SLV_ERR, "SGSlvErr"},
                                              {SR_SG_DEC_ERR, "SGDecErr"},
                                              {SR_IOC, "IOC_Irq"},
                                              {1 << 13, "Dly_Irq"},
                                              {1 << 14, "Err_Irq"},
                                              {0, NULL}};

static void add_bits(struct lunq_text *t, const char *reg, uint32_t value,
                     const struct bit_name *bits)
{
    const char *sep = "";
    lunq_text_add(t, "%s 0x%08" PRIx32 " (", reg, value);
    for (; bits->name; bits++)
        if (value & bits->mask) {
            lunq_text_add(t, "%s%s", sep, bits->name);
            sep = " ";
        }
    lunq_text_add(t, "%s)", *sep ? "" : "-");
}

/* ---- what the hardware says ---------------------------------------------------------------- */

struct snapshot {
    const struct dma_channel *ch;
    bool readable;
    uint32_t control, status, length;
    uint64_t current; /* descriptor, scatter-gather */
    bool has_sg;
    struct dma_sg_result sg;
};

static void read_registers(struct lunq_dma *dma, struct dma_channel *ch, struct snapshot *s)
{
    uint32_t low = 0, high = 0;
    if (!ch->present || dma_read(dma, ch, DMACR, &s->control, NULL) < 0 ||
        dma_read(dma, ch, DMASR, &s->status, NULL) < 0)
        return;
    s->readable = true;
    if (!dma->params.sg) {
        dma_read(dma, ch, LENGTH, &s->length, NULL);
        return;
    }
    if (dma_read(dma, ch, CURDESC, &low, NULL) == 0 && dma->params.addr_width > 32)
        dma_read(dma, ch, CURDESC_MSB, &high, NULL);
    s->current = (uint64_t)high << 32 | low;
    s->has_sg = ch->mem && dma_sg_result(ch, &s->sg, NULL) == 0;
}

/* What explaining reads is not what the script did. */
static void look(struct lunq_dma *dma, struct dma_channel *ch, struct snapshot *s)
{
    bool noted = lunq_flight_on;
    memset(s, 0, sizeof *s);
    s->ch = ch;
    lunq_flight_on = false;
    read_registers(dma, ch, s);
    lunq_flight_on = noted;
}

static void add_progress(struct lunq_text *t, const struct snapshot *s)
{
    const struct dma_channel *ch = s->ch;
    const char *verb = ch->dir == LUNQ_MM2S ? "sent" : "received";
    char ring[256];
    if (ch->ring) {
        dma_ring_describe(ch->ring, ring, sizeof ring);
        lunq_text_add(t, "; %s", ring);
    } else if (!ch->mem && ch->was_reset)
        lunq_text_add(t, "; a reset ended the last transfer");
    else if (!ch->mem && ch->done)
        lunq_text_add(t, "; last transfer: %" PRIu64 " of %zu bytes %s", ch->transferred, ch->n,
                      verb);
    else if (!ch->mem)
        lunq_text_add(t, "; no transfer");
    else if (s->has_sg)
        lunq_text_add(t, "; %" PRIu64 " of %zu bytes %s, %zu of %zu descriptors complete",
                      s->sg.bytes, ch->n, verb, s->sg.complete, ch->descs);
    else if (s->length != ch->n)
        lunq_text_add(t, "; %" PRIu32 " of %zu bytes %s", s->length, ch->n, verb);
    else if (s->status & SR_IDLE)
        lunq_text_add(t, "; all %zu bytes %s", ch->n, verb);
    else
        lunq_text_add(t, "; transfer of %zu bytes at 0x%" PRIx64 " %s", ch->n,
                      ch->mem->address + ch->off,
                      s->status & SR_HALTED ? "not finished" : "under way");
}

static void add_channel(struct lunq_text *t, const struct snapshot *s)
{
    lunq_text_add(t, "\n  %s ", dma_dir_name(s->ch->dir));
    if (!s->ch->present) {
        lunq_text_add(t, "is not in this design");
        return;
    }
    if (!s->readable) {
        lunq_text_add(t, "registers can't be read");
        return;
    }
    add_bits(t, "DMACR", s->control, control_bits);
    add_bits(t, " DMASR", s->status, status_bits);
    add_progress(t, s);
}

/* ---- causes -------------------------------------------------------------------------------- */

const char *dma_error_text(uint32_t sr)
{
    if (sr & SR_INT_ERR)
        return "DMA Internal Error (transfer length 0?)";
    if (sr & SR_SLV_ERR)
        return "DMA Slave Error (cannot access memory map interface)";
    if (sr & SR_DEC_ERR)
        return "DMA Decode Error (invalid address)";
    if (sr & SR_SG_INT_ERR)
        return "Scatter-Gather Internal Error (re-used completed descriptor)";
    if (sr & SR_SG_SLV_ERR)
        return "Scatter-Gather Slave Error (cannot access memory map interface)";
    if (sr & SR_SG_DEC_ERR)
        return "Scatter-Gather Decode Error (invalid descriptor address)";
    return NULL;
}

static uint64_t where(const struct dma_channel *ch)
{
    return ch->mem ? ch->mem->address + ch->off : 0;
}

static void advise_error(struct lunq_text *t, const struct lunq_dma *dma, const struct snapshot *s)
{
    const struct dma_channel *ch = s->ch;
    const char *dir = dma_dir_name(ch->dir);
    uint32_t sr = s->status;
    if ((sr & SR_INT_ERR) && ch->dir == LUNQ_S2MM && !dma->params.sg)
        lunq_text_add(
            t,
            "The packet is longer than the %zu bytes asked for: TLAST did not come in time. "
            "Receive into a larger buffer, or make the source end its packet earlier; data left in "
            "a FIFO from before a reset counts too.",
            ch->n);
    else if (sr & SR_INT_ERR)
        lunq_text_add(
            t,
            "%s was told to move 0 bytes: LENGTH or a descriptor's length is 0 after it was cut "
            "to %u bits (c_sg_length_width).",
            dir, dma->params.length_width);
    else if (sr & SR_SLV_ERR)
        lunq_text_add(t,
                      "Memory at 0x%" PRIx64
                      " answered with an error: is the port behind M_AXI_%s (HP, "
                      "HPC, ACP) enabled, clocked and allowed to reach this address?",
                      where(ch), dir);
    else if (sr & SR_DEC_ERR)
        lunq_text_add(t,
                      "Address 0x%" PRIx64
                      " is not decoded: M_AXI_%s does not see this memory; assign it "
                      "in the Address Editor of Vivado.",
                      where(ch), dir);
    else if (sr & SR_SG_INT_ERR)
        lunq_text_add(
            t,
            "The descriptor at 0x%" PRIx64 " was complete already: the ring was used again "
            "without being written anew, or stale data was fetched (M_AXI_SG not coherent).",
            s->current);
    else
        lunq_text_add(t,
                      "The descriptor at 0x%" PRIx64
                      " can't be fetched: M_AXI_SG must see the memory it "
                      "is in; assign it in the Address Editor of Vivado.",
                      s->current);
}

/* A receive that does not end. */
static void advise_receive(struct lunq_text *t, const struct snapshot *s,
                           const struct snapshot *peer)
{
    const struct dma_channel *ch = s->ch, *tx = peer->ch;
    bool sent = !tx->mem || (peer->status & SR_IDLE); /* all of it, whether waited for or not */
    if (s->has_sg && s->sg.packets)
        lunq_text_add(
            t,
            "TLAST came too early: %zu packet%s of %" PRIu64
            " bytes ended in descriptor %zu of %zu, "
            "and the others wait for more. Receive with nbytes = the length of the packet.",
            s->sg.packets, s->sg.packets > 1 ? "s" : "", s->sg.bytes, s->sg.complete, ch->descs);
    else if (!tx->present)
        lunq_text_add(
            t, "S2MM is not idle: the source has sent nothing, fewer bytes than a packet, or never "
               "sets TLAST on the last word (in HLS: the last flag of the stream).");
    else if (peer->status & SR_ERRORS)
        lunq_text_add(t, "The sender halted on an error: %s.", dma_error_text(peer->status));
    else if (!tx->mem && !tx->done)
        lunq_text_add(
            t, "S2MM is not idle and nothing was sent on MM2S: start sendchannel:transfer, or if "
               "another core is the source, it has sent nothing or never sets TLAST.");
    else if (sent && tx->order < ch->order)
        lunq_text_add(
            t,
            "Nothing was sent on MM2S since this receive was started (the %zu bytes before that "
            "came through, or their TLAST got lost on the way): start sendchannel:transfer.",
            tx->n);
    else if (sent)
        lunq_text_add(
            t,
            "MM2S has sent all of its %zu bytes, so the data or its TLAST got lost on the way: "
            "the core between the channels must set TLAST on the last word it sends (in HLS: the "
            "last flag), and must be running.",
            tx->n);
    else
        lunq_text_add(
            t,
            "Both channels wait: the core between them takes no data or gives none (not started, "
            "in reset, or waiting for more input than %zu bytes).",
            tx->n);
}

/* A send that does not end: nobody takes the data. */
static void advise_send(struct lunq_text *t, const struct snapshot *s, const struct snapshot *peer)
{
    const struct dma_channel *rx = peer->ch;
    if (!rx->present)
        lunq_text_add(
            t, "The core behind M_AXIS_MM2S takes no more data (TREADY low): is it started and out "
               "of reset?");
    else if (peer->status & SR_ERRORS)
        lunq_text_add(t, "The receiver halted on an error: %s.", dma_error_text(peer->status));
    else if (!rx->mem && rx->done && rx->transferred < s->ch->n)
        lunq_text_add(t,
                      "The receiver has ended after %" PRIu64
                      " bytes and takes no more: TLAST came early "
                      "or it asked for less; start recvchannel:transfer for the rest.",
                      rx->transferred);
    else if (!rx->mem)
        lunq_text_add(
            t, "S2MM was not started, so nobody takes the data: call recvchannel:transfer before "
               "sendchannel:wait.");
    else
        lunq_text_add(
            t, "S2MM is ready, so the core between the channels takes no data (TREADY low): is it "
               "started and out of reset?");
}

static void advise_descriptor(struct lunq_text *t, const struct snapshot *s)
{
    lunq_text_add(t, "Descriptor %zu of %zu says%s%s%s.", s->sg.bad + 1, s->ch->descs,
                  s->sg.errors & (1u << 28) ? " internal error" : "",
                  s->sg.errors & (1u << 29) ? " slave error (memory refused)" : "",
                  s->sg.errors & (1u << 30) ? " decode error (address not decoded)" : "");
}

static void advise_halted(struct lunq_text *t, const struct snapshot *s)
{
    if (s->ch->was_reset)
        lunq_text_add(t, "A reset ended the last transfer. ");
    lunq_text_add(t, "%s is halted: call start() first.", dma_dir_name(s->ch->dir));
}

/* An error of one channel clears RS of both, and only a reset sets it again (axi_dma_register.vhd,
 * error_in). */
static bool stopped_by(const struct snapshot *s, const struct snapshot *peer)
{
    return s->readable && peer->readable && (s->status & SR_HALTED) && (peer->status & SR_ERRORS);
}

/* A ring that waits for a block. */
static void advise_ring(struct lunq_text *t, const struct snapshot *s, const struct snapshot *peer)
{
    bool receives = s->ch->dir == LUNQ_S2MM;
    if (peer->readable && (peer->status & SR_ERRORS))
        lunq_text_add(t, "The other channel halted on an error: %s.", dma_error_text(peer->status));
    else if (receives)
        lunq_text_add(
            t, "The source has sent nothing, or less than a block and no TLAST to end it: is it "
               "started, and does it go on when TREADY was low for a while?");
    else
        lunq_text_add(
            t, "The core behind M_AXIS_MM2S takes no more data (TREADY low): is it started, out of "
               "reset, and does somebody take what it makes of the data?");
}

/* One sentence on channel s, in the order of what explains most. */
static void advise(struct lunq_text *t, const struct lunq_dma *dma, const struct snapshot *s,
                   const struct snapshot *peer)
{
    const struct dma_channel *ch = s->ch;
    if (!s->readable)
        return;
    if (s->status & SR_ERRORS)
        advise_error(t, dma, s);
    else if (s->has_sg && s->sg.errors)
        advise_descriptor(t, s);
    else if (stopped_by(s, peer))
        lunq_text_add(t, "%s halted on an error, and that stops the whole engine: %s.",
                      dma_dir_name(peer->ch->dir), dma_error_text(peer->status));
    else if ((s->status & SR_HALTED) && ch->mem)
        lunq_text_add(
            t, "Something else halted the channel: another program, or a reset that was not ours.");
    else if (s->status & SR_HALTED)
        advise_halted(t, s);
    else if (ch->ring)
        advise_ring(t, s, peer);
    else if (ch->orphan)
        lunq_text_add(
            t,
            "A ring was closed here while a transfer of %s kept it from being halted: when that "
            "has ended, or by reset(), it is.",
            dma_dir_name(!ch->dir));
    else if (ch->cyclic)
        lunq_text_add(t, "A cyclic transfer is under way: stop() ends it.");
    else if (ch->mem && (s->status & SR_IDLE))
        lunq_text_add(t, "The last transfer is done: wait() ends it.");
    else if (ch->mem && ch->dir == LUNQ_S2MM)
        advise_receive(t, s, peer);
    else if (ch->mem)
        advise_send(t, s, peer);
    else
        lunq_text_add(t, "%s runs a transfer that is not ours.", dma_dir_name(ch->dir));
}

static bool in_trouble(const struct snapshot *s)
{
    return s->readable && (s->status & SR_ERRORS || (s->ch->mem && !s->ch->ring));
}

/* ---- entries ------------------------------------------------------------------------------- */

const char *lunq_dma_explain(struct lunq_dma *dma, char *buf, size_t size)
{
    struct lunq_text t = {buf, size};
    struct snapshot s[2];
    if (size)
        *buf = 0;
    lunq_text_add(&t, "%s (%s)", dma->name,
                  dma->params.sg      ? "scatter-gather"
                  : dma->params.micro ? "micro"
                                      : "simple");
    for (int d = 0; d < 2; d++) {
        look(dma, &dma->ch[d], &s[d]);
        add_channel(&t, &s[d]);
    }
    for (int d = 0; d < 2; d++)
        if (in_trouble(&s[d])) {
            lunq_text_add(&t, "\n");
            advise(&t, dma, &s[d], &s[!d]);
        }
    return buf;
}

int dma_fail(struct lunq_dma *dma, struct dma_channel *ch, int kind, struct lunq_error *err,
             const char *fmt, ...)
{
    struct snapshot s[2];
    struct lunq_text t;
    va_list ap;
    int n;
    if (!err)
        return kind;
    err->kind = kind;
    err->fault = false;
    va_start(ap, fmt);
    n = vsnprintf(err->message, sizeof err->message, fmt, ap);
    va_end(ap);
    n = n < 0 ? 0 : n;
    if ((size_t)n >= sizeof err->message)
        return kind;
    t.at = err->message + n;
    t.left = sizeof err->message - (size_t)n;
    lunq_text_add(&t, ": %s %s.", dma->name, dma_dir_name(ch->dir));
    for (int d = 0; d < 2; d++) {
        look(dma, &dma->ch[d], &s[d]);
        add_channel(&t, &s[d]);
    }
    /* The device failed, not the call: what an error bit says, at the first report or later. */
    err->fault = (s[ch->dir].status & SR_ERRORS) || s[ch->dir].sg.errors;
    lunq_text_add(&t, "\n");
    advise(&t, dma, &s[ch->dir], &s[!ch->dir]);
    if ((ch->mem && !ch->ring) || (s[ch->dir].status & SR_ERRORS) ||
        stopped_by(&s[ch->dir], &s[!ch->dir]))
        lunq_text_add(&t, " reset() brings the engine back.");
    return kind;
}
