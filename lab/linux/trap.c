/* trap.c - a QEMU plugin that gives ranges of guest RAM to another process: each access there becomes a
 * question to `lunq serve` (host/device/sim/serve.h). guest.sh builds it, serve.py uses it:
 *   -plugin trap.so,socket=PATH,memory=RAMFILE,ram=ADDR,at=BASE+SIZE[,at=...]
 * RAMFILE is the file of the memory backend, ADDR where RAM begins for the guest.
 *
 * The host's pages of the ranges lose all permissions, so an access of translated code, a program's or the
 * kernel's, arrives here as SIGSEGV before anything has happened. The instruction is carried out here: a
 * load gets what the other process answers, a store is sent to it. Nothing is instrumented: the rest of the
 * guest keeps its speed. For x86-64 hosts. */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <ucontext.h>
#include <unistd.h>

#include "../../host/device/sim/serve.h"

/* The part of QEMU's plugin interface that is used here, the same in all its versions. */
typedef uint64_t qemu_plugin_id_t;
extern void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t,
                                              void (*)(qemu_plugin_id_t, unsigned));
#define EXPORT __attribute__((visibility("default")))
#ifndef PLUGIN_VERSION
#define PLUGIN_VERSION 1
#endif
EXPORT int qemu_plugin_version = PLUGIN_VERSION;

enum { RANGES = 16 };
static struct range {
    uint64_t base, size;
    uint8_t *host; /* NULL: no CPU is there yet */
} ranges[RANGES];
static int n_ranges, server = -1;
static uint64_t ram;
static struct stat file;
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER; /* several CPUs, one conversation */

static void give_up(const char *why)
{
    fprintf(stderr, "trap: %s\n", why);
    _exit(1);
}

/* ---- the conversation ------------------------------------------------------------------------- */

static bool transfer(void *data, size_t n, bool out)
{
    for (uint8_t *p = data; n > 0;) {
        ssize_t k = out ? write(server, p, n) : read(server, p, n);
        if (k <= 0)
            return false;
        p += k, n -= (size_t)k;
    }
    return true;
}

static uint64_t ask(bool store, unsigned width, uint64_t addr, uint64_t value)
{
    struct lunq_serve_access q = {
        .kind = store ? 'w' : 'r', .width = (uint8_t)width, .address = addr, .value = value};
    struct lunq_serve_answer a;
    pthread_mutex_lock(&one);
    if (!transfer(&q, sizeof q, true) || !transfer(&a, sizeof a, false))
        give_up("the other process has gone");
    pthread_mutex_unlock(&one);
    return a.value; /* RAM has no bus errors: of those the other process tells */
}

/* ---- one x86-64 instruction: MOV and its kind, all that QEMU uses for guest RAM ---------------- */

static const struct form {
    uint16_t op;
    uint8_t width, reg_width; /* 0: the operand's size */
    bool store, swap, extend, immediate;
} forms[] = {
    {.op = 0x88, .width = 1, .store = true},
    {.op = 0x89, .store = true},
    {.op = 0x8a, .width = 1, .reg_width = 1},
    {.op = 0x8b},
    {.op = 0xc6, .width = 1, .store = true, .immediate = true},
    {.op = 0xc7, .store = true, .immediate = true},
    {.op = 0x63, .width = 4, .extend = true},
    {.op = 0x0fb6, .width = 1},
    {.op = 0x0fb7, .width = 2},
    {.op = 0x0fbe, .width = 1, .extend = true},
    {.op = 0x0fbf, .width = 2, .extend = true},
    {.op = 0x38f0, .swap = true},
    {.op = 0x38f1, .swap = true, .store = true},
};

static const struct form *form_of(unsigned op)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].op == op)
            return &forms[i];
    return NULL;
}

struct insn {
    const struct form *form;
    unsigned length, width;  /* bytes of the instruction, of the access */
    unsigned reg, reg_width; /* bytes of the register a load writes; 4 clear the rest */
    bool high;               /* AH, CH, DH, BH */
    int32_t value;           /* immediate */
};

static const uint8_t *opcode(const uint8_t *p, unsigned *op)
{
    if (p[0] != 0x0f) {
        *op = p[0];
        return p + 1;
    }
    *op = p[1] == 0x38 ? 0x3800u | p[2] : 0x0f00u | p[1];
    return p + (p[1] == 0x38 ? 3 : 2);
}

/* A constant of n bytes, little endian, its sign extended. */
static int32_t constant(const uint8_t *p, unsigned n)
{
    uint32_t v = 0;
    memcpy(&v, p, n);
    return n == 1 ? (int8_t)v : n == 2 ? (int16_t)v : (int32_t)v;
}

static bool decode(const uint8_t *start, struct insn *i)
{
    const uint8_t *p = start;
    bool small = false;
    unsigned rex = 0, op, mod, base, size;
    for (; *p == 0x66 || *p == 0x65 || *p == 0x64; p++)
        small |= *p == 0x66;
    if ((*p & 0xf0) == 0x40)
        rex = *p++;
    p = opcode(p, &op);
    *i = (struct insn){.form = form_of(op)};
    if (!i->form || (mod = *p >> 6) == 3)
        return false;
    size = rex & 8 ? 8 : small ? 2 : 4;
    i->width = i->form->width ? i->form->width : size;
    i->reg_width = i->form->reg_width ? i->form->reg_width : size;
    i->reg = (*p >> 3 & 7) | (rex & 4) << 1;
    i->high = (op == 0x88 || op == 0x8a) && !rex && i->reg >= 4;
    i->reg -= i->high ? 4 : 0;
    base = *p++ & 7;
    if (base == 4) /* a SIB byte */
        base = *p++ & 7;
    p += mod == 1 ? 1 : mod == 2 || base == 5 ? 4 : 0;
    if (i->form->immediate) {
        unsigned n = i->width > 4 ? 4 : i->width;
        i->value = constant(p, n);
        p += n;
    }
    i->length = (unsigned)(p - start);
    return true;
}

static uint64_t swapped(uint64_t v, unsigned width)
{
    return __builtin_bswap64(v) >> (64 - 8 * width);
}

static uint64_t mask(unsigned width)
{
    return width == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * width) - 1;
}

static void carry_out(const struct insn *i, ucontext_t *c, uint64_t addr)
{
    static const int regs[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                               REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                               REG_R12, REG_R13, REG_R14, REG_R15};
    greg_t *reg = &c->uc_mcontext.gregs[regs[i->reg]];
    unsigned shift = i->high ? 8 : 0;
    uint64_t v = i->form->immediate ? (uint64_t)(int64_t)i->value : (uint64_t)*reg >> shift;
    if (i->form->store) {
        v &= mask(i->width);
        ask(true, i->width, addr, i->form->swap ? swapped(v, i->width) : v);
    } else {
        v = ask(false, i->width, addr, 0) & mask(i->width);
        if (i->form->swap)
            v = swapped(v, i->width);
        if (i->form->extend && v >> (8 * i->width - 1))
            v |= ~mask(i->width);
        uint64_t keep = i->reg_width >= 4 ? 0 : ~(mask(i->reg_width) << shift);
        *reg = (greg_t)(((uint64_t)*reg & keep) | (v & mask(i->reg_width)) << shift);
    }
    c->uc_mcontext.gregs[REG_RIP] += i->length;
}

static void fault(int sig, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    uint8_t *at = info->si_addr;
    struct insn i;
    for (int k = 0; k < n_ranges; k++) {
        const uint8_t *code = (const uint8_t *)c->uc_mcontext.gregs[REG_RIP];
        if (at < ranges[k].host || (uint64_t)(at - ranges[k].host) >= ranges[k].size)
            continue;
        if (!decode(code, &i)) {
            fprintf(stderr, "trap: unknown instruction %02x %02x %02x %02x %02x %02x\n", code[0],
                    code[1], code[2], code[3], code[4], code[5]);
            _exit(1);
        }
        carry_out(&i, c, ranges[k].base + (uint64_t)(at - ranges[k].host));
        return;
    }
    signal(sig, SIG_DFL); /* not ours: the instruction runs again and ends QEMU */
}

/* ---- the start --------------------------------------------------------------------------------- */

/* Where this process has the file's first byte. */
static uint8_t *mapped(void)
{
    char line[512];
    FILE *f = fopen("/proc/self/maps", "r");
    uint8_t *found = NULL;
    while (f && !found && fgets(line, sizeof line, f)) {
        uint64_t from, to, offset, inode;
        unsigned maj, min;
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %x:%x %" SCNu64, &from, &to,
                   &offset, &maj, &min, &inode) == 6 &&
            inode == file.st_ino && makedev(maj, min) == file.st_dev)
            found = (uint8_t *)(uintptr_t)(from - offset);
    }
    if (f)
        fclose(f);
    return found;
}

static void cpu_ready(qemu_plugin_id_t id, unsigned cpu)
{
    struct sigaction s = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO};
    uint8_t *host;
    (void)id, (void)cpu;
    if (ranges[0].host)
        return; /* the second CPU */
    host = mapped();
    if (!host)
        give_up("guest RAM is not in the file");
    for (int k = 0; k < n_ranges; k++) {
        ranges[k].host = host + (ranges[k].base - ram);
        if (mprotect(ranges[k].host, ranges[k].size, PROT_NONE) < 0)
            give_up("a range is not in guest RAM, or not whole pages");
    }
    sigaction(SIGSEGV, &s, NULL);
}

static bool reach(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof a.sun_path)
        return false;
    strcpy(a.sun_path, path);
    server = socket(AF_UNIX, SOCK_STREAM, 0);
    return server >= 0 && connect(server, (struct sockaddr *)&a, sizeof a) == 0;
}

static bool add_range(char *text)
{
    char *end;
    struct range *r = &ranges[n_ranges];
    if (n_ranges == RANGES)
        return false;
    r->base = strtoull(text, &end, 0);
    if (*end != '+')
        return false;
    r->size = strtoull(end + 1, &end, 0);
    n_ranges += r->size > 0 && !*end;
    return r->size > 0 && !*end;
}

static bool argument(char *name)
{
    char *value = strchr(name, '=');
    if (!value)
        return false;
    *value++ = 0;
    if (!strcmp(name, "socket"))
        return reach(value);
    if (!strcmp(name, "memory"))
        return stat(value, &file) == 0;
    if (!strcmp(name, "at"))
        return add_range(value);
    ram = strtoull(value, NULL, 0);
    return !strcmp(name, "ram");
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++)
        if (!argument(argv[i])) {
            fprintf(stderr, "trap: %s= does not work\n", argv[i]);
            return -1;
        }
    if (!n_ranges || server < 0 || !file.st_ino) {
        fprintf(stderr, "trap: needs socket=, memory= and at=\n");
        return -1;
    }
    qemu_plugin_register_vcpu_init_cb(id, cpu_ready);
    return 0;
}
