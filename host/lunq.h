/* lunq.h - everything of liblunq in one include. Usable from C without Lua; see
 * docs/c-example/loopback.c for a program that loads a design and runs a DMA. */
#ifndef LUNQ_H
#define LUNQ_H

#include "core/array.h"
#include "core/array_ops.h"
#include "core/axis.h"
#include "core/batch.h"
#include "core/clocks.h"
#include "core/coverage.h"
#include "core/device.h"
#include "core/dma.h"
#include "core/dma_ring.h"
#include "core/error.h"
#include "core/flight.h"
#include "core/gpio.h"
#include "core/irq.h"
#include "core/kernel.h"
#include "core/loop.h"
#include "core/memory.h"
#include "core/mmio.h"
#include "core/register.h"
#include "core/run.h"
#include "design/bitstream.h"
#include "design/design.h"
#include "design/xclbin_write.h"

#endif
