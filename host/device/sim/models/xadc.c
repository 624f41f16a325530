/* xadc.c - the AXI face of the ADC in the fabric: XADC Wizard 3.x (7 series) and System Management
 * Wizard 1.x (UltraScale). Registers: registers.md section 16 (embeddedsw xsysmon_hw.h); alarms: UG480,
 * their bits in IPISR as Linux' xilinx-xadc-core.c has them. SR of the XADC is as in xsysmon_hw.h, with
 * EOC in bit 5; that of the system management wizard has one more bit for the channel (TBV).
 * What it measures comes from a peer (lunq.peers.analog); without one, from a board in good health.
 * It converts all channels whenever somebody looks: a conversion takes a microsecond. While interrupts
 * are enabled it converts by itself too, less and less often as long as nothing new comes of it. The
 * fault "stall" stops it: results stay, and the end of conversion is not seen. */
#include <stdlib.h>
#include <string.h>

#include "../model.h"

enum {
    SRR = 0x00,
    SR = 0x04,
    AOR = 0x08,
    CONVST = 0x0c,
    ARR = 0x10,
    GIER = 0x5c,
    IPISR = 0x60,
    IPIER = 0x68
};
enum { EOC = 0x20, EOS = 0x40, RESET_KEY = 0xa };
enum {
    MAX = 0x80 / 4,
    MIN = 0x90 / 4,
    PS_MAX = 0xa0 / 4,
    PS_MIN = 0xb0 / 4,
    FLAGS = 0xfc / 4,
    CFR = 0x100 / 4,
    LIMITS = 0x140 / 4,
    USER = 0x200 / 4, /* UltraScale: VUSER0 to 3, maxima and minima */
    USER_MAX = 0x280 / 4,
    USER_MIN = 0x2a0 / 4,
    WORDS = 0x300 / 4
};
enum { TEMP = 0, VBRAM = 6, PINT = 11, FIRST_AUX = 16, CHANNELS = 32, FIRST_USER = 32, USERS = 4 };
enum { IS_EOS = 0x10, IS_EOC = 0x20, IS_ALL = 0x3ffff };

#define SEQUENCE_NS 10000 /* until all channels are converted */
#define LONGEST_NS 1000000

struct xadc {
    struct sim_inst *inst;
    struct sim_event sequence; /* planned while interrupts are enabled */
    uint64_t pause;
    bool ultra;
    uint64_t base; /* of the ADC's own registers */
    uint32_t words[WORDS];
    uint32_t aor, isr, ier, gie, convst;
    bool converted;
};

/* Which channel the n-th supply alarm watches, and its limits behind LIMITS (UG480, 50h to 5Fh). */
static const struct {
    unsigned channel, upper, lower, aor, isr;
} supplies[] = {
    {1, 1, 5, 2, 2},
    {2, 2, 6, 3, 3},
    {VBRAM, 8, 12, 4, 10},
    {PINT, 9, 13, 5, 11},
    {PINT + 1, 10, 14, 6, 12},
    {PINT + 2, 11, 15, 7, 13},
    {USER, 16, 24, 9, 14},
    {USER + 1, 17, 25, 10, 15},
    {USER + 2, 18, 26, 11, 16},
    {USER + 3, 19, 27, 12, 17},
};
enum { N_SUPPLIES = sizeof supplies / sizeof *supplies, FIRST_PS = 3, FIRST_VUSER = 6 };

static uint32_t healthy(const struct xadc *x, unsigned channel)
{
    double volts = 0;
    switch (channel) {
    case TEMP: return x->ultra ? 41000 : 40718; /* about 40 degrees */
    case 1:
    case VBRAM: volts = x->ultra ? 0.85 : 1.0; break;
    case PINT: volts = x->ultra ? 0.85 : 1.0; break;
    case 2:
    case PINT + 1: volts = 1.8; break;
    case PINT + 2: volts = 1.5; break;
    case FIRST_USER:
    case FIRST_USER + 1:
    case FIRST_USER + 2:
    case FIRST_USER + 3: volts = 1.2; break;
    case 4: volts = 1.25; break; /* VREFP */
    default: break;
    }
    return (uint32_t)(volts / 3 * 65536);
}

static uint32_t sample(struct sim_inst *i, const struct xadc *x, unsigned channel)
{
    struct sim_peer *p = sim_peer_next(i, NULL);
    int64_t v = p ? p->call(p, i, SIM_PEER_SAMPLE, channel, 0) : -1;
    uint32_t resolution = x->ultra ? 0xffc0 : 0xfff0; /* 10 and 12 bits, left-aligned */
    return (v >= 0 && v <= 0xffff ? (uint32_t)v : healthy(x, channel)) & resolution;
}

static void keep_extremes(struct xadc *x, unsigned max, unsigned min, unsigned channel)
{
    uint32_t v = x->words[channel];
    if (!x->converted || v > x->words[max])
        x->words[max] = v;
    if (!x->converted || v < x->words[min])
        x->words[min] = v;
}

/* Temperature alarms have a hysteresis: on above the upper limit, off below the lower one. */
static uint32_t hot(const struct xadc *x, unsigned upper, unsigned lower, uint32_t was)
{
    uint32_t v = x->words[TEMP];
    return v > x->words[LIMITS + upper] ? 1 : v < x->words[LIMITS + lower] ? 0 : was;
}

/* Is the alarm of a supply there in this family, and not disabled (CFR1, CFR3)? */
static bool watched(const struct xadc *x, unsigned k)
{
    if (k >= FIRST_VUSER)
        return x->ultra && !(x->words[CFR + 3] >> (k - FIRST_VUSER) & 1);
    return (k < FIRST_PS || !x->ultra) && !(x->words[CFR + 1] >> (k < 2 ? 2 + k : 6 + k) & 1);
}

static void alarms(struct xadc *x)
{
    uint32_t was = x->aor, off = x->words[CFR + 1], now, rose;
    now = (off & 1 ? 0 : hot(x, 3, 7, was & 1)) | (off & 2 ? 0 : hot(x, 0, 4, was >> 1 & 1) << 1);
    for (unsigned k = 0; k < N_SUPPLIES; k++) {
        uint32_t v = x->words[supplies[k].channel];
        if (watched(x, k) &&
            (v > x->words[LIMITS + supplies[k].upper] || v < x->words[LIMITS + supplies[k].lower]))
            now |= 1u << supplies[k].aor;
    }
    rose = now & ~was;
    x->isr |= (rose & 3) | (was & ~now & 3) << 8; /* temperatures also say that they are over */
    for (unsigned k = 0; k < N_SUPPLIES; k++)
        x->isr |= rose >> supplies[k].aor & 1 ? 1u << supplies[k].isr : 0;
    x->aor = now | (now ? 0x100 : 0);
}

static void convert(struct sim_inst *i)
{
    struct xadc *x = i->state;
    if (sim_fault(i, "stall", NULL))
        return;
    for (unsigned c = 0; c < CHANNELS; c++)
        if (c <= VBRAM || (c >= PINT && c < PINT + 3) || c >= FIRST_AUX)
            x->words[c] = sample(i, x, c);
    for (unsigned k = 0; k < USERS && x->ultra; k++) {
        x->words[USER + k] = sample(i, x, FIRST_USER + k);
        keep_extremes(x, USER_MAX + k, USER_MIN + k, USER + k);
    }
    keep_extremes(x, MAX, MIN, TEMP);
    keep_extremes(x, MAX + 1, MIN + 1, 1);
    keep_extremes(x, MAX + 2, MIN + 2, 2);
    keep_extremes(x, MAX + 3, MIN + 3, VBRAM);
    for (unsigned k = 0; k < 3; k++)
        keep_extremes(x, PS_MAX + k, PS_MIN + k, PINT + k);
    x->converted = true;
    alarms(x);
    x->isr |= IS_EOC | IS_EOS;
}

static void update(struct xadc *x)
{
    bool enabled = x->gie && x->ier;
    sim_wire_set(x->inst, "ip2intc_irpt", x->gie && (x->isr & x->ier));
    if (!enabled)
        sim_cancel(x->inst, &x->sequence);
    else if (!x->sequence.due.in)
        sim_plan(x->inst, &x->sequence, sim_latency(x->inst, x->pause = SEQUENCE_NS));
}

static void sequence_over(struct sim_event *e)
{
    struct xadc *x = (struct xadc *)((char *)e - offsetof(struct xadc, sequence));
    uint32_t before = x->isr;
    convert(x->inst);
    x->pause = x->isr != before ? SEQUENCE_NS : x->pause * 2;
    if (x->pause > LONGEST_NS)
        x->pause = LONGEST_NS;
    sim_plan(x->inst, e, sim_latency(x->inst, x->pause));
    update(x);
}

static void reset(struct sim_inst *i)
{
    struct xadc *x = i->state;
    static const uint8_t order[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 9, 13, 10, 14, 11, 15};
    memset(x->words, 0, sizeof x->words);
    x->aor = x->isr = x->ier = x->gie = 0;
    x->convst = 0x3e8 << 2;
    x->converted = false;
    for (unsigned k = 0; k < 4; k++) {
        char name[] = "C_CONFIGURATION_R0";
        name[sizeof name - 2] = (char)('0' + k);
        x->words[CFR + k] = (uint32_t)sim_param(i, name, 0) & 0xffff;
    }
    for (unsigned k = 0; k < USERS; k++)
        x->words[LIMITS + 16 + k] = 0xffff;
    for (unsigned k = 0; k < 16; k++) { /* parameters are in another order than registers */
        bool upper = order[k] < 4 || (order[k] >= 8 && order[k] < 12);
        char name[24] = "C_ALARM_LIMIT_R";
        size_t n = strlen(name);
        if (k >= 10)
            name[n++] = '1';
        name[n] = (char)('0' + k % 10);
        x->words[LIMITS + order[k]] = (uint32_t)sim_param(i, name, upper ? 0xffff : 0) & 0xffff;
    }
}

static int xadc_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t *value, struct lunq_error *err)
{
    struct xadc *x = i->state;
    (void)slot, (void)width, (void)err;
    *value = 0;
    if (off >= x->base) {
        uint64_t n = (off - x->base) / 4;
        if (n < CFR || n >= USER)
            convert(i);
        if (n == FLAGS)
            *value = (x->aor & 1) << 3 | (x->aor >> 1 & 7);
        else if (n < WORDS)
            *value = x->words[n];
        update(x);
        return SIM_OKAY;
    }
    if (off == SR || off == AOR || off == IPISR)
        convert(i);
    switch (off) {
    case SR: *value = sim_fault(i, "stall", NULL) ? 0 : (EOC | EOS) << x->ultra; break;
    case AOR: *value = x->aor; break;
    case CONVST: *value = x->convst; break;
    case GIER: *value = x->gie; break;
    case IPISR: *value = x->isr; break;
    case IPIER: *value = x->ier; break;
    default: break;
    }
    update(x);
    return SIM_OKAY;
}

static int xadc_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                      uint64_t value, struct lunq_error *err)
{
    struct xadc *x = i->state;
    uint32_t v = (uint32_t)value;
    (void)slot, (void)width, (void)err;
    if (off >= x->base) {
        uint64_t n = (off - x->base) / 4;
        if (n >= CFR && n < USER) /* results can't be written */
            x->words[n] = v & 0xffff;
        return SIM_OKAY;
    }
    switch (off) {
    case SRR:
        if (v == RESET_KEY)
            reset(i);
        break;
    case CONVST: x->convst = v & 0x3fffe; break;
    case ARR:
        if (v & 1)
            reset(i);
        break;
    case GIER: x->gie = v & 0x80000000; break;
    case IPISR: x->isr ^= v & IS_ALL; break; /* toggle on write */
    case IPIER: x->ier = v & IS_ALL; break;
    default: break;
    }
    update(x);
    return SIM_OKAY;
}

static int xadc_create(struct sim_inst *i, struct lunq_error *err)
{
    struct xadc *x = i->state = calloc(1, sizeof *x);
    if (!x)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    x->inst = i;
    x->sequence.fire = sequence_over;
    x->ultra = strstr(i->module->vlnv, "system_management") != NULL;
    x->base = x->ultra ? 0x400 : 0x200;
    reset(i);
    return 0;
}

static void xadc_destroy(struct sim_inst *i)
{
    struct xadc *x = i->state;
    if (x)
        sim_cancel(i, &x->sequence);
    free(x);
}

static const char *const vlnv[] = {"xilinx.com:ip:xadc_wiz:*",
                                   "xilinx.com:ip:system_management_wiz:*", NULL};

const struct sim_class sim_xadc = {
    .name = "xadc",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .bus = SIM_ANALOG,
    .create = xadc_create,
    .destroy = xadc_destroy,
    .read = xadc_read,
    .write = xadc_write,
};
