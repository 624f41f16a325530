/* vpi_plugin.c - inside a simulator with a VPI, Icarus Verilog or GHDL: lists the ports of the top module, or plays the
 * model for who started it and takes turns with it, see vpi_shared.h.
 * A turn of the model puts the inputs at the time the host says, and lasts until nothing more happens at that
 * time. Then the outputs are read. Values put at the start of the simulation would be lost (rtl.md 7).
 * Values go as texts of bits: GHDL knows no other form. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

#include <vpi_user.h>

#include "vpi_shared.h"

struct pin {
    vpiHandle net;
    uint32_t width;
    int input;
    uint8_t *value, *unknown; /* in the shared memory */
    uint8_t *sent;            /* what the input has */
    char *text;               /* room for its bits */
};

static struct pin *pins;
static size_t n_pins;
static struct lunq_vpi_shared *shared;
static pid_t host;

/* ---- pins ------------------------------------------------------------------------------------- */

static vpiHandle find_top(const char *name)
{
    vpiHandle it = vpi_iterate(vpiModule, NULL), h;
    while (it && (h = vpi_scan(it)))
        if (!strcasecmp(vpi_get_str(vpiName, h), name))
            return h;
    return NULL;
}

/* What can be driven and read as bits: no reals, arrays, integers and enumerations. */
static int is_bits(vpiHandle net)
{
    int type = vpi_get(vpiType, net), size = vpi_get(vpiSize, net);
    if (type != vpiNet && type != vpiReg && type != vpiIntegerVar)
        return 0;
    return size == 1 || (size > 1 && (type == vpiIntegerVar || vpi_get(vpiVector, net)));
}

static void list_net(vpiHandle net, const char *name, const char *direction)
{
    if (net && is_bits(net))
        printf("lunq pin: %s %d %s\n", direction, vpi_get(vpiSize, net), name);
    else
        printf("lunq left out: %s\n", name);
}

/* GHDL 2.0 has no ports, just signals: which of them are ports the entity says. */
static void list_signals(vpiHandle module)
{
    vpiHandle it = vpi_iterate(vpiNet, module), h;
    while (it && (h = vpi_scan(it))) {
        char name[1024];
        snprintf(name, sizeof name, "%s", vpi_get_str(vpiName, h));
        list_net(h, name, "signal");
    }
}

static int list_ports(vpiHandle module)
{
    vpiHandle it = vpi_iterate(vpiPort, module), h;
    int n = 0;
    for (; it && (h = vpi_scan(it)); n++) {
        const char *given = vpi_get_str(vpiName, h);
        int d = vpi_get(vpiDirection, h);
        char name[1024];
        snprintf(name, sizeof name, "%s", given ? given : "");
        list_net(*name ? vpi_handle_by_name(name, module) : NULL, name,
                 d == vpiInput    ? "in"
                 : d == vpiOutput ? "out"
                                  : "inout");
    }
    return n;
}

static void *need(void *memory)
{
    if (!memory)
        exit(3);
    return memory;
}

/* One line of names; the cells follow each other. */
static void add_pin(vpiHandle module, const char *line, uint8_t **cell)
{
    struct pin *p;
    char direction[8], name[1024];
    unsigned width;
    if (sscanf(line, "%7s %u %1023s", direction, &width, name) != 3)
        exit(3);
    pins = need(realloc(pins, (n_pins + 1) * sizeof *pins));
    p = &pins[n_pins++];
    *p = (struct pin){.net = vpi_handle_by_name(name, module), .width = width, .value = *cell};
    p->input = !strcmp(direction, "in");
    p->unknown = p->value + lunq_vpi_room(width);
    p->sent = need(calloc(1, lunq_vpi_room(width)));
    p->text = need(calloc(1, width + 1));
    *cell = p->unknown + lunq_vpi_room(width);
    if (!p->net) {
        printf("no pin %s\n", name);
        fflush(stdout);
        exit(3);
    }
}

static void find_pins(vpiHandle module)
{
    const char *at = (const char *)shared + shared->names;
    uint8_t *cell = (uint8_t *)&shared->pins;
    for (; *at; at = strchr(at, '\n') + 1)
        add_pin(module, at, &cell);
}

/* ---- values ----------------------------------------------------------------------------------- */

static void put(struct pin *p)
{
    s_vpi_value v = {.format = vpiBinStrVal, .value.str = p->text};
    for (uint32_t k = 0; k < p->width; k++)
        p->text[p->width - 1 - k] = p->value[k / 8] >> k % 8 & 1 ? '1' : '0';
    memcpy(p->sent, p->value, lunq_vpi_room(p->width));
    vpi_put_value(p->net, &v, NULL, vpiNoDelay);
}

/* Those that have changed; the first time all. Returns how many. */
static size_t put_inputs(void)
{
    static int begun;
    size_t n = 0;
    for (size_t i = 0; i < n_pins; i++) {
        struct pin *p = &pins[i];
        if (p->input && (!begun || memcmp(p->sent, p->value, lunq_vpi_room(p->width)))) {
            put(p);
            n++;
        }
    }
    begun = 1;
    return n;
}

/* An unknown bit (X, Z, and VHDL's U, W and -) reads as 0. */
static void get_output(struct pin *p)
{
    s_vpi_value v = {.format = vpiBinStrVal};
    size_t room = lunq_vpi_room(p->width), n;
    vpi_get_value(p->net, &v);
    if (!v.value.str)
        return;
    n = strlen(v.value.str);
    memset(p->value, 0, room);
    memset(p->unknown, 0, room);
    for (uint32_t k = 0; k < p->width && k < n; k++) {
        char c = v.value.str[n - 1 - k];
        uint8_t bit = (uint8_t)(1u << k % 8);
        if (c == '1' || c == 'H')
            p->value[k / 8] |= bit;
        else if (c != '0' && c != 'L')
            p->unknown[k / 8] |= bit;
    }
}

/* ---- turns ------------------------------------------------------------------------------------ */

static uint64_t per_ps = 1; /* units of the simulator's time; its precision is 1 ps or finer */

static PLI_INT32 settled(p_cb_data d);
static PLI_INT32 nothing(p_cb_data d);

static void call_later(PLI_INT32 reason, PLI_INT32 (*f)(p_cb_data), uint64_t delay)
{
    s_vpi_time t = {
        .type = vpiSimTime, .high = (PLI_UINT32)(delay >> 32), .low = (PLI_UINT32)delay};
    s_cb_data c = {.reason = reason, .cb_rtn = f, .time = &t};
    vpi_register_cb(&c);
}

/* GHDL looks for this when a callback after a delay was due. */
static void finish(void)
{
    vpi_control(vpiFinish, 0);
    call_later(cbAfterDelay, nothing, 1);
}

static PLI_INT32 nothing(p_cb_data d)
{
    (void)d;
    return 0;
}

static PLI_INT32 begin(p_cb_data d)
{
    (void)d;
    put_inputs();
    call_later(cbReadWriteSynch, settled, 0);
    return 0;
}

static uint64_t now(void)
{
    s_vpi_time t = {.type = vpiSimTime};
    vpi_get_time(NULL, &t);
    return (uint64_t)t.high << 32 | t.low;
}

static void give_turn(void)
{
    fflush(stdout);
    lunq_vpi_give(shared, LUNQ_VPI_HOST);
    while (!lunq_vpi_wait(shared, LUNQ_VPI_MODEL))
        if (getppid() != host)
            exit(3);
    lseek(STDOUT_FILENO, 0, SEEK_SET); /* the host has read what was printed */
}

/* Nothing more happens at this time: the host's turn, then the next one of the model. Where nothing changes at the same
 * time, GHDL would call back at the end of all times only. */
static PLI_INT32 settled(p_cb_data d)
{
    (void)d;
    for (size_t i = 0; i < n_pins; i++)
        if (!pins[i].input)
            get_output(&pins[i]);
    for (;;) {
        give_turn();
        if (shared->quit) {
            finish();
            return 0;
        }
        if (shared->ps * per_ps > now()) {
            call_later(cbAfterDelay, begin, shared->ps * per_ps - now());
            return 0;
        }
        if (put_inputs()) {
            call_later(cbReadWriteSynch, settled, 0);
            return 0;
        }
    }
}

static PLI_INT32 over(p_cb_data d)
{
    (void)d;
    fflush(stdout);
    shared->over = 1;
    lunq_vpi_give(shared, LUNQ_VPI_HOST);
    return 0;
}

static void share(int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    shared = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (size < (off_t)sizeof *shared || shared == MAP_FAILED)
        exit(3);
}

static PLI_INT32 start(p_cb_data d)
{
    const char *top = getenv("LUNQ_VPI_TOP"), *fd = getenv("LUNQ_VPI_SHARED");
    (void)d;
    if (top && !fd) {
        if (!list_ports(find_top(top)))
            list_signals(find_top(top));
        fflush(stdout);
        finish();
    }
    if (!top || !fd)
        return 0;
    share(atoi(fd));
    host = getppid();
    find_pins(find_top(top));
    for (int p = vpi_get(vpiTimePrecision, NULL); p < -12; p++)
        per_ps *= 10;
    vpi_register_cb(&(s_cb_data){.reason = cbEndOfSimulation, .cb_rtn = over});
    call_later(cbReadWriteSynch, settled, 0);
    return 0;
}

static void enrol(void)
{
    s_cb_data c = {.reason = cbStartOfSimulation, .cb_rtn = start};
    vpi_register_cb(&c);
}

void (*vlog_startup_routines[])(void) = {enrol, NULL};
