/* rtl_model.h - the C interface between LUNQ and one compiled RTL model: a shared library exports one
 * `lunq_rtl_entry`. Included by the generated wrapper (C++), by the engine and by the adapters of other
 * simulators (C), so it depends on nothing of LUNQ. See rtl.md, section 2. */
#ifndef LUNQ_RTL_MODEL_H
#define LUNQ_RTL_MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LUNQ_RTL_ABI 1 /* changes with anything below */

enum lunq_rtl_dir { LUNQ_RTL_IN, LUNQ_RTL_OUT, LUNQ_RTL_INOUT };

/* What a model was built with. */
enum lunq_rtl_flag {
    LUNQ_RTL_VCD = 1,      /* trace_open writes VCD */
    LUNQ_RTL_FST = 2,      /* or FST */
    LUNQ_RTL_COVERAGE = 4, /* cover_write works */
    LUNQ_RTL_TIMING = 8,   /* delays in the RTL count */
    LUNQ_RTL_FOUR = 16     /* pins have unknown bits: see unknown */
};

/* What eval answers. After an end the instance is dead: only error, trace_close, cover_write and destroy
 * may be called. */
enum lunq_rtl_end {
    LUNQ_RTL_GOES_ON,
    LUNQ_RTL_FINISHED, /* $finish */
    LUNQ_RTL_STOPPED   /* $stop, a failed assertion, $fatal, an error of the simulator */
};

struct lunq_rtl_pin {
    const char *name; /* as in the source; elements of unpacked arrays are "arr[0]", "arr[1]" ... */
    uint32_t width;   /* in bits */
    uint8_t direction; /* enum lunq_rtl_dir */
    uint8_t bytes; /* of its storage: 1, 2, 4 or 8, in the host's order; 0: (width + 31) / 32 words
                          of 32 bits, low word first. Bits above the width are 0. */
};

struct lunq_rtl_model {
    uint32_t abi;   /* LUNQ_RTL_ABI */
    uint32_t flags; /* enum lunq_rtl_flag */
    uint32_t n_pins;
    const struct lunq_rtl_pin *pins;
    const char *top;  /* name of the module */
    const char *tool; /* simulator and version: "Verilator 5.006" */

    /* What an HWH file or a component.xml said of the IP: the text of an HWH file with one module (its
     * instance is `top`; ports with SIGIS, POLARITY, SENSITIVITY and CLKFREQUENCY, buses with their
     * PORTMAPS, parameters, registers) and no other. NULL: nothing was said. */
    const char *metadata;
    /* For people (`lunq rtl show`): "key: value" lines of what it was built from. */
    const char *built;

    /* A new instance, or NULL. `log` gets each line the RTL or the simulator prints, without its end,
     * during any call below. arguments: plusargs ("+fast"). */
    void *(*create)(int argc, const char *const *argv, void (*log)(void *user, const char *line),
                    void *user);
    void (*destroy)(void *inst);
    void *(*pin)(void *inst, uint32_t i); /* its storage, which stays where it is */
    int (*eval)(void *inst);              /* settles all outputs: enum lunq_rtl_end */
    const char *(*error)(void *inst);     /* why it is dead, with the place in the source; "" */
    void (*set_time)(void *inst, uint64_t ps); /* what $time shows */

    int (*trace_open)(void *inst, const char *path,
                      int levels); /* 0; -1: no file; -2: not built in */
    void (*trace_dump)(void *inst, uint64_t ps);
    void (*trace_close)(void *inst);
    int (*cover_write)(void *inst, const char *path); /* 0; -1: no file; -2: not built in */

    /* LUNQ_RTL_FOUR: the bits of a pin that are X or Z, as its storage; else NULL. */
    const void *(*unknown)(void *inst, uint32_t i);
};

/* The only symbol of the library. */
typedef const struct lunq_rtl_model *lunq_rtl_entry_fn(void);

#ifdef __cplusplus
}
#endif
#endif
