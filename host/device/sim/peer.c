/* peer.c - the list of peers, and finding those of an IP. */
#include "peer.h"

#include <stdlib.h>
#include <string.h>

#include "private.h"

const char *sim_bus_name(enum sim_bus b)
{
    static const char *const names[] = {"none", "i2c", "spi", "uart", "mailbox", "analog"};
    return names[b];
}

static const char *inst_name(void *ctx, size_t i)
{
    return ((struct lunq_sim *)ctx)->fabric.insts[i]->path;
}

int lunq_sim_attach(struct lunq_sim *s, struct sim_peer *p, const char *path,
                    struct lunq_error *err)
{
    const struct sim_inst *i = sim_inst_find(s, path);
    char hint[160];
    if (p->sim)
        return lunq_fail(err, LUNQ_RUNTIME, "The peer is attached to %s already.", p->path);
    if (!i)
        return lunq_fail(err, LUNQ_VALUE, "The loaded design has no IP \"%s\"%s.", path,
                         sim_suggest(hint, sizeof hint, path, inst_name, s, s->fabric.n_insts));
    if (i->base->bus == SIM_NO_BUS)
        return lunq_fail(err, LUNQ_VALUE, "%s (%s) has no pins a peer could be attached to.", path,
                         i->cls->name);
    if (i->base->bus != p->bus)
        return lunq_fail(err, LUNQ_VALUE, "%s (%s) takes peers for %s, this one is for %s.", path,
                         i->cls->name, sim_bus_name(i->base->bus), sim_bus_name(p->bus));
    p->path = strdup(path);
    if (!p->path)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    p->sim = s;
    p->next = s->peers;
    s->peers = p;
    return 0;
}

void lunq_sim_detach(struct sim_peer *p)
{
    struct sim_peer **at;
    if (!p->sim)
        return;
    at = &p->sim->peers;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    free(p->path);
    p->path = NULL;
    p->next = NULL;
    p->sim = NULL;
    if (p->detached)
        p->detached(p);
}

void lunq_sim_detach_all(struct lunq_sim *s)
{
    while (s->peers)
        lunq_sim_detach(s->peers);
}

struct lunq_device *lunq_sim_device(struct lunq_sim *s)
{
    return &s->dev;
}

struct sim_peer *lunq_sim_peers(struct lunq_sim *s)
{
    return s->peers;
}

int lunq_sim_feed(struct sim_peer *p, const void *data, size_t n, struct lunq_error *err)
{
    struct sim_inst *i = p->sim ? sim_inst_find(p->sim, p->path) : NULL;
    if (!p->sim)
        return lunq_fail(err, LUNQ_RUNTIME, "The peer is not attached: device:attach(path, peer).");
    if (!i || i->base->bus != p->bus || !i->base->feed)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "%s is not there to receive anything: another design is "
                         "loaded.",
                         p->path);
    return i->base->feed(i, data, n, err);
}

struct sim_peer *sim_peer_next(const struct sim_inst *i, const struct sim_peer *after)
{
    struct sim_peer *p = after ? after->next : i->sim->peers;
    while (p && strcmp(p->path, i->path))
        p = p->next;
    return p;
}
