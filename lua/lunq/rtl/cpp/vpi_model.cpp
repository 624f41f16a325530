/* vpi_model.cpp - a model for Icarus Verilog or GHDL behind the C interface of rtl_model.h: an instance is a simulator in
 * a process of its own, which takes turns with this one through shared memory (vpi_shared.h). Slow, two changes of
 * process per eval; but unknown bits are known, and an endless loop or a crash in the RTL is only its own.
 * lunq_model.h, which the generator writes, has what differs: the files the simulator needs, its command line, and
 * how its lines are understood (vpi_words.h). */
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <set>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "rtl_model.h"
#include "vpi_shared.h"
#include "vpi_vcd.h"
#include "vpi_words.h"

/* A file the simulator needs; or, without an end, a folder of them, which comes after them. */
struct Part {
    const char *name, *begin, *end;
};

#include "lunq_model.h"

namespace
{
constexpr uint32_t N_PINS = sizeof lunq_model_pins / sizeof *lunq_model_pins;
constexpr size_t PRINTED = LUNQ_MODEL_VCD ? 64 << 20 : 1 << 20; /* bytes a turn may print */
constexpr unsigned PATIENCE =
    30; /* seconds until it is an endless loop, where nobody says how many */
constexpr char LIMIT[] = "+lunq_limit="; /* who does: an argument that is not the RTL's */

struct Instance {
    lunq_vpi_shared *shared = nullptr;
    size_t size = 0;
    void *value[N_PINS] = {};
    void *unknown[N_PINS] = {};
    pid_t pid = -1;
    char *printed = nullptr; /* a file the simulator prints into, from its start in each turn */
    size_t heard = 0;        /* of it */
    unsigned seconds = PATIENCE;
    int end = LUNQ_RTL_GOES_ON;
    std::string error, line;
    Vcd vcd;
    std::set<std::string> once; /* what it said that is not shown again */
    Ending ending;              /* what it said of that */
    std::string folder;         /* of its files */
    bool has_files = false;
    void (*log)(void *user, const char *line) = nullptr;
    void *user = nullptr;
};

/* ---- what it prints --------------------------------------------------------------------------- */

void log_line(Instance *i)
{
    if (LUNQ_MODEL_VCD && i->vcd.take(i->line))
        return i->line.clear();
    std::string line = LUNQ_MODEL_LINE(i->line, i->folder);
    std::string once = LUNQ_MODEL_ONCE(line);
    bool noise = line.empty() ? !i->line.empty() : !once.empty() && !i->once.insert(once).second;
    i->line.clear();
    LUNQ_MODEL_ENDING(line, &i->ending);
    if (i->log && !noise)
        i->log(i->user, line.c_str());
}

/* What is new: a text has no 0, and what is not written yet is nothing else. */
void drain(Instance *i)
{
    for (; i->heard < PRINTED; i->heard++) {
        char c = __atomic_load_n(&i->printed[i->heard], __ATOMIC_RELAXED);
        if (!c)
            return;
        if (c == '\n')
            log_line(i);
        else
            i->line += c;
    }
}

/* The simulator's turn, in which it prints from the start again. */
void give_turn(Instance *i)
{
    drain(i);
    memset(i->printed, 0, i->heard);
    i->heard = 0;
    lunq_vpi_give(i->shared, LUNQ_VPI_MODEL);
}

/* ---- its life --------------------------------------------------------------------------------- */

void dies(Instance *i, int end, const std::string &why)
{
    if (i->end == LUNQ_RTL_GOES_ON) {
        i->end = end;
        i->error = why;
    }
}

/* It has ended by itself: where nothing was said of it, $finish with code 0, all else with another. */
void ended(Instance *i, int status)
{
    int how = WEXITSTATUS(status) ? LUNQ_RTL_STOPPED : LUNQ_RTL_FINISHED;
    i->pid = -1;
    drain(i);
    if (i->ending.how != LUNQ_RTL_GOES_ON)
        how = i->ending.how;
    if (WIFSIGNALED(status))
        dies(i, LUNQ_RTL_STOPPED,
             "the simulator was ended by signal " + std::to_string(WTERMSIG(status)));
    else if (!i->ending.why.empty())
        dies(i, how, i->ending.why);
    else if (i->shared->over) /* vvp -N: 1 after $stop */
        dies(i, how, how == LUNQ_RTL_STOPPED ? "$stop" : "$finish");
    else
        dies(i, LUNQ_RTL_STOPPED,
             "the simulator ended with code " + std::to_string(WEXITSTATUS(status)));
}

void stop(Instance *i)
{
    if (i->pid > 0) {
        kill(i->pid, SIGKILL);
        while (waitpid(i->pid, nullptr, 0) < 0 && errno == EINTR)
            ;
        i->pid = -1;
    }
}

/* Until it is the host's turn again, or it is dead. */
void wait_for_turn(Instance *i)
{
    int status;
    for (unsigned k = 0; i->end == LUNQ_RTL_GOES_ON && !lunq_vpi_wait(i->shared, LUNQ_VPI_HOST);
         k++) {
        drain(i);
        if (waitpid(i->pid, &status, WNOHANG) == i->pid) {
            ended(i, status);
        } else if (k >= 10 * i->seconds) { /* a wait is a tenth of a second */
            dies(i, LUNQ_RTL_STOPPED,
                 "no answer of the simulator for " + std::to_string(i->seconds) +
                     " s: an endless loop?");
            stop(i);
        }
    }
    drain(i);
    if (i->end == LUNQ_RTL_GOES_ON && i->shared->over && waitpid(i->pid, &status, 0) == i->pid)
        ended(i, status);
}

bool write_file(const std::string &path, const char *from, const char *to)
{
    int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0;
    while (ok && from < to) {
        ssize_t n = write(fd, from, static_cast<size_t>(to - from));
        ok = n > 0 || (n < 0 && errno == EINTR);
        from += n > 0 ? n : 0;
    }
    return fd >= 0 && close(fd) == 0 && ok;
}

void remove_files(Instance *i)
{
    if (!i->has_files)
        return;
    for (const Part &p : lunq_model_parts)
        (p.end ? unlink : rmdir)((i->folder + "/" + p.name).c_str());
    rmdir(i->folder.c_str());
    i->has_files = false;
}

bool make_files(Instance *i)
{
    const char *tmp = getenv("TMPDIR");
    std::string name = std::string(tmp && *tmp ? tmp : "/tmp") + "/lunq-rtl-XXXXXX";
    bool ok = mkdtemp(&name[0]);
    i->has_files = ok;
    i->folder = name;
    for (const Part &p : lunq_model_parts)
        if (ok && !p.end)
            ok = mkdir((name + "/" + p.name).c_str(), 0700) == 0;
    for (const Part &p : lunq_model_parts)
        if (ok && p.end)
            ok = write_file(name + "/" + p.name, p.begin, p.end);
    return ok;
}

/* A file of a size that stays. No descriptor is kept of it: an instance has none, as a model of Verilator. */
int make_output(Instance *i)
{
    int fd = memfd_create("lunq-rtl-printed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *at = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, PRINTED) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) == 0)
        at = mmap(nullptr, PRINTED, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED) {
        i->printed = static_cast<char *>(at);
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* "in 32 s_axi_wdata" and so on. */
std::string pin_names()
{
    std::string text;
    for (const lunq_rtl_pin &p : lunq_model_pins)
        text += (p.direction == LUNQ_RTL_IN    ? "in "
                 : p.direction == LUNQ_RTL_OUT ? "out "
                                               : "inout ") +
                std::to_string(p.width) + " " + p.name + "\n";
    return text;
}

/* The pins' cells, in the order of the plug-in. Returns the descriptor, or -1. */
int make_memory(Instance *i)
{
    std::string names = pin_names();
    size_t cells = sizeof *i->shared;
    int fd;
    for (const lunq_rtl_pin &p : lunq_model_pins)
        cells += 2 * lunq_vpi_room(p.width);
    i->size = cells + names.size() + 1;
    fd = memfd_create("lunq-rtl", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, static_cast<off_t>(i->size)) < 0)
        return fd < 0 ? -1 : (close(fd), -1);
    void *at = mmap(nullptr, i->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return close(fd), -1;
    i->shared = static_cast<lunq_vpi_shared *>(at);
    i->shared->turn = LUNQ_VPI_MODEL;
    i->shared->names = static_cast<uint32_t>(cells);
    memcpy(static_cast<char *>(at) + cells, names.c_str(), names.size() + 1);
    char *cell = reinterpret_cast<char *>(&i->shared->pins);
    for (uint32_t k = 0; k < N_PINS; k++) {
        size_t room = lunq_vpi_room(lunq_model_pins[k].width);
        i->value[k] = cell;
        i->unknown[k] = cell + room;
        cell += 2 * room;
    }
    return fd;
}

/* In the new process, where only what is safe after a fork may be done. */
[[noreturn]] void become_simulator(char *const *arguments, char *const *environment, int memory,
                                   int output)
{
    int nothing = open("/dev/null", O_RDONLY);
    setpgid(0, 0); /* Ctrl-C is the program's */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(nothing, 0);
    dup2(output, 1);
    dup2(output, 2);
    fcntl(memory, F_SETFD, 0);
    if (chdir(LUNQ_MODEL_FOLDER) < 0)
        (void)0; /* files the RTL reads are not found */
    execvpe(arguments[0], arguments, environment);
    static const char text[] = LUNQ_MODEL_MISSING "\n";
    (void)!write(1, text, sizeof text - 1);
    _exit(3);
}

/* Words as the program wants them, each ended by a null pointer. */
std::vector<char *> pointers(std::vector<std::string> &words)
{
    std::vector<char *> list;
    for (std::string &w : words)
        list.push_back(&w[0]);
    list.push_back(nullptr);
    return list;
}

/* A character 1 stands for the folder of the files. */
std::vector<std::string> command_line(const Instance *i, int argc, const char *const *argv)
{
    std::vector<std::string> words(std::begin(lunq_model_command), std::end(lunq_model_command));
    for (std::string &w : words)
        for (size_t at; (at = w.find('\1')) != std::string::npos;)
            w.replace(at, 1, i->folder);
    for (int k = 0; LUNQ_MODEL_TAKES_PLUSARGS && k < argc; k++)
        if (!begins_with(argv[k], LIMIT))
            words.push_back(argv[k]);
    return words;
}

std::vector<std::string> environment_for(int memory)
{
    std::vector<std::string> list;
    for (char **e = environ; *e; e++)
        if (!begins_with(*e, "LUNQ_VPI_"))
            list.push_back(*e);
    list.push_back("LUNQ_VPI_TOP=" LUNQ_MODEL_TOP);
    list.push_back("LUNQ_VPI_SHARED=" + std::to_string(memory));
    return list;
}

bool start(Instance *i, int memory, int argc, const char *const *argv)
{
    std::vector<std::string> words = command_line(i, argc, argv),
                             variables = environment_for(memory);
    std::vector<char *> arguments = pointers(words), environment = pointers(variables);
    int output = make_output(i);
    if (output < 0)
        return false;
    i->pid = fork();
    if (i->pid == 0)
        become_simulator(arguments.data(), environment.data(), memory, output);
    close(output);
    return i->pid > 0;
}

void release(Instance *i)
{
    stop(i);
    remove_files(i);
    if (!i->line.empty())
        log_line(i);
    if (i->printed)
        munmap(i->printed, PRINTED);
    if (i->shared)
        munmap(i->shared, i->size);
    delete i;
}

void *create(int argc, const char *const *argv, void (*log)(void *, const char *), void *user)
{
    Instance *i = new (std::nothrow) Instance;
    int memory;
    bool ok;
    if (!i)
        return nullptr;
    i->log = log;
    i->user = user;
    memory = make_memory(i);
    ok = memory >= 0 && make_files(i) && start(i, memory, argc, argv);
    if (memory >= 0)
        close(memory);
    if (ok)
        wait_for_turn(i);
    else
        dies(i, LUNQ_RTL_STOPPED,
             std::string("the simulator can't be started: ") + strerror(errno));
    remove_files(i);
    for (int k = 0; k < argc; k++) /* from now on: a large design takes its time to start */
        if (begins_with(argv[k], LIMIT))
            i->seconds = static_cast<unsigned>(atoi(argv[k] + sizeof LIMIT - 1));
    if (i->end == LUNQ_RTL_GOES_ON)
        return i;
    i->line = i->error;
    release(i);
    return nullptr;
}

void destroy(void *inst)
{
    Instance *i = static_cast<Instance *>(inst);
    if (!i)
        return;
    if (i->pid > 0 && i->end == LUNQ_RTL_GOES_ON) { /* its final blocks run, and print */
        int status;
        i->shared->quit = 1;
        give_turn(i);
        for (unsigned k = 0; k < 100 && i->pid > 0; k++) {
            if (waitpid(i->pid, &status, WNOHANG) == i->pid)
                i->pid = -1;
            else
                usleep(k < 20 ? 500 : 20000);
            drain(i);
        }
    }
    release(i);
}

void *pin(void *inst, uint32_t k)
{
    return static_cast<Instance *>(inst)->value[k];
}

const void *unknown(void *inst, uint32_t k)
{
    return static_cast<Instance *>(inst)->unknown[k];
}

int eval(void *inst)
{
    Instance *i = static_cast<Instance *>(inst);
    if (i->end == LUNQ_RTL_GOES_ON) {
        give_turn(i);
        wait_for_turn(i);
    }
    return i->end;
}

const char *error(void *inst)
{
    return static_cast<Instance *>(inst)->error.c_str();
}

void set_time(void *inst, uint64_t ps)
{
    static_cast<Instance *>(inst)->shared->ps = ps;
}

int trace_open(void *inst, const char *path, int)
{
    Instance *i = static_cast<Instance *>(inst);
    return !LUNQ_MODEL_VCD ? -2 : !i->vcd.is_open() && i->vcd.open(path) ? 0 : -1;
}

void trace_dump(void *, uint64_t)
{
}

/* GHDL prints what happened at a time when the next one comes. */
void trace_close(void *inst)
{
    Instance *i = static_cast<Instance *>(inst);
    if (!i->vcd.is_open())
        return;
    i->shared->ps++;
    eval(i);
    i->vcd.close();
}

int cover_write(void *, const char *)
{
    return -2;
}
} // namespace

#define LUNQ_MODEL_UNKNOWN unknown
#include "entry.h"
