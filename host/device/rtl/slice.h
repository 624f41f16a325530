/* slice.h - bits of a wider pin that stand for a pin of their own: one of several buses in a vector, or what a
 * user's table names as "pin[7:4]". The engine and its partners see a pin with storage of its own; the bits are
 * copied to the model before it settles, and back from it afterwards. */
#ifndef LUNQ_RTL_SLICE_H
#define LUNQ_RTL_SLICE_H

#include "pin.h"

struct rtl_slice {
    uint32_t pin;         /* of the model */
    uint32_t from, width; /* bits */
    bool out;
    uint8_t
        *part; /* as the storage of a pin of that width; as much is behind it for unknown bits */
    uint8_t *whole; /* of the model's pin in an instance; NULL: in none */
};

struct rtl_slices {
    struct rtl_slice *list;
    size_t n;
};

/* Bits from..from+width-1 of a pin as a pin of their own, whose index is that of the slice behind the n_pins of
 * the model. False: no memory. */
bool rtl_slices_add(struct rtl_slices *s, const struct rtl_pin *whole, uint32_t n_pins,
                    uint32_t from, uint32_t width, struct rtl_pin *part);
void rtl_slices_free(struct rtl_slices *s);

/* Bits of that part of the whole pin's unknown ones, good until asked again. */
const uint8_t *rtl_slice_unknown(const struct rtl_slice *s, const uint8_t *whole);

void rtl_slices_put(const struct rtl_slices *s); /* inputs go into the model */
void rtl_slices_get(const struct rtl_slices *s); /* outputs come out of it */

#endif
