/* vpi_plugin.c - inside vvp, Icarus Verilog's simulator: lists the ports of the top module (+lunq_list=TOP), or plays
 * the model for who started it (+lunq_top=TOP +lunq_shared=FD): takes turns with it, see vpi_shared.h.
 * A turn of the model puts the inputs at the time the host says, and lasts until nothing more happens at that
 * time. Then the outputs are read. Values put at the start of the simulation would be lost (rtl.md 7). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <vpi_user.h>

#include "vpi_shared.h"

struct port {
    vpiHandle net;
    uint32_t width;
    int direction;
    uint8_t *value, *unknown; /* in the shared memory */
    uint8_t *sent;            /* what the input has */
};

static struct port *ports;
static size_t n_ports;
static struct lunq_vpi_shared *shared;
static pid_t host;

static const char *argument(const char *name)
{
    s_vpi_vlog_info info;
    size_t n = strlen(name);
    if (vpi_get_vlog_info(&info))
        for (int i = 0; i < info.argc; i++)
            if (!strncmp(info.argv[i], name, n))
                return info.argv[i] + n;
    return NULL;
}

/* ---- ports ------------------------------------------------------------------------------------ */

static void add(vpiHandle net, int direction)
{
    struct port *list = realloc(ports, (n_ports + 1) * sizeof *list);
    if (!list)
        exit(3);
    ports = list;
    ports[n_ports++] =
        (struct port){.net = net, .width = (uint32_t)vpi_get(vpiSize, net), .direction = direction};
}

static void list_port(vpiHandle net, const char *name, int direction)
{
    const char *word = direction == vpiInput ? "in" : direction == vpiOutput ? "out" : "inout";
    if (net)
        vpi_printf("lunq pin: %s %d %s\n", word, vpi_get(vpiSize, net), name);
    else
        vpi_printf("lunq left out: %s\n", name);
}

/* Those without a net of their name (reals, arrays) can't be driven. */
static int find_ports(const char *top, int show)
{
    vpiHandle module = vpi_handle_by_name((PLI_BYTE8 *)top, NULL), it, h;
    it = module ? vpi_iterate(vpiPort, module) : NULL;
    while (it && (h = vpi_scan(it))) {
        const char *given = vpi_get_str(vpiName, h);
        int direction = vpi_get(vpiDirection, h);
        char name[1024];
        vpiHandle net;
        snprintf(name, sizeof name, "%s", given ? given : "");
        net = *name ? vpi_handle_by_name(name, module) : NULL;
        if (net && vpi_get(vpiType, net) != vpiNet && vpi_get(vpiType, net) != vpiReg &&
            vpi_get(vpiType, net) != vpiIntegerVar)
            net = NULL;
        if (show)
            list_port(net, name, direction);
        if (net)
            add(net, direction);
    }
    return module != NULL;
}

static void place(void)
{
    uint8_t *at = (uint8_t *)&shared->pins;
    for (size_t i = 0; i < n_ports; i++) {
        size_t room = lunq_vpi_room(ports[i].width);
        ports[i].value = at;
        ports[i].unknown = at + room;
        ports[i].sent = calloc(1, room);
        if (!ports[i].sent)
            exit(3);
        at += 2 * room;
    }
}

/* ---- values ----------------------------------------------------------------------------------- */

static void put(struct port *p)
{
    uint32_t words = (p->width + 31) / 32;
    s_vpi_vecval vec[words];
    s_vpi_value v = {.format = vpiVectorVal, .value.vector = vec};
    for (uint32_t k = 0; k < words; k++) {
        memcpy(&vec[k].aval, p->value + 4 * (size_t)k, 4);
        vec[k].bval = 0;
    }
    memcpy(p->sent, p->value, lunq_vpi_room(p->width));
    vpi_put_value(p->net, &v, NULL, vpiNoDelay);
}

static void put_inputs(int all)
{
    for (size_t i = 0; i < n_ports; i++) {
        struct port *p = &ports[i];
        if (p->direction == vpiInput && (all || memcmp(p->sent, p->value, lunq_vpi_room(p->width))))
            put(p);
    }
}

/* An unknown bit reads as 0. */
static void get_output(struct port *p)
{
    uint32_t words = (p->width + 31) / 32;
    s_vpi_value v = {.format = vpiVectorVal};
    vpi_get_value(p->net, &v);
    for (uint32_t k = 0; k < words; k++) {
        uint32_t b = (uint32_t)v.value.vector[k].bval, a = (uint32_t)v.value.vector[k].aval & ~b;
        uint32_t mask = k == p->width / 32 ? (1u << p->width % 32) - 1 : UINT32_MAX;
        a &= mask;
        b &= mask;
        memcpy(p->value + 4 * (size_t)k, &a, 4);
        memcpy(p->unknown + 4 * (size_t)k, &b, 4);
    }
}

/* ---- turns ------------------------------------------------------------------------------------ */

static uint64_t per_ps = 1; /* units of the simulator's time; its precision is 1 ps or finer */

static PLI_INT32 settled(p_cb_data d);

static void call_later(PLI_INT32 reason, PLI_INT32 (*f)(p_cb_data), uint64_t delay)
{
    s_vpi_time t = {
        .type = vpiSimTime, .high = (PLI_UINT32)(delay >> 32), .low = (PLI_UINT32)delay};
    s_cb_data c = {.reason = reason, .cb_rtn = f, .time = &t};
    vpi_register_cb(&c);
}

static PLI_INT32 begin(p_cb_data d)
{
    static int begun;
    (void)d;
    put_inputs(!begun);
    begun = 1;
    call_later(cbReadWriteSynch, settled, 0);
    return 0;
}

static uint64_t now(void)
{
    s_vpi_time t = {.type = vpiSimTime};
    vpi_get_time(NULL, &t);
    return (uint64_t)t.high << 32 | t.low;
}

/* Nothing more happens at this time: the host's turn, then the next one of the model. */
static PLI_INT32 settled(p_cb_data d)
{
    uint64_t at;
    (void)d;
    for (size_t i = 0; i < n_ports; i++)
        if (ports[i].direction != vpiInput)
            get_output(&ports[i]);
    vpi_flush();
    fflush(stdout);
    lunq_vpi_give(shared, LUNQ_VPI_HOST);
    while (!lunq_vpi_wait(shared, LUNQ_VPI_MODEL))
        if (getppid() != host)
            exit(3);
    if (shared->quit) {
        vpi_control(vpiFinish, 0);
        return 0;
    }
    at = shared->ps * per_ps;
    if (at > now())
        call_later(cbAfterDelay, begin, at - now());
    else
        begin(d);
    return 0;
}

static PLI_INT32 over(p_cb_data d)
{
    (void)d;
    vpi_flush();
    fflush(stdout);
    shared->over = 1;
    lunq_vpi_give(shared, LUNQ_VPI_HOST);
    return 0;
}

static PLI_INT32 start(p_cb_data d)
{
    const char *top = argument("+lunq_list="), *fd = argument("+lunq_shared=");
    size_t size = sizeof *shared;
    (void)d;
    if (top) {
        find_ports(top, 1);
        vpi_control(vpiFinish, 0);
        return 0;
    }
    if (!fd || !(top = argument("+lunq_top=")))
        return 0;
    find_ports(top, 0);
    for (size_t i = 0; i < n_ports; i++)
        size += 2 * lunq_vpi_room(ports[i].width);
    for (int p = vpi_get(vpiTimePrecision, NULL); p < -12; p++)
        per_ps *= 10;
    shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(fd), 0);
    if (shared == MAP_FAILED)
        exit(3);
    host = getppid();
    place();
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
