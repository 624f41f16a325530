/* heap.h - what is due at some time, the earliest first; equal times in the order of `order`.
 * A node lies in the struct of whoever is put in, so putting in never allocates and can't fail.
 * A pairing heap: putting in is O(1), taking out O(log n) on average. */
#ifndef LUNQ_HEAP_H
#define LUNQ_HEAP_H

#include <stdbool.h>
#include <stdint.h>

struct lunq_node {
    uint64_t at, order;
    bool in;                               /* in a heap now */
    struct lunq_node *child, *next, *prev; /* prev is the parent of a first child */
};

struct lunq_heap {
    struct lunq_node *first; /* NULL: empty */
};

/* Puts in a node whose `at` and `order` are set and which is in no heap. */
void lunq_heap_put(struct lunq_heap *h, struct lunq_node *n);
void lunq_heap_take(struct lunq_heap *h, struct lunq_node *n); /* nothing when it is not in */

#endif
