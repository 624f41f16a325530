/* vpi_model.cpp - a model for Icarus Verilog behind the C interface of rtl_model.h: an instance is a simulator (vvp) in
 * a process of its own, which takes turns with this one through shared memory (vpi_shared.h). Slow, two changes of
 * process per eval; but unknown bits are known, and an endless loop or a crash in the RTL is only its own. */
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "rtl_model.h"
#include "vpi_shared.h"

#include "lunq_model.h"

/* The simulator's program and its plug-in, inside this library. */
asm(".section .rodata\n"
    "lunq_vvp: .incbin \"model.vvp\"\n"
    "lunq_vvp_end:\n"
    "lunq_vpi: .incbin \"lunq.vpi\"\n"
    "lunq_vpi_end:\n"
    ".previous\n");
extern "C" {
extern const char lunq_vvp[] __attribute__((visibility("hidden")));
extern const char lunq_vvp_end[] __attribute__((visibility("hidden")));
extern const char lunq_vpi[] __attribute__((visibility("hidden")));
extern const char lunq_vpi_end[] __attribute__((visibility("hidden")));
}

namespace
{
constexpr uint32_t N_PINS = sizeof lunq_model_pins / sizeof *lunq_model_pins;
constexpr unsigned PATIENCE = 300; /* tenths of a second until it is an endless loop */

struct Instance {
    lunq_vpi_shared *shared = nullptr;
    size_t size = 0;
    void *value[N_PINS] = {};
    void *unknown[N_PINS] = {};
    pid_t pid = -1;
    int output = -1; /* what it prints */
    int end = LUNQ_RTL_GOES_ON;
    std::string error, line, telling; /* telling: the last line that says why it ends */
    std::string folder;
    void (*log)(void *user, const char *line) = nullptr;
    void *user = nullptr;
};

/* ---- what it prints --------------------------------------------------------------------------- */

/* "/home/me/x.v:3: $finish called at 5 (1ps)" without the folder. */
std::string without_folder(const std::string &line)
{
    size_t end = line.find(':'), slash = line.rfind('/', end);
    return slash == std::string::npos || line[0] != '/' ? line : line.substr(slash + 1);
}

void log_line(Instance *i)
{
    for (const char *word : {"FATAL: ", "ERROR: "})
        if (i->line.compare(0, strlen(word), word) == 0)
            i->telling = without_folder(i->line.substr(strlen(word)));
    for (const char *word : {": $finish called at ", ": $stop called at "})
        if (i->line.find(word) != std::string::npos && i->telling.empty())
            i->telling = without_folder(i->line);
    if (i->log)
        i->log(i->user, i->line.c_str());
    i->line.clear();
}

void drain(Instance *i)
{
    char text[4096];
    ssize_t n;
    while ((n = read(i->output, text, sizeof text)) > 0)
        for (ssize_t k = 0; k < n; k++)
            if (text[k] == '\n')
                log_line(i);
            else if (text[k])
                i->line += text[k];
}

/* ---- its life --------------------------------------------------------------------------------- */

void dies(Instance *i, int end, const std::string &why)
{
    if (i->end == LUNQ_RTL_GOES_ON) {
        i->end = end;
        i->error = why;
    }
}

/* It has ended by itself: $finish with code 0, all else with another. */
void ended(Instance *i, int status)
{
    i->pid = -1;
    drain(i);
    if (WIFSIGNALED(status))
        dies(i, LUNQ_RTL_STOPPED, "the simulator was ended by signal " + std::to_string(WTERMSIG(status)));
    else if (!i->telling.empty())
        dies(i, WEXITSTATUS(status) ? LUNQ_RTL_STOPPED : LUNQ_RTL_FINISHED, i->telling);
    else if (i->shared->over) /* vvp -N: 1 after $stop */
        dies(i, WEXITSTATUS(status) ? LUNQ_RTL_STOPPED : LUNQ_RTL_FINISHED,
             WEXITSTATUS(status) ? "$stop" : "$finish");
    else
        dies(i, LUNQ_RTL_STOPPED, "the simulator ended with code " + std::to_string(WEXITSTATUS(status)));
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
    for (unsigned k = 0; i->end == LUNQ_RTL_GOES_ON && !lunq_vpi_wait(i->shared, LUNQ_VPI_HOST); k++) {
        drain(i);
        if (waitpid(i->pid, &status, WNOHANG) == i->pid) {
            ended(i, status);
        } else if (k == PATIENCE) {
            dies(i, LUNQ_RTL_STOPPED, "no answer of the simulator for 30 s: an endless loop?");
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
    if (i->folder.empty())
        return;
    unlink((i->folder + "/model.vvp").c_str());
    unlink((i->folder + "/lunq.vpi").c_str());
    rmdir(i->folder.c_str());
    i->folder.clear();
}

bool make_files(Instance *i)
{
    const char *tmp = getenv("TMPDIR");
    std::string name = std::string(tmp && *tmp ? tmp : "/tmp") + "/lunq-rtl-XXXXXX";
    if (!mkdtemp(&name[0]))
        return false;
    i->folder = name;
    return write_file(name + "/model.vvp", lunq_vvp, lunq_vvp_end) &&
           write_file(name + "/lunq.vpi", lunq_vpi, lunq_vpi_end);
}

/* The pins' cells, in the order of the plug-in. Returns the descriptor, or -1. */
int make_memory(Instance *i)
{
    int fd;
    i->size = sizeof *i->shared;
    for (const lunq_rtl_pin &p : lunq_model_pins)
        i->size += 2 * lunq_vpi_room(p.width);
    fd = memfd_create("lunq-rtl", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, static_cast<off_t>(i->size)) < 0)
        return fd < 0 ? -1 : (close(fd), -1);
    void *at = mmap(nullptr, i->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return close(fd), -1;
    i->shared = static_cast<lunq_vpi_shared *>(at);
    i->shared->turn = LUNQ_VPI_MODEL;
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
[[noreturn]] void become_simulator(char *const *arguments, int memory, int output)
{
    int nothing = open("/dev/null", O_RDONLY);
    setpgid(0, 0); /* Ctrl-C is the program's */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(nothing, 0);
    dup2(output, 1);
    dup2(output, 2);
    fcntl(memory, F_SETFD, 0);
    if (chdir(LUNQ_MODEL_FOLDER) < 0)
        (void)0; /* $readmemh finds less */
    execvp("vvp", arguments);
    static const char text[] = "vvp, the simulator of Icarus Verilog, can't be started (on Debian: apt-get install "
                               "iverilog)\n";
    (void)!write(1, text, sizeof text - 1);
    _exit(3);
}

bool start(Instance *i, int memory, int argc, const char *const *argv)
{
    std::string file = i->folder + "/model.vvp", shared = "+lunq_shared=" + std::to_string(memory);
    std::vector<char *> arguments;
    int pipe_fds[2];
    for (const char *a : {"vvp", "-N", "-M", i->folder.c_str(), "-m", "lunq", file.c_str(), shared.c_str(),
                          "+lunq_top=" LUNQ_MODEL_TOP})
        arguments.push_back(const_cast<char *>(a));
    for (int k = 0; k < argc; k++)
        arguments.push_back(const_cast<char *>(argv[k]));
    arguments.push_back(nullptr);
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return false;
    i->pid = fork();
    if (i->pid == 0)
        become_simulator(arguments.data(), memory, pipe_fds[1]);
    close(pipe_fds[1]);
    i->output = pipe_fds[0];
    fcntl(i->output, F_SETFL, O_NONBLOCK);
    return i->pid > 0;
}

void release(Instance *i)
{
    stop(i);
    remove_files(i);
    if (!i->line.empty())
        log_line(i);
    if (i->output >= 0)
        close(i->output);
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
        dies(i, LUNQ_RTL_STOPPED, std::string("the simulator can't be started: ") + strerror(errno));
    remove_files(i);
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
        lunq_vpi_give(i->shared, LUNQ_VPI_MODEL);
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
        lunq_vpi_give(i->shared, LUNQ_VPI_MODEL);
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

int trace_open(void *, const char *, int)
{
    return -2;
}

void trace_dump(void *, uint64_t)
{
}

void trace_close(void *)
{
}

int cover_write(void *, const char *)
{
    return -2;
}

const lunq_rtl_model model = {LUNQ_RTL_ABI,
                              LUNQ_RTL_FOUR,
                              N_PINS,
                              lunq_model_pins,
                              LUNQ_MODEL_TOP,
                              LUNQ_MODEL_TOOL,
                              lunq_model_metadata,
                              lunq_model_built,
                              create,
                              destroy,
                              pin,
                              eval,
                              error,
                              set_time,
                              trace_open,
                              trace_dump,
                              trace_close,
                              cover_write,
                              unknown};
} // namespace

extern "C" __attribute__((visibility("default"))) const lunq_rtl_model *lunq_rtl_entry(void)
{
    return &model;
}
