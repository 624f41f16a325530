/* entry.h - the end of a model's C++: the table of rtl_model.h, made of the functions of those names before it,
 * LUNQ_MODEL_UNKNOWN among them, and of lunq_model.h; and the one symbol of the library. */
#ifndef LUNQ_ENTRY_H
#define LUNQ_ENTRY_H

namespace
{
const lunq_rtl_model model = {LUNQ_RTL_ABI,
                              LUNQ_MODEL_FLAGS,
                              sizeof lunq_model_pins / sizeof *lunq_model_pins,
                              lunq_model_pins,
                              LUNQ_MODEL_TOP,
                              LUNQ_MODEL_TOOL,
                              lunq_model_metadata,
                              lunq_model_built,
                              create,
                              destroy,
                              pin,
                              eval,
                              error,
                              set_time,
                              trace_open,
                              trace_dump,
                              trace_close,
                              cover_write,
                              LUNQ_MODEL_UNKNOWN};
} // namespace

extern "C" __attribute__((visibility("default"))) const lunq_rtl_model *lunq_rtl_entry(void)
{
    return &model;
}
#endif
