/* embed.h - the Lua modules inside the program, made by tools/embed.c, and files that builds of RTL need. */
#ifndef LUNQ_EMBED_H
#define LUNQ_EMBED_H
#include <stddef.h>
struct lua_State;

struct lunq_embedded {
    const char
        *name; /* module name: "lunq.overlay", "drivers.axi_dma"; of a file "rtl/wrapper.cpp" */
    const unsigned char *data;
    size_t stored, size; /* bytes here, and of the text: fewer here when it is packed */
};
extern const struct lunq_embedded lunq_embedded[]; /* ends with name NULL */

/* Static builds: what all packed texts refer to, packed itself. */
extern const unsigned char lunq_embedded_dictionary[];
extern const size_t lunq_embedded_dictionary_stored, lunq_embedded_dictionary_size;

/* Pushes the text of a module. Raises Lua's error when there is no memory. */
void lunq_embedded_push(struct lua_State *L, const struct lunq_embedded *e);
#endif
