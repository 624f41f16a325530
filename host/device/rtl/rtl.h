/* rtl.h - compiled RTL on a simulated device: it stands for an IP of the design, as a behavioural model
 * does, and everything around it stays what it is. "rtl:FILE" opens a device with the one IP. */
#ifndef LUNQ_RTL_H
#define LUNQ_RTL_H

#include "../sim/sim.h"
#include "plusargs.h"

struct rtl_engine;

/* Where the instances of a model run. */
enum rtl_place {
    RTL_AS_DEVICE, /* where its option isolate says */
    RTL_TOGETHER,  /* in the process of the host, whatever the device says */
    RTL_ISOLATED   /* each in a process of its own, whatever the device says: isolate.h */
};

/* Opens "rtl:FILE[?option=value&...]": the model alone, at address 0, its interrupts on the processor's
 * lines in order, until another design is loaded, whose IP of that name it then stands for. Of a FILE
 * that ends in .lua nothing is read here: it is for a binding, with lunq_rtl_bind. Options:
 * timeout (cycles of an access), quiet (cycles until an idle clock stands), aw_wait and w_wait
 * (cycles before AW and W of a write), stress (a seed: answers up to latency cycles late, ready and valid
 * withheld in stall percent of the cycles), check=0 (rules of the buses are not looked at), strict=1 (a
 * broken one is an error), record (cycles the flight recorder keeps),
 * in_order (1: answers to masters keep the order of the requests, also of different IDs), isolate (1: in a
 * process of its own, see isolate.h), isolate_limit (seconds of one evaluation there), plus=NAME[=VALUE]
 * (a plusarg of all RTL, may be repeated), and those of "sim". stress=random draws a seed of six digits,
 * which is in the device's name then. */
int lunq_rtl_open(struct lunq_device **out, const char *spec, struct lunq_error *err);

/* From the next design on, the model in a file stands for the IP `key` names: an instance's path, a VLNV
 * with or without the version, or the name of an IP. A newer binding comes before an older one. Its instances
 * get the device's plusargs, and these. As rtl_model_load. */
int lunq_rtl_bind(struct lunq_sim *s, const char *key, const char *file,
                  const struct rtl_plusargs *plus, enum rtl_place place, struct lunq_error *err);
/* Takes back the newest binding of this key, for designs to come. True when an IP was made of it. */
bool lunq_rtl_unbind(struct lunq_sim *s, const char *key);
/* The design "rtl:FILE" loads. One reference. As rtl_model_load. */
int lunq_rtl_design(struct lunq_design **out, const char *file, struct lunq_error *err);

/* The RTL of the loaded design, in its order (engine.h); NULL: there is no number `index`. */
const struct rtl_engine *lunq_rtl_engine(struct lunq_sim *s, size_t index);
/* The seed of its stress; 0: it has none. */
uint64_t lunq_rtl_stress(struct lunq_sim *s);
/* Runs n cycles of the first one's clock. Failures of the RTL; LUNQ_UNSUPPORTED: there is no RTL. */
int lunq_rtl_step(struct lunq_sim *s, uint64_t n, struct lunq_error *err);
/* Cycles of the first one since it was made; 0: there is no RTL. */
uint64_t lunq_rtl_cycle(struct lunq_sim *s);

/* What `record` is where it is not said, for devices that are opened from now on: 0 at first. */
void lunq_rtl_record_default(uint64_t cycles);
/* Writes the flight recorder of RTL number `index` (engine.h) as a value change dump. As
 * rtl_recorder_write; LUNQ_UNSUPPORTED: there is no such RTL. */
int lunq_rtl_write_record(struct lunq_sim *s, size_t index, const char *path,
                          struct lunq_error *err);
/* Waves of RTL number `index`, as rtl_engine_trace. */
int lunq_rtl_trace(struct lunq_sim *s, size_t index, const char *path, struct lunq_error *err);
/* RTL that ends from now on leaves its coverage in a new file of this folder (copied; NULL: none), if it was
 * built with it. LUNQ_VALUE: the name is too long. */
int lunq_rtl_coverage_folder(const char *folder, struct lunq_error *err);
/* Coverage of RTL number `index`, as rtl_engine_coverage. */
int lunq_rtl_coverage(struct lunq_sim *s, size_t index, const char *path, struct lunq_error *err);

#endif
