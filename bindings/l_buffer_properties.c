/* l_buffer_properties.c - what b.name shows besides methods. */
#include "l_buffer.h"

enum property {
    P_SHAPE,
    P_DTYPE,
    P_NBYTES,
    P_SIZE,
    P_NDIM,
    P_ITEMSIZE,
    P_OFFSET,
    P_FREED,
    P_CONTIGUOUS,
    P_ADDRESS,
    P_VIRTUAL,
    P_COHERENT,
    P_CACHEABLE,
    P_DEVICE,
    P_BANK,
    P_PLACE,
    P_BO,
    P_TRANSPOSED,
    P_POINTER
};

static const struct {
    const char *name;
    enum property p;
} properties[] = {
    {"shape", P_SHAPE},   /* fresh list of the dimensions */
    {"dtype", P_DTYPE},   /* "u4" */
    {"nbytes", P_NBYTES}, /* bytes of all elements */
    {"size", P_SIZE},     /* number of elements */
    {"ndim", P_NDIM},
    {"itemsize", P_ITEMSIZE}, /* bytes of one element */
    {"offset", P_OFFSET},     /* bytes from the start of the memory */
    {"freed", P_FREED},
    {"contiguous", P_CONTIGUOUS}, /* no gaps, in C order */
    /* Where the device finds the first element; nil in host memory. */
    {"physical_address", P_ADDRESS},
    {"device_address", P_ADDRESS},
    {"virtual_address", P_VIRTUAL},
    {"coherent", P_COHERENT}, /* no sync is needed */
    {"cacheable", P_CACHEABLE},
    {"device", P_DEVICE},   /* nil in host memory */
    {"bank", P_BANK},       /* name of the memory bank; nil in host memory */
    {"place", P_PLACE},     /* "both", "device_only", "host_only" or "p2p"; nil in host memory */
    {"bo", P_BO},           /* handle of the memory: its device address; nil in host memory */
    {"T", P_TRANSPOSED},    /* the transposed view */
    {"pointer", P_POINTER}, /* Xlnk's: a buffer is its own pointer */
};

static void push_shape(lua_State *L, const struct lunq_array *a)
{
    lua_createtable(L, (int)a->ndim, 0);
    for (unsigned d = 0; d < a->ndim; d++) {
        lua_pushinteger(L, (lua_Integer)a->shape[d]);
        lua_rawseti(L, -2, (int)d + 1);
    }
}

static void push_transposed(lua_State *L)
{
    l_buffer *out = l_newbuffer(L);
    struct lunq_array t;
    lunq_array_transpose(&t, l_checkview(L, 1));
    l_setview(L, out, &t);
}

/* The device of the buffer in slot 1. Making its userdata may run a finalizer that closes the buffer,
 * which may be all that keeps the device: a view of our own holds it. */
static void push_device(lua_State *L)
{
    l_buffer *own = l_newbuffer(L);
    l_setview(L, own, l_checkview(L, 1));
    l_push_device(L, own->a.mem->dev);
}

static const char *const places[] = {[LUNQ_BOTH] = "both",
                                     [LUNQ_DEVICE_ONLY] = "device_only",
                                     [LUNQ_HOST_ONLY] = "host_only",
                                     [LUNQ_P2P] = "p2p"};

/* Properties of the memory; it is live. */
static void push_memory_property(lua_State *L, const struct lunq_array *a, enum property p)
{
    const struct lunq_mem *m = a->mem;
    struct lunq_error err;
    uint64_t addr;
    if (p == P_VIRTUAL && !m->host) {
        lua_pushnil(L);
    } else if (p == P_VIRTUAL) {
        lua_pushinteger(L, (lua_Integer)(uintptr_t)lunq_array_data(a));
    } else if (p == P_COHERENT || p == P_CACHEABLE) {
        lua_pushboolean(L, p == P_COHERENT ? m->coherent : m->cacheable);
    } else if (!m->dev) {
        lua_pushnil(L);
    } else if (p == P_BANK) {
        /* A card has the banks of the design that is loaded now. */
        lua_pushstring(L, m->bank < m->dev->n_banks ? m->dev->banks[m->bank].name : NULL);
    } else if (p == P_PLACE) {
        lua_pushstring(L, places[m->place]);
    } else if (p == P_BO) {
        lua_pushinteger(L, (lua_Integer)m->address);
    } else if (p == P_DEVICE) {
        push_device(L);
    } else {
        l_buffer_check(L, lunq_array_address(a, &addr, &err), &err);
        lua_pushinteger(L, (lua_Integer)addr);
    }
}

/* Pushes property p of the buffer in slot 1. */
int l_buffer_property(lua_State *L, int p)
{
    const struct lunq_array *a = &((const l_buffer *)lua_touserdata(L, 1))->a;
    switch ((enum property)p) {
    case P_SHAPE: push_shape(L, a); break;
    case P_DTYPE: lua_pushstring(L, lunq_dtype_name(a->dtype)); break;
    case P_NBYTES: lua_pushinteger(L, (lua_Integer)lunq_array_nbytes(a)); break;
    case P_SIZE: lua_pushinteger(L, (lua_Integer)lunq_array_size(a)); break;
    case P_NDIM: lua_pushinteger(L, (lua_Integer)a->ndim); break;
    case P_ITEMSIZE: lua_pushinteger(L, (lua_Integer)lunq_dtype_size(a->dtype)); break;
    case P_OFFSET: lua_pushinteger(L, (lua_Integer)a->offset); break;
    case P_FREED: lua_pushboolean(L, lunq_mem_gone(a->mem)); break;
    case P_CONTIGUOUS: lua_pushboolean(L, lunq_array_contiguous(a)); break;
    case P_TRANSPOSED: push_transposed(L); break;
    case P_POINTER: lua_pushvalue(L, 1); break;
    default:
        l_checklive(L, a);
        push_memory_property(L, a, (enum property)p);
        break;
    }
    return 1;
}

void l_buffer_properties(lua_State *L)
{
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        lua_pushinteger(L, properties[i].p);
        lua_setfield(L, -2, properties[i].name);
    }
}
