/* main.c - the lunq program: its command line. What it says for --help stands in `usage`. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bindings/l_task.h"
#include "core/device.h"
#include "program.h"

static const char usage[] =
    "usage: lunq [options] [script.lua [arguments]]\n"
    "       lunq -e CODE [arguments]       run CODE\n"
    "       lunq -                         run standard input\n"
    "       lunq info FILE [--json]        show what is in a design (.hwh, .xclbin)\n"
    "       lunq info                      the device that is used, and why\n"
    "       lunq fdt FILE [--json]         show a device tree: a blob, /proc/device-tree\n"
    "       lunq dtbo DESIGN [-o FILE]     the device-tree overlay of a design, for UIO\n"
    "       lunq serve DESIGN ...          the design as the logic of a QEMU (lunq serve --help)\n"
    "       lunq new driver|overlay ...    write a skeleton with its spec (lunq new --help)\n"
    "       lunq record -o FILE script     run it and write down all that the device did;\n"
    "                                      --device replay:FILE then does it again without it\n"
    "       lunq rtl build|show|clean ...  make a model of Verilog or VHDL, --device rtl:MODEL\n"
    "       lunq reference [--html|--luacats]  the API reference: Markdown, a page for browsers, "
    "or\n"
    "                                      definitions for editors\n"
    "       lunq doctor [--all] [--json]   what this machine has, what is missing, what to do\n"
    "       lunq test [options] [FILE ...] run busted specs and LuaUnit files (lunq test --help)\n"
    "       lunq                           start a prompt\n"
    "options:\n"
    "  --device D    the device to use: sim, sim:zynqmp?seed=7 ... (or LUNQ_DEVICE); where none "
    "is\n"
    "                named linux on a board, else sim\n"
    "  --lua-dir D   use lua/ and drivers/ of checkout D, not those inside (or LUNQ_LUA_DIR)\n"
    "  -i            start a prompt after the script\n"
    "  --version, --help\n"
    "exit codes: 0 fine, 1 script or test failed, 2 usage, 3 no device or busy,\n"
    "            4 time-out, 5 device failed\n";

enum what {
    RUN_SCRIPT,
    RUN_CODE,
    RUN_STDIN,
    RUN_REPL,
    RUN_INFO,
    RUN_FDT,
    RUN_DTBO,
    RUN_SERVE,
    RUN_NEW,
    RUN_RTL,
    RUN_REFERENCE,
    RUN_DOCTOR,
    RUN_TEST
};

struct command {
    enum what what;
    const char *text;  /* the script's name or the code */
    const char *name;  /* arg[0] */
    int first;         /* argv index of its first argument */
    bool prompt_after; /* -i */
    bool record;
    const char *trace; /* -o, of record */
};

/* ---- the command line ----------------------------------------------------------------------- */

static int refuse(const char *fmt, const char *what)
{
    fprintf(stderr, "lunq: ");
    fprintf(stderr, fmt, what);
    fprintf(stderr, "\nlunq --help shows what there is.\n");
    return EXIT_USAGE;
}

/* The value of option `name` given as "--name V" or "--name=V", or NULL when argv[*i] is another
 * option. *missing is set when there is no value. */
static const char *option(int argc, char **argv, int *i, const char *name, bool *missing)
{
    size_t n = strlen(name);
    if (strncmp(argv[*i], name, n))
        return NULL;
    if (argv[*i][n] == '=' && argv[*i][n + 1])
        return argv[*i] + n + 1;
    if (argv[*i][n] == '\0' && *i + 1 < argc && *argv[*i + 1])
        return argv[++*i];
    *missing = *missing || argv[*i][n] == '\0' || argv[*i][n] == '=';
    return NULL;
}

/* lunq record -o FILE: a run as any other, on a device that writes down what it does. Returns -1
 * to go on, or the exit code. */
static int record(const char *file)
{
    struct lunq_choice device;
    struct lunq_error e;
    char *text;
    if (!file)
        return refuse("%s", "record needs -o and the file to write: lunq record -o FILE script");
    if (strchr(file, ':'))
        return refuse("the file of a trace has no colon in its name: %s", file);
    if (lunq_device_choose(&device, getenv("LUNQ_DEVICE"), getenv("LUNQ_ROOT"), &e) < 0) {
        fprintf(stderr, "lunq: %s\n", e.message);
        return EXIT_NO_DEVICE;
    }
    if (asprintf(&text, "record:%s:%s", file, device.spec) < 0)
        return refuse("no memory for %s", file);
    setenv("LUNQ_DEVICE", text, 1);
    free(text);
    return -1;
}

static void script(struct command *c, int argc, char **argv, int i)
{
    static const struct {
        const char *word;
        enum what what;
    } words[] = {
        {"info", RUN_INFO}, {"fdt", RUN_FDT}, {"dtbo", RUN_DTBO},           {"serve", RUN_SERVE},
        {"new", RUN_NEW},   {"rtl", RUN_RTL}, {"reference", RUN_REFERENCE}, {"doctor", RUN_DOCTOR},
        {"test", RUN_TEST}, {"-", RUN_STDIN}};
    c->text = c->name = argv[i];
    c->what = RUN_SCRIPT;
    c->first = i + 1;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (!strcmp(argv[i], words[k].word))
            c->what = words[k].what;
    (void)argc;
}

/* Fills *c. Returns -1 to go on, or the exit code. Options are set as environment variables, so
 * that programs a script starts use the same device and files. */
static int parse(struct command *c, int argc, char **argv)
{
    *c = (struct command){.name = "lunq", .first = argc};
    c->what = isatty(STDIN_FILENO) ? RUN_REPL : RUN_STDIN;
    for (int i = 1; i < argc; i++) {
        bool missing = false;
        const char *v;
        if ((v = option(argc, argv, &i, "--device", &missing))) {
            setenv("LUNQ_DEVICE", v, 1);
        } else if ((v = option(argc, argv, &i, "--lua-dir", &missing))) {
            setenv("LUNQ_LUA_DIR", v, 1);
        } else if (c->record && (v = option(argc, argv, &i, "-o", &missing))) {
            c->trace = v;
        } else if (missing) {
            return refuse("%s needs a value", argv[i]);
        } else if (!strcmp(argv[i], "-i")) {
            c->prompt_after = true;
        } else if (!strcmp(argv[i], "-e")) {
            if (i + 1 >= argc)
                return refuse("%s needs a piece of Lua", argv[i]);
            c->what = RUN_CODE;
            c->text = argv[i + 1];
            c->name = "-e";
            c->first = i + 2;
            return -1;
        } else if (!strcmp(argv[i], "--version") || !strcmp(argv[i], "-v")) {
            printf("lunq %s (%s)\n", LUNQ_VERSION, LUA_RELEASE);
            return EXIT_OK;
        } else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h") ||
                   !strcmp(argv[i], "help")) {
            fputs(usage, stdout);
            return EXIT_OK;
        } else if (!strcmp(argv[i], "record") && !c->record) {
            c->record = true;
        } else if (argv[i][0] == '-' && argv[i][1]) {
            return refuse("unknown option %s", argv[i]);
        } else {
            script(c, argc, argv, i);
            return -1;
        }
    }
    return -1;
}

/* arg[-1] the program, arg[0] the script, arg[1] ... its arguments. */
static void set_arg(lua_State *L, const struct command *c, int argc, char **argv)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    lua_createtable(L, argc - c->first, 2);
    lua_pushstring(L, n > 0 ? self : argv[0]);
    lua_rawseti(L, -2, -1);
    lua_pushstring(L, c->name);
    lua_rawseti(L, -2, 0);
    for (int i = c->first; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i - c->first + 1);
    }
    lua_setglobal(L, "arg");
}

static int push_arguments(lua_State *L, const struct command *c, int argc, char **argv)
{
    luaL_checkstack(L, argc, "too many arguments");
    for (int i = c->first; i < argc; i++)
        lua_pushstring(L, argv[i]);
    return argc - c->first;
}

/* ---- running -------------------------------------------------------------------------------- */

/* _G's metatable for -e and the prompt: `lunq` is there without require, loaded when used. */
static int lazy_lunq(lua_State *L)
{
    if (lua_type(L, 2) != LUA_TSTRING || strcmp(lua_tostring(L, 2), "lunq") != 0)
        return 0;
    lua_getglobal(L, "require");
    lua_pushliteral(L, "lunq");
    lua_call(L, 1, 1);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

static void offer_lunq(lua_State *L)
{
    lua_pushglobaltable(L);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, lazy_lunq);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

/* Calls the function below its narg arguments and returns the exit code: an integer it returns,
 * unless it is a chunk, whose results mean nothing. */
static int call(lua_State *L, int narg, bool chunk)
{
    int handler = lua_gettop(L) - narg, code = EXIT_OK;
    lua_pushcfunction(L, lunq_report_handler);
    lua_insert(L, handler);
    if (lua_pcall(L, narg, 1, handler) != LUA_OK)
        code = lunq_report(L);
    else if (!chunk && lua_isinteger(L, -1))
        code = (int)lua_tointeger(L, -1);
    lua_settop(L, handler - 1);
    return code;
}

static bool has_suffix(const char *s, const char *suffix)
{
    size_t n = strlen(s), k = strlen(suffix);
    return n >= k && !strcmp(s + n - k, suffix);
}

static int load_failed(lua_State *L, const struct command *c, int status)
{
    lunq_report_advice(L);
    fprintf(stderr, "lunq: %s\n", lua_tostring(L, -1));
    if (c->what == RUN_SCRIPT && (has_suffix(c->text, ".hwh") || has_suffix(c->text, ".bit")))
        fprintf(stderr, "To see what is in a design: lunq info %s\n", c->text);
    else if (c->what == RUN_SCRIPT && status == LUA_ERRFILE && !strpbrk(c->text, "./"))
        fprintf(stderr, "If %s should be a command: lunq --help shows those there are.\n", c->text);
    lua_pop(L, 1);
    return status == LUA_ERRFILE ? EXIT_USAGE : EXIT_SCRIPT;
}

/* A script has ended. What it started and did not wait for ends with it, but not in silence. */
static int leave_tasks(lua_State *L, int code, bool prompt_after)
{
    size_t n = l_tasks_left(L);
    if (code == EXIT_OK && n > 0 && !prompt_after)
        lunq_warn("task",
                  "The script ended while %zu task%s had not: end it with lunq.run() to "
                  "let them finish.",
                  n, n == 1 ? "" : "s");
    return code;
}

static int run_chunk(lua_State *L, const struct command *c, int argc, char **argv)
{
    int status;
    if (c->what == RUN_CODE) {
        offer_lunq(L);
        status = l_load_text(L, c->text, strlen(c->text), "=-e");
    } else {
        status = l_load_file(L, c->what == RUN_STDIN ? NULL : c->text);
    }
    if (status != LUA_OK)
        return load_failed(L, c, status);
    if (c->what == RUN_SCRIPT) { /* modules beside the script are found, wherever one stands */
        char *copy = strdup(c->text);
        lunq_state_add_path(L, copy ? dirname(copy) : ".");
        free(copy);
    }
    return leave_tasks(L, call(L, push_arguments(L, c, argc, argv), true), c->prompt_after);
}

/* Pushes require(module)[field]. */
static void push_entry(lua_State *L, const char *module, const char *field)
{
    lua_getglobal(L, "require");
    lua_pushstring(L, module);
    lua_call(L, 1, 1);
    lua_getfield(L, -1, field);
    lua_remove(L, -2);
}

/* A subcommand written in Lua: its module's main gets the arguments. It says itself what went wrong, also that a
 * signal came, of which the program then dies as a script does. */
static int run_module(lua_State *L, const char *module, const struct command *c, int argc,
                      char **argv)
{
    int code, sig;
    push_entry(L, module, "main");
    code = call(L, push_arguments(L, c, argc, argv), false);
    sig = code > 0 && code < 128 ? lunq_interrupt_taken() : 0;
    return sig ? 128 + sig : code;
}

static int run_repl(lua_State *L)
{
    offer_lunq(L);
    push_entry(L, "lunq.repl", "main");
    return call(L, 0, false);
}

static void test_turn(void *data)
{
    lunq_alarm_turn(*(lua_State **)data);
}

/* Runs the function at 1 with the arguments above it as a task, as long as it takes: its results. */
static int run_as_task(lua_State *L)
{
    static const struct l_op op = {
        .what = "the tests", .size = sizeof(lua_State *), .turn = test_turn};
    struct l_task *t = l_task_spawn(L, lua_gettop(L) - 1);
    l_wait(L, &op, &L, NULL, INFINITY, &t->ended);
    return l_task_join(L, 1);
}

/* `--device D` may stand behind "test" as well. */
static void test_device(const struct command *c, int argc, char **argv)
{
    for (int i = c->first; i < argc; i++) {
        bool missing = false;
        const char *v = option(argc, argv, &i, "--device", &missing);
        if (v)
            setenv("LUNQ_DEVICE", v, 1);
    }
}

/* Tests run in a task, so that they may wait. A signal ends the program. */
static int run_test(lua_State *L, const struct command *c, int argc, char **argv)
{
    test_device(c, argc, argv);
    lunq_interrupt_mode(true);
    push_entry(L, "lunq.core", "version"); /* what tasks need is there then */
    lua_pop(L, 1);
    lua_pushcfunction(L, run_as_task);
    push_entry(L, "lunq.test", "main");
    return call(L, push_arguments(L, c, argc, argv) + 1, false);
}

struct start {
    const struct command *command;
    int argc;
    char **argv;
    int code;
};

/* Everything that can raise, protected by main. */
static int protected_main(lua_State *L)
{
    struct start *s = lua_touserdata(L, 1);
    const struct command *c = s->command;
    const char *dir = getenv("LUNQ_LUA_DIR");
    lua_settop(L, 0);
    lunq_state_open(L);
    lunq_interrupt_install(L);
    lunq_progress_install();
    if (dir && *dir) {
        lunq_state_add_path(L, dir); /* drivers.NAME */
        lua_pushfstring(L, "%s/lua", dir);
        lunq_state_add_path(L, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    set_arg(L, c, s->argc, s->argv);
    switch (c->what) {
    case RUN_INFO: s->code = run_module(L, "lunq.info", c, s->argc, s->argv); break;
    case RUN_FDT: s->code = run_module(L, "lunq.fdt", c, s->argc, s->argv); break;
    case RUN_DTBO: s->code = run_module(L, "lunq.dtbo.command", c, s->argc, s->argv); break;
    case RUN_SERVE: s->code = run_module(L, "lunq.serve", c, s->argc, s->argv); break;
    case RUN_NEW: s->code = run_module(L, "lunq.new", c, s->argc, s->argv); break;
    case RUN_RTL: s->code = run_module(L, "lunq.rtl.command", c, s->argc, s->argv); break;
    case RUN_REFERENCE: s->code = run_module(L, "lunq.reference", c, s->argc, s->argv); break;
    case RUN_DOCTOR: s->code = run_module(L, "lunq.doctor", c, s->argc, s->argv); break;
    case RUN_TEST: s->code = run_test(L, c, s->argc, s->argv); break;
    case RUN_REPL: break;
    default: s->code = run_chunk(L, c, s->argc, s->argv);
    }
    if (c->what == RUN_REPL || c->prompt_after)
        s->code = run_repl(L);
    return 0;
}

int main(int argc, char **argv)
{
    struct command c;
    struct start s = {&c, argc, argv, EXIT_SCRIPT};
    lua_State *L;
    int code = parse(&c, argc, argv);
    if (code < 0 && c.record)
        code = record(c.trace);
    if (code >= 0)
        return code;
    L = luaL_newstate();
    if (!L) {
        fprintf(stderr, "lunq: no memory\n");
        return EXIT_SCRIPT;
    }
    lua_pushcfunction(L, protected_main);
    lua_pushlightuserdata(L, &s);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        fprintf(stderr, "lunq: %s\n", luaL_tolstring(L, -1, NULL));
        s.code = EXIT_SCRIPT;
    }
    lunq_state_close(L);
    if (s.code > 128)
        lunq_interrupt_die(s.code - 128);
    return lunq_exit_code(s.code);
}
