/* helper.h - asks lunq-helper (host/helper) to do what needs root: load a design, put device-tree overlays in
 * and out, set clocks. Used where this program is not root and the helper's socket is open to it; `root` is
 * where the board's files are, "" on a board. LUNQ_HELPER=SOCKET asks the helper there in any case,
 * LUNQ_HELPER= never. */
#ifndef LUNQ_LINUX_HELPER_H
#define LUNQ_LINUX_HELPER_H

#include <stdbool.h>
#include <stdint.h>

#include "../../core/error.h"

struct lunq_dt;
struct lunq_linux;
struct lunq_program;

bool lx_helper_wanted(const char *root);

/* How a user comes to be served by lunq-helper on this machine: for a message that ends "or lunq-helper" and
 * this. */
const char *lx_helper_hint(void);

/* As lx_program, lunq_overlay_apply, lunq_overlay_remove, lx_clock_get, lx_clock_set and lunq_clocks_running: the
 * same errors, and LUNQ_DEVICE: the helper can't be reached, or went away; LUNQ_PERMISSION: it does not serve
 * this user; LUNQ_TIMEOUT: no answer. */
int lx_helper_load(struct lunq_linux *x, const struct lunq_program *p, struct lunq_error *err);
int lx_helper_insert(const char *name, const struct lunq_dt *overlay, struct lunq_error *err);
int lx_helper_remove(const char *name, struct lunq_error *err);
int lx_helper_clock_get(unsigned index, uint64_t *hz, struct lunq_error *err);
int lx_helper_clock_set(unsigned index, uint64_t hz, struct lunq_error *err);
int lx_helper_clock_running(unsigned index, bool *on, struct lunq_error *err);

#endif
