/* fuzz_hwh.c - any bytes as an HWH file: a design or a clean error, and the design can be asked.
 * Seeds: spec/design/fixtures, the corpus. */
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lunq_design *d;
    struct lunq_error e = {0};
    if (lunq_design_read_mem(&d, "fuzz.hwh", data, size, &e) < 0) {
        if (d || !e.message[0] || strncmp(e.message, "fuzz.hwh", 8))
            abort();
        return 0;
    }
    if (walk_design(d) == SIZE_MAX)
        abort();
    lunq_design_unref(d);
    return 0;
}
