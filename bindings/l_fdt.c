/* l_fdt.c - lunq.DeviceTree, the Lua face of host/design/dt.h.
 *   local t = core.fdt_read("x.dtbo")           -- a blob, or a folder as /proc/device-tree is
 *   local t = core.fdt_parse("x.dtbo", bytes)   -- the name stands in messages
 *   t:blob()                                    -- bytes
 *   local t = core.fdt_build("x.dtbo", { properties = { { name = "model", value = "x\0" } }, children = {} })
 *   local both = base:apply(overlay)            -- or an error that says why Linux would refuse it
 *   local nodes = t:table()
 *   nodes.file, nodes.folder, nodes.overlay, nodes.unreadable, nodes.root
 *   nodes.root.children[1].name, .path, .label
 *   node.properties[1].name, .value, .offset, .refs[1].at, .label, .path
 *   node.reg[1].base, .size                     -- as the CPU sees it
 *   node.interrupts[1][1], .controller          -- cells; label or path of the controller
 * A tree is memory only. */
#include <stdlib.h>

#include "../host/design/dt.h"
#include "../host/design/fdt_check.h"
#include "../host/design/fdt_write.h"
#include "l_design.h"

enum { PATH_ROOM = 4096 };

static void set_path(lua_State *L, const char *key, const struct lunq_dt_node *n)
{
    char path[PATH_ROOM];
    l_set_text(L, key, lunq_dt_path(n, path, sizeof path));
}

static void push_refs(lua_State *L, const struct lunq_dt_property *p)
{
    lua_createtable(L, (int)p->n_refs, 0);
    for (size_t i = 0; i < p->n_refs; i++) {
        lua_createtable(L, 0, 3);
        l_set_integer(L, "at", p->refs[i].at);
        l_set_text(L, "label", p->refs[i].label);
        if (p->refs[i].node)
            set_path(L, "path", p->refs[i].node);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_properties(lua_State *L, const struct lunq_dt_node *n)
{
    lua_createtable(L, (int)n->n_properties, 0);
    for (size_t i = 0; i < n->n_properties; i++) {
        const struct lunq_dt_property *p = &n->properties[i];
        lua_createtable(L, 0, 4);
        l_set_text(L, "name", p->name);
        lua_pushlstring(L, (const char *)p->value, p->size);
        lua_setfield(L, -2, "value");
        l_set_integer(L, "offset", p->offset);
        push_refs(L, p);
        lua_setfield(L, -2, "refs");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_reg(lua_State *L, const struct lunq_dt_node *n)
{
    uint64_t base, size;
    lua_newtable(L);
    for (size_t i = 0; lunq_dt_reg(n, i, &base, &size); i++) {
        lua_createtable(L, 0, 2);
        l_set_integer(L, "base", base);
        l_set_integer(L, "size", size);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_interrupts(lua_State *L, const struct lunq_dt *t, const struct lunq_dt_node *n)
{
    struct lunq_dt_interrupt irq;
    lua_newtable(L);
    for (size_t i = 0; lunq_dt_interrupt(t, n, i, &irq); i++) {
        lua_createtable(L, (int)irq.n_cells, 1);
        for (size_t k = 0; k < irq.n_cells; k++) {
            lua_pushinteger(L, irq.cells[k]);
            lua_rawseti(L, -2, (lua_Integer)k + 1);
        }
        if (irq.label)
            l_set_text(L, "controller", irq.label);
        else if (irq.node)
            set_path(L, "controller", irq.node);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* At most LUNQ_FDT_DEPTH deep. */
static void push_node(lua_State *L, const struct lunq_dt *t, const struct lunq_dt_node *n)
{
    lua_Integer i = 0;
    luaL_checkstack(L, 8, "a device tree");
    lua_createtable(L, 0, 7);
    l_set_text(L, "name", n->name);
    l_set_text(L, "label", n->label);
    set_path(L, "path", n);
    push_properties(L, n);
    lua_setfield(L, -2, "properties");
    push_reg(L, n);
    lua_setfield(L, -2, "reg");
    push_interrupts(L, t, n);
    lua_setfield(L, -2, "interrupts");
    lua_newtable(L);
    for (const struct lunq_dt_node *c = n->child; c; c = c->next) {
        push_node(L, t, c);
        lua_rawseti(L, -2, ++i);
    }
    lua_setfield(L, -2, "children");
}

struct l_dt {
    struct lunq_dt *t;
    struct lunq_fdt_writer *writer; /* while it is built */
};

/* core.fdt_read(path): the device tree of a blob or a folder. Raises `io`, `permission`, or `value`
 * with what is damaged and where. */
static int fdt_read(lua_State *L)
{
    const char *path = l_checkstr(L, 1, "path", NULL);
    struct l_dt *u = l_new(L, L_DT, sizeof *u, 0);
    struct lunq_error e;
    if (lunq_dt_read(&u->t, path, &e) < 0)
        return l_raise(L, &e);
    return 1;
}

/* core.fdt_parse(name, bytes): the same from a blob in memory. */
static int fdt_parse(lua_State *L)
{
    size_t size;
    const char *name = l_checkstr(L, 1, "name", NULL);
    const char *data = l_checkstr(L, 2, "bytes", &size);
    struct l_dt *u = l_new(L, L_DT, sizeof *u, 0);
    struct lunq_error e;
    if (lunq_dt_parse(&u->t, name, data, size, &e) < 0)
        return l_raise(L, &e);
    return 1;
}

/* ---- building ------------------------------------------------------------------------------- */

/* Field of the table on top as bytes; it stays in the table, which keeps it alive. */
static const char *text_field(lua_State *L, const char *key, size_t *size)
{
    const char *s;
    lua_getfield(L, -1, key);
    if (lua_type(L, -1) != LUA_TSTRING)
        l_fail(L, LUNQ_TYPE, "%s of a device-tree node should be a string, not %s", key,
               luaL_typename(L, -1));
    s = lua_tolstring(L, -1, size);
    lua_pop(L, 1);
    return s;
}

/* The list in a field of the table on top, pushed; its length. */
static lua_Integer list_field(lua_State *L, const char *key)
{
    if (lua_getfield(L, -1, key) != LUA_TTABLE && !lua_isnil(L, -1))
        l_fail(L, LUNQ_TYPE, "%s of a device-tree node should be a list, not %s", key,
               luaL_typename(L, -1));
    return lua_istable(L, -1) ? luaL_len(L, -1) : 0;
}

static void push_item(lua_State *L, lua_Integer i)
{
    if (lua_rawgeti(L, -1, i) != LUA_TTABLE)
        l_fail(L, LUNQ_TYPE, "a device tree is made of tables, not of %s", luaL_typename(L, -1));
}

/* Writes the node in the table on top. What it raises leaves the writer to its userdata. */
static void write_node(lua_State *L, struct lunq_fdt_writer *w, const char *name, unsigned depth)
{
    size_t size;
    lua_Integer n;
    luaL_checkstack(L, 8, "a device tree");
    if (depth > LUNQ_FDT_DEPTH)
        l_fail(L, LUNQ_VALUE, "a device tree is at most %d nodes deep", LUNQ_FDT_DEPTH);
    lunq_fdt_writer_begin(w, name);
    n = list_field(L, "properties");
    for (lua_Integer i = 1; i <= n; i++) {
        const char *key, *value;
        push_item(L, i);
        key = text_field(L, "name", NULL);
        value = text_field(L, "value", &size);
        lunq_fdt_writer_property(w, key, value, size);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    n = list_field(L, "children");
    for (lua_Integer i = 1; i <= n; i++) {
        push_item(L, i);
        write_node(L, w, text_field(L, "name", NULL), depth + 1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    lunq_fdt_writer_end(w);
}

static int dt_gc(lua_State *L)
{
    struct l_dt *u = l_check(L, 1, L_DT);
    struct lunq_dt *t = u->t;
    struct lunq_fdt_writer *w = u->writer;
    struct lunq_error e;
    u->t = NULL;
    u->writer = NULL;
    lunq_dt_free(t);
    if (w) {
        void *blob;
        size_t size;
        lunq_fdt_writer_finish(w, "", &blob, &size, &e);
        free(blob);
    }
    return 0;
}

/* core.fdt_build(name, root): a tree from tables as t:table().root has them: lists of properties and
 * children, of which name and value count. Raises `type` and `value`. */
static int fdt_build(lua_State *L)
{
    const char *name = l_checkstr(L, 1, "name", NULL);
    struct l_dt *u = l_new(L, L_DT, sizeof *u, 0);
    struct lunq_fdt_writer *w = u->writer = lunq_fdt_writer_new();
    struct lunq_error e;
    size_t size;
    void *blob;
    int rc;
    if (!w)
        return l_fail(L, LUNQ_MEMORY, "%s: no memory for a device tree", name);
    if (!lua_istable(L, 2))
        return l_wrong_type(L, 2, "table");
    lua_pushvalue(L, 2);
    write_node(L, w, "", 1);
    lua_pop(L, 1);
    u->writer = NULL; /* finish frees it */
    rc = lunq_fdt_writer_finish(w, name, &blob, &size, &e);
    if (rc == 0)
        rc = lunq_dt_parse(&u->t, name, blob, size, &e);
    free(blob);
    if (rc < 0)
        return l_raise(L, &e);
    return 1;
}

/* One whose making raised, or that was collected, has no tree. */
const struct lunq_dt *l_check_dt(lua_State *L, int idx)
{
    const struct l_dt *u = l_check(L, idx, L_DT);
    if (!u->t)
        l_fail(L, LUNQ_RUNTIME, "the device tree was not read");
    return u->t;
}

static int dt_tostring(lua_State *L)
{
    const struct l_dt *u = l_check(L, 1, L_DT);
    if (!u->t)
        lua_pushliteral(L, "DeviceTree (none)");
    else
        lua_pushfstring(L, "DeviceTree %s (%s%d nodes)", u->t->file,
                        u->t->overlay ? "overlay, " : "", (int)u->t->n_nodes);
    return 1;
}

/* t:table(): nodes and properties as tables; see the head of this page for the fields. */
static int dt_table(lua_State *L)
{
    const struct lunq_dt *t = l_check_dt(L, 1);
    lua_createtable(L, 0, 5);
    l_set_text(L, "file", t->file);
    lua_pushboolean(L, t->folder);
    lua_setfield(L, -2, "folder");
    lua_pushboolean(L, t->overlay);
    lua_setfield(L, -2, "overlay");
    l_set_integer(L, "unreadable", t->unreadable);
    push_node(L, t, t->root);
    lua_setfield(L, -2, "root");
    return 1;
}

/* t:apply(overlay): a new tree with the overlay in it; both stay as they are. Raises `value` with the
 * reason for which Linux, or libfdt, would not take it. */
static int dt_apply(lua_State *L)
{
    const struct lunq_dt *base = l_check_dt(L, 1), *overlay = l_check_dt(L, 2);
    struct l_dt *u = l_new(L, L_DT, sizeof *u, 0);
    struct lunq_error e;
    if (lunq_dt_apply(&u->t, base, overlay, &e) < 0)
        return l_raise(L, &e);
    return 1;
}

/* t:blob(): the tree as the bytes of a .dtb or .dtbo file: those it was read from, if any. */
static int dt_blob(lua_State *L)
{
    const struct lunq_dt *t = l_check_dt(L, 1);
    struct lunq_error e;
    size_t size;
    const void *image = lunq_dt_image(t, &size);
    void *blob;
    if (image) {
        lua_pushlstring(L, image, size);
        return 1;
    }
    if (lunq_dt_to_blob(t, &blob, &size, &e) < 0)
        return l_raise(L, &e);
    lua_pushlstring(L, blob, size);
    free(blob);
    return 1;
}

static const luaL_Reg functions[] = {
    {"fdt_read", fdt_read}, {"fdt_parse", fdt_parse}, {"fdt_build", fdt_build}, {NULL, NULL}};
static const luaL_Reg methods[] = {
    {"table", dt_table}, {"apply", dt_apply}, {"blob", dt_blob}, {NULL, NULL}};
static const luaL_Reg meta[] = {{"__gc", dt_gc}, {"__tostring", dt_tostring}, {NULL, NULL}};

void l_open_fdt(lua_State *L)
{
    l_type(L, L_DT, "lunq.DeviceTree", methods, meta);
    luaL_setfuncs(L, functions, 0);
}
