/* l_block.c - blocks of registers of lunq.MMIO: explicit loops of one access width, in C.
 *   m:read_block(0x100, 64) --> { word, ... }        m:write_block(0x100, { 1, 2, 3 })
 *   m:read_string(0x100, 256) --> bytes              m:write_block(0x100, "bytes")
 *   m:fill(0x100, 64, 0)                             m:write_block(0x100, buffer)
 *   m:read_block(0x100, 64, { into = buffer })       -- or a table: no garbage
 *   m:read_block(0x20, n, { fixed = true })          -- n reads of one FIFO register
 * The last argument is the width in bytes (4), or a table { width =, fixed =, into = }. The whole
 * range is checked before the first access. */
#include <string.h>

#include "l_buffer.h"
#include "l_mmio.h"

struct block {
    struct lunq_mmio *m;
    uint64_t off;
    unsigned width;
    bool fixed;
    bool into; /* read: the table or buffer to fill is on top of the stack */
};

static void check_option_names(lua_State *L, int idx)
{
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        const char *k = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        if (strcmp(k, "width") && strcmp(k, "fixed") && strcmp(k, "into"))
            l_fail(L, LUNQ_TYPE, "a block has no option '%s' (width, fixed, into)",
                   luaL_tolstring(L, -2, NULL));
        lua_pop(L, 1);
    }
}

/* Reads self, offset and the width or options at idx. */
static void block_args(lua_State *L, int idx, struct block *b)
{
    int64_t width = 4;
    lua_settop(L, idx);
    b->m = l_checkmmio(L, 1);
    b->off = l_checkoffset(L, 2);
    b->fixed = b->into = false;
    if (lua_istable(L, idx)) {
        check_option_names(L, idx);
        lua_getfield(L, idx, "width");
        width = l_optint(L, -1, "width", 4);
        lua_getfield(L, idx, "fixed");
        b->fixed = lua_toboolean(L, -1);
        lua_pop(L, 2);
        b->into = lua_getfield(L, idx, "into") != LUA_TNIL;
        if (!b->into)
            lua_pop(L, 1);
        else if (!lua_istable(L, -1) && !l_testbuffer(L, -1))
            l_fail(L, LUNQ_TYPE, "into should be a table or a buffer, not %s",
                   luaL_typename(L, -1));
    } else {
        width = l_optint(L, idx, "width", 4);
    }
    b->width = width < 1 || width > 8 ? 0 : (unsigned)width; /* 0: refused by the check */
}

static void check_block(lua_State *L, const struct block *b, uint64_t n)
{
    struct lunq_error e;
    if (lunq_mmio_check(b->m, b->off, b->width, n, b->fixed, &e) < 0)
        l_raise(L, &e);
}

enum { CHUNK = 1024 }; /* bytes on the C stack */

static uint64_t word_at(const uint8_t *p, unsigned width)
{
    uint64_t v = 0;
    memcpy(&v, p, width);
    return v;
}

/* Words of a buffer that lie one behind the other, checked to be n at least. */
static uint8_t *buffer_words(lua_State *L, const struct block *b, const struct lunq_array *a,
                             uint64_t n)
{
    if (!lunq_array_contiguous(a))
        l_fail(L, LUNQ_VALUE, "the buffer has gaps: a block needs contiguous memory (copy it)");
    if (n > lunq_array_nbytes(a) / b->width)
        l_fail(L, LUNQ_INDEX, "the buffer has %zu bytes: too few for %llu words of %u",
               lunq_array_nbytes(a), (unsigned long long)n, b->width);
    return lunq_array_data(a);
}

/* Accesses between a window and a buffer. The memory is held: a behavioural model may run a script
 * that frees it. */
static void move_buffer(lua_State *L, const struct block *b, const struct lunq_array *a, uint64_t n,
                        bool write)
{
    struct lunq_error e;
    uint8_t *p = buffer_words(L, b, a, n);
    struct lunq_mem *mem = a->mem;
    int r;
    lunq_mem_hold(mem);
    if (write)
        r = lunq_mmio_write_block(b->m, b->off, b->width, p, (size_t)n, b->fixed, &e);
    else
        r = lunq_mmio_read_block(b->m, b->off, b->width, p, (size_t)n, b->fixed, &e);
    lunq_mem_release(mem);
    if (r < 0)
        l_raise(L, &e);
}

/* m:read_block(offset, count[, width or options]): a list of count words from a byte offset on, or the
 * buffer or table of options.into, filled. */
static int block_read(lua_State *L)
{
    struct lunq_array *a;
    struct block b;
    struct lunq_error e;
    uint8_t chunk[CHUNK];
    uint64_t n = l_checksize(L, 3, "count"), off;
    block_args(L, 4, &b);
    check_block(L, &b, n);
    a = b.into ? l_testbuffer(L, -1) : NULL;
    if (a) {
        move_buffer(L, &b, a, n, false);
        return 1;
    }
    if (!b.into)
        lua_createtable(L, n < 1 << 20 ? (int)n : 1 << 20, 0);
    off = b.off;
    for (uint64_t done = 0; done < n;) {
        size_t k = CHUNK / b.width;
        if (k > n - done)
            k = (size_t)(n - done);
        if (lunq_mmio_read_block(b.m, off, b.width, chunk, k, b.fixed, &e) < 0)
            return l_raise(L, &e);
        for (size_t i = 0; i < k; i++) {
            lua_pushinteger(L, (lua_Integer)word_at(chunk + i * b.width, b.width));
            lua_rawseti(L, -2, (lua_Integer)(done + i + 1));
        }
        done += k;
        off += b.fixed ? 0 : k * b.width;
    }
    return 1;
}

static int block_read_string(lua_State *L)
{
    struct block b;
    struct lunq_error e;
    luaL_Buffer s;
    char *p;
    uint64_t bytes = l_checksize(L, 3, "bytes");
    block_args(L, 4, &b);
    if (b.into)
        return l_fail(L, LUNQ_TYPE, "read_string has no option 'into'");
    if (b.width && bytes % b.width)
        return l_fail(L, LUNQ_MEMORY, "Unaligned read: length must be multiple of %u.", b.width);
    check_block(L, &b, b.width ? bytes / b.width : 0);
    p = luaL_buffinitsize(L, &s, (size_t)bytes);
    if (lunq_mmio_read_block(b.m, b.off, b.width, p, (size_t)bytes / b.width, b.fixed, &e) < 0)
        return l_raise(L, &e);
    luaL_pushresultsize(&s, (size_t)bytes);
    return 1;
}

static int write_string(lua_State *L, const struct block *b)
{
    struct lunq_error e;
    size_t len;
    const char *s = lua_tolstring(L, 3, &len);
    if (b->width && len % b->width)
        return l_fail(L, LUNQ_MEMORY, "Unaligned write: data length must be multiple of %u.",
                      b->width);
    if (lunq_mmio_write_block(b->m, b->off, b->width, s, b->width ? len / b->width : 0, b->fixed,
                              &e) < 0)
        return l_raise(L, &e);
    return 0;
}

/* A table's values are all checked and packed before the first access. */
static int write_table(lua_State *L, const struct block *b)
{
    struct lunq_error e;
    lua_Unsigned n = lua_rawlen(L, 3);
    uint8_t *data;
    check_block(L, b, n);
    data = lua_newuserdatauv(L, (size_t)n * b->width, 0);
    for (lua_Unsigned i = 0; i < n; i++) {
        uint64_t v;
        lua_rawgeti(L, 3, (lua_Integer)(i + 1));
        v = l_checkword(L, -1, b->width, "value");
        memcpy(data + i * b->width, &v, b->width);
        lua_pop(L, 1);
    }
    if (lunq_mmio_write_block(b->m, b->off, b->width, data, (size_t)n, b->fixed, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

/* m:write_block(offset, data[, width or options]): writes a list of words, a string or a buffer from a
 * byte offset on. */
static int block_write(lua_State *L)
{
    struct block b;
    struct lunq_array *a;
    block_args(L, 4, &b);
    if (b.into)
        return l_fail(L, LUNQ_TYPE, "write_block has no option 'into'");
    if (lua_type(L, 3) == LUA_TSTRING)
        return write_string(L, &b);
    if (lua_istable(L, 3))
        return write_table(L, &b);
    a = l_testbuffer(L, 3);
    if (a) {
        size_t bytes = lunq_array_nbytes(a);
        if (b.width && bytes % b.width)
            return l_fail(L, LUNQ_MEMORY, "Unaligned write: data length must be multiple of %u.",
                          b.width);
        check_block(L, &b, b.width ? bytes / b.width : 0);
        move_buffer(L, &b, a, bytes / b.width, true);
        return 0;
    }
    return l_fail(L, LUNQ_TYPE, "data should be a table of integers, a string or a buffer, not %s",
                  luaL_typename(L, 3));
}

/* m:fill(offset, count, value, width = 4): writes one value to count words. */
static int block_fill(lua_State *L)
{
    struct lunq_mmio *m = l_checkmmio(L, 1);
    struct lunq_error e;
    uint64_t off = l_checkoffset(L, 2), n = l_checksize(L, 3, "count");
    int64_t width = l_optint(L, 5, "width", 4);
    unsigned w = width < 1 || width > 8 ? 0 : (unsigned)width;
    if (lunq_mmio_check(m, off, w, n, false, &e) < 0 ||
        lunq_mmio_fill(m, off, w, l_checkword(L, 4, w, "value"), (size_t)n, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

const luaL_Reg l_block_methods[] = {{"read_block", block_read},
                                    {"read_string", block_read_string},
                                    {"write_block", block_write},
                                    {"fill", block_fill},
                                    {NULL, NULL}};
