/* card.c - a simulated card: its banks and its designs. */
#include "card.h"

#include <stdlib.h>

#include "../card_banks.h"

/* Before any design is loaded: the first DDR4 bank of a U250. */
static const struct lunq_bank first_bank = {
    .name = "bank0", .base = UINT64_C(0x4000000000), .size = UINT64_C(16) << 30};

static int set_banks(struct lunq_sim *s, struct lunq_bank *banks, size_t n, size_t by_default,
                     struct lunq_error *err)
{
    if (!banks)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    free(s->dev.banks);
    s->dev.banks = banks;
    s->dev.n_banks = n;
    s->dev.default_bank = by_default;
    return 0;
}

int sim_card_open(struct lunq_sim *s, struct lunq_error *err)
{
    struct lunq_bank *bank = malloc(sizeof *bank);
    s->card = calloc(1, sizeof *s->card);
    if (bank)
        *bank = first_bank;
    if (s->card && lunq_space_open(&s->card->space, 0, UINT64_MAX))
        return set_banks(s, bank, 1, 0, err);
    free(bank);
    return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
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
    return lunq_card_check_buffers(d, s->card->shown, p->design, err);
}

int sim_card_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct sim_card *c = s->card;
    struct sim_unit *units;
    struct lunq_bank *banks;
    size_t n, by_default;
    int r = check(s, p, err);
    if (r < 0)
        return r;
    units = sim_units_new(p->design->card.n_cus);
    banks = lunq_card_banks(p->design, &n, &by_default);
    r = units && banks ? sim_program(d, p, err) : lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    if (r < 0) {
        free(units);
        free(banks);
        return r;
    }
    sim_units_free(s, c->units, c->shown ? c->shown->card.n_cus : 0);
    lunq_design_unref(c->shown);
    c->shown = lunq_design_ref(p->design);
    c->units = units;
    sim_units_bind(s, units, p->design);
    return set_banks(s, banks, n, by_default, err);
}
