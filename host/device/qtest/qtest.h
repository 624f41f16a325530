/* qtest.h - QEMU's models of Xilinx IP as a device: "qtest:petalogix-ml605".
 * QEMU runs as a child process whose processor sleeps; what stands on its bus is driven from here,
 * through the text protocol its own tests use. Real time, one interrupt line. See docs/qtest.md. */
#ifndef LUNQ_QTEST_H
#define LUNQ_QTEST_H

#include "../../core/device.h"

/* Opens "qtest[:MACHINE][?option=value&...]"; starts QEMU and ends it when the device closes, or the
 * process ends, however that happens. Options: raw=1, nothing of QEMU's is mended (mend.h);
 * serial=PATH, the first serial port is a Unix socket that QEMU listens at.
 * LUNQ_VALUE: an unknown machine or option, with what there is; LUNQ_DEVICE: QEMU is not there or
 * does not start, with what it said. */
int lunq_qtest_open(struct lunq_device **out, const char *spec, struct lunq_error *err);

#endif
