/* sim.h - the simulated device: what a design would be on a board, built from its metadata.
 * lunq_device_open makes one from "sim..."; this header is for those who want to look inside it:
 * bindings, test benches, models. Time is virtual and passes only on accesses and in advance. */
#ifndef LUNQ_SIM_H
#define LUNQ_SIM_H

#include "../../core/device.h"

struct lunq_sim;

/* Opens "sim[:zynq7000|:zynqmp][?option=value&...]". Options: seed (jitter on latencies, 0: none),
 * coherent (0: the device works on its own copy of memory until a sync), ddr (bytes, with K, M or
 * G). LUNQ_VALUE: an unknown family or option, with the list of those there are. */
int lunq_sim_open(struct lunq_device **out, const char *spec, struct lunq_error *err);

/* The simulated device behind d, or NULL when d is another kind of device. */
struct lunq_sim *lunq_sim_of(struct lunq_device *d);

#endif
