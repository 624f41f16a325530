/* card.c - a simulated card: its banks and its designs. */
#include "card.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Before any design is loaded: the first DDR4 bank of a U250. */
static const struct lunq_bank first_bank = {
    .name = "bank0", .base = UINT64_C(0x4000000000), .size = UINT64_C(16) << 30};

static int set_banks(struct lunq_sim *s, const struct lunq_bank *list, size_t n, size_t by_default,
                     struct lunq_error *err)
{
    struct lunq_bank *copy = calloc(n + 1, sizeof *copy);
    if (!copy)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    if (n > 0)
        memcpy(copy, list, n * sizeof *copy);
    free(s->dev.banks);
    s->dev.banks = copy;
    s->dev.n_banks = n;
    s->dev.default_bank = by_default;
    return 0;
}

/* One bank for each memory of the design; streams have no bytes. The default is the one in use, if there
 * is one alone (pynq-behaviour.md B2). */
static int show_memories(struct lunq_sim *s, struct lunq_design *design, struct lunq_error *err)
{
    const struct lunq_card *card = &design->card;
    struct lunq_bank *list = calloc(card->n_memories + 1, sizeof *list);
    size_t n = 0, used = 0, by_default = LUNQ_NONE;
    int r;
    if (!list)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    for (size_t i = 0; i < card->n_memories; i++) {
        const struct lunq_memory *m = &card->memories[i];
        if (m->streaming)
            continue;
        if (m->used && ++used == 1)
            by_default = n;
        list[n++] =
            (struct lunq_bank){.name = m->tag, .base = m->base, .size = m->size, .row = m->row};
    }
    r = set_banks(s, list, n, used == 1 ? by_default : LUNQ_NONE, err);
    free(list);
    if (r < 0)
        return r;
    return 0;
}

int sim_card_open(struct lunq_sim *s, struct lunq_error *err)
{
    int r;
    s->card = calloc(1, sizeof *s->card);
    if (!s->card || !lunq_space_open(&s->card->space, 0, UINT64_MAX))
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    r = set_banks(s, &first_bank, 1, 0, err);
    return r;
}

void sim_card_close(struct lunq_sim *s)
{
    if (!s->card)
        return;
    sim_units_free(s, s->card->units, s->card->shown ? s->card->shown->card.n_cus : 0);
    free(s->card->kernels);
    lunq_space_close(&s->card->space);
    lunq_design_unref(s->card->shown);
    free(s->dev.banks);
    free(s->card);
    s->card = NULL;
}

/* ---- loading ---------------------------------------------------------------------------------- */

static bool is_loaded(const struct lunq_sim *s, const struct lunq_card *card)
{
    const struct lunq_design *d = s->card->shown;
    return d && d->card.has_uuid && card->has_uuid &&
           !memcmp(d->card.uuid, card->uuid, sizeof card->uuid);
}

static int check(const struct lunq_sim *s, const struct lunq_program *p, struct lunq_error *err)
{
    const struct lunq_device *d = &s->dev;
    if (p->region)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "Device %s loads whole designs: a card under XRT has no region %s.",
                         d->name, p->region);
    if (!p->design->card.present)
        return lunq_fail(err, LUNQ_VALUE,
                         "%s is no design for a card: %s loads .xclbin files and tables with "
                         "kernels. Boards are --device sim.",
                         p->design->file, d->name);
    /* Buffers lie in the memories of a design, and go with it; a driver would refuse, too. */
    if (d->mem_count > 0 && !is_loaded(s, &p->design->card))
        return lunq_fail(err, LUNQ_RUNTIME,
                         "Programming Device failed: %" PRIu64 " buffer%s of %" PRIu64
                         " bytes are allocated on card %s, in the memories of the design it has: "
                         "free them before another is loaded.",
                         d->mem_count, d->mem_count == 1 ? "" : "s", d->mem_bytes, d->name);
    return 0;
}

int sim_card_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct sim_card *c = s->card;
    struct sim_unit *units;
    int r = check(s, p, err);
    if (r < 0)
        return r;
    units = sim_units_new(p->design->card.n_cus);
    if (!units)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    r = sim_program(d, p, err);
    if (r < 0) {
        free(units);
        return r;
    }
    sim_units_free(s, c->units, c->shown ? c->shown->card.n_cus : 0);
    lunq_design_unref(c->shown);
    c->shown = lunq_design_ref(p->design);
    c->units = units;
    sim_units_bind(s, units, p->design);
    return show_memories(s, p->design, err);
}
