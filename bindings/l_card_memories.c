/* l_card_memories.c - memories and streams of a card described by a table (see l_card_table.c): the rows
 * of its topology. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l_card_table.h"

int l_table_word(struct l_table *t, const char *key, const char *text, const char *const *list)
{
    char known[300] = "";
    size_t n = 0;
    for (int i = 0; list[i]; i++)
        if (!strcmp(text, list[i]))
            return i;
    for (size_t i = 0; list[i] && n < sizeof known; i++)
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "", list[i]);
    l_table_enter(t, key);
    return l_fail(t->L, LUNQ_VALUE, "%s should be one of %s, not %s", l_table_where(t), known,
                  text);
}

/* ---- memories ------------------------------------------------------------------------------ */

static const char *const memory_types[] = {
    "DDR3", "DDR4",      "DRAM", "STREAMING", "PREALLOCATED",
    "ARE",  "HBM",       "BRAM", "URAM",      "STREAMING_CONNECTION",
    "HOST", "PS_KERNEL", NULL};

size_t l_card_find_memory(const struct l_table *t, const char *tag)
{
    const struct lunq_card *c = &t->d->card;
    for (size_t i = 0; i < c->n_memories; i++)
        if (!strcmp(c->memories[i].tag, tag))
            return i;
    return LUNQ_NONE;
}

static struct lunq_memory *new_memory(struct l_table *t, const char *tag)
{
    struct lunq_card *c = &t->d->card;
    struct lunq_memory *m = &c->memories[c->n_memories];
    if (!*tag || strlen(tag) > 16 || strchr(tag, '/') || strchr(tag, ' '))
        l_fail(t->L, LUNQ_VALUE, "%s: \"%s\" can't be a tag: 1 to 16 characters, no space, no /",
               l_table_where(t), tag);
    if (l_card_find_memory(t, tag) != LUNQ_NONE)
        l_fail(t->L, LUNQ_VALUE, "%s: two memories are called %s", l_table_where(t), tag);
    m->tag = tag;
    m->row = (unsigned)c->n_memories++;
    return m;
}

static void read_memory(struct l_table *t, size_t i, void *arg)
{
    static const char *const keys[] = {"tag", "type", "base", "size", "used", NULL};
    struct lunq_memory *m;
    l_table_want(t, LUA_TTABLE);
    l_table_keys(t, keys);
    m = new_memory(t, l_table_get_str(t, "tag", NULL, ""));
    m->type =
        (unsigned)l_table_word(t, "type", l_table_get_str(t, "type", NULL, "DDR4"), memory_types);
    m->base = (uint64_t)l_table_get_int(t, "base", NULL, 0, INT64_MAX, 0);
    m->size = (uint64_t)l_table_get_int(t, "size", NULL, 1024, INT64_MAX, (int64_t)16 << 30);
    m->used = l_table_get_bool(t, "used", false);
    if (m->size % 1024 || m->size - 1 > INT64_MAX - m->base)
        l_fail(t->L, LUNQ_VALUE,
               "%s: %" PRIu64 " bytes at 0x%" PRIx64
               " are no memory: whole KiB inside the address space",
               l_table_where(t), m->size, m->base);
}

static void count_item(struct l_table *t, const char *name, size_t i, void *arg)
{
    ++*(size_t *)arg;
}

static void read_stream_memory(struct l_table *t, const char *name, size_t i, void *arg)
{
    struct lunq_memory *m = new_memory(t, l_table_intern(t, name));
    m->type = LUNQ_MEM_STREAM_CONNECTION;
    m->streaming = true;
}

static int by_tag(const void *a, const void *b)
{
    return strcmp(((const struct lunq_memory *)a)->tag, ((const struct lunq_memory *)b)->tag);
}

/* A table has no order: their names give one, so that the same description makes the same file. */
static void read_streams(struct l_table *t)
{
    struct lunq_card *c = &t->d->card;
    size_t first = c->n_memories;
    l_table_each(t, "streams", read_stream_memory, NULL);
    if (c->n_memories > first)
        qsort(c->memories + first, c->n_memories - first, sizeof *c->memories, by_tag);
    for (size_t i = first; i < c->n_memories; i++)
        c->memories[i].row = (unsigned)i;
}

void l_card_memories(struct l_table *t)
{
    struct lunq_card *c = &t->d->card;
    size_t n = l_table_count(t, "memories"), streams = 0;
    l_table_each(t, "streams", count_item, &streams);
    c->memories = l_table_alloc(t, n + streams + 1, sizeof *c->memories);
    l_table_list(t, "memories", read_memory, NULL);
    if (!n)
        *new_memory(t, l_table_intern(t, "bank0")) =
            (struct lunq_memory){.tag = l_table_intern(t, "bank0"),
                                 .type = LUNQ_MEM_DDR4,
                                 .base = 0x4000000000,
                                 .size = (uint64_t)16 << 30};
    read_streams(t);
}

void l_card_tags(struct l_table *t, struct lunq_arg *a)
{
    bool list = lua_type(t->L, -1) == LUA_TTABLE;
    size_t n = list ? lua_rawlen(t->L, -1) : 1, *to = l_table_alloc(t, n + 1, sizeof *to);
    for (size_t i = 0; i < n; i++) {
        size_t at, m;
        if (list)
            lua_rawgeti(t->L, -1, (lua_Integer)i + 1);
        else
            lua_pushvalue(t->L, -1);
        l_table_want(t, LUA_TSTRING);
        at = l_card_find_memory(t, lua_tostring(t->L, -1));
        if (at == LUNQ_NONE || t->d->card.memories[at].streaming)
            l_fail(t->L, LUNQ_VALUE, "%s: there is no memory called %s", l_table_where(t),
                   lua_tostring(t->L, -1));
        lua_pop(t->L, 1);
        for (m = i; m && to[m - 1] > at; m--)
            to[m] = to[m - 1];
        to[m] = at;
        if (m && to[m - 1] == at)
            l_fail(t->L, LUNQ_VALUE, "%s names a memory twice", l_table_where(t));
    }
    a->memories = to;
    a->n_memories = n;
}
