/* slice.c - see slice.h. */
#include "slice.h"

#include <stdlib.h>

bool rtl_slices_add(struct rtl_slices *s, const struct rtl_pin *whole, uint32_t n_pins,
                    uint32_t from, uint32_t width, struct rtl_pin *part)
{
    struct rtl_slice *list = realloc(s->list, (s->n + 1) * sizeof *list), *new;
    if (!list)
        return false;
    s->list = list;
    new = &list[s->n];
    *new = (struct rtl_slice){
        .pin = whole->index, .from = from, .width = width, .out = whole->direction == LUNQ_RTL_OUT};
    new->part = calloc((width + 63u) / 64, 16);
    if (!new->part)
        return false;
    *part = *whole;
    part->at = NULL;
    part->index = n_pins + (uint32_t)s->n;
    part->width = width;
    part->bytes = width <= 8 ? 1 : width <= 16 ? 2 : width <= 32 ? 4 : width <= 64 ? 8 : 0;
    s->n++;
    return true;
}

void rtl_slices_free(struct rtl_slices *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->list[i].part);
    free(s->list);
    *s = (struct rtl_slices){0};
}

/* n bits (1 to 8) from bit `from` on, in the low ones. */
static unsigned take_bits(const uint8_t *p, uint32_t from, unsigned n)
{
    unsigned v = p[from / 8] >> from % 8;
    if (from % 8 + n > 8)
        v |= (unsigned)p[from / 8 + 1] << (8 - from % 8);
    return v & ((1u << n) - 1);
}

static void place_bits(uint8_t *p, uint32_t to, unsigned n, unsigned v)
{
    unsigned mask = ((1u << n) - 1) << to % 8;
    v <<= to % 8;
    p[to / 8] = (uint8_t)((p[to / 8] & ~mask) | v);
    if (mask >> 8)
        p[to / 8 + 1] = (uint8_t)((p[to / 8 + 1] & ~(mask >> 8)) | v >> 8);
}

static void copy_bits(uint8_t *to, uint32_t to_bit, const uint8_t *from, uint32_t from_bit,
                      uint32_t n)
{
    if (to_bit % 8 == 0 && from_bit % 8 == 0 && n % 8 == 0) {
        memcpy(to + to_bit / 8, from + from_bit / 8, n / 8);
        return;
    }
    for (uint32_t i = 0; i < n; i += 8) {
        unsigned k = n - i < 8 ? n - i : 8;
        place_bits(to, to_bit + i, k, take_bits(from, from_bit + i, k));
    }
}

const uint8_t *rtl_slice_unknown(const struct rtl_slice *s, const uint8_t *whole)
{
    uint8_t *bits = s->part + (s->width + 63u) / 64 * 8;
    copy_bits(bits, 0, whole, s->from, s->width);
    return bits;
}

void rtl_slices_put(const struct rtl_slices *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->list[i].out)
            copy_bits(s->list[i].whole, s->list[i].from, s->list[i].part, 0, s->list[i].width);
}

void rtl_slices_get(const struct rtl_slices *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->list[i].out)
            copy_bits(s->list[i].part, 0, s->list[i].whole, s->list[i].from, s->list[i].width);
}
