/* dma_params.c - what an AXI DMA can do, from the parameters of its module. */
#include <inttypes.h>
#include <string.h>

#include "dma.h"

struct reader {
    lunq_dma_get_param *get;
    void *ctx;
    struct lunq_error *err;
    int result; /* the first failure */
};

static bool flag(struct reader *r, const char *name, bool otherwise)
{
    return r->get(r->ctx, name, otherwise) != 0;
}

static unsigned number(struct reader *r, const char *name, unsigned otherwise, unsigned low,
                       unsigned high)
{
    int64_t v = r->get(r->ctx, name, otherwise);
    if (v >= low && v <= high)
        return (unsigned)v;
    if (r->result == 0)
        r->result = lunq_fail(r->err, LUNQ_VALUE,
                              "Parameter %s of an AXI DMA is %u to %u, not %" PRId64 ".", name, low,
                              high, v);
    return otherwise;
}

/* A data width in bits, as bytes. */
static unsigned width(struct reader *r, const char *name, unsigned otherwise)
{
    unsigned bits = number(r, name, otherwise, 8, 1024);
    if ((bits & (bits - 1)) && r->result == 0)
        r->result =
            lunq_fail(r->err, LUNQ_VALUE, "Parameter %s is no power of two: %u.", name, bits);
    return bits / 8;
}

int lunq_dma_params_read(struct lunq_dma_params *p, lunq_dma_get_param *get, void *ctx,
                         struct lunq_error *err)
{
    struct reader r = {get, ctx, err, 0};
    unsigned stream[2];
    memset(p, 0, sizeof *p);
    p->micro = flag(&r, "c_micro_dma", false);
    p->sg = flag(&r, "c_include_sg", false);
    if (p->micro && p->sg)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "Micro and Scatter-gather modes not supported simultaneously.");
    p->length_width = number(&r, "c_sg_length_width", 26, 8, 26);
    p->addr_width = number(&r, "c_addr_width", 32, 32, 64);
    p->include[LUNQ_MM2S] = flag(&r, "c_include_mm2s", true);
    p->include[LUNQ_S2MM] = flag(&r, "c_include_s2mm", true);
    p->dre[LUNQ_MM2S] = flag(&r, "c_include_mm2s_dre", false);
    p->dre[LUNQ_S2MM] = flag(&r, "c_include_s2mm_dre", false);
    p->data_bytes[LUNQ_MM2S] = width(&r, "c_m_axi_mm2s_data_width", 32);
    p->data_bytes[LUNQ_S2MM] = width(&r, "c_m_axi_s2mm_data_width", 32);
    stream[LUNQ_MM2S] = width(&r, "c_m_axis_mm2s_tdata_width", 8);
    stream[LUNQ_S2MM] = width(&r, "c_s_axis_s2mm_tdata_width", 8);
    p->burst[LUNQ_MM2S] = number(&r, "c_mm2s_burst_size", 16, 1, 256);
    p->burst[LUNQ_S2MM] = number(&r, "c_s2mm_burst_size", 16, 1, 256);
    for (int d = 0; d < 2; d++)
        p->align[d] = stream[d] > p->data_bytes[d] ? stream[d] : p->data_bytes[d];
    return r.result;
}

static int64_t module_param(void *ctx, const char *name, int64_t otherwise)
{
    return lunq_module_param_int(ctx, name, otherwise);
}

int lunq_dma_params_from(struct lunq_dma_params *p, const struct lunq_module *m,
                         struct lunq_error *err)
{
    return lunq_dma_params_read(p, module_param, (void *)m, err);
}
