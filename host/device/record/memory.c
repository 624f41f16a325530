/* memory.c - memory of a recorded device: a copy of what the device has, whose bytes cross at a
 * sync, which is when they are recorded. */
#include <stdlib.h>
#include <string.h>

#include "recorder.h"

/* What is behind a block of our memory: the block of the device behind, when recording. */
static struct lunq_mem *behind(const struct lunq_mem *m)
{
    return (struct lunq_mem *)(uintptr_t)m->key;
}

static int alloc_behind(struct lunq_device *in, struct lunq_mem *m, struct lunq_error *err)
{
    struct lunq_mem *b = calloc(1, sizeof *b);
    int r;
    if (!b)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    *b = (struct lunq_mem){
        .dev = in, .size = m->size, .bank = m->bank, .cacheable = m->cacheable, .refs = 1};
    r = in->ops->alloc(in, b, err);
    if (r < 0) {
        free(b);
        return r;
    }
    m->key = (uintptr_t)b;
    m->address = b->address;
    return 0;
}

void recorder_free(struct lunq_device *d, struct lunq_mem *m)
{
    struct lunq_device *in = recorder_of(d)->inner;
    struct lunq_mem *b = behind(m);
    if (b)
        in->ops->free(in, b);
    free(b);
    free(m->host);
}

/* Freeing is not recorded: when garbage is collected differs from run to run. */
int recorder_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err)
{
    struct lunq_trace_record r = {.what = TRACE_ALLOC, .ask = {m->size, m->bank, m->cacheable}};
    m->key = 0;
    m->coherent = false;
    m->host = calloc(1, m->size);
    if (!m->host)
        return lunq_fail(err, LUNQ_MEMORY, "No memory for %zu bytes.", m->size);
    ASK(alloc_behind(in, m, &own) < 0 ? own.kind : (r.answer[0] = m->address, 0));
    m->address = r.answer[0];
    if (result < 0)
        recorder_free(d, m);
    return result;
}

static int sync_behind(struct lunq_device *in, struct lunq_mem *b, size_t off, size_t n,
                       enum lunq_sync dir, struct lunq_error *err)
{
    if (b->coherent || !in->ops->sync)
        return 0;
    return in->ops->sync(in, b, off, n, dir, err);
}

static int send(struct lunq_device *in, struct lunq_mem *m, size_t off, size_t n,
                struct lunq_error *err)
{
    memcpy(behind(m)->host + off, m->host + off, n);
    return sync_behind(in, behind(m), off, n, LUNQ_TO_DEVICE, err);
}

/* Fills in which bytes are others than the host has. */
static int fetch(struct lunq_device *in, struct lunq_mem *m, size_t off, size_t n,
                 struct lunq_trace_record *r, struct lunq_error *err)
{
    const uint8_t *theirs = behind(m)->host + off, *ours = m->host + off;
    size_t first = 0, end = n;
    int result = sync_behind(in, behind(m), off, n, LUNQ_FROM_DEVICE, err);
    if (result < 0)
        return result;
    while (first < n && theirs[first] == ours[first])
        first++;
    while (end > first && theirs[end - 1] == ours[end - 1])
        end--;
    r->answer[0] = first;
    r->data = theirs + first;
    r->n_data = end - first;
    return 0;
}

int recorder_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n,
                  enum lunq_sync dir, struct lunq_error *err)
{
    bool out = dir == LUNQ_TO_DEVICE;
    struct lunq_trace_record r = {.what = out ? TRACE_SEND : TRACE_FETCH,
                                  .ask = {m->address + off, n}};
    if (out)
        r.ask[2] = lunq_trace_digest(0, m->host + off, n);
    ASK(out ? send(in, m, off, n, &own) : fetch(in, m, off, n, &r, &own));
    if (result < 0 || out)
        return result;
    if (r.answer[0] > n || n - r.answer[0] < r.n_data)
        return lunq_fail(err, LUNQ_VALUE,
                         "The trace has %zu bytes for memory of %zu bytes: it is damaged.",
                         r.n_data, n);
    if (r.n_data > 0)
        memcpy(m->host + off + r.answer[0], r.data, r.n_data);
    return 0;
}
