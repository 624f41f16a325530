/* l_kernel_arguments.c - what a card's design says of a compute unit.
 *   local unit = core.kernel_arguments(design, "vadd_1")
 *   unit.kernel, unit.control                      --> "vadd", "ap_ctrl_hs"
 *   unit[1].name, .type, .kind, .index, .size      --> "a", "int*", "global", 0, 8
 *   unit[1].memories                               --> { "bank0" }, the tags it is connected to
 * In the order of the C function's arguments, streams too. */
#include <string.h>

#include "l_design.h"
#include "l_kernel.h"

static const char *const kinds[] = {[LUNQ_ARG_SCALAR] = "scalar",
                                    [LUNQ_ARG_GLOBAL] = "global",
                                    [LUNQ_ARG_CONSTANT] = "constant",
                                    [LUNQ_ARG_LOCAL] = "local",
                                    [LUNQ_ARG_STREAM] = "stream"};

static const char *const controls[] = {[LUNQ_CTRL_HS] = "ap_ctrl_hs",
                                       [LUNQ_CTRL_CHAIN] = "ap_ctrl_chain",
                                       [LUNQ_CTRL_NONE] = "ap_ctrl_none",
                                       [LUNQ_CTRL_USER] = "user_managed"};

static void push_memories(lua_State *L, const struct lunq_card *card, const struct lunq_arg *a)
{
    lua_Integer n = 0;
    lua_createtable(L, (int)a->n_memories, 0);
    for (size_t i = 0; i < a->n_memories; i++) {
        if (a->memories[i] >= card->n_memories)
            continue;
        lua_pushstring(L, card->memories[a->memories[i]].tag);
        lua_rawseti(L, -2, ++n);
    }
}

static void push_argument(lua_State *L, const struct lunq_card *card, const struct lunq_arg *a,
                          size_t i)
{
    lua_createtable(L, 0, 8);
    l_set_text(L, "name", a->name);
    l_set_text(L, "type", a->type);
    l_set_text(L, "kind", kinds[a->kind]);
    l_set_integer(L, "index", i);
    l_set_integer(L, "offset", a->offset);
    l_set_integer(L, "size", a->size);
    l_set_integer(L, "host_size", a->host_size);
    push_memories(L, card, a);
    lua_setfield(L, -2, "memories");
}

void l_push_unit(lua_State *L, const struct lunq_card *card, const struct lunq_cu *cu)
{
    lua_createtable(L, (int)cu->n_args, 2);
    l_set_text(L, "kernel", cu->kernel);
    l_set_text(L, "control", controls[cu->control]);
    for (size_t i = 0; i < cu->n_args; i++) {
        push_argument(L, card, &cu->args[i], i);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* core.kernel_arguments(design, unit): kernel and control of a compute unit, and the list of its
 * arguments { name, type, kind, index, offset, size, host_size, memories }. Nil: no such unit. */
int l_kernel_arguments(lua_State *L)
{
    const struct l_design *u = l_check(L, 1, L_DESIGN);
    const char *name = l_checkstr(L, 2, "the name of a compute unit", NULL);
    const struct lunq_card *card = u->d ? &u->d->card : NULL;
    const struct lunq_cu *cu = NULL;
    for (size_t i = 0; card && !cu && i < card->n_cus; i++)
        if (!strcmp(card->cus[i].name, name))
            cu = &card->cus[i];
    if (!cu)
        return 0;
    l_push_unit(L, card, cu);
    return 1;
}
