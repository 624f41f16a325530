/* vcd.h - writes a value change dump (IEEE 1364-2005, 18): the file GTKWave and its like show.
 * Changes go to a file without a name beside the target as they come; the header, which names all
 * signals, is written at the end, so that signals may be added at any time and memory is theirs
 * alone. Times are in ns and never go back. */
#ifndef LUNQ_SIM_VCD_H
#define LUNQ_SIM_VCD_H

#include <stdbool.h>
#include <stdint.h>

#include "../../core/error.h"

struct sim_vcd;

/* Creates the file at `path`; what happens before `now` is not in it. LUNQ_IO: it can't be written. */
int sim_vcd_open(struct sim_vcd **out, const char *path, uint64_t now, struct lunq_error *err);

/* A signal of `width` bits, or a text (width 0), by number; the scope is a path with '/', or "".
 * Until it changes it is *initial, or unknown (NULL); a text is empty. Characters that names in a
 * dump can't have become '_'. 0, which the functions below ignore: no memory, see sim_vcd_close. */
unsigned sim_vcd_signal(struct sim_vcd *v, const char *scope, const char *name, unsigned width,
                        const uint64_t *initial);

/* Another name of a signal. */
void sim_vcd_also(struct sim_vcd *v, unsigned signal, const char *scope, const char *name);

/* From `now` on; nothing is written when it has that value. */
void sim_vcd_set(struct sim_vcd *v, unsigned signal, uint64_t now, uint64_t value);
void sim_vcd_set_unknown(struct sim_vcd *v, unsigned signal, uint64_t now);
void sim_vcd_set_text(struct sim_vcd *v, unsigned signal, uint64_t now, const char *text);
/* High from `now` on for `ns`. One that is high stays so until the later end. */
void sim_vcd_pulse(struct sim_vcd *v, unsigned signal, uint64_t now, uint64_t ns);

/* Writes the file, which ends at `now`, or where the last pulse does. LUNQ_IO, LUNQ_MEMORY:
 * it is not whole. v is gone in any case. */
int sim_vcd_close(struct sim_vcd *v, uint64_t now, struct lunq_error *err);

#endif
