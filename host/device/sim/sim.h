/* sim.h - the simulated device: what a design would be on a board, built from its metadata.
 * lunq_device_open makes one from "sim..."; this header is for those who want to look inside it:
 * bindings, test benches, models. Time is virtual and passes only on accesses and in advance. */
#ifndef LUNQ_SIM_H
#define LUNQ_SIM_H

#include "../../core/device.h"

struct lunq_sim;
struct sim_class;
struct sim_inst;

/* Opens "sim[:zynq7000|:zynqmp|:alveo[:N]][?option=value&...]". Options: seed (jitter on latencies, 0: none),
 * coherent (0: the device works on its own copy of memory until a sync), ddr (bytes, with K, M or
 * G), memory and memory_base (the file that is memory, which somebody else has mapped, and the address of its
 * first byte), uio (1: the processor's interrupts by descriptors). LUNQ_VALUE: an unknown family or option,
 * with the list of those there are. */
int lunq_sim_open(struct lunq_device **out, const char *spec, struct lunq_error *err);

/* As lunq_device_list: "sim:alveo*4" stands for four cards. */
int lunq_sim_list(const char *spec, char (*names)[LUNQ_DEVICE_NAME], size_t max,
                  struct lunq_error *err);

/* The simulated device behind d, or NULL when d is another kind of device. */
struct lunq_sim *lunq_sim_of(struct lunq_device *d);

/* ---- models from outside ------------------------------------------------------------------- */

/* Asked for every module of a design that is loaded, which has no class yet; NULL: "not mine". */
struct lunq_sim_provider {
    void *ctx;
    const struct sim_class *(*find)(void *ctx, const struct sim_inst *i);
    void (*destroy)(void *ctx); /* with the device, after the last instance; or NULL */
};
void lunq_sim_set_provider(struct lunq_sim *s, const struct lunq_sim_provider *p);

/* ---- kernels of cards, in C ---------------------------------------------------------------------- */

/* A unit computes, with the arguments its registers have. */
struct lunq_sim_call {
    struct sim_inst *inst;
    const struct lunq_cu *cu; /* arguments by their index in cu->args */
    void *ctx;
};
/* The card's bytes of a buffer argument, from the address passed on to the end of the live buffer around
 * it: *bytes. NULL with LUNQ_IO: no buffer is there, or in a bank the argument is not connected to. */
void *lunq_sim_call_buffer(struct lunq_sim_call *c, size_t i, size_t *bytes,
                           struct lunq_error *err);
/* A number, as it stands in its register: at most 8 bytes of it, little endian. */
uint64_t lunq_sim_call_scalar(struct lunq_sim_call *c, size_t i);

struct lunq_sim_kernel {
    const char
        *name; /* of a kernel ("vadd") or unit, or a VLNV, with or without the version; stays */
    /* 0, or <0: the run ends as LUNQ_RUN_ERROR with the message. */
    int (*run)(struct lunq_sim_call *c, struct lunq_error *err);
    void *ctx;
};
/* What such kernels compute, from the next design on; models in Lua come first, newer ones before older.
 * LUNQ_UNSUPPORTED: no card. */
int lunq_sim_bind_kernel(struct lunq_sim *s, const struct lunq_sim_kernel *k,
                         struct lunq_error *err);

/* ---- looking inside ------------------------------------------------------------------------ */

struct lunq_sim_ip {
    const char *path;
    const char *model;      /* "axi_dma", "register file" */
    const char *origin;     /* "C", "Lua"; NULL for a register file */
    uint64_t reads, writes; /* register accesses; see lunq_sim_count */
};
size_t lunq_sim_ips(struct lunq_sim *s);
void lunq_sim_ip(struct lunq_sim *s, size_t index, struct lunq_sim_ip *ip);
/* The instance with this path, or NULL; good until the next program. */
struct sim_inst *lunq_sim_inst(struct lunq_sim *s, const char *path);
/* on: every access is counted, which means that none takes the short way. */
void lunq_sim_count(struct lunq_sim *s, bool on);

/* A stream connection, and how far its data got. */
struct lunq_sim_stream {
    const char *from, *from_if, *to, *to_if; /* NULL: outside the design */
    uint64_t bytes, packets;
    bool waiting; /* the receiver refused data, the sender waits */
};
size_t lunq_sim_streams(struct lunq_sim *s);
void lunq_sim_stream(struct lunq_sim *s, size_t index, struct lunq_sim_stream *st);

/* The level on a pin ("axi_dma_0/mm2s_introut", "ps/IRQ_F2P") or an external port, bit by bit
 * through concats, slices and constants. LUNQ_VALUE: no such pin, with the nearest name. */
int lunq_sim_wire(struct lunq_sim *s, const char *pin, uint64_t *level, struct lunq_error *err);
/* Drives an external input of the design, or a pin of a module ("btns/gpio_io_i", "fir/interrupt")
 * from now on, whatever its net or model says. LUNQ_VALUE: no such pin. */
int lunq_sim_drive(struct lunq_sim *s, const char *port, uint64_t level, struct lunq_error *err);

/* The device's memory behind everybody's back; no data: only looks whether it is there. LUNQ_INDEX: it
 * is not. */
int lunq_sim_peek(struct lunq_sim *s, uint64_t addr, void *data, size_t n, struct lunq_error *err);
int lunq_sim_poke(struct lunq_sim *s, uint64_t addr, const void *data, size_t n,
                  struct lunq_error *err);

/* Runs the next event, whenever it is due. 1: one ran; 0: none was planned. */
int lunq_sim_step(struct lunq_sim *s, struct lunq_error *err);

/* Recording: one line per register access, stream chunk, memory access and wire change, with its
 * time in ns. Switching on starts anew. The text is good until the device is used again. */
void lunq_sim_record(struct lunq_sim *s, bool on);
const char *lunq_sim_recorded(struct lunq_sim *s, size_t *size);

/* Recording as a value change dump for GTKWave: bus accesses, streams and wires of what lies in or
 * under the path `only` (NULL: of everything) from now on. It keeps the device open. LUNQ_IO: the
 * file can't be written; LUNQ_VALUE: the loaded design has no such path; LUNQ_RUNTIME: the device is
 * being recorded already. */
struct lunq_wave;
int lunq_sim_wave_open(struct lunq_wave **out, struct lunq_sim *s, const char *path,
                       const char *only, struct lunq_error *err);
/* Writes the file. LUNQ_IO: it is not whole; the recording has ended all the same. */
int lunq_sim_wave_close(struct lunq_wave *w, struct lunq_error *err);

/* ---- faults -------------------------------------------------------------------------------- */

struct lunq_sim_fault {
    unsigned id;
    const char *ip;     /* path; NULL: every IP */
    const char *kind;   /* "slave_error"; see lunq_sim_fault_kinds */
    const char *where;  /* pin or interface it is limited to; NULL: any */
    uint64_t offset;    /* register it is limited to; UINT64_MAX: any */
    uint64_t after;     /* matches that pass before it strikes */
    uint64_t count;     /* how often it strikes; UINT64_MAX: always */
    uint64_t ns, bytes; /* slow_bus: delay; early_tlast: packet length */
    uint64_t fired;
};
/* Copies *f. Returns its number (> 0), or LUNQ_VALUE: unknown kind or IP, with what there is. */
int lunq_sim_inject(struct lunq_sim *s, const struct lunq_sim_fault *f, struct lunq_error *err);
size_t lunq_sim_faults(struct lunq_sim *s);
const struct lunq_sim_fault *lunq_sim_fault(struct lunq_sim *s, size_t index);
void lunq_sim_clear_faults(struct lunq_sim *s);
bool lunq_sim_clear_fault(struct lunq_sim *s, unsigned id); /* false: no such fault */
const char *const *lunq_sim_fault_kinds(void);              /* NULL at the end */

#endif
