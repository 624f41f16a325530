/* l_kernel.h - what the files of lunq.Kernel share. */
#ifndef LUNQ_L_KERNEL_H
#define LUNQ_L_KERNEL_H

#include "../host/core/kernel.h"
#include "lunq_lua.h"

enum l_packing_code {
    L_PACK_BUFFER,
    L_PACK_SIGNED,
    L_PACK_UNSIGNED,
    L_PACK_FLOAT,
    L_PACK_DOUBLE,
    L_PACK_OTHER /* as lunq.kernel.arguments encodes it */
};

/* How one argument is packed. */
struct l_packing {
    unsigned short index; /* into kernel->args */
    unsigned char code;   /* enum l_packing_code */
    unsigned char bits;   /* of an integer: 1 .. 64 */
};

/* User value 1: the lunq.KernelArguments. */
typedef struct l_kernel {
    struct lunq_kernel *k; /* NULL: closed */
    size_t n;              /* arguments a call takes */
    struct l_packing p[];
} l_kernel;

/* The kernel in slot 1; raises `runtime` when it is closed. */
l_kernel *l_kernel_open(lua_State *L);
/* Calls a method of the arguments of the kernel in slot 1 with i and the value at idx, and pushes what
 * it gives. */
void l_kernel_ask(lua_State *L, const char *method, size_t i, int idx);
/* The unit's name, or the kernel's where there are several. */
const char *l_kernel_name(const struct lunq_kernel *k);

int l_kernel_call(lua_State *L);      /* k:call(...) */
int l_kernel_start(lua_State *L);     /* k:start(...) */
int l_kernel_methods(lua_State *L);   /* core.kernel_methods */
int l_kernel_arguments(lua_State *L); /* core.kernel_arguments */
/* Pushes what core.kernel_arguments gives. */
void l_push_unit(lua_State *L, const struct lunq_card *card, const struct lunq_cu *cu);
void l_open_run(lua_State *L);

#endif
