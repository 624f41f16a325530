/* record.h - two devices on either side of a trace (trace.h).
 * record:FILE:DEVICE is DEVICE and writes down what it was asked and answered; replay:FILE answers
 * out of the file, without DEVICE, and refuses whatever was not asked when it was written. Both
 * have the name and kind of DEVICE, so that a script does the same on them. What makes that exact:
 * no window is mapped, memory is a copy whose bytes cross at a sync, time passes in `advance`. */
#ifndef LUNQ_DEVICE_RECORD_H
#define LUNQ_DEVICE_RECORD_H

#include "../../core/device.h"

int lunq_record_open(struct lunq_device **out, const char *spec, struct lunq_error *err);
int lunq_replay_open(struct lunq_device **out, const char *spec, struct lunq_error *err);

/* The device behind a recording one; d itself otherwise. */
struct lunq_device *lunq_recorded(struct lunq_device *d);
/* d records or replays. */
bool lunq_is_tape(const struct lunq_device *d);

/* Whether a replay of this process was not what was recorded: what the last one that diverged
 * said, "" when one was closed before its end, which was warned about, or NULL. */
const char *lunq_replay_failure(void);

#endif
