/* fuzz_bit.c - any bytes as a .bit or .bin file: a bitstream or a clean error.
 * Seeds: spec/design/fixtures. */
#include <stdlib.h>
#include <string.h>

#include "design/bitstream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lunq_bitstream *b;
    struct lunq_error e = {0};
    uint8_t *out;
    if (lunq_bitstream_read_mem(&b, "fuzz.bit", data, size, &e) < 0) {
        if (b || !e.message[0])
            abort();
        return 0;
    }
    if (b->size > size || strlen(b->design) + strlen(b->version) + strlen(b->part) +
                                  strlen(b->date) + strlen(b->time) >
                              2 * size)
        abort();
    out = malloc(b->size ? b->size : 1);
    if (out && lunq_bitstream_to_bin(b, out, &e) == 0 && b->size % 4)
        abort();
    free(out);
    lunq_bitstream_free(b);
    return 0;
}
