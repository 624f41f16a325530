/* l_gpio.c - GPIO lines of the processor, the Lua face of host/core/gpio.h. lua/lunq/gpio.lua adds
 * PYNQ's functions around them.
 *   local pin <close> = core.gpio(index, "in"|"out" [, device [, bound]])
 *   pin:read() --> 0 or 1          pin:write(1)  pin:on()  pin:off()  pin:toggle()
 *   pin:written() --> what was written last, without an access
 *   pin:wait([edge] [, timeout]) --> count, when    -- "rising", "falling", "both"
 *   pin:wait_for_value(level [, timeout])
 *   pin.index  pin.direction  pin.path  pin.device
 *   pin:release()                  -- also close; may be repeated
 *   core.gpio_chips([device]) --> list of { label=, base=, lines=, emio=, path= } */
#include <string.h>

#include "../host/core/gpio.h"
#include "l_device.h"
#include "l_wait.h"

typedef struct l_gpio {
    struct lunq_gpio_pin *pin; /* NULL: released */
    unsigned index;
    bool output;
} l_gpio;

static l_gpio *check_pin(lua_State *L, int idx)
{
    l_gpio *u = l_check(L, idx, L_GPIO);
    if (!u->pin)
        l_fail(L, LUNQ_RUNTIME, "GPIO %u was released: open it again.", u->index);
    return u;
}

static bool check_direction(lua_State *L, int idx)
{
    const char *s = lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";
    if (strcmp(s, "in") && strcmp(s, "out"))
        l_fail(L, LUNQ_VALUE, "Direction should be in or out.");
    return !strcmp(s, "out");
}

static int gpio_new(lua_State *L)
{
    uint64_t index = l_checksize(L, 1, "The index of a GPIO");
    bool output = check_direction(L, 2), bound = lua_toboolean(L, 4);
    struct lunq_device *d = l_device(L, 3);
    struct lunq_error e;
    l_gpio *u;
    l_not_in_model(L, "A GPIO");
    u = l_new(L, L_GPIO, sizeof *u, 0);
    if (lunq_gpio_open(&u->pin, d, index, output, bound, &e) < 0)
        return l_raise(L, &e);
    u->index = lunq_gpio_index(u->pin);
    u->output = output;
    return 1;
}

/* pin:release() = pin:close(): lets go of the line; an output keeps its level. May be repeated. */
static int gpio_close(lua_State *L) /* :release(), :close(), __close and __gc */
{
    l_gpio *u = l_check(L, 1, L_GPIO);
    struct lunq_gpio_pin *pin = u->pin;
    u->pin = NULL;
    lunq_gpio_close(pin);
    return 0;
}

/* ---- levels -------------------------------------------------------------------------------- */

static int gpio_read(lua_State *L)
{
    l_gpio *u = check_pin(L, 1);
    struct lunq_error e;
    bool level;
    if (lunq_gpio_read(u->pin, &level, &e) < 0)
        return l_raise(L, &e);
    lua_pushinteger(L, level);
    return 1;
}

static int put(lua_State *L, const l_gpio *u, int64_t level)
{
    struct lunq_error e;
    return lunq_gpio_write(u->pin, level, &e) < 0 ? l_raise(L, &e) : 0;
}

static bool written(lua_State *L, const l_gpio *u)
{
    struct lunq_error e;
    bool level;
    if (lunq_gpio_written(u->pin, &level, &e) < 0)
        l_raise(L, &e);
    return level;
}

/* pin:write(level): drives the line, 0 or 1. Raises `attribute` for an input. */
static int gpio_write(lua_State *L)
{
    l_gpio *u = check_pin(L, 1);
    int whole = 0;
    int64_t level = lua_type(L, 2) == LUA_TNUMBER ? lua_tointegerx(L, 2, &whole) : 0;
    return put(L, u, whole ? level : -1); /* anything else is no level either */
}

/* pin:on(): drives the line high. */
static int gpio_on(lua_State *L)
{
    return put(L, check_pin(L, 1), 1);
}

/* pin:off(): drives the line low. */
static int gpio_off(lua_State *L)
{
    return put(L, check_pin(L, 1), 0);
}

/* pin:toggle(): writes the opposite of what was written last. */
static int gpio_toggle(lua_State *L)
{
    const l_gpio *u = check_pin(L, 1);
    return put(L, u, !written(L, u));
}

static int gpio_written(lua_State *L)
{
    lua_pushinteger(L, written(L, check_pin(L, 1)));
    return 1;
}

/* ---- waiting ------------------------------------------------------------------------------- */

struct edge_wait {
    l_gpio *u; /* the userdata is on the stack of whoever waits */
    struct lunq_gpio_wait wait;
    uint64_t *results; /* on the same stack: count and when */
    double seconds;
};

static int released(const l_gpio *u, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_RUNTIME, "GPIO %u was released while somebody waited for it.",
                     u->index);
}

static int edge_look(void *data, bool late, struct lunq_error *err)
{
    struct edge_wait *w = data;
    int r;
    if (!w->u->pin)
        return released(w->u, err);
    r = lunq_gpio_wait_look(&w->wait, &w->results[0], &w->results[1], err);
    return r == 0 && late ? lunq_gpio_timeout(&w->wait, w->seconds, err) : r;
}

static int edge_push(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    const struct edge_wait *w = data;
    (void)count, (void)when;
    lua_pushinteger(L, (lua_Integer)w->results[0]);
    lua_pushinteger(L, (lua_Integer)w->results[1]);
    return 2;
}

static const struct l_op edge_op = {.what = "an edge of a GPIO line",
                                    .size = sizeof(struct edge_wait),
                                    .look = edge_look,
                                    .push = edge_push};

static unsigned check_edge(lua_State *L, int idx)
{
    static const char *const names[] = {"", "rising", "falling", "both"};
    const char *s = lua_isnoneornil(L, idx) ? "both" : l_checkstr(L, idx, "edge", NULL);
    for (unsigned i = 1; i < 4; i++)
        if (!strcmp(names[i], s))
            return i;
    return (unsigned)l_fail(L, LUNQ_VALUE,
                            "edge should be \"rising\", \"falling\" or \"both\", "
                            "not \"%s\"",
                            s);
}

static int gpio_wait(lua_State *L)
{
    l_gpio *u = check_pin(L, 1);
    bool any = lua_type(L, 2) == LUA_TNUMBER; /* wait(timeout): as lunq.on calls it */
    unsigned edges = any ? LUNQ_RISING | LUNQ_FALLING : check_edge(L, 2);
    struct edge_wait w = {.u = u, .seconds = l_opttimeout(L, any ? 2 : 3)};
    struct lunq_error e;
    l_not_in_model(L, "A GPIO");
    if (lunq_gpio_wait_begin(&w.wait, u->pin, edges, &e) < 0)
        return l_raise(L, &e);
    lua_settop(L, 1);
    w.results = lua_newuserdatauv(L, 2 * sizeof *w.results, 0);
    return l_wait(L, &edge_op, &w, lunq_gpio_device(u->pin), w.seconds, NULL);
}

struct level_wait {
    const l_gpio *u;
    struct lunq_gpio_level wait;
    double seconds;
};

static int level_look(void *data, bool late, struct lunq_error *err)
{
    struct level_wait *w = data;
    int r = w->u->pin ? lunq_gpio_level_look(&w->wait, err) : released(w->u, err);
    return r == 0 && late ? lunq_fail(err, LUNQ_TIMEOUT, "GPIO %u was %s for %g s.", w->u->index,
                                      w->wait.level ? "high" : "low", w->seconds)
                          : r;
}

static const struct l_op level_op = {
    .what = "a GPIO line", .size = sizeof(struct level_wait), .look = level_look};

/* pin:wait_for_value(level [, timeout]): until the line has this level, 0 or 1; at once when it has. */
static int gpio_wait_for_value(lua_State *L)
{
    l_gpio *u = check_pin(L, 1);
    int64_t level = l_checkint(L, 2, "level");
    struct level_wait w = {u, {.pin = u->pin, .wanted = level == 1}, l_opttimeout(L, 3)};
    l_not_in_model(L, "A GPIO");
    if (level != 0 && level != 1)
        return l_fail(L, LUNQ_VALUE, "A GPIO line is 0 or 1, never %d.", (int)level);
    lua_settop(L, 1);
    return l_wait(L, &level_op, &w, lunq_gpio_device(u->pin), w.seconds, NULL);
}

/* ---- fields -------------------------------------------------------------------------------- */

static bool chip_of(const l_gpio *u, struct lunq_gpio_chip *chip)
{
    const struct lunq_device *d = lunq_gpio_device(u->pin);
    for (size_t i = 0; d->ops->gpio_chip((struct lunq_device *)d, i, chip); i++)
        if (u->index >= chip->base && u->index - chip->base < chip->lines)
            return true;
    return false;
}

static int push_path(lua_State *L, const l_gpio *u)
{
    struct lunq_gpio_chip chip;
    if (!chip_of(u, &chip))
        return 0;
    lua_pushfstring(L, "%s/%d", chip.path, (int)(u->index - chip.base));
    return 1;
}

static int gpio_index(lua_State *L)
{
    const l_gpio *u = l_check(L, 1, L_GPIO);
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    if (!strcmp(key, "index")) {
        lua_pushinteger(L, u->index);
    } else if (!strcmp(key, "direction")) {
        lua_pushstring(L, u->output ? "out" : "in");
    } else if (!strcmp(key, "device")) {
        l_push_device(L, lunq_gpio_device(check_pin(L, 1)->pin));
    } else if (!strcmp(key, "path")) {
        return push_path(L, check_pin(L, 1));
    } else {
        return l_fail(L, LUNQ_ATTRIBUTE,
                      "a GPIO has no \"%s\": read, write, on, off, toggle, written, wait, "
                      "wait_for_value, release, close, index, direction, path, device",
                      luaL_tolstring(L, 2, NULL));
    }
    return 1;
}

static int gpio_tostring(lua_State *L)
{
    const l_gpio *u = l_check(L, 1, L_GPIO);
    lua_pushfstring(L, "GPIO %d (%s, %s)", (int)u->index, u->output ? "out" : "in",
                    u->pin ? lunq_gpio_device(u->pin)->name : "released");
    return 1;
}

static int gpio_chips(lua_State *L)
{
    struct lunq_device *d = l_device(L, 1);
    struct lunq_gpio_chip chip;
    lua_newtable(L);
    for (size_t i = 0; d->ops->gpio_chip && d->ops->gpio_chip(d, i, &chip); i++) {
        lua_createtable(L, 0, 5);
        lua_pushstring(L, chip.label);
        lua_setfield(L, -2, "label");
        lua_pushstring(L, chip.path);
        lua_setfield(L, -2, "path");
        lua_pushinteger(L, chip.base);
        lua_setfield(L, -2, "base");
        lua_pushinteger(L, chip.lines);
        lua_setfield(L, -2, "lines");
        lua_pushinteger(L, chip.emio);
        lua_setfield(L, -2, "emio");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static const luaL_Reg methods[] = {{"read", gpio_read},
                                   {"write", gpio_write},
                                   {"on", gpio_on},
                                   {"off", gpio_off},
                                   {"toggle", gpio_toggle},
                                   {"written", gpio_written},
                                   {"wait", gpio_wait},
                                   {"wait_for_value", gpio_wait_for_value},
                                   {"release", gpio_close},
                                   {"close", gpio_close},
                                   {NULL, NULL}};
static const luaL_Reg meta[] = {
    {"__gc", gpio_close}, {"__close", gpio_close}, {"__tostring", gpio_tostring}, {NULL, NULL}};

static const char *const fields[] = {"device", "direction", "index", "path", NULL};

void l_open_gpio(lua_State *L)
{
    l_type(L, L_GPIO, "lunq.GPIO", methods, meta);
    l_fields(L, "lunq.GPIO", gpio_index, fields);
    lua_pushcfunction(L, gpio_new);
    lua_setfield(L, -2, "gpio");
    lua_pushcfunction(L, gpio_chips);
    lua_setfield(L, -2, "gpio_chips");
}
