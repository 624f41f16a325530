/* trap.c - the lab's QEMU plugin without QEMU: this program has the file of RAM mapped, as QEMU has, and
 * makes accesses of every kind QEMU makes them by. trap SOCKET; built and run by trap_spec.lua. */
#include "../../lab/linux/trap.c"

#include "../check.h"

#define RAM UINT64_C(0x40000000)
#define REGS UINT64_C(0x40400000)

static void (*cpu_is_there)(qemu_plugin_id_t id, unsigned cpu);

void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, void (*f)(qemu_plugin_id_t, unsigned))
{
    (void)id;
    cpu_is_there = f;
}

static uint8_t *map_ram(char *argument, size_t size)
{
    uint64_t bytes = REGS - RAM + 0x2000;
    int fd = memfd_create("ram", 0);
    void *p;
    if (fd < 0 || ftruncate(fd, (off_t)bytes) < 0)
        return NULL;
    snprintf(argument, size, "memory=/proc/self/fd/%d", fd);
    p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return p == MAP_FAILED ? NULL : p;
}

#define STORE(text, p, v) __asm__ volatile(text : : "r"(v), "r"(p) : "memory")
#define LOAD(text, p)                                                                              \
    ({                                                                                             \
        uint64_t value_ = UINT64_MAX;                                                              \
        __asm__ volatile(text : "+r"(value_) : "r"(p) : "memory");                                 \
        value_;                                                                                    \
    })

static void widths(volatile uint8_t *r)
{
    *(volatile uint64_t *)r = UINT64_C(0x8877665544332211);
    that_is("8 bytes", UINT64_C(0x8877665544332211), *(volatile uint64_t *)r);
    that_is("4 bytes", 0x88776655, *(volatile uint32_t *)(r + 4));
    that_is("2 bytes", 0x4433, *(volatile uint16_t *)(r + 2));
    that_is("1 byte", 0x77, r[6]);
    *(volatile uint32_t *)(r + 4) = 0x12345678; /* a constant: MOV of an immediate */
    *(volatile uint16_t *)(r + 2) = 0xfedc;
    r[0] = 0x9a;
    that_is("after smaller stores", UINT64_C(0x12345678fedc229a), *(volatile uint64_t *)r);
    *(volatile uint64_t *)r = UINT64_MAX; /* C7 with REX.W: the sign goes on */
    that_is("all ones", UINT64_MAX, *(volatile uint64_t *)r);
}

static void loads(volatile uint8_t *r)
{
    *(volatile uint64_t *)r = UINT64_C(0x81828384f5f6f7f8);
    that_is("movzbl", 0xf8, LOAD("movzbl (%1), %k0", r));
    that_is("movzwl", 0xf7f8, LOAD("movzwl (%1), %k0", r));
    that_is("movsbl", 0xfffffff8, LOAD("movsbl (%1), %k0", r));
    that_is("movsbq", UINT64_C(0xfffffffffffffff8), LOAD("movsbq (%1), %q0", r));
    that_is("movswq", UINT64_C(0xfffffffffffff7f8), LOAD("movswq (%1), %q0", r));
    that_is("movslq", UINT64_C(0xfffffffff5f6f7f8), LOAD("movslq (%1), %q0", r));
    that_is("movl clears the rest", 0xf5f6f7f8, LOAD("movl (%1), %k0", r));
    that_is("movw keeps the rest", UINT64_C(0xfffffffffffff7f8), LOAD("movw (%1), %w0", r));
    that_is("movb keeps the rest", UINT64_C(0xfffffffffffffff8), LOAD("movb (%1), %b0", r));
    that_is("movbew", UINT64_C(0xfffffffffffff8f7), LOAD("movbe (%1), %w0", r));
    that_is("movbel", 0xf8f7f6f5, LOAD("movbe (%1), %k0", r));
    that_is("movbeq", UINT64_C(0xf8f7f6f584838281), LOAD("movbe (%1), %q0", r));
    that_is("a displacement of 1 byte", 0x84, LOAD("movzbl 4(%1), %k0", r));
    that_is("a displacement of 4 bytes", 0x84, LOAD("movzbl 0x1004(%1), %k0", r - 0x1000));
    that_is("an index", 0x84, LOAD("movzbl (%1,%0), %k0", r + 5)); /* %0 is -1 */
}

static void stores(volatile uint8_t *r)
{
    uint64_t v = UINT64_C(0x0102030405060708);
    *(volatile uint64_t *)r = 0;
    STORE("movb %b0, (%1)", r, v);
    that_is("movb", 0x08, *(volatile uint64_t *)r);
    STORE("movbe %w0, 2(%1)", r, v);
    that_is("movbew", 0x08070008, *(volatile uint64_t *)r);
    STORE("movbe %q0, (%1)", r, v);
    that_is("movbeq", UINT64_C(0x0807060504030201), *(volatile uint64_t *)r);
    __asm__ volatile("movw $0xabcd, %%ax; movb %%ah, (%0)" : : "r"(r) : "rax", "memory");
    that_is("the second byte of a register", 0xab, r[0]);
    __asm__ volatile("movq %1, %%r9; movl %%r9d, (%0)" : : "r"(r), "r"(v) : "r9", "memory");
    that_is("r9", 0x05060708, *(volatile uint32_t *)r);
}

int main(int argc, char **argv)
{
    char path[256], memory[64], base[] = "ram=0x40000000", at[] = "at=0x40400000+0x1000";
    char *arguments[] = {path, memory, base, at};
    uint8_t *ram = map_ram(memory, sizeof memory);
    snprintf(path, sizeof path, "socket=%s", argc > 1 ? argv[1] : "");
    if (!ram || qemu_plugin_install(1, NULL, 4, arguments) != 0)
        return 1;
    cpu_is_there(1, 0);
    cpu_is_there(1, 1);
    widths(ram + (REGS - RAM));
    loads(ram + (REGS - RAM) + 0x20);
    stores(ram + (REGS - RAM) + 0xff8);
    ram[REGS - RAM + 0x1000] = 1; /* behind the range: plain memory */
    that_is("memory", 1, ram[REGS - RAM + 0x1000]);
    puts(failed ? "failed" : "ok");
    return failed;
}
