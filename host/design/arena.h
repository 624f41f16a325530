/* arena.h - memory of one design: an arena, its table of strings, and small containers.
 * Private to host/design. Nothing in an arena is freed before the arena itself. */
#ifndef LUNQ_ARENA_H
#define LUNQ_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lunq_arena_chunk;

struct lunq_arena {
    struct lunq_arena_chunk *chunks;
    char *next; /* free part of the newest chunk */
    size_t left;
    struct lunq_string *strings; /* open addressing, a power of two */
    size_t n_strings, cap_strings;
    uint64_t seed; /* of the string hash, so that a file can't be built to collide */
    bool failed;   /* some allocation failed: the design is not complete */
};

/* Zeroed, aligned for any type; NULL when memory is out (and `failed` is set). */
void *lunq_arena_alloc(struct lunq_arena *a, size_t n);
/* The one copy of these n bytes, NUL-terminated; NULL when memory is out. */
const char *lunq_arena_intern(struct lunq_arena *a, const char *s, size_t n);
/* The copy when there is one, else NULL. */
const char *lunq_arena_find(const struct lunq_arena *a, const char *s, size_t n);
void lunq_arena_free(struct lunq_arena *a);

/* A growing array outside the arena, filled while its final size is unknown. */
struct lunq_vec {
    void *data;
    size_t n, cap;
};

/* A new zeroed element at the end; NULL when memory is out. */
void *lunq_vec_add(struct lunq_vec *v, size_t size);
/* Moves the elements into the arena and empties the vector (its memory is kept for the next
 * round). Returns NULL and sets *n to 0 when there is nothing, or no memory. */
void *lunq_vec_keep(struct lunq_vec *v, size_t size, struct lunq_arena *a, size_t *n);
void lunq_vec_free(struct lunq_vec *v);

/* A map from pointers (interned strings, objects) to pointers, outside the arena. */
struct lunq_map {
    struct lunq_map_slot {
        const void *key;
        void *value;
    } * slots;
    size_t n, cap;
};

void *lunq_map_get(const struct lunq_map *m, const void *key);
/* Puts or replaces. False when memory is out. */
bool lunq_map_put(struct lunq_map *m, const void *key, void *value);
void lunq_map_free(struct lunq_map *m);

#endif
