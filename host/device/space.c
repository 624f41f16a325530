#include "space.h"

#include <stdlib.h>

#define PAGE ((uint64_t)LUNQ_SPACE_PAGE)

static void hole_add(struct lunq_space *s, struct lunq_space_block *b)
{
    b->free = true;
    b->prev_free = NULL;
    b->next_free = s->spare;
    if (b->next_free)
        b->next_free->prev_free = b;
    s->spare = b;
}

static void hole_remove(struct lunq_space *s, struct lunq_space_block *b)
{
    b->free = false;
    if (b->prev_free)
        b->prev_free->next_free = b->next_free;
    else
        s->spare = b->next_free;
    if (b->next_free)
        b->next_free->prev_free = b->prev_free;
}

bool lunq_space_open(struct lunq_space *s, uint64_t first, uint64_t size)
{
    *s = (struct lunq_space){0};
    s->blocks = calloc(1, sizeof *s->blocks);
    if (!s->blocks)
        return false;
    s->blocks->addr = first;
    s->blocks->size = size;
    hole_add(s, s->blocks);
    return true;
}

void lunq_space_close(struct lunq_space *s)
{
    while (s->blocks) {
        struct lunq_space_block *b = s->blocks;
        s->blocks = b->next;
        free(b);
    }
    s->spare = NULL;
}

/* The part of b within [first, first+size), in whole pages; its size may be 0. */
static uint64_t within(const struct lunq_space_block *b, uint64_t first, uint64_t size,
                       uint64_t *start)
{
    uint64_t last = b->addr + (b->size - 1), end = size ? first + (size - 1) : first;
    if (size == 0 || b->size == 0 || b->addr > end || last < first)
        return 0;
    *start = b->addr > first ? b->addr : first;
    if (*start > UINT64_MAX - (PAGE - 1))
        return 0;
    *start = (*start + (PAGE - 1)) & ~(PAGE - 1);
    if (last > end)
        last = end;
    return *start > last ? 0 : last - *start + 1;
}

/* Cuts a hole, in no list, after its first n bytes; the rest becomes a hole. False: no memory. */
static bool cut(struct lunq_space *s, struct lunq_space_block *b, uint64_t n)
{
    struct lunq_space_block *rest = calloc(1, sizeof *rest);
    if (!rest)
        return false;
    rest->addr = b->addr + n;
    rest->size = b->size - n;
    rest->prev = b;
    rest->next = b->next;
    if (rest->next)
        rest->next->prev = rest;
    b->next = rest;
    b->size = n;
    hole_add(s, rest);
    return true;
}

struct lunq_space_block *lunq_space_take(struct lunq_space *s, uint64_t n, uint64_t first,
                                         uint64_t size, uint64_t *largest)
{
    struct lunq_space_block *b = s->spare;
    uint64_t start = 0, most = 0, need = (n + (PAGE - 1)) & ~(PAGE - 1);
    for (; b; b = b->next_free) {
        uint64_t room = within(b, first, size, &start);
        if (room >= n && n > 0 && need >= n && room >= need)
            break;
        most = room > most ? room : most;
    }
    if (largest)
        *largest = most;
    if (!b)
        return NULL;
    if (start > b->addr) {
        if (!cut(s, b, start - b->addr))
            return NULL;
        b = b->next;
    }
    hole_remove(s, b);
    if (b->size > need && !cut(s, b, need)) {
        hole_add(s, b);
        return NULL;
    }
    return b;
}

/* b takes the bytes of the block behind it, which is in no list of holes. */
static void swallow_next(struct lunq_space_block *b)
{
    struct lunq_space_block *n = b->next;
    b->size += n->size;
    b->next = n->next;
    if (b->next)
        b->next->prev = b;
    free(n);
}

void lunq_space_give(struct lunq_space *s, struct lunq_space_block *b)
{
    if (b->next && b->next->free) {
        hole_remove(s, b->next);
        swallow_next(b);
    }
    if (b->prev && b->prev->free) {
        b = b->prev;
        hole_remove(s, b);
        swallow_next(b);
    }
    hole_add(s, b);
}

uint64_t lunq_space_used(const struct lunq_space *s, uint64_t first, uint64_t size)
{
    uint64_t used = 0, end = first + (size - 1);
    for (const struct lunq_space_block *b = s->blocks; b && size > 0 && b->addr <= end; b = b->next)
        if (!b->free && b->addr >= first)
            used += b->size;
    return used;
}
