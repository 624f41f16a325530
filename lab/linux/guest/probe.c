// probe.c: one program with every library LUNQ uses: Lua 5.4, libfdt, expat, libuv, libedit; shows that they link and run on a target.
// Build: ./cross.sh arm64 probe-arm64 guest/probe.c. Run: ./probe, or in a guest: EXTRA=probe-arm64 TEST=script ./run.sh zcu102
#include <editline/readline.h>
#include <expat.h>
#include <lauxlib.h>
#include <libfdt.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

static int elements, ticks;

static void start(void *u, const char *name, const char **atts)
{
    (void)u, (void)name, (void)atts;
    elements++;
}

static void tick(uv_timer_t *t)
{
    if (++ticks == 3)
        uv_close((uv_handle_t *)t, NULL);
}

int main(int c, char **v)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    if (c > 1 && !strcmp(v[1], "-i")) {
        for (char *l; (l = readline("lunq> ")); free(l))
            if (luaL_dostring(L, l))
                puts(lua_tostring(L, -1)), lua_settop(L, 0);
        return 0;
    }
    if (luaL_dostring(
            L,
            "local t, x = os.clock(), 0 for i = 1, 1e7 do x = x + i % 7 end "
            "return ('%s %d %s %.2f s'):format(_VERSION, x, math.type(1 << 62), os.clock() - t)"))
        return 1;
    printf("%s, %zu-bit\n", lua_tostring(L, -1), 8 * sizeof(void *));

    char blob[1024];
    int node = fdt_create_empty_tree(blob, sizeof blob) ? -1 : fdt_add_subnode(blob, 0, "axi_dma");
    if (node < 0 || fdt_setprop_u32(blob, node, "reg", 0x40400000))
        return 1;
    XML_Parser p = XML_ParserCreate(NULL);
    XML_SetElementHandler(p, start, NULL);
    if (XML_Parse(p, "<a><b/></a>", 11, 1) != XML_STATUS_OK || elements != 2)
        return 1;
    uv_timer_t t;
    uv_timer_init(uv_default_loop(), &t);
    uv_timer_start(&t, tick, 1, 1);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    printf("fdt %d bytes, %s, libuv %s %d ticks\n", fdt_totalsize(blob), XML_ExpatVersion(),
           uv_version_string(), ticks);
    return ticks != 3;
}
