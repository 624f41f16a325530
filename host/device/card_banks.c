#include "card_banks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct lunq_bank *lunq_card_banks(const struct lunq_design *d, size_t *n, size_t *by_default)
{
    const struct lunq_card *card = &d->card;
    struct lunq_bank *banks = calloc(card->n_memories + 1, sizeof *banks);
    size_t used = 0;
    *n = 0;
    *by_default = LUNQ_NONE;
    for (size_t i = 0; banks && i < card->n_memories; i++) {
        const struct lunq_memory *m = &card->memories[i];
        if (m->streaming)
            continue;
        if (m->used)
            *by_default = ++used == 1 ? *n : LUNQ_NONE;
        banks[(*n)++] =
            (struct lunq_bank){.name = m->tag, .base = m->base, .size = m->size, .row = m->row};
    }
    return banks;
}

static bool is_same(const struct lunq_design *a, const struct lunq_design *b)
{
    return a && a->card.has_uuid && b->card.has_uuid &&
           !memcmp(a->card.uuid, b->card.uuid, sizeof a->card.uuid);
}

int lunq_card_check_buffers(const struct lunq_device *card, const struct lunq_design *has,
                            const struct lunq_design *next, struct lunq_error *err)
{
    uint64_t n = card->mem_count;
    if (n == 0 || is_same(has, next))
        return 0;
    return lunq_fail(err, LUNQ_RUNTIME,
                     "Programming Device failed: %" PRIu64 " buffer%s of %" PRIu64
                     " bytes %s allocated on card %s, in the memories of the design it has: free "
                     "them before another is loaded.",
                     n, n == 1 ? "" : "s", card->mem_bytes, n == 1 ? "is" : "are", card->name);
}
