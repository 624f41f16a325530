/* model.c - a compiled model used from C as the engine does. See build_spec.lua; model CASE LIBRARY [FILE].
 * CASE+: the same with the model in a process of its own. */
#include "../check.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "device/rtl/isolate.h"

static const struct lunq_rtl_model *m;
static char said[4096]; /* what the log got, a line each */

static void hear(void *user, const char *line)
{
    that("the user's pointer comes back", user == said);
    strncat(said, line, sizeof said - strlen(said) - 2);
    strcat(said, "\n");
}

static const struct lunq_rtl_model *library(const char *path)
{
    void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    lunq_rtl_entry_fn *entry;
    if (!so || !(entry = (lunq_rtl_entry_fn *)dlsym(so, "lunq_rtl_entry"))) {
        printf("%s\n", dlerror());
        exit(2);
    }
    return entry();
}

static void *make(void)
{
    static const char *const arguments[] = {"+fast"};
    void *inst = rtl_create_instance(m, 1, arguments, hear, said);
    that("there is an instance", inst != NULL);
    return inst;
}

static void *pin(void *inst, const char *name)
{
    for (uint32_t i = 0; i < m->n_pins; i++)
        if (!strcmp(m->pins[i].name, name))
            return m->pin(inst, i);
    printf("no pin %s\n", name);
    exit(2);
}

static void set(void *inst, const char *name, uint32_t v)
{
    void *p = pin(inst, name);
    for (uint32_t i = 0; i < m->n_pins; i++)
        if (!strcmp(m->pins[i].name, name))
            memcpy(p, &v, m->pins[i].bytes ? m->pins[i].bytes : 4);
}

static uint32_t get(void *inst, const char *name)
{
    uint32_t v = 0;
    for (uint32_t i = 0; i < m->n_pins; i++)
        if (!strcmp(m->pins[i].name, name))
            memcpy(&v, m->pin(inst, i), m->pins[i].bytes ? m->pins[i].bytes : 4);
    return v;
}

static int clock_once(void *inst, uint64_t ps)
{
    int end;
    m->set_time(inst, ps);
    set(inst, "aclk", 1);
    if ((end = m->eval(inst)))
        return end;
    m->trace_dump(inst, ps);
    set(inst, "aclk", 0);
    return m->eval(inst);
}

static int cycles(void *inst, unsigned n)
{
    int end = 0;
    for (unsigned i = 0; i < n && !end; i++)
        end = clock_once(inst, 10000 * (uint64_t)i);
    return end;
}

static void reset(void *inst)
{
    set(inst, "aresetn", 0);
    cycles(inst, 3);
    set(inst, "aresetn", 1);
    set(inst, "s_axi_bready", 1);
}

/* What a write answers: an end of eval. */
static int bus_write(void *inst, uint32_t address, uint32_t value)
{
    int end;
    set(inst, "s_axi_awaddr", address);
    set(inst, "s_axi_wdata", value);
    set(inst, "s_axi_wstrb", 15);
    set(inst, "s_axi_awvalid", 1);
    set(inst, "s_axi_wvalid", 1);
    end = clock_once(inst, 1000000);
    set(inst, "s_axi_awvalid", 0);
    set(inst, "s_axi_wvalid", 0);
    return end ? end : cycles(inst, 3);
}

static void has_pins(void)
{
    void *inst = make();
    that_is("abi", LUNQ_RTL_ABI, m->abi);
    that_text("top", "regs", m->top);
    that("tool", !strncmp(m->tool, "Verilator ", 10));
    that("no metadata", m->metadata == NULL);
    that("built", strstr(m->built, "top: regs\n") != NULL);
    that_is("pins", 20, m->n_pins);
    for (uint32_t i = 0; i < m->n_pins; i++) {
        const struct lunq_rtl_pin *p = &m->pins[i];
        if (!strcmp(p->name, "s_axi_wdata")) {
            that_is("width", 32, p->width);
            that_is("direction", LUNQ_RTL_IN, p->direction);
            that_is("bytes", 4, p->bytes);
        }
    }
    m->destroy(inst);
    m->destroy(NULL);
}

static void has_metadata(void)
{
    that("an HWH file", m->metadata && strstr(m->metadata, "<EDKSYSTEM "));
    that("with the type", m->metadata && strstr(m->metadata, "VLNV=\"acme.com:hls:scale:1.0\""));
    that("built", strstr(m->built, "scale.xml (acme.com:hls:scale:1.0)\n") != NULL);
}

static void keeps_instances_apart(void)
{
    void *a = make(), *b = make();
    reset(a);
    reset(b);
    bus_write(a, 0x20, 100);
    that_is("a counts", 0, get(a, "irq"));
    for (unsigned i = 0; i < 200 && !get(a, "irq"); i++)
        cycles(a, 1);
    that_is("a's interrupt", 1, get(a, "irq"));
    that_is("b's interrupt", 0, get(b, "irq"));
    m->destroy(a);
    reset(b);
    m->destroy(b);
}

static void end_is(uint32_t address, int want, const char *error, const char *log)
{
    void *inst = make();
    reset(inst);
    *said = '\0';
    that_is("end", (uint64_t)want, (uint64_t)bus_write(inst, address, 1));
    that_text("error", error, m->error(inst));
    that_text("log", log, said);
    if (want)
        that_is("it stays dead", (uint64_t)want, (uint64_t)m->eval(inst));
    m->destroy(inst);
}

/* spec/rtl/faults.v: whatever it does, this program goes on. */
static void ends(void)
{
    end_is(0x04, 0, "", "");
    end_is(0x10, LUNQ_RTL_FINISHED, "$finish at faults.v:27", "");
    end_is(0x14, LUNQ_RTL_STOPPED, "$stop at faults.v:28", "");
    end_is(0x18, LUNQ_RTL_STOPPED, "faults.v:29: Assertion failed in TOP.faults: on purpose",
           "[1000000] %Error: faults.v:29: Assertion failed in TOP.faults: on purpose\n");
    end_is(0x1c, 0, "", "hello from RTL at 1000000\n");
    end_is(0x28, 0, "", "written to the standard output\n");
    end_is(0x30, LUNQ_RTL_STOPPED,
           "faults.v:42: Assertion failed in TOP.faults.never30: 'assert' failed.",
           "[1000000] %Error: faults.v:42: Assertion failed in TOP.faults.never30: 'assert' "
           "failed.\n");
}

static void traces(const char *path)
{
    void *inst = make();
    char head[8] = "";
    FILE *f;
    that_is("a folder that is not there", (uint64_t)-1,
            (uint64_t)m->trace_open(inst, "/dev/null/x.vcd", 99));
    that_is("flags", LUNQ_RTL_VCD, m->flags);
    that_is("open", 0, (uint64_t)m->trace_open(inst, path, 99));
    that_is("twice", (uint64_t)-1, (uint64_t)m->trace_open(inst, path, 99));
    reset(inst);
    m->trace_close(inst);
    m->trace_close(inst);
    that("written", (f = fopen(path, "r")) != NULL);
    that("a VCD", f && fgets(head, sizeof head, f) && !strncmp(head, "$versio", 7));
    if (f)
        fclose(f);
    m->destroy(inst);
}

static void has_no_traces(void)
{
    void *inst = make();
    that_is("flags", 0, m->flags);
    that_is("open", (uint64_t)-2, (uint64_t)m->trace_open(inst, "/dev/null", 1));
    m->trace_dump(inst, 0);
    m->trace_close(inst);
    that_is("coverage", (uint64_t)-2, (uint64_t)m->cover_write(inst, "/dev/null"));
    m->destroy(inst);
}

static void covers(const char *path)
{
    void *inst = make();
    char head[64] = "";
    FILE *f;
    that_is("flags", LUNQ_RTL_COVERAGE, m->flags);
    reset(inst);
    that_is("a folder that is not there", (uint64_t)-1,
            (uint64_t)m->cover_write(inst, "/dev/null/x.dat"));
    that_is("written", 0, (uint64_t)m->cover_write(inst, path));
    that("there", (f = fopen(path, "r")) != NULL);
    that("Verilator's", f && fgets(head, sizeof head, f) && strstr(head, "SystemC::Coverage"));
    if (f)
        fclose(f);
    m->destroy(inst);
}

/* Four states: a register is unknown until the reset, and reads as 0 meanwhile. */
static void knows_unknowns(void)
{
    void *inst = make();
    uint32_t irq = 0;
    that_is("flags", LUNQ_RTL_FOUR, m->flags);
    while (irq < m->n_pins && strcmp(m->pins[irq].name, "irq"))
        irq++;
    that_is("no end", 0, (uint64_t)m->eval(inst));
    that_is("unknown", 1, *(const uint8_t *)m->unknown(inst, irq));
    that_is("as 0", 0, get(inst, "irq"));
    reset(inst);
    that_is("known", 0, *(const uint8_t *)m->unknown(inst, irq));
    m->destroy(inst);
}

/* The simulator's process is killed: the host goes on, and hears why. */
static void outlives_it(void)
{
    void *inst = make();
    char list[64] = "";
    FILE *f = fopen("/proc/thread-self/children", "r");
    reset(inst);
    that("it has a child", f && fgets(list, sizeof list, f) && atoi(list) > 0);
    if (f)
        fclose(f);
    if (atoi(list) > 0)
        kill(atoi(list), SIGKILL);
    that_is("end", LUNQ_RTL_STOPPED, (uint64_t)m->eval(inst));
    that_text("why", "the simulator was ended by signal 9", m->error(inst));
    that_is("again", LUNQ_RTL_STOPPED, (uint64_t)m->eval(inst));
    m->destroy(inst);
}

/* Final blocks run, and nothing is left. */
static void ends_well(void)
{
    void *inst = make();
    reset(inst);
    *said = '\0';
    m->destroy(inst);
    that_text("log", "the end\n", said);
    that("no child", waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

/* A bench in Verilog: clocks of 10 and 14 ns, reset for 200 ns; it counts what is wrong and says when it is done. */
static void bench(void)
{
    void *inst = make();
    int end = 0;
    *said = '\0';
    for (unsigned t = 0; t < 100000 && !end && !get(inst, "done"); t++) {
        set(inst, "rst", t < 200);
        set(inst, "clk_a", t / 5 % 2);
        set(inst, "clk_b", t / 7 % 2);
        m->set_time(inst, 1000 * (uint64_t)t);
        end = m->eval(inst);
    }
    that_is("done", 1, get(inst, "done"));
    that_is("wrong", 0, get(inst, "bad"));
    if (failed)
        printf("%s%s\n", said, m->error(inst));
    m->destroy(inst);
}

int main(int argc, char **argv)
{
    static struct rtl_isolated isolated;
    char *plus;
    if (argc < 3)
        return 2;
    m = library(argv[2]);
    if ((plus = strchr(argv[1], '+'))) {
        *plus = '\0';
        m = rtl_isolate(&isolated, m, RTL_ISOLATE_SECONDS);
    }
    if (!strcmp(argv[1], "has_pins"))
        has_pins();
    else if (!strcmp(argv[1], "has_metadata"))
        has_metadata();
    else if (!strcmp(argv[1], "keeps_instances_apart"))
        keeps_instances_apart();
    else if (!strcmp(argv[1], "ends"))
        ends();
    else if (!strcmp(argv[1], "knows_unknowns"))
        knows_unknowns();
    else if (!strcmp(argv[1], "outlives_it"))
        outlives_it();
    else if (!strcmp(argv[1], "ends_well"))
        ends_well();
    else if (!strcmp(argv[1], "bench"))
        bench();
    else if (!strcmp(argv[1], "has_no_traces"))
        has_no_traces();
    else if (!strcmp(argv[1], "traces") && argc > 3)
        traces(argv[3]);
    else if (!strcmp(argv[1], "covers") && argc > 3)
        covers(argv[3]);
    else
        return 2;
    puts(failed ? "failed" : "ok");
    return failed;
}
