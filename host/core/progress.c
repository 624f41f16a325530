/* progress.c - see progress.h. */
#include "progress.h"

#include <stddef.h>

#include "device.h"

enum { PATIENCE_NS = 500000000, AGAIN_NS = 100000000 };

static const struct lunq_progress_sink *sink;
static struct lunq_progress *current;
static bool shown;

void lunq_progress_to(const struct lunq_progress_sink *to)
{
    sink = to;
}

struct lunq_progress *lunq_progress_current(void)
{
    return current;
}

bool lunq_progress_wanted(void)
{
    return sink && !current && sink->ready();
}

bool lunq_progress_due(const struct lunq_progress *p)
{
    return p->on && lunq_device_now(NULL) >= p->next;
}

void lunq_progress_begin(struct lunq_progress *p, const char *what, uint64_t total)
{
    *p = (struct lunq_progress){.what = what, .total = total};
    if (!lunq_progress_wanted())
        return;
    p->on = true;
    p->begun = lunq_device_now(NULL);
    p->next = p->begun + PATIENCE_NS;
    current = p;
}

void lunq_progress_block(struct lunq_progress *p, const char *what)
{
    lunq_progress_begin(p, what, 0);
    p->blocks = p->on && sink->watch;
    if (p->blocks)
        sink->watch(p);
}

void lunq_progress_at(struct lunq_progress *p, uint64_t done)
{
    uint64_t now;
    if (p->blocks)
        return;
    p->done = done;
    p->unsaid = 0;
    if (!p->on || !sink)
        return;
    now = lunq_device_now(NULL);
    if (now < p->next)
        return;
    p->next = now + AGAIN_NS;
    shown = true;
    sink->show(p, (double)(now - p->begun) * 1e-9);
}

void lunq_progress_end(struct lunq_progress *p)
{
    if (!p->on)
        return;
    p->on = false;
    current = NULL;
    if (p->blocks && sink)
        sink->watch(NULL);
    if (shown && sink)
        sink->hide();
    shown = false;
}
