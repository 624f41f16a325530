#include "heap.h"

#include <stddef.h>

static bool before(const struct lunq_node *a, const struct lunq_node *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

/* Makes the later of two roots the first child of the other. */
static struct lunq_node *join(struct lunq_node *a, struct lunq_node *b)
{
    if (!a || !b)
        return a ? a : b;
    if (before(b, a)) {
        struct lunq_node *t = a;
        a = b;
        b = t;
    }
    b->next = a->child;
    if (b->next)
        b->next->prev = b;
    b->prev = a;
    a->child = b;
    a->next = a->prev = NULL;
    return a;
}

/* Joins a list of siblings into one heap: in pairs from the left, then those from the right. */
static struct lunq_node *join_all(struct lunq_node *n)
{
    struct lunq_node *pairs = NULL, *all = NULL;
    while (n) {
        struct lunq_node *a = n, *b = n->next, *pair;
        n = b ? b->next : NULL;
        a->next = a->prev = NULL;
        if (b)
            b->next = b->prev = NULL;
        pair = join(a, b);
        pair->next = pairs; /* roots have no sibling: the link is free to use */
        pairs = pair;
    }
    while (pairs) {
        struct lunq_node *next = pairs->next;
        pairs->next = NULL;
        all = join(all, pairs);
        pairs = next;
    }
    return all;
}

void lunq_heap_put(struct lunq_heap *h, struct lunq_node *n)
{
    n->child = n->next = n->prev = NULL;
    n->in = true;
    h->first = join(h->first, n);
}

void lunq_heap_take(struct lunq_heap *h, struct lunq_node *n)
{
    struct lunq_node *children;
    if (!n->in)
        return;
    children = join_all(n->child);
    n->child = NULL;
    if (n == h->first) {
        h->first = children;
    } else {
        if (n->prev->child == n)
            n->prev->child = n->next;
        else
            n->prev->next = n->next;
        if (n->next)
            n->next->prev = n->prev;
        h->first = join(h->first, children);
    }
    n->next = n->prev = NULL;
    n->in = false;
}
