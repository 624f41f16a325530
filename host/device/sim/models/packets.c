#include "packets.h"

#include <stdlib.h>
#include <string.h>

bool packets_init(struct packets *f, size_t word, size_t words)
{
    memset(f, 0, sizeof *f);
    f->word = word;
    f->room = word * words;
    f->max = words;
    f->data = malloc(f->room);
    f->list = calloc(words, sizeof *f->list);
    return f->data && f->list;
}

void packets_free(struct packets *f)
{
    free(f->data);
    free(f->list);
    memset(f, 0, sizeof *f);
}

void packets_clear(struct packets *f)
{
    f->head = f->used = f->first = f->n = 0;
}

struct packet *packets_at(const struct packets *f, size_t k)
{
    return &f->list[(f->first + k) % f->max];
}

size_t packets_occupied(const struct packets *f)
{
    size_t n = 0;
    for (size_t k = 0; k < f->n; k++)
        n += (packets_at(f, k)->bytes + f->word - 1) / f->word * f->word;
    return n;
}

static void copy_in(struct packets *f, const uint8_t *data, size_t n)
{
    size_t tail = (f->head + f->used) % f->room, first = f->room - tail;
    if (first > n)
        first = n;
    memcpy(f->data + tail, data, first);
    memcpy(f->data, data + first, n - first);
    f->used += n;
}

/* The packet under way, which takes more data of this kind; one of another kind ends as a part. */
static bool is_open(struct packets *f, const struct lunq_axis_side *side)
{
    struct packet *p = f->n > 0 ? packets_at(f, f->n - 1) : NULL;
    if (!p || p->closed || p->part)
        return false;
    if (p->bytes == 0)
        p->side = *side;
    p->part = !lunq_axis_same_side(&p->side, side);
    return !p->part;
}

bool packets_is_whole(const struct packets *f)
{
    size_t k = 0;
    while (k < f->n && packets_at(f, k)->part)
        k++;
    return k < f->n && packets_at(f, k)->closed;
}

size_t packets_put(struct packets *f, const uint8_t *data, size_t n, bool last)
{
    return packets_put_side(f, data, n, last, &(struct lunq_axis_side){0});
}

size_t packets_put_side(struct packets *f, const uint8_t *data, size_t n, bool last,
                        const struct lunq_axis_side *side)
{
    bool open = is_open(f, side);
    size_t space = f->room - packets_occupied(f), taken;
    struct packet *p;
    if (!open && f->n == f->max)
        return 0;
    if (open) { /* the rest of its last word is counted already */
        size_t part = packets_at(f, f->n - 1)->bytes % f->word;
        space += part ? f->word - part : 0;
    }
    taken = n < space ? n : space;
    if (taken == 0)
        return 0;
    if (!open)
        *packets_at(f, f->n++) = (struct packet){.side = *side};
    p = packets_at(f, f->n - 1);
    copy_in(f, data, taken);
    p->bytes += taken;
    p->closed = last && taken == n;
    return taken;
}

size_t packets_head(const struct packets *f, const uint8_t **data, bool *last)
{
    const struct packet *p = packets_at(f, 0);
    size_t n;
    if (f->n == 0)
        return 0;
    n = p->bytes < f->room - f->head ? p->bytes : f->room - f->head;
    *data = f->data + f->head;
    *last = p->closed && n == p->bytes;
    return n;
}

void packets_take(struct packets *f, size_t n)
{
    struct packet *p = packets_at(f, 0);
    f->head = (f->head + n) % f->room;
    f->used -= n;
    p->bytes -= n;
    if (p->bytes == 0 && (p->closed || p->part)) {
        f->first = (f->first + 1) % f->max;
        f->n--;
    }
}
