/* card_banks.h - the memory banks of a card, which are those of its design; for devices that are cards. */
#ifndef LUNQ_DEVICE_CARD_BANKS_H
#define LUNQ_DEVICE_CARD_BANKS_H

#include "../core/device.h"

/* One bank for each memory of the design; streams have no bytes. The default is the one in use, if there is
 * one alone, else LUNQ_NONE (pynq-behaviour.md B2). malloc; names are the design's. NULL: no memory. */
struct lunq_bank *lunq_card_banks(const struct lunq_design *d, size_t *n, size_t *by_default);

/* Buffers lie in the memories of the design a card has (NULL: none), and go with it: 0 when there are none, or
 * `next` is the same design. LUNQ_RUNTIME: say how many there are; a driver would refuse without a reason. */
int lunq_card_check_buffers(const struct lunq_device *card, const struct lunq_design *has,
                            const struct lunq_design *next, struct lunq_error *err);

#endif
