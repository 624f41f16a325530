/* xrt_fake.c - in place of XRT's libraries, for what its noop shim can't do: failures, missing functions,
 * ends that come late, on another thread, or never. It is as strict as XRT: what is open when the process
 * ends aborts it. Built by xrt_fake.lua, twice: as libxrt_coreutil.so.2, and with -DSHIM as a shim.
 *   -DBARE   only what 2.8 promises, and a shim without the xcl calls    -DOLD   before 2.8
 * FAKE_XRT, read at each call, says what goes wrong: "name=value,..."; FAKE_XRT_LOG is a file that gets a
 * line for each call that matters. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The value of an option, or NULL. */
static const char *option(const char *name)
{
    static __thread char value[64];
    const char *at = getenv("FAKE_XRT");
    size_t n = strlen(name);
    for (; at && *at; at += strcspn(at, ","), at += *at == ',') {
        if (strncmp(at, name, n) || at[n] != '=')
            continue;
        snprintf(value, sizeof value, "%.*s", (int)strcspn(at + n + 1, ","), at + n + 1);
        return value;
    }
    return NULL;
}

static long number(const char *name, long otherwise)
{
    const char *v = option(name);
    return v ? strtol(v, NULL, 0) : otherwise;
}

static void note(const char *fmt, ...)
{
    static int fd = -2;
    va_list ap;
    if (fd == -2)
        fd = getenv("FAKE_XRT_LOG")
                 ? open(getenv("FAKE_XRT_LOG"), O_WRONLY | O_APPEND | O_CREAT, 0600)
                 : -1;
    if (fd < 0)
        return;
    va_start(ap, fmt);
    vdprintf(fd, fmt, ap);
    va_end(ap);
}

#ifdef SHIM

#ifndef BARE
static uint32_t registers[64];
static bool context;

unsigned xclProbe(void)
{
    return (unsigned)number("cards", 2);
}

int xclGetDeviceInfo2(void *device, void *info)
{
    struct {
        unsigned magic;
        char name[256];
    } *i = info;
    if (!device || option("platform") == NULL)
        return -1;
    snprintf(i->name, sizeof i->name, "%s", option("platform"));
    return 0;
}

int xclIPName2Index(void *device, const char *name)
{
    (void)device;
    return strcmp(name, "user:user_1") ? -1 : 5;
}

int xclOpenContext(void *device, const unsigned char *uuid, unsigned ip, bool shared)
{
    (void)device, (void)uuid;
    note("context open %u %s\n", ip, shared ? "shared" : "exclusive");
    context = !option("context");
    return context ? 0 : -EBUSY;
}

int xclCloseContext(void *device, const unsigned char *uuid, unsigned ip)
{
    (void)device, (void)uuid;
    note("context close %u\n", ip);
    context = false;
    return 0;
}

int xclRegRead(void *device, uint32_t ip, uint32_t offset, uint32_t *value)
{
    (void)device;
    if (!context || ip != 5 || offset >= sizeof registers)
        return -EPERM;
    *value = registers[offset / 4];
    return 0;
}

int xclRegWrite(void *device, uint32_t ip, uint32_t offset, uint32_t value)
{
    (void)device;
    if (!context || ip != 5 || offset >= sizeof registers)
        return -EPERM;
    registers[offset / 4] = value;
    return 0;
}

__attribute__((destructor)) static void end(void)
{
    if (context)
        abort();
}
#endif

#else /* libxrt_coreutil */

typedef void callback_fn(void *run, unsigned state, void *data);

struct device {
    unsigned index;
    uint8_t uuid[16];
    struct bo *room; /* what was allocated */
};

struct bo {
    uint64_t address;
    size_t size;
    void *host;
};

struct kernel {
    struct device *device;
    char name[128];
    uint32_t registers[64];
    unsigned runs;
};

struct run {
    struct kernel *kernel;
    callback_fn *callback;
    void *data;
    atomic_bool running;
    uint64_t ends;
};

static atomic_int open_things; /* of all kinds */
static char log_path[256] = "";
static bool rw_shared;

/* As XRT does: a banner, then lines. */
static void say(const char *text)
{
    static FILE *log;
    if (!strcmp(log_path, "null"))
        return;
    if (!log) {
        log = *log_path ? fopen(log_path, "w") : stderr;
        fprintf(log, "XRT build version: 2.99.0\nEXE: /tmp/x\n");
    }
    fprintf(log, "[Fri Nov 27 09:42:11 2026 GMT] [XRT] Tid: 1,  ERROR: %s\n", text);
    fflush(log);
}

static void *opened(void *thing)
{
    open_things++;
    return thing;
}

static int closed(void *thing)
{
    open_things--;
    free(thing);
    return 0;
}

__attribute__((destructor)) static void end(void)
{
    if (open_things != 0) {
        fprintf(stderr, "%d things are open at the end: double free or corruption\n", open_things);
        abort();
    }
}

int xrtIniStringSet(const char *key, const char *value)
{
    if (!strcmp(key, "Runtime.runtime_log"))
        snprintf(log_path, sizeof log_path, "%s", value);
    rw_shared = rw_shared || (!strcmp(key, "Runtime.rw_shared") && !strcmp(value, "true"));
    return 0;
}

/* ---- cards --------------------------------------------------------------------------------- */

#ifndef OLD
void *xrtDeviceOpen(unsigned index)
{
    struct device *d;
    if (index >= (unsigned)number("cards", 2) || option("open")) {
        say("Could not open device with index 'x': Permission denied");
        return NULL;
    }
    note("device open %u\n", index);
    d = calloc(1, sizeof *d);
    d->index = index;
    return opened(d);
}
#endif

#ifndef BARE
void *xrtDeviceOpenByBDF(const char *bdf)
{
    note("device open %s\n", bdf);
    return opened(calloc(1, sizeof(struct device)));
}
#endif

void *xrtDeviceToXclDevice(void *device)
{
    return device;
}

int xrtDeviceClose(void *device)
{
    note("device close\n");
    return closed(device);
}

int xrtDeviceLoadXclbin(void *device, const char *image)
{
    struct device *d = device;
    long code = number("load", 0);
    note("load\n");
    memcpy(d->uuid, image + 416, sizeof d->uuid);
    if (code)
        say("failed to load xclbin: Operation not supported");
    return (int)code;
}

int xrtDeviceGetXclbinUUID(void *device, unsigned char *uuid)
{
    memcpy(uuid, ((struct device *)device)->uuid, 16);
    uuid[15] ^= (unsigned char)number("uuid", 0);
    return 0;
}

/* ---- buffers ------------------------------------------------------------------------------- */

void *xrtBOAlloc(void *device, size_t size, uint64_t flags, uint32_t group)
{
    static uint64_t next = 0x1000;
    struct bo *bo;
    (void)device;
    note("bo alloc %zu flags 0x%llx group %u\n", size, (unsigned long long)flags, group);
    if (option("alloc")) {
        say("failed to allocate bo: Cannot allocate memory");
        return NULL;
    }
    bo = calloc(1, sizeof *bo);
    bo->size = size;
    bo->address = option("address") ? UINT64_MAX : next;
    next += (size + 0xfff) & ~(uint64_t)0xfff;
    bo->host = malloc(size);
    memset(bo->host, 0xa5, size); /* XRT promises nothing */
    return opened(bo);
}

int xrtBOFree(void *handle)
{
    struct bo *bo = handle;
    note("bo free\n");
    free(bo->host);
    return closed(bo);
}

uint64_t xrtBOAddress(void *bo)
{
    return ((struct bo *)bo)->address;
}

void *xrtBOMap(void *bo)
{
    if (option("map")) {
        say("failed to map bo");
        return option("map")[0] == '0' ? NULL : (void *)-1;
    }
    return ((struct bo *)bo)->host;
}

int xrtBOSync(void *handle, int direction, size_t size, size_t offset)
{
    (void)handle;
    note("bo sync %s %zu at %zu\n", direction ? "from" : "to", size, offset);
    if (option("sync"))
        say("DMA failed: Input/output error");
    return option("sync") ? -1 : 0;
}

/* ---- kernels ------------------------------------------------------------------------------- */

void *xrtPLKernelOpen(void *device, const unsigned char *uuid, const char *name)
{
    struct kernel *k;
    (void)uuid;
    note("kernel open %s\n", name);
    if (option("kernel")) {
        say("failed to open ip context: Device or resource busy");
        return NULL;
    }
    k = calloc(1, sizeof *k);
    k->device = device;
    snprintf(k->name, sizeof k->name, "%s", name);
    return opened(k);
}

int xrtKernelClose(void *handle)
{
    struct kernel *k = handle;
    note("kernel close %s\n", k->name);
    if (k->runs > 0)
        abort();
    return closed(k);
}

static bool may(struct kernel *k, uint32_t offset)
{
    bool one = !strchr(k->name, ','), ok = one && rw_shared && offset < sizeof k->registers;
    if (!ok || option("register"))
        say(one ? "Cannot read or write kernel with shared access"
                : "Cannot read or write kernel with multiple compute units");
    return ok && !option("register");
}

int xrtKernelReadRegister(void *handle, uint32_t offset, uint32_t *value)
{
    struct kernel *k = handle;
    if (!may(k, offset))
        return -1;
    *value = k->registers[offset / 4];
    return 0;
}

int xrtKernelWriteRegister(void *handle, uint32_t offset, uint32_t value)
{
    struct kernel *k = handle;
    if (!may(k, offset))
        return -1;
    k->registers[offset / 4] = value;
    return 0;
}

/* ---- runs ---------------------------------------------------------------------------------- */

void *xrtRunOpen(void *kernel)
{
    struct run *r;
    note("run open\n");
    if (option("run")) {
        say("no room for another command");
        return NULL;
    }
    r = calloc(1, sizeof *r);
    r->kernel = kernel;
    r->kernel->runs++;
    return opened(r);
}

int xrtRunClose(void *handle)
{
    struct run *r = handle;
    note("run close\n");
    if (r->running)
        abort();
    r->kernel->runs--;
    return closed(r);
}

int xrtRunSetCallback(void *handle, int state, callback_fn *callback, void *data)
{
    struct run *r = handle;
    r->callback = callback;
    r->data = data;
    return state == 4 && !option("callback") ? 0 : -1;
}

static int set(int index, const void *value, size_t size)
{
    char text[64] = "";
    for (size_t i = size; i-- > 0 && size <= 16;)
        sprintf(text + strlen(text), "%02x", ((const uint8_t *)value)[i]);
    note("arg %d %s (%zu bytes)\n", index, text, size);
    if (option("argument"))
        say("Bad argument index");
    return option("argument") ? -1 : 0;
}

#ifndef BARE
int set_value(void *run, int index, const void *value,
              size_t size) __asm__("_Z13xrtRunSetArgVPviPKvm");
int set_value(void *run, int index, const void *value, size_t size)
{
    (void)run;
    return set(index, value, size);
}
#endif

/* XRT knows the types from the metadata; here FAKE_XRT's arguments=bbif names them, one letter each. */
int xrtRunSetArg(void *run, int index, ...)
{
    const char *types = option("arguments");
    char type = types && index < (int)strlen(types) ? types[index] : 'i';
    va_list ap;
    int result = 0;
    (void)run;
    va_start(ap, index);
    if (type == 'b') {
        struct bo *bo = va_arg(ap, void *);
        result = set(index, &bo->address, 8);
    } else if (type == 'f') {
        float f = (float)va_arg(ap, double);
        result = set(index, &f, 4);
    } else if (type == 'd') {
        double d = va_arg(ap, double);
        result = set(index, &d, 8);
    } else if (type == 'l') {
        uint64_t l = va_arg(ap, uint64_t);
        result = set(index, &l, 8);
    } else {
        uint32_t i = va_arg(ap, uint32_t);
        result = set(index, &i, 4);
    }
    va_end(ap);
    return result;
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* A run with a callback is told of on a thread. */
static void deliver(struct run *r)
{
    unsigned state = (unsigned)number("state", 4);
    if (atomic_exchange(&r->running, false)) {
        r->callback(r, 7,
                    r->data); /* SUBMITTED: not an end, though its number is above COMPLETED */
        r->callback(r, state, r->data);
    }
}

static void *later(void *arg)
{
    usleep((useconds_t)number("delay", 0) * 1000);
    deliver(arg);
    return NULL;
}

int xrtRunStart(void *handle)
{
    struct run *r = handle;
    long delay = number("delay", 0); /* ms; < 0: it never ends */
    pthread_t thread;
    if (option("start")) {
        say("bad command state, can't launch");
        return -1;
    }
    note("run start\n");
    atomic_store(&r->running, true);
    r->ends = delay < 0 ? UINT64_MAX : now() + (uint64_t)delay * 1000000;
    if (!r->callback || delay < 0)
        return 0;
    if (option("now")) { /* before xrtRunStart has returned */
        deliver(r);
        return 0;
    }
    pthread_create(&thread, NULL, later, r);
    pthread_detach(thread);
    return 0;
}

/* Of a run with a callback nobody is to ask: XRT 2.13 crashes when it is closed then. */
int xrtRunState(void *handle)
{
    struct run *r = handle;
    if (r->callback)
        abort();
    if (r->running && now() >= r->ends)
        r->running = false;
    return r->running ? 3 : (int)number("state", 4);
}

int xrtRunWait(void *handle)
{
    struct run *r = handle;
    int state = 3;
    note("run wait\n");
    if (!r->running) /* XRT waits for ever */
        abort();
    while ((state = xrtRunState(r)) == 3)
        usleep(500);
    return state;
}

#endif
