/* gpio.h - GPIO lines of the processor: one line, one direction, shared inside this process.
 *
 * Lines have the numbers Linux gave them: a chip's base plus the line on the chip. On a Zynq the
 * lines behind the multiplexed pins (MIO) come first; those from `emio` on lead into the
 * programmable logic. Behaviour: pynq-behaviour.md B6, C24; labels and offsets: linux-boards.md
 * A10. */
#ifndef LUNQ_GPIO_H
#define LUNQ_GPIO_H

#include "device.h"

enum { LUNQ_NO_EMIO = 0 }; /* of a chip none of whose lines leads into the logic */

struct lunq_gpio_chip {
    char label[32]; /* "zynq_gpio" */
    char path[160]; /* for people */
    unsigned base, lines;
    unsigned emio; /* the first line that leads into the logic, or LUNQ_NO_EMIO */
};

enum lunq_edge { LUNQ_RISING = 1, LUNQ_FALLING = 2 };

/* A line this process has taken from the system. The device fills in edges and key. */
struct lunq_gpio_line {
    struct lunq_device *dev;
    size_t chip;
    unsigned line, index;          /* on the chip; of the system */
    bool out, level;               /* level: of an output, as written last */
    uint64_t rises, falls;         /* edges since it was watched */
    uint64_t rise_when, fall_when; /* the last ones, ns */
    uint64_t key;                  /* device's own */
    bool watched;                  /* edges are counted */
    struct lunq_gpio_pin *pins;    /* who uses it */
    struct lunq_gpio_line *next;   /* the device's list */
};

/* One user of a line. */
struct lunq_gpio_pin;

/* The offset of the lines that lead into the logic on the chips of Xilinx' SoCs, else LUNQ_NO_EMIO. */
unsigned lunq_gpio_emio(const char *label);

/* The chip with this label; NULL: the processor's own ("zynqmp_gpio" or "zynq_gpio"). Its number,
 * or LUNQ_NONE. */
size_t lunq_gpio_find(struct lunq_device *d, const char *label, struct lunq_gpio_chip *chip);

/* Takes a line, or shares it with whoever has it in this process. An output that is taken first is
 * driven low. bound: it belongs to the loaded design and is stale when another one is loaded.
 * LUNQ_INDEX: no chip has it; LUNQ_ATTRIBUTE "GPIO already in use in other direction"; what the
 * system says, LUNQ_PERMISSION or LUNQ_DEVICE (busy). */
int lunq_gpio_open(struct lunq_gpio_pin **out, struct lunq_device *d, uint64_t index, bool output,
                   bool bound, struct lunq_error *err);
/* The last user gives the line back; it keeps its level. NULL is allowed. */
void lunq_gpio_close(struct lunq_gpio_pin *p);

struct lunq_device *lunq_gpio_device(const struct lunq_gpio_pin *p);
unsigned lunq_gpio_index(const struct lunq_gpio_pin *p);
bool lunq_gpio_is_output(const struct lunq_gpio_pin *p);

/* LUNQ_ATTRIBUTE "Cannot read GPIO output." */
int lunq_gpio_read(struct lunq_gpio_pin *p, bool *level, struct lunq_error *err);
/* LUNQ_ATTRIBUTE "Cannot write GPIO input.", LUNQ_VALUE "Can only write integer 0 or 1." */
int lunq_gpio_write(struct lunq_gpio_pin *p, int64_t level, struct lunq_error *err);

/* What was written last by anybody who shares the line; 0 before. LUNQ_ATTRIBUTE as for write. */
int lunq_gpio_written(struct lunq_gpio_pin *p, bool *level, struct lunq_error *err);

/* A wait for edges. Those that come between two waits of a user are kept for the next one. */
struct lunq_gpio_wait {
    struct lunq_gpio_pin *pin;
    unsigned edges;        /* enum lunq_edge */
    uint64_t rises, falls; /* of the line when it began */
};
/* Begins: from the first one on the line's edges are counted. LUNQ_UNSUPPORTED: the device can't. */
int lunq_gpio_wait_begin(struct lunq_gpio_wait *w, struct lunq_gpio_pin *p, unsigned edges,
                         struct lunq_error *err);
/* 1: there were *n edges, the last one at *when; 0: none yet. */
int lunq_gpio_wait_look(struct lunq_gpio_wait *w, uint64_t *n, uint64_t *when,
                        struct lunq_error *err);
/* A wait for a level. Where edges are counted the line is read only after one. */
struct lunq_gpio_level {
    struct lunq_gpio_pin *pin;
    bool wanted, level; /* level: as it was read last */
    bool started;
    uint64_t edges; /* of the line when it was read */
};
/* Begin with { .pin, .wanted }. 1: it has the level; 0: not yet. LUNQ_ATTRIBUTE for an output. */
int lunq_gpio_level_look(struct lunq_gpio_level *w, struct lunq_error *err);

/* The words for a wait that came to nothing; LUNQ_TIMEOUT. */
int lunq_gpio_timeout(const struct lunq_gpio_wait *w, double seconds, struct lunq_error *err);

/* For device.c: another design has been loaded. */
void lunq_gpio_expire(struct lunq_device *d);

#endif
