/* embed.h - the Lua modules inside the program, made by tools/embed.c. */
#ifndef LUNQ_EMBED_H
#define LUNQ_EMBED_H
#include <stddef.h>
struct lunq_embedded {
    const char *name; /* module name: "lunq.overlay", "drivers.axi_dma" */
    const char *text;
    size_t size;
};
extern const struct lunq_embedded lunq_embedded[]; /* ends with name NULL */
#endif
