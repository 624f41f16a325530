/* model.c - see model.h. */
#include "model.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_BITS (1u << 24) /* of a pin: sums of them do not wrap */
#define ENTRY "lunq_rtl_entry"
#define HINT "lunq rtl build makes one of Verilog or VHDL"

struct library {
    dev_t dev;
    ino_t ino;
    struct timespec made;
    const struct lunq_rtl_model *model;
    struct library *next;
};

static struct library *libraries;

/* Whether the file has all that its header speaks of. The loader maps what is not there as well, and touching
 * it is a bus error. Sections come last in a file: without them it was cut, even where all of its
 * segments are there. */
static bool is_whole(int fd, const ElfW(Ehdr) * h, uint64_t size)
{
    ElfW(Phdr) p;
    if (h->e_phentsize != sizeof p || h->e_shoff > size ||
        (uint64_t)h->e_shnum * h->e_shentsize > size - h->e_shoff)
        return false;
    for (unsigned i = 0; i < h->e_phnum; i++)
        if (h->e_phoff > size ||
            pread(fd, &p, sizeof p, (off_t)(h->e_phoff + i * sizeof p)) != sizeof p ||
            p.p_offset > size || p.p_filesz > size - p.p_offset)
            return false;
    return true;
}

static int check_elf(int fd, const char *path, struct stat *st, struct lunq_error *err)
{
    ElfW(Ehdr) h = {.e_ident = ""};
    ssize_t n = fd < 0 || fstat(fd, st) < 0 ? -1 : pread(fd, &h, sizeof h, 0);
    if (n < 0)
        return lunq_fail(err, LUNQ_IO, "RTL model %s can't be read: %s.", path, strerror(errno));
    if (n < SELFMAG || memcmp(h.e_ident, ELFMAG, SELFMAG))
        return lunq_fail(err, LUNQ_VALUE, "%s is no RTL model: " HINT ".", path);
    if (n == sizeof h && h.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32))
        return lunq_fail(err, LUNQ_VALUE,
                         "RTL model %s was built for another kind of processor: build it again.",
                         path);
    if (n != sizeof h || !is_whole(fd, &h, (uint64_t)st->st_size))
        return lunq_fail(err, LUNQ_VALUE,
                         "RTL model %s is not whole, its end is missing: build or copy it again.",
                         path);
    return 0;
}

static int check_file(const char *path, struct stat *st, struct lunq_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r = check_elf(fd, path, st, err);
    if (fd >= 0)
        close(fd);
    return r;
}

static const struct lunq_rtl_model *loaded(const struct stat *st)
{
    for (const struct library *l = libraries; l; l = l->next)
        if (l->dev == st->st_dev && l->ino == st->st_ino && l->made.tv_sec == st->st_mtim.tv_sec &&
            l->made.tv_nsec == st->st_mtim.tv_nsec)
            return l->model;
    return NULL;
}

#ifdef LUNQ_STATIC
static void *load(const char *path, struct lunq_error *err)
{
    lunq_fail(
        err, LUNQ_UNSUPPORTED,
        "RTL model %s can't be loaded: this program is a static one, which loads no libraries.",
        path);
    return NULL;
}
#else
/* The loader takes a path it has seen for the same library, even when another file stands there now:
 * each gets a spelling of its own. */
static void *load(const char *path, struct lunq_error *err)
{
    static unsigned count;
    size_t n = strlen(path), dots = 2 * (size_t)count++;
    char *spelled = malloc(n + dots + 3);
    void *lib;
    if (!spelled) {
        lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
        return NULL;
    }
    strcpy(spelled, path[0] == '/' ? "/" : "./");
    for (size_t i = 0; i < dots; i += 2)
        strcat(spelled, "./");
    strcat(spelled, path[0] == '/' ? path + 1 : path);
    lib = dlopen(spelled, RTLD_NOW | RTLD_LOCAL);
    if (!lib)
        lunq_fail(err, LUNQ_VALUE, "RTL model %s can't be loaded: %s.", path, dlerror());
    free(spelled);
    return lib;
}
#endif

static bool is_sound(const struct lunq_rtl_model *m)
{
    bool ok = m->pins && m->n_pins && m->top && m->tool && m->create && m->destroy && m->pin &&
              m->eval && m->error && m->set_time && m->trace_open && m->trace_dump &&
              m->trace_close && m->cover_write;
    for (uint32_t i = 0; ok && i < m->n_pins; i++) {
        const struct lunq_rtl_pin *p = &m->pins[i];
        ok = p->name && p->width && p->width <= MOST_BITS && p->direction <= LUNQ_RTL_INOUT &&
             (!p->bytes || p->width <= 8u * p->bytes);
    }
    return ok;
}

static const struct lunq_rtl_model *enter(void *lib, const char *path, struct lunq_error *err)
{
    lunq_rtl_entry_fn *entry;
    const struct lunq_rtl_model *m;
    *(void **)&entry = dlsym(lib, ENTRY);
    m = entry ? entry() : NULL;
    if (!m)
        lunq_fail(err, LUNQ_VALUE, "%s is a library, but no RTL model: " HINT ".", path);
    else if (m->abi != LUNQ_RTL_ABI)
        lunq_fail(err, LUNQ_VALUE,
                  "RTL model %s has version %u of the interface, this LUNQ has %d: build it again.",
                  path, m->abi, LUNQ_RTL_ABI);
    else if (!is_sound(m))
        lunq_fail(err, LUNQ_VALUE, "RTL model %s has an incomplete table: build it again.", path);
    else
        return m;
    return NULL;
}

int rtl_model_load(const struct lunq_rtl_model **out, const char *path, struct lunq_error *err)
{
    struct stat st;
    struct library *l;
    void *lib;
    struct lunq_error e;
    if (!err)
        err = &e;
    if (check_file(path, &st, err) < 0)
        return err->kind;
    if ((*out = loaded(&st)))
        return 0;
    l = calloc(1, sizeof *l);
    if (!l)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    lib = load(path, err);
    *out = lib ? enter(lib, path, err) : NULL;
    if (!*out) {
        if (lib)
            dlclose(lib);
        free(l);
        return err->kind;
    }
    *l = (struct library){st.st_dev, st.st_ino, st.st_mtim, *out, libraries};
    libraries = l;
    return 0;
}
