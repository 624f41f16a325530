/* private.h - the inside of the simulated device, shared by its own files only. */
#ifndef LUNQ_SIM_PRIVATE_H
#define LUNQ_SIM_PRIVATE_H

#include "../../core/gpio.h"
#include "../ram.h"
#include "model.h"
#include "ps.h"

/* Without a design this range answers like one big register file: M_AXI_GP0 and GP1 of a
 * Zynq-7000 (UG585, "System Addresses"), so that MMIO can be tried before any overlay exists. */
#define SIM_PLAIN_BASE 0x40000000u
#define SIM_PLAIN_SIZE 0x80000000u
/* In one piece, so that any of it can be mapped; a 32-bit program has no room for that much. */
#define SIM_PLAIN_PART (SIZE_MAX > UINT32_MAX ? SIM_PLAIN_SIZE : 0x4000000u)
#define SIM_PLAIN_PARTS (SIM_PLAIN_SIZE / SIM_PLAIN_PART)
/* One register access from a Cortex-A9 over GP0: 100 to 150 ns on real boards. */
#define SIM_ACCESS_NS 100
/* How deep accesses and streams may go through each other before it must be a loop. */
#define SIM_MAX_DEPTH 64

enum sim_family { SIM_ANY, SIM_ZYNQ7000, SIM_ZYNQMP, SIM_ALVEO };

struct sim_config {
    enum sim_family family;
    unsigned card, cards; /* of SIM_ALVEO: which, or how many; cards 0: not said */
    uint64_t seed;
    bool coherent;
    bool uio;                       /* the processor's lines are UIO devices: uio.c */
    uint64_t ddr;                   /* bytes of memory, from address 0 on */
    char memory[108];               /* the file that is memory instead; "": none */
    uint64_t memory_base;           /* address of its first byte */
    uint64_t gpio_base;             /* of the processor's GPIO chip; UINT64_MAX: as the family's */
    struct lunq_gpio_chip expander; /* a chip beside the processor; lines 0: none */
};

struct sim_card; /* card.h */

/* What is loaded: instances, what the CPU sees of them, and how they are connected. */
struct sim_fabric {
    struct lunq_design *design; /* with a reference; NULL: nothing is loaded */
    struct sim_inst **insts;
    size_t n_insts;
    struct sim_slot **slots; /* the CPU's, sorted by base */
    size_t n_slots;
    bool overlap; /* some slots overlap: look-ups may not stop at the nearest */
    struct sim_link **links;
    size_t n_links;
};

struct sim_net {
    const char *name;
    const struct lunq_module *module;
    const struct lunq_port *port;
};

/* Levels somebody outside drives: an external port of the design (module NULL), or a pin. */
struct sim_driven {
    const struct lunq_module *module;
    const char *port; /* as the design or the class has it: compared by address or as text */
    uint64_t level;
};

/* reset.c: a reset pin that GPIO lines drive */
struct sim_reset {
    struct sim_inst *inst;
    const struct lunq_port *port;
    bool active_low;
};

/* irq.c: what arrives at interrupt controllers and the processor. */
struct sim_irq_wire {
    size_t controller;                /* index in the design, LUNQ_NONE: the processor */
    unsigned input;                   /* of the controller, or GIC number */
    unsigned bit;                     /* of the source */
    const struct lunq_module *module; /* source; NULL: external */
    const struct lunq_port *port;
    struct sim_inst *inst; /* of a source that is no plain cell, or NULL */
};

struct sim_line {
    unsigned gic;
    size_t first, n; /* its wires */
    bool edge, armed;
    bool level, latched; /* as last seen; an edge nobody took yet */
    uint64_t count, when;
    struct sim_uio *uio; /* NULL: not yet armed, or without ?uio=1 */
};

/* Somebody who wants to know when the processor's lines may have changed. */
struct sim_listener {
    void (*changed)(struct sim_listener *l);
};

struct sim_irqs {
    uint64_t built;             /* fabric version these are for; 0: never */
    bool asked;                 /* by a program or a controller; until then no edge is kept */
    struct sim_irq_wire *wires; /* by controller and input */
    size_t n_wires;
    struct sim_line *lines;
    size_t n_lines;
};

/* gpio.c: one line of a GPIO chip, whether anybody has taken it or not. */
struct sim_gpio_line {
    bool out, value; /* as the program left it */
    bool level;      /* what a board drives at a pin of its own (no EMIO) */
    bool seen;       /* the level at the last look, of those that are watched */
};

/* The chip with most lines, zynqmp_gpio, and the most an expander may have. */
enum { SIM_GPIO_LINES = 174, SIM_EXPANDER_LINES = 64 };

struct lunq_sim {
    struct lunq_device dev; /* first: the device is its simulation */
    struct sim_config config;
    struct lunq_bank bank;
    struct lunq_ram ram;   /* of a board */
    struct sim_card *card; /* NULL: it is a board */
    struct sim_clock clock;
    struct sim_ps ps;
    struct sim_fabric fabric;
    uint64_t version;                /* of the fabric: counts programs */
    struct sim_slot *hit;            /* slot of the last access */
    uint8_t *plain[SIM_PLAIN_PARTS]; /* NULL: not used yet */
    unsigned depth;                  /* accesses and events under way: > 0 while a model runs */
    unsigned streaming;              /* nested sim_send */
    bool counting, programming;
    struct lunq_error failure; /* kind 0: none. Reported by the access or wait under way */
    struct lunq_sim_provider first,
        provider;   /* first is asked first: RTL, then a script's models */
    uint64_t until; /* how far the time of the event that runs may go */
    struct lunq_sim_fault *faults;
    size_t n_faults, armed; /* armed: those that may still strike */
    unsigned last_fault;
    bool tracing;
    char *log; /* what was recorded */
    size_t log_size, log_room;
    struct sim_net *nets; /* hash table by net name, made when first needed */
    size_t n_nets;
    struct sim_driven *driven;
    size_t n_driven;
    struct sim_reset *resets; /* that a program drives; usually none */
    size_t n_resets, n_held;  /* held: IP in reset now */
    struct sim_event reset_event;
    struct sim_irqs irqs;
    struct sim_listener *listener; /* serve.c's, or NULL */
    struct sim_gpio_line own_gpio[SIM_GPIO_LINES], expander_gpio[SIM_EXPANDER_LINES];
    struct sim_peer *peers; /* attached, the newest first */
    struct sim_end *ends;   /* of streams, a test bench's: end.c */
    bool wires_listen;      /* some instance wants to know about wires */
    struct lunq_wave *wave; /* what is recorded as a dump, or NULL */
};

/* config.c */
int sim_config_parse(struct sim_config *c, const char *spec, struct lunq_error *err);
uint64_t sim_memory_end(const struct sim_config *c); /* where memory ends at the latest */

/* sim.c: loads a design, whatever the device is */
int sim_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err);

/* time.c */
void sim_update_direct(struct lunq_sim *s);
void sim_trace(struct lunq_sim *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sim_run_due(struct lunq_sim *s); /* runs what is due */
/* Lets time pass while somebody is busy outside; inside a model there is none. */
void sim_pass(struct lunq_sim *s, uint64_t ns);
/* Lets the device run until an event has happened, but not beyond `until`. */
int sim_advance(struct lunq_sim *s, uint64_t until, struct lunq_error *err);
/* Gives the failure a model reported to the caller; 0 when there is none. Inside a model the access
 * that started it all is still to come back, so it waits for that one. */
int sim_take_failure(struct lunq_sim *s, struct lunq_error *err);

/* access.c */
int sim_access(struct lunq_sim *s, uint64_t addr, unsigned width, uint64_t *value, bool write,
               struct lunq_error *err);
/* n words of `width` bytes in a row at once; 1: nothing has happened, they have to go one by one. */
int sim_access_block(struct lunq_sim *s, uint64_t addr, unsigned width, void *data, size_t n,
                     bool write, struct lunq_error *err);
/* Plain memory can be mapped; whatever has side effects can't: NULL. */
uint8_t *sim_map(struct lunq_sim *s, uint64_t addr, uint64_t size, struct lunq_error *err);

/* ps.c: the processing system. sim_ps_boot makes it what the boot image of a design makes it (NULL:
 * of none); a board that has been booted so stays as it is. */
void sim_ps_boot(struct lunq_sim *s, const struct lunq_design *d);
/* ps_boot.c: over the reset values, what the boot image of a design (NULL: of none) makes of them. */
void sim_ps_image(struct sim_ps_image *im, enum lunq_ps kind, const struct lunq_design *d);
bool sim_ps_has(const struct lunq_sim *s, uint64_t addr, unsigned width);
int sim_ps_access(struct lunq_sim *s, uint64_t addr, unsigned width, uint64_t *value, bool write,
                  struct lunq_error *err);
/* The clock of the processing system behind a pin: 0 to 3, or -1. */
int sim_ps_clock(const struct sim_inst *i, const char *pin);
/* Why nothing answers there: the clock of the slave interface is off. NULL: it runs. */
const char *sim_ps_stopped(const struct sim_slot *slot, char *buf, size_t size);

/* fabric.c: builds everything from a design, or replaces one region. On failure nothing changes. */
int sim_fabric_program(struct lunq_sim *s, const struct lunq_program *p, struct lunq_error *err);
void sim_fabric_clear(struct lunq_sim *s);
struct sim_slot *sim_slot_at(struct lunq_sim *s, uint64_t addr);
struct sim_inst *sim_inst_find(struct lunq_sim *s, const char *path);
struct sim_inst *sim_inst_of(struct lunq_sim *s, const struct lunq_module *m);
/* A slot only masters see; NULL: no memory. */
struct sim_slot *sim_slot_add(struct sim_inst *i, uint64_t base, uint64_t size);
void sim_store_unref(struct sim_store *st);
void sim_slot_clear(struct sim_slot *slot);   /* its bytes as after a download */
bool sim_is_ddr(const struct lunq_module *m); /* memory controllers and the PS */

/* fault.c: the instance is NULL for what belongs to no IP */
/* The bus answer faults want for this access; *delay gets what slow_bus adds. */
int sim_fault_access(struct lunq_sim *s, struct sim_inst *i, const char *where, uint64_t off,
                     uint64_t *delay);
const struct lunq_sim_fault *sim_fault_strike(struct lunq_sim *s, const struct sim_inst *i,
                                              const char *kind, const char *where, uint64_t off);
/* The same for a stream's receiver; one that also sends is meant only when `where` names its input. */
const struct lunq_sim_fault *sim_fault_strike_input(struct lunq_sim *s, const struct sim_inst *i,
                                                    const char *kind, const char *where);
/* Whether one would strike, without counting it: for levels. */
bool sim_fault_armed(struct lunq_sim *s, const struct sim_inst *i, const char *kind,
                     const char *where);

/* wire.c */
void sim_wires_changed(struct lunq_sim *s);
/* The level of an output pin, or of an external port (m NULL). */
uint64_t sim_output_level(struct lunq_sim *s, const struct lunq_module *m,
                          const struct lunq_port *port);
/* The same for a pin whose level its model sets. */
uint64_t sim_stored_level(struct lunq_sim *s, const struct lunq_module *m, struct sim_inst *i,
                          const char *port);
/* The level on an input pin, 64 bits of it from bit `from` on. */
uint64_t sim_input_level(struct lunq_sim *s, const struct lunq_module *m, const char *port,
                         unsigned from);
/* The output or external input that drives a net, or NULL. */
const struct sim_net *sim_net_driver(struct lunq_sim *s, const char *net);
bool sim_is_cell(const struct lunq_module *m); /* concat, slice, constant, gate */
void sim_nets_clear(struct lunq_sim *s);

/* The level of an external port, whichever way it goes. */
uint64_t sim_external_level(struct lunq_sim *s, const struct lunq_port *port);

/* wave.c: all of these only while s->wave is there. failure: what the error says; NULL: it went
 * well. */
void sim_wave_access(struct lunq_sim *s, const struct sim_slot *slot, uint64_t addr, uint64_t value,
                     bool write, const char *failure);
void sim_wave_slot(struct lunq_sim *s, const struct sim_slot *slot, uint64_t off, uint64_t value,
                   bool write, const char *failure);
void sim_wave_burst(const struct sim_master *m, uint64_t addr, size_t n, bool write, int resp);
void sim_wave_sent(const struct sim_link *l, size_t n, bool last);
void sim_wave_waiting(const struct sim_link *l);
void sim_wave_wires(struct lunq_sim *s);   /* some level may have changed */
void sim_wave_program(struct lunq_sim *s); /* another design is there now */

/* irq.c */
/* Whether line i of the processor is high; its number in *gic. False: there is no line i. */
bool sim_irq_line(struct lunq_sim *s, size_t i, unsigned *gic, bool *level);
void sim_irqs_clear(struct lunq_sim *s);
void sim_irqs_rewire(struct lunq_sim *s);  /* instances have changed; armed lines stay armed */
void sim_irqs_changed(struct lunq_sim *s); /* some wire changed: looks at the processor's lines */
int sim_irq_arm(struct lunq_device *d, unsigned gic, bool on, struct lunq_error *err);
int sim_irq_take(struct lunq_device *d, unsigned gic, uint64_t *count, uint64_t *when,
                 struct lunq_error *err);
int sim_irq_level(struct lunq_device *d, unsigned gic);
int sim_irq_fd(struct lunq_device *d, unsigned gic);

/* uio.c */
struct sim_uio *sim_uio_open(struct lunq_error *err);
void sim_uio_close(struct sim_uio *u);
int sim_uio_fd(const struct sim_uio *u);
int sim_uio_arm(struct sim_uio *u, bool on, bool *armed, struct lunq_error *err);
void sim_uio_fire(struct sim_uio *u);
int sim_uio_take(struct sim_uio *u, uint64_t *count, struct lunq_error *err);

/* card_units.c: a failure of the model of a unit that has a run is the run's. */
bool sim_unit_failed(struct sim_inst *i, const struct lunq_error *err);

/* reset.c */
void sim_resets_build(struct lunq_sim *s); /* after a design or a region was loaded */
void sim_resets_clear(struct lunq_sim *s);
void sim_resets_changed(struct lunq_sim *s);
/* Whether an IP does not answer; *err says why. */
bool sim_is_silent(const struct sim_inst *i, struct lunq_error *err);

/* gpio.c: GPIO lines of the processor */
bool sim_gpio_chip(struct lunq_device *d, size_t i, struct lunq_gpio_chip *chip);
int sim_gpio_open(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err);
void sim_gpio_close(struct lunq_device *d, struct lunq_gpio_line *l);
int sim_gpio_read(struct lunq_device *d, struct lunq_gpio_line *l, bool *level,
                  struct lunq_error *err);
int sim_gpio_write(struct lunq_device *d, struct lunq_gpio_line *l, bool level,
                   struct lunq_error *err);
int sim_gpio_watch(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err);
void sim_gpio_changed(struct lunq_sim *s);
/* What the lines drive at an output port of the processing system, from bit `from` on. */
uint64_t sim_gpio_output(struct lunq_sim *s, const char *port, unsigned from);
/* "zynq_gpio/50": reads the level of a line into *get or drives it with *set (either NULL). 1: done,
 * 0: the text names no line. */
int sim_gpio_pin(struct lunq_sim *s, const char *text, uint64_t *get, const uint64_t *set,
                 struct lunq_error *err);

/* end.c: sources, sinks and monitors of a test bench on the streams (core/axis.h) */
int sim_end_attach(struct lunq_device *d, struct lunq_axis *x, struct lunq_error *err);
void sim_end_detach(struct lunq_device *d, struct lunq_axis *x);
void sim_end_kick(struct lunq_device *d, struct lunq_axis *x);
void sim_ends_unlink(struct lunq_sim *s); /* the links go */
/* Others are there. all: the whole design is another one, so that ends of the old one are over. */
void sim_ends_relink(struct lunq_sim *s, bool all);
void sim_end_refused(struct sim_end *source); /* the master's data, because the source is there */
void sim_end_ready(struct sim_end *source);
size_t sim_end_accept(struct sim_end *sink, const uint8_t *data, size_t n, bool last);
void sim_end_saw(struct sim_end *monitors, const uint8_t *data, size_t n, bool last);
/* stream.c: offers data as the master of the link. */
size_t sim_link_send(struct sim_link *l, const uint8_t *data, size_t n, bool last);

/* classes.c: sets i->base and i->cls */
void sim_class_choose(struct lunq_sim *s, struct sim_inst *i);

/* suggest.c: " (did you mean X?)" into buf, or "". */
const char *sim_suggest(char *buf, size_t size, const char *word,
                        const char *(*name)(void *, size_t), void *ctx, size_t n);

#endif
