/* wrapper.cpp - gives a model of Verilator the C interface of rtl_model.h.
 * Compiled once per model. lunq_model.h, which the generator writes, has what differs: the table of pins, where
 * their storage is, texts, flags and the header of the tracer. Whatever the RTL does ($finish, $fatal, an
 * assertion, an error of the run time) ends as an answer of eval: nothing here ends the process. */
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "Vlunq.h"
#include "rtl_model.h"
#include "verilated.h"

#include "lunq_model.h"

namespace
{
struct Stop {}; /* thrown out of eval */

struct Instance {
    VerilatedContext context;
    std::unique_ptr<Vlunq> top;
    int end = LUNQ_RTL_GOES_ON;
    std::string error;
    std::string line; /* printed, its end still missing */
    std::string last; /* the last whole line since eval began */
    void (*log)(void *user, const char *line) = nullptr;
    void *user = nullptr;
#ifdef LUNQ_MODEL_TRACER
    std::unique_ptr<LUNQ_MODEL_TRACER> tracer;
#endif
};

thread_local Instance *current; /* the instance whose code is running */

/* Makes an instance the current one, for a call into the model. Verilator keeps a context per thread, the
 * newest, and takes scopes out of that one when a model goes: it has to be this instance's. */
class Turn
{
  public:
    explicit Turn(Instance *i) : before(current)
    {
        current = i;
        Verilated::threadContextp(&i->context);
    }
    ~Turn() { current = before; }

  private:
    Instance *before;
};

void log_line(Instance *i)
{
    if (i->log)
        i->log(i->user, i->line.c_str());
    i->last.swap(i->line);
    i->line.clear();
}

void print(const char *text, size_t n)
{
    if (!current)
        return;
    for (size_t k = 0; k < n; k++)
        if (text[k] == '\n')
            log_line(current);
        else if (text[k])
            current->line += text[k];
}

/* The file without its folder, as Verilator's own messages have it. */
std::string place(const char *file, int line)
{
    const char *name = file ? std::strrchr(file, '/') : nullptr;
    return std::string(name ? name + 1 : file && *file ? file : "?") + ":" + std::to_string(line);
}

/* "[120] %Error: x.v:3: Assertion failed in TOP.x: words" without its head, or "" when it is none: what
 * Verilator prints before it stops has the place in it. */
std::string message(const std::string &line)
{
    for (const char *word : {"%Error: ", "%Fatal: "}) {
        size_t at = line.find(word);
        if (at != std::string::npos)
            return line.substr(at + std::strlen(word));
    }
    return "";
}

void fail(Instance *i, const std::string &why)
{
    if (i->end == LUNQ_RTL_GOES_ON) {
        i->end = LUNQ_RTL_STOPPED;
        i->error = why;
    }
}

/* Runs a piece of the model; false when it came to an end there. */
template <typename F> bool guarded(Instance *i, F f)
{
    Turn turn(i);
    try {
        f();
        return true;
    } catch (const Stop &) {
    } catch (const std::bad_alloc &) {
        fail(i, "no memory");
    } catch (const std::exception &e) {
        fail(i, e.what());
    } catch (...) {
        fail(i, "an unknown C++ exception in the model");
    }
    return false;
}

void *create(int argc, const char *const *argv, void (*log)(void *, const char *), void *user)
{
    std::unique_ptr<Instance> i(new (std::nothrow) Instance);
    if (!i)
        return nullptr;
    i->log = log;
    i->user = user;
    bool ok = guarded(i.get(), [&] {
        std::vector<const char *> arguments{"lunq"};
        for (int k = 0; k < argc; k++)
            arguments.push_back(argv[k]);
        i->context.commandArgs(static_cast<int>(arguments.size()), arguments.data());
#ifdef LUNQ_MODEL_TRACER
        i->context.traceEverOn(true);
#endif
        i->top.reset(new Vlunq(&i->context, "TOP"));
    });
    if (!ok) {
        i->line = i->error;
        log_line(i.get());
        return nullptr;
    }
    return i.release();
}

void trace_close(void *inst)
{
#ifdef LUNQ_MODEL_TRACER
    Instance *i = static_cast<Instance *>(inst);
    if (!i->tracer)
        return;
    guarded(i, [&] { i->tracer->close(); });
    i->tracer.reset();
#else
    (void)inst;
#endif
}

void destroy(void *inst)
{
    Instance *i = static_cast<Instance *>(inst);
    if (!i)
        return;
    guarded(i, [&] { i->top->final(); });
    trace_close(i);
    guarded(i, [&] { i->top.reset(); });
    if (!i->line.empty())
        log_line(i);
    delete i;
}

void *pin(void *inst, uint32_t k)
{
    return lunq_model_pin(static_cast<Instance *>(inst)->top.get(), k);
}

int eval(void *inst)
{
    Instance *i = static_cast<Instance *>(inst);
    if (__builtin_expect(i->end != LUNQ_RTL_GOES_ON, 0))
        return i->end;
    /* Not guarded(): nothing on this path may cost more than it must. */
    current = i;
    Verilated::threadContextp(&i->context);
    i->last.clear();
    try {
        i->top->eval();
    } catch (const Stop &) {
    } catch (const std::exception &e) {
        fail(i, e.what());
    } catch (...) {
        fail(i, "an unknown C++ exception in the model");
    }
    current = nullptr;
    return i->end;
}

const char *error(void *inst)
{
    return static_cast<Instance *>(inst)->error.c_str();
}

void set_time(void *inst, uint64_t ps)
{
    static_cast<Instance *>(inst)->context.time(ps); /* built with a precision of 1 ps */
}

int trace_open(void *inst, const char *path, int levels)
{
#ifdef LUNQ_MODEL_TRACER
    Instance *i = static_cast<Instance *>(inst);
    if (i->tracer || i->end == LUNQ_RTL_STOPPED)
        return -1;
    bool ok = guarded(i, [&] {
        i->tracer.reset(new LUNQ_MODEL_TRACER);
        i->top->trace(i->tracer.get(), levels);
        i->tracer->open(path);
    });
    if (ok && i->tracer->isOpen())
        return 0;
    i->tracer.reset();
    return -1;
#else
    (void)inst, (void)path, (void)levels;
    return -2;
#endif
}

void trace_dump(void *inst, uint64_t ps)
{
#ifdef LUNQ_MODEL_TRACER
    Instance *i = static_cast<Instance *>(inst);
    if (i->tracer)
        guarded(i, [&] { i->tracer->dump(ps); });
#else
    (void)inst, (void)ps;
#endif
}

int cover_write(void *inst, const char *path)
{
#ifdef LUNQ_MODEL_COVERAGE
    Instance *i = static_cast<Instance *>(inst);
    FILE *f = (fopen)(path, "w"); /* Verilator's answer to a file it can't write is to end */
    if (!f)
        return -1;
    fclose(f);
    return guarded(i, [&] { i->context.coveragep()->write(path); }) ? 0 : -1;
#else
    (void)inst, (void)path;
    return -2;
#endif
}
} // namespace

/* ---- what the run time calls (print.h, VL_USER_*) ---------------------------------------------------- */

extern "C" int lunq_rtl_printf(const char *format, ...)
{
    char few[1024];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(few, sizeof few, format, ap);
    va_end(ap);
    if (n < static_cast<int>(sizeof few)) {
        print(few, n > 0 ? static_cast<size_t>(n) : 0);
        return n;
    }
    std::vector<char> many(static_cast<size_t>(n) + 1);
    va_start(ap, format);
    vsnprintf(many.data(), many.size(), format, ap);
    va_end(ap);
    print(many.data(), static_cast<size_t>(n));
    return n;
}

/* $fdisplay to the standard output or error */
extern "C" size_t lunq_rtl_fwrite(const void *data, size_t size, size_t n, FILE *file)
{
    if (file != stdout && file != stderr)
        return (fwrite)(data, size, n, file);
    print(static_cast<const char *>(data), size * n);
    return n;
}

/* A relative path: from where the program was started, else from the folder of the source. */
extern "C" FILE *lunq_rtl_fopen(const char *path, const char *mode)
{
    FILE *f = (fopen)(path, mode); /* in brackets: not print.h's */
    if (f || *path == '/' || *mode != 'r')
        return f;
    return (fopen)((std::string(LUNQ_MODEL_FOLDER "/") + path).c_str(), mode);
}

void vl_finish(const char *file, int line, const char *) VL_MT_UNSAFE
{
    if (!current || current->end != LUNQ_RTL_GOES_ON)
        return;
    current->end = LUNQ_RTL_FINISHED;
    current->error = "$finish at " + place(file, line);
    current->context.gotFinish(true);
}

void vl_stop(const char *file, int line, const char *) VL_MT_UNSAFE
{
    if (current) {
        std::string said = message(current->last);
        fail(current, said.empty() ? "$stop at " + place(file, line) : said);
    }
    throw Stop{};
}

void vl_fatal(const char *file, int line, const char *, const char *text) VL_MT_UNSAFE
{
    if (current)
        fail(current, place(file, line) + ": " + (text && *text ? text : "fatal error"));
    throw Stop{};
}

#define LUNQ_MODEL_UNKNOWN nullptr
#include "entry.h"
