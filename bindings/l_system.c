/* l_system.c - the little of the operating system that finding files needs, as functions of
 * lunq.core:
 *   core.file_kind(path)  --> "file", "directory", "other" or nil
 *   core.file_owner(path) --> user and group that own it as numbers, its mode; nil: not there
 *   core.may_write(path)  --> whether this user may write there, as far as modes and mounts say
 *   core.list_dir(path)   --> sorted names without "." and "..", or nil when it can't be read
 *   core.absolute(path)   --> the path from the root on
 *   core.make_folder(path)    raises io when it can't be made, also when it is there
 *   core.hash(text)       --> a 64-bit number; tells contents apart, protects against nobody
 *   core.process()        --> { pid, program, user } of this program
 *   core.wall_time()      --> seconds since 1970, with microseconds */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../host/device/files.h"
#include "lunq_lua.h"

/* A path as C sees it: a name with a zero byte in it would silently be another one. */
static const char *check_path(lua_State *L, int idx)
{
    size_t n;
    const char *path = l_checkstr(L, idx, "path", &n);
    if (strlen(path) != n)
        l_fail(L, LUNQ_VALUE, "path contains a zero byte");
    return path;
}

static int file_kind(lua_State *L)
{
    struct stat st;
    if (stat(check_path(L, 1), &st) < 0)
        return 0;
    lua_pushstring(L, S_ISREG(st.st_mode) ? "file" : S_ISDIR(st.st_mode) ? "directory" : "other");
    return 1;
}

static int file_owner(lua_State *L)
{
    struct stat st;
    if (stat(check_path(L, 1), &st) < 0)
        return 0;
    lua_pushinteger(L, st.st_uid);
    lua_pushinteger(L, st.st_gid);
    lua_pushinteger(L, st.st_mode & 07777);
    return 3;
}

static int may_write(lua_State *L)
{
    lua_pushboolean(L, access(check_path(L, 1), W_OK) == 0);
    return 1;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names live in malloc'd memory until the directory is closed: Lua may raise only after. */
struct names {
    char **list;
    size_t n, room;
};

static void names_free(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->list[i]);
    free(names->list);
    names->list = NULL;
    names->n = names->room = 0;
}

static int names_gc(lua_State *L)
{
    names_free(lua_touserdata(L, 1));
    return 0;
}

static bool names_add(struct names *names, const char *name)
{
    if (names->n == names->room) {
        size_t room = names->room ? 2 * names->room : 32;
        char **list = reallocarray(names->list, room, sizeof *list);
        if (!list)
            return false;
        names->list = list;
        names->room = room;
    }
    names->list[names->n] = strdup(name);
    return names->list[names->n] && ++names->n;
}

static bool names_read(struct names *names, const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *e;
    bool ok = dir != NULL;
    while (ok && (e = readdir(dir)))
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
            ok = names_add(names, e->d_name);
    if (dir)
        closedir(dir);
    return ok;
}

static int list_dir(lua_State *L)
{
    const char *path = check_path(L, 1);
    struct names *names = lua_newuserdatauv(L, sizeof *names, 0);
    memset(names, 0, sizeof *names);
    if (luaL_newmetatable(L, "lunq.Names")) {
        lua_pushcfunction(L, names_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    if (!names_read(names, path))
        return 0; /* what was read is freed with the userdata */
    if (names->n > 1)
        qsort(names->list, names->n, sizeof *names->list, compare_names);
    lua_createtable(L, names->n < INT_MAX ? (int)names->n : 0, 0);
    for (size_t i = 0; i < names->n; i++) {
        lua_pushstring(L, names->list[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    names_free(names);
    return 1;
}

static int absolute(lua_State *L)
{
    const char *path = check_path(L, 1);
    char here[4096];
    if (path[0] != '/' && getcwd(here, sizeof here))
        lua_pushfstring(L, "%s/%s", here, path);
    else
        lua_pushstring(L, path);
    return 1;
}

static int make_folder(lua_State *L)
{
    const char *path = check_path(L, 1);
    if (mkdir(path, 0777) < 0)
        return l_fail(L, LUNQ_IO, "Can't make the folder %s: %s", path, strerror(errno));
    return 0;
}

/* Eight bytes at a time through a multiply and a shift: the finalizer of MurmurHash3 as the step.
 * A full read of a 3 MB HWH should not notice it. */
static uint64_t hash_bytes(const char *s, size_t n)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ n, word;
    while (n > 0) {
        size_t step = n < 8 ? n : 8;
        word = 0;
        memcpy(&word, s, step);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
        s += step;
        n -= step;
    }
    h *= 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 33;
}

static int hash(lua_State *L)
{
    size_t n;
    const char *s = l_checkstr(L, 1, "text", &n);
    lua_pushinteger(L, (lua_Integer)hash_bytes(s, n));
    return 1;
}

/* core.process(): { pid, program = its command line, user } of this program. */
static int process(lua_State *L)
{
    char words[256];
    long n = lx_read_bytes("/proc/self/cmdline", words, sizeof words);
    struct passwd *who = getpwuid(getuid());
    while (n > 0 && !words[n - 1])
        n--;
    for (long i = 0; i < n; i++)
        if (!words[i])
            words[i] = ' ';
    lua_createtable(L, 0, 3);
    l_set_integer(L, "pid", getpid());
    lua_pushlstring(L, words, n > 0 ? (size_t)n : 0);
    lua_setfield(L, -2, "program");
    if (who)
        lua_pushstring(L, who->pw_name);
    else
        lua_pushfstring(L, "%d", (int)getuid());
    lua_setfield(L, -2, "user");
    return 1;
}

static int wall_time(lua_State *L)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    lua_pushnumber(L, (double)t.tv_sec + (double)(t.tv_nsec / 1000) * 1e-6);
    return 1;
}

void l_open_system(lua_State *L)
{
    static const luaL_Reg functions[] = {{"file_kind", file_kind},
                                         {"file_owner", file_owner},
                                         {"may_write", may_write},
                                         {"list_dir", list_dir},
                                         {"make_folder", make_folder},
                                         {"absolute", absolute},
                                         {"hash", hash},
                                         {"wall_time", wall_time},
                                         {"process", process},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
