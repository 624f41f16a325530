#include "arena.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHUNK ((size_t)128 << 10)
#define ALIGN ((size_t)16)

struct lunq_arena_chunk {
    struct lunq_arena_chunk *before;
    _Alignas(16) char data[];
};

struct lunq_string {
    const char *s;
    uint32_t len, hash;
};

/* ---- arena --------------------------------------------------------------------------------- */

static bool add_chunk(struct lunq_arena *a, size_t n)
{
    struct lunq_arena_chunk *c;
    if (n > SIZE_MAX / 2)
        return false;
    c = calloc(1, sizeof *c + n);
    if (!c)
        return false;
    c->before = a->chunks;
    a->chunks = c;
    a->next = c->data;
    a->left = n;
    return true;
}

/* n bytes at an address that is a multiple of `align` (a power of two). */
static void *take(struct lunq_arena *a, size_t n, size_t align)
{
    size_t pad = (size_t) - (uintptr_t)a->next & (align - 1);
    char *p;
    if (pad > a->left || n > a->left - pad) {
        if (a->failed || !add_chunk(a, n > CHUNK / 4 ? n + ALIGN : CHUNK)) {
            a->failed = true;
            return NULL;
        }
        pad = (size_t) - (uintptr_t)a->next & (align - 1);
    }
    p = a->next + pad;
    a->next = p + n;
    a->left -= n + pad;
    return p;
}

void *lunq_arena_alloc(struct lunq_arena *a, size_t n)
{
    return take(a, n ? n : 1, ALIGN);
}

void lunq_arena_free(struct lunq_arena *a)
{
    while (a->chunks) {
        struct lunq_arena_chunk *before = a->chunks->before;
        free(a->chunks);
        a->chunks = before;
    }
    free(a->strings);
    memset(a, 0, sizeof *a);
}

/* ---- strings ------------------------------------------------------------------------------- */

/* Eight bytes a step: the texts of a big design are megabytes, and this runs over all of them. */
static uint32_t hash_bytes(const char *s, size_t n, uint64_t h)
{
    const uint64_t k = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t w;
    h ^= n * k;
    for (; n >= sizeof w; s += sizeof w, n -= sizeof w) {
        memcpy(&w, s, sizeof w);
        h = (h ^ w) * k;
        h ^= h >> 29;
    }
    w = 0;
    memcpy(&w, s, n);
    h = (h ^ w) * k;
    h ^= h >> 32;
    h *= k;
    return (uint32_t)(h >> 32);
}

/* The slot that holds the string, or the empty one where it would go. */
static struct lunq_string *slot_of(const struct lunq_arena *a, const char *s, size_t n,
                                   uint32_t hash)
{
    size_t i = hash & (a->cap_strings - 1);
    for (;; i = (i + 1) & (a->cap_strings - 1)) {
        struct lunq_string *e = &a->strings[i];
        if (!e->s || (e->hash == hash && e->len == n && !memcmp(e->s, s, n)))
            return e;
    }
}

static bool grow_strings(struct lunq_arena *a)
{
    struct lunq_string *old = a->strings;
    size_t old_cap = a->cap_strings, cap = old_cap ? 2 * old_cap : 1024;
    struct lunq_string *fresh = calloc(cap, sizeof *fresh);
    if (!fresh)
        return false;
    if (!old)
        a->seed = (uint64_t)(uintptr_t)fresh ^ (uint64_t)clock() << 32 ^ (uint64_t)time(NULL);
    a->strings = fresh;
    a->cap_strings = cap;
    for (size_t i = 0; i < old_cap; i++) {
        size_t j = old[i].hash & (cap - 1);
        if (!old[i].s)
            continue;
        while (fresh[j].s)
            j = (j + 1) & (cap - 1);
        fresh[j] = old[i];
    }
    free(old);
    return true;
}

const char *lunq_arena_find(const struct lunq_arena *a, const char *s, size_t n)
{
    return a->strings ? slot_of(a, s, n, hash_bytes(s, n, a->seed))->s : NULL;
}

const char *lunq_arena_intern(struct lunq_arena *a, const char *s, size_t n)
{
    struct lunq_string *e;
    uint32_t hash;
    char *copy;
    if (n >= UINT32_MAX || (a->n_strings >= a->cap_strings / 2 && !grow_strings(a))) {
        a->failed = true;
        return NULL;
    }
    hash = hash_bytes(s, n, a->seed);
    e = slot_of(a, s, n, hash);
    if (e->s)
        return e->s;
    copy = take(a, n + 1, 1);
    if (!copy)
        return NULL;
    memcpy(copy, s, n);
    copy[n] = '\0';
    *e = (struct lunq_string){copy, (uint32_t)n, hash};
    a->n_strings++;
    return copy;
}

/* ---- vector -------------------------------------------------------------------------------- */

void *lunq_vec_add(struct lunq_vec *v, size_t size)
{
    char *p;
    if (v->n == v->cap) {
        size_t cap = v->cap ? 2 * v->cap : 16;
        void *bigger = cap > SIZE_MAX / 2 / size ? NULL : realloc(v->data, cap * size);
        if (!bigger)
            return NULL;
        v->data = bigger;
        v->cap = cap;
    }
    p = (char *)v->data + v->n++ * size;
    return memset(p, 0, size);
}

void *lunq_vec_keep(struct lunq_vec *v, size_t size, struct lunq_arena *a, size_t *n)
{
    void *p = v->n ? lunq_arena_alloc(a, v->n * size) : NULL;
    *n = p ? v->n : 0;
    if (p)
        memcpy(p, v->data, v->n * size);
    v->n = 0;
    return p;
}

void lunq_vec_free(struct lunq_vec *v)
{
    free(v->data);
    memset(v, 0, sizeof *v);
}

/* ---- map ----------------------------------------------------------------------------------- */

static struct lunq_map_slot *map_slot(const struct lunq_map *m, const void *key)
{
    size_t i = ((uintptr_t)key * UINT64_C(0x9E3779B97F4A7C15)) >> 20 & (m->cap - 1);
    while (m->slots[i].key && m->slots[i].key != key)
        i = (i + 1) & (m->cap - 1);
    return &m->slots[i];
}

void *lunq_map_get(const struct lunq_map *m, const void *key)
{
    return m->cap && key ? map_slot(m, key)->value : NULL;
}

bool lunq_map_put(struct lunq_map *m, const void *key, void *value)
{
    struct lunq_map_slot *s;
    if (m->n >= m->cap / 2) {
        struct lunq_map bigger = {NULL, m->n, m->cap ? 2 * m->cap : 64};
        bigger.slots = calloc(bigger.cap, sizeof *bigger.slots);
        if (!bigger.slots)
            return false;
        for (size_t i = 0; i < m->cap; i++)
            if (m->slots[i].key)
                *map_slot(&bigger, m->slots[i].key) = m->slots[i];
        free(m->slots);
        *m = bigger;
    }
    s = map_slot(m, key);
    m->n += s->key == NULL;
    s->key = key;
    s->value = value;
    return true;
}

void lunq_map_free(struct lunq_map *m)
{
    free(m->slots);
    memset(m, 0, sizeof *m);
}
