/* model.h - what a behavioural model of an IP is, and what it may ask of the simulated device.
 *
 * A class says which IP it stands for and has functions; an instance is one module of the loaded
 * design. Models in C live in models/, models in Lua come through a provider (sim.h). A model never
 * waits: it plans events. It reports its own failures (a Lua error) with sim_report and goes on;
 * what the bus would answer (SLVERR) is its return value. */
#ifndef LUNQ_SIM_MODEL_H
#define LUNQ_SIM_MODEL_H

#include "../../core/axis.h"
#include "clock.h"
#include "peer.h"
#include "sim.h"

struct sim_inst;
struct sim_link;
struct sim_end;

/* Answers of the AXI bus: the values of xRESP, so that they can be told from LUNQ_* kinds. */
enum sim_resp { SIM_OKAY = 0, SIM_SLVERR = 2, SIM_DECERR = 3 };
/* Instead of an answer: the range takes no blocks, only single accesses. */
#define SIM_SINGLE (-1)

/* Plain bytes behind an address range, shared by the slots that show the same memory. */
struct sim_store {
    uint8_t *mem;
    uint64_t size; /* as mapped: whole pages */
    unsigned refs;
};

/* One address range of an instance. */
struct sim_slot {
    uint64_t base, size;
    struct sim_inst *inst;
    const struct lunq_ip *ip;       /* NULL: only a master in the fabric sees it */
    const char *slave;              /* slave interface, or NULL */
    const struct lunq_block *block; /* registers, or NULL */
    struct sim_store *store;        /* NULL until first used */
    bool ddr;                       /* a window onto the device's memory at `base` */
    uint64_t reads, writes;
};

struct sim_class {
    const char *name;        /* "axi_dma" */
    const char *origin;      /* "C" or "Lua" */
    const char *const *vlnv; /* patterns with a final *, NULL at the end; or NULL: only by match */
    bool (*match)(const struct lunq_module *m); /* NULL, or: does it fit (when no pattern does)? */
    bool plain; /* slots are memory without side effects: they may be mapped */
    bool words; /* read and write get aligned 4-byte accesses only */
    bool timed; /* an access takes the time its read or write lets pass, and no other: RTL */
    /* Pins it has even when a design (a table) does not list them; NULL at the end, or NULL. */
    const char *const *inputs, *const *outputs;

    /* 0 or <0 with *err. Its slots are there; links come when all instances exist. */
    int (*create)(struct sim_inst *i, struct lunq_error *err);
    void (*destroy)(struct sim_inst *i); /* cancels its events; create may have failed half-way */

    /* Registers: SIM_OKAY, or SIM_SLVERR/SIM_DECERR with the reason in *err. */
    int (*read)(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                uint64_t *value, struct lunq_error *err);
    int (*write)(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                 uint64_t value, struct lunq_error *err);
    /* n bytes at once, for slaves that are memory to their bus. As read and write, or SIM_SINGLE, which
     * it may say before it has moved anything. NULL: always that. */
    int (*block)(struct sim_inst *i, struct sim_slot *slot, uint64_t off, void *data, size_t n,
                 bool write, struct lunq_error *err);

    /* Stream data arrives: how many of the n bytes are taken. `last`: TLAST comes with the last
     * byte, and counts only when all are taken. What is not taken is offered again after
     * sim_link_ready. NULL: never takes any. */
    size_t (*accept)(struct sim_inst *i, struct sim_link *l, const uint8_t *data, size_t n,
                     bool last);
    /* The slave of an outgoing link may take data again. */
    void (*resume)(struct sim_inst *i, struct sim_link *l);
    /* Some wire of the design changed its level. */
    void (*wires)(struct sim_inst *i);
    /* A clock of the design changed its frequency: for models that keep sim_clock_hz. */
    void (*clocked)(struct sim_inst *i); /* after the frequencies of sim_clock_follow */

    enum sim_bus bus; /* what its pins speak: which peers (peer.h) it can have */
    /* UART: bytes arrive at the receive pin. 0, or LUNQ_MEMORY. */
    int (*feed)(struct sim_inst *i, const uint8_t *data, size_t n, struct lunq_error *err);
};

struct sim_wire {
    const char *port;
    uint64_t raw;   /* what the model drives */
    uint64_t level; /* what arrives: a fault may swallow it */
};

/* A frequency a model keeps. */
struct sim_follow {
    const char *pin;
    uint64_t *hz;
};

struct sim_inst {
    struct lunq_sim *sim;
    struct lunq_design *design; /* with a reference */
    const struct lunq_module *module;
    const char *path;   /* in the device: inside a region the region's path stands first */
    const char *region; /* the region it was loaded into, or NULL */
    const struct sim_class *cls;
    const struct sim_class *base; /* what cls falls back on, when it is a Lua class; else cls */
    void *state;                  /* of the C model */
    void *provider, *glue;        /* of the Lua model */
    /* HLS cores: what the core computes; NULL: nothing. Runs when the latency of a start is over; the
     * core is done when it gives true, or at sim_hls_done. */
    bool (*compute)(struct sim_inst *i);
    uint64_t latency;                    /* of a start, ns; 0: the model's own */
    void (*ended)(struct sim_inst *i);   /* an HLS core is done; NULL, or who wants to know */
    void (*stopped)(struct sim_inst *i); /* it was stopped in the middle; NULL, or its model */
    struct sim_unit *unit;               /* of a card: card_units.c; NULL: it is none */
    struct sim_slot **slots;
    size_t n_slots;
    struct sim_link *in, *out; /* lists through next_in and next_out */
    struct sim_wire *wires;
    size_t n_wires;
    struct sim_follow follows[2];
    size_t n_follows;
    bool held;         /* in reset: reset.c */
    bool was_reset;    /* its state is to be made anew */
    bool broken;       /* that failed: it has none */
    bool stalled_once; /* somebody was told that this IP takes no data */
};

/* One AXI4-Stream connection; either end may be missing. */
struct sim_link {
    const char *name;
    struct sim_inst *master, *slave;
    const struct lunq_bus *master_if, *slave_if;
    uint64_t bytes, packets, in_packet;
    struct lunq_axis_side side; /* beside the data that is on its way */
    struct sim_link *next_in, *next_out;
    struct sim_end *source, *sink, *monitors; /* of a test bench: end.c */
    bool waiting;    /* the master was refused something and waits for a resume */
    bool tlast_lost; /* a fault takes the TLAST of the packet under way */
};

/* ---- events -------------------------------------------------------------------------------- */

uint64_t sim_now(struct sim_inst *i);
void sim_plan(struct sim_inst *i, struct sim_event *e, uint64_t delay);
void sim_cancel(struct sim_inst *i, struct sim_event *e);
/* A latency with the device's jitter and the slow_bus faults of this instance. */
uint64_t sim_latency(struct sim_inst *i, uint64_t ns);
/* Clock frequency of a pin of this instance in Hz, as the processing system's clocks are set; 100 MHz
 * when the design doesn't say. Right once the design is loaded: see sim_clock_follow. */
uint64_t sim_clock_hz(const struct sim_inst *i, const char *pin);
/* Sets *hz to it, now and whenever it changes. At most two for an instance. */
void sim_clock_follow(struct sim_inst *i, const char *pin, uint64_t *hz);
/* The same as a multiple of what the design says: 1 unless somebody changed the clocks. */
double sim_clock_scale(const struct sim_inst *i, const char *pin);

/* ---- failures ------------------------------------------------------------------------------ */

/* Whoever is accessing the device or waits for it gets this error. The first one wins. */
void sim_report(struct sim_inst *i, const struct lunq_error *err);
/* True when a fault of this kind strikes here and now (and counts it). */
bool sim_fault(struct sim_inst *i, const char *kind, const char *where);

/* ---- plain memory -------------------------------------------------------------------------- */

/* The bytes of a slot; NULL with *err when there is no address space for them. First use fills in
 * the reset values of the registers. */
uint8_t *sim_slot_memory(struct sim_slot *slot, struct lunq_error *err);
/* Register file behaviour, for classes that have nothing better for an offset. */
int sim_plain_read(struct sim_slot *slot, uint64_t off, unsigned width, uint64_t *value,
                   struct lunq_error *err);
int sim_plain_write(struct sim_slot *slot, uint64_t off, unsigned width, uint64_t value,
                    struct lunq_error *err);

/* An access as the class wants it: a wide one to word registers is split, as an AXI interconnect
 * does; a narrow read takes its bytes out of the word; a narrow write is refused. */
int sim_slot_read(struct sim_slot *slot, uint64_t off, unsigned width, uint64_t *value,
                  struct lunq_error *err);
int sim_slot_write(struct sim_slot *slot, uint64_t off, unsigned width, uint64_t value,
                   struct lunq_error *err);

/* A block; SIM_SINGLE: the class takes none here. */
int sim_slot_block(struct sim_slot *slot, uint64_t off, void *data, size_t n, bool write,
                   struct lunq_error *err);

/* ---- a master's view of the bus ------------------------------------------------------------ */

struct sim_window {
    uint64_t base, size;
    bool ddr;
    struct sim_slot *slot; /* NULL: nothing answers */
};

/* What one master interface reaches, from the module's own MEMORYMAP. Part of the model's state. */
struct sim_master {
    struct sim_inst *inst;
    const char *bus; /* interface name, or NULL: any */
    uint64_t built;  /* fabric version the windows were made for; 0: never */
    struct sim_window *windows;
    size_t n_windows;
};

void sim_master_init(struct sim_master *m, struct sim_inst *i, const char *bus);
void sim_master_free(struct sim_master *m);
/* SIM_OKAY, SIM_SLVERR or SIM_DECERR; *done (may be NULL) counts the bytes moved before. */
int sim_master_read(struct sim_master *m, uint64_t addr, void *data, size_t n, size_t *done);
int sim_master_write(struct sim_master *m, uint64_t addr, const void *data, size_t n, size_t *done);
/* For masters that move beat by beat: the bytes behind an address, as many as follow in *n, when they are
 * plain memory (*ddr: the device's, where buffers are) and nobody has to be told of the access; else
 * NULL. Good until another design is loaded or a fault injected. */
uint8_t *sim_master_bytes(struct sim_master *m, uint64_t addr, uint64_t *n, bool *ddr);

/* For those whose bursts go on by themselves (RTL to RTL): the slot behind an address and the offset in it, NULL
 * where no IP is. And what is kept of a burst when it is over. */
struct sim_slot *sim_master_slot(struct sim_master *m, uint64_t addr, uint64_t *off);
void sim_master_note(struct sim_master *m, uint64_t addr, size_t n, bool write, int resp);

/* ---- streams ------------------------------------------------------------------------------- */

struct sim_link *sim_link_out(struct sim_inst *i, const char *interface); /* NULL: not connected */
struct sim_link *sim_link_in(struct sim_inst *i, const char *interface);
/* Offers data; returns what was taken. Without a link everything is taken (TREADY of an unconnected
 * stream is tied high). A refused master is resumed when there is room. */
size_t sim_send(struct sim_link *l, const uint8_t *data, size_t n, bool last);
/* The same with TID, TDEST and TUSER, which are zeros else; the receiver finds them in l->side. */
size_t sim_send_side(struct sim_link *l, const uint8_t *data, size_t n, bool last,
                     const struct lunq_axis_side *side);
void sim_link_ready(struct sim_link *l); /* from the slave; NULL is allowed */
/* What accept returns when nobody knows what to do with the data: 0. Says so once. */
size_t sim_refuse(struct sim_inst *i);

/* ---- wires --------------------------------------------------------------------------------- */

void sim_wire_set(struct sim_inst *i, const char *port, uint64_t level);
/* The level on a pin of this instance, as its net drives it. */
uint64_t sim_wire_get(struct sim_inst *i, const char *port);
/* An interrupt controller's inputs, bit n for input n, as the design wires them. */
uint32_t sim_irq_inputs(struct sim_inst *i);

/* ---- parameters ---------------------------------------------------------------------------- */

int64_t sim_param(const struct sim_inst *i, const char *name, int64_t otherwise);

/* An HLS core whose compute gave false is done now; nothing happens when it is not waited for. */
void sim_hls_done(struct sim_inst *i);

/* For the scheduler of a card; i->base is &sim_hls. Starts the core in `ns`: what was done before is
 * acknowledged, and it does not start again by itself. */
void sim_hls_start(struct sim_inst *i, uint64_t ns);
void sim_hls_acknowledge(struct sim_inst *i); /* takes notice of AP_DONE */
void sim_hls_stop(struct sim_inst *i);        /* as a reset: it never ends */
bool sim_hls_is_running(const struct sim_inst *i);
/* The bytes behind its control port; NULL: no memory, or it has none. And how many there are. */
uint8_t *sim_hls_registers(struct sim_inst *i);
uint64_t sim_hls_range(const struct sim_inst *i);

/* ---- units of cards ------------------------------------------------------------------------ */

/* NULL: it is none. */
const struct lunq_cu *sim_unit_cu(const struct sim_inst *i);
/* The card's bytes of a buffer argument, from the address in its register to the end of the live buffer
 * there, *mem: *bytes. NULL with LUNQ_IO: see lunq_sim_call_buffer. */
uint8_t *sim_unit_argument(struct sim_inst *i, size_t arg, struct lunq_mem **mem, size_t *bytes,
                           struct lunq_error *err);
/* The card's n bytes at an address, as this unit reaches them through one of its ports (NULL: any). NULL:
 * no live buffer is there, or it is in a bank the port is not connected to. */
uint8_t *sim_unit_memory(struct sim_inst *i, const char *port, uint64_t addr, size_t n);

/* The classes in models/. */
extern const struct sim_class sim_regfile, sim_axi_dma, sim_bram, sim_axi_gpio, sim_hls,
    sim_axi_intc, sim_axi_fifo, sim_axis_fifo, sim_axis_wire, sim_axi_timer, sim_axi_cdma,
    sim_axis_switch, sim_axi_uartlite, sim_axi_iic, sim_axi_quad_spi, sim_dfx_decoupler,
    sim_dfx_shutdown, sim_mailbox, sim_axi_vdma, sim_xadc;

#endif
