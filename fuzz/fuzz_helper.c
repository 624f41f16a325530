/* fuzz_helper.c - any bytes as a request to lunq-helper: refused with a reason, or one that can be carried out.
 * The first byte says how many descriptors came along. Seeds: fuzz/seeds/fuzz_helper.lua. */
#include <stdlib.h>
#include <string.h>

#include "core/device.h"
#include "device/linux/helper_request.h"

static void check_text(const char *s, size_t size)
{
    if (strnlen(s, size) == size)
        abort();
    for (; *s; s++)
        if (*s < ' ' || *s > '~')
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lx_helper_request q;
    struct lunq_error e = {0};
    size_t n_files = size ? data[0] : 0;
    if (lx_helper_request_check(&q, data + (size != 0), size - (size != 0), n_files, &e) < 0) {
        if (e.kind != LUNQ_VALUE || !e.message[0])
            abort();
        return 0;
    }
    check_text(q.name, sizeof q.name);
    check_text(q.region, sizeof q.region);
    check_text(q.file, sizeof q.file);
    if (strchr(q.name, '/') || q.name[0] == '.' || q.index >= LUNQ_PL_CLOCKS ||
        q.n_files != n_files || n_files > LX_HELPER_FILES || !q.op || q.op >= LX_HELPER_OPS ||
        (n_files && !q.file[0]))
        abort();
    return 0;
}
