/* l_design.c - lunq.Design, the Lua face of host/design/design.h.
 *   local d = core.design_read("base.hwh")            -- by content: HWH, xclbin, dtbo
 *   local d = core.design_parse("base.hwh", text)     -- the name stands in messages
 *   local d = core.design_from_table { ip = { ... } } -- see l_design_table.c
 *   d.file, d.format, d.tool, d.arch, d.part, d.board, d.name, d.ps, d.partial, d.firmware
 *   d.card, d.platform, d.uuid                        -- of an xclbin: true, texts
 *   d:dictionaries().ip_dict                          -- see l_dictionaries.c
 * A design is memory only; it goes when nobody, no device either, uses it. */
#include <string.h>

#include "l_design.h"

static int design_read(lua_State *L)
{
    const char *path = l_checkstr(L, 1, "path", NULL);
    struct l_design *u = l_new(L, L_DESIGN, sizeof *u, 0);
    struct lunq_error e;
    if (lunq_design_read(&u->d, path, &e) < 0)
        return l_raise(L, &e);
    return 1;
}

static int design_parse(lua_State *L)
{
    size_t size;
    const char *name = l_checkstr(L, 1, "name", NULL);
    const char *text = l_checkstr(L, 2, "text", &size);
    struct l_design *u = l_new(L, L_DESIGN, sizeof *u, 0);
    struct lunq_error e;
    if (lunq_design_read_mem(&u->d, name, text, size, &e) < 0)
        return l_raise(L, &e);
    return 1;
}

static int design_gc(lua_State *L)
{
    struct l_design *u = l_check(L, 1, L_DESIGN);
    struct lunq_design *d = u->d;
    u->d = NULL;
    lunq_design_unref(d);
    return 0;
}

static int design_tostring(lua_State *L)
{
    struct l_design *u = l_check(L, 1, L_DESIGN);
    if (!u->d)
        lua_pushliteral(L, "Design (none)");
    else
        lua_pushfstring(L, "Design %s (%s, %s)", u->d->file, u->d->format,
                        *u->d->arch ? u->d->arch : "unknown family");
    return 1;
}

static const char *text_field(const struct lunq_design *d, const char *key)
{
    const struct {
        const char *key, *value;
    } fields[] = {{"file", d->file},
                  {"format", d->format},
                  {"tool", d->tool},
                  {"arch", d->arch},
                  {"part", d->part},
                  {"board", d->board},
                  {"name", d->name},
                  {"ps", d->ps ? d->ps->path : NULL},
                  {"firmware", d->firmware},
                  {"ref_clock_mhz", d->ref_clock_mhz},
                  {"platform", d->card.present ? d->card.platform : NULL}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!strcmp(key, fields[i].key))
            return fields[i].value;
    return NULL;
}

static int design_index(lua_State *L)
{
    struct l_design *u = l_check(L, 1, L_DESIGN);
    const char *key = lua_tostring(L, 2), *text;
    if (lua_type(L, 2) != LUA_TSTRING || !u->d)
        return 0;
    if ((text = text_field(u->d, key)))
        lua_pushstring(L, text);
    else if (!strcmp(key, "partial"))
        lua_pushboolean(L, u->d->partial);
    else if (!strcmp(key, "card"))
        lua_pushboolean(L, u->d->card.present);
    else if (!strcmp(key, "uuid") && u->d->card.has_uuid)
        l_push_uuid(L, u->d->card.uuid, true);
    else {
        luaL_getmetafield(L, 1, "methods");
        lua_pushvalue(L, 2);
        lua_rawget(L, -2);
    }
    return 1;
}

static const luaL_Reg methods[] = {{"dictionaries", l_design_dictionaries},
                                   {"external_pins", l_design_external_pins},
                                   {"guards", l_design_guards},
                                   {"xclbin", l_design_xclbin},
                                   {"section", l_design_section},
                                   {NULL, NULL}};
static const luaL_Reg meta[] = {
    {"__gc", design_gc}, {"__tostring", design_tostring}, {"__index", design_index}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"design_read", design_read},
                                     {"design_parse", design_parse},
                                     {"design_from_table", l_design_from_table},
                                     {NULL, NULL}};

static const char *const fields[] = {"arch", "board",   "file", "format",        "name", "part",
                                     "ps",   "partial", "tool", "ref_clock_mhz", NULL};

void l_open_design(lua_State *L)
{
    l_type(L, L_DESIGN, "lunq.Design", methods, meta);
    l_fields(L, "lunq.Design", NULL, fields);
    luaL_setfuncs(L, functions, 0);
    l_open_bitstream(L);
    l_open_fdt(L);
    l_open_overlay(L);
}
