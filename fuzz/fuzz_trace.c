/* fuzz_trace.c - any bytes as a trace: records whose texts and bytes lie inside it, or a clean
 * error; what is read can be told in words. Seeds: fuzz/corpus/fuzz_trace. */
#include <stdlib.h>
#include <string.h>

#include "device/record/trace.h"

static void inside(const uint8_t *data, size_t size, const void *part, size_t n)
{
    const uint8_t *p = part;
    if (n > 0 && (p < data || n > size || (size_t)(p - data) > size - n))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lunq_trace_reader t;
    struct lunq_trace_record r;
    struct lunq_error e = {0};
    char text[512];
    int more = lunq_trace_begin(&t, data, size, &e) == 0;
    while (more == 1 && (more = lunq_trace_next(&t, &r, &e)) == 1) {
        inside(data, size, r.text, r.n_text);
        inside(data, size, r.data, r.n_data);
        inside(data, size, r.message, r.n_message);
        if (r.result > 0 || r.result < LUNQ_DEVICE || !lunq_trace_same(&r, &r) ||
            !*lunq_trace_describe(&r, NULL, text, sizeof text))
            abort();
    }
    if (more < 0 && !e.message[0])
        abort();
    return 0;
}
