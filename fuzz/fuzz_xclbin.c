/* fuzz_xclbin.c - any bytes as an xclbin: a sound design or a clean error; what was read can be written,
 * and read again it is the same. Seeds: fuzz/seeds/fuzz_xclbin.lua makes them. */
#include "design/xclbin_write.h"
#include "walk.h"

static size_t walk_args(const struct lunq_design *d, const struct lunq_cu *cu)
{
    size_t n = 0;
    for (size_t i = 0; i < cu->n_args; i++) {
        const struct lunq_arg *a = &cu->args[i];
        n += strlen(a->name) + strlen(a->type) + strlen(a->port);
        if (a->index != i ||
            (cu->has_address && a->kind != LUNQ_ARG_STREAM && a->offset + a->size > cu->range))
            abort();
        for (size_t k = 0; k < a->n_memories; k++)
            if (a->memories[k] >= d->card.n_memories || (k && a->memories[k] <= a->memories[k - 1]))
                abort();
    }
    return n;
}

static size_t walk_card(const struct lunq_design *d)
{
    const struct lunq_card *c = &d->card;
    size_t n = strlen(c->platform);
    for (size_t i = 0; i < c->n_cus; i++) {
        const struct lunq_cu *cu = &c->cus[i];
        const struct lunq_ip *ip = lunq_design_ip(d, cu->name);
        n += strlen(cu->full) + strlen(cu->protocol) + walk_args(d, cu);
        if (cu->module != lunq_design_module(d, cu->name) || cu->has_address != (ip != NULL) ||
            (ip && (ip->phys_addr != cu->base || ip->addr_range != cu->range)))
            abort();
    }
    for (size_t i = 0; i < c->n_memories; i++) {
        if (c->memories[i].row != i || !*c->memories[i].tag ||
            (c->memories[i].size &&
             c->memories[i].base + (c->memories[i].size - 1) < c->memories[i].base))
            abort();
        n += strlen(c->memories[i].tag);
    }
    for (size_t i = 0; i < c->n_clocks; i++)
        n += strlen(c->clocks[i].name);
    return n;
}

/* The design as a file again. What was read may be too much for a file: tags made distinct. */
static void write_again(const struct lunq_design *d)
{
    struct lunq_error e = {0};
    struct lunq_design *again;
    uint8_t *data;
    size_t size;
    if (lunq_xclbin_write(d, &(struct lunq_xclbin_options){.groups = true}, &data, &size, &e) < 0) {
        if (!e.message[0])
            abort();
        return;
    }
    if (lunq_design_read_mem(&again, "again", data, size, &e) < 0 || again->n_ip != d->n_ip ||
        again->card.n_cus != d->card.n_cus || again->card.n_memories != d->card.n_memories ||
        again->n_streams != d->n_streams || memcmp(again->card.uuid, d->card.uuid, 16))
        abort();
    lunq_design_unref(again);
    free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lunq_design *d;
    struct lunq_error e = {0};
    if (lunq_design_read_mem(&d, "fuzz.xclbin", data, size, &e) < 0) {
        if (d || !e.message[0] || strncmp(e.message, "fuzz.xclbin", 11))
            abort();
        return 0;
    }
    if (walk_design(d) + walk_card(d) == SIZE_MAX)
        abort();
    if (d->card.present)
        write_again(d);
    lunq_design_unref(d);
    return 0;
}
