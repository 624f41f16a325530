#include "ram.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* From this size on the kernel clears pages faster than memset, and gives them back at once. */
#define LARGE (256u * 1024)
#define HUGE_FROM (4u << 20)

void *lunq_ram_reserve(uint64_t n)
{
    void *p = n > SIZE_MAX ? MAP_FAILED
                           : mmap(NULL, (size_t)n, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

int lunq_ram_open(struct lunq_ram *r, uint64_t first, uint64_t size, bool coherent,
                  const char *more, struct lunq_error *err)
{
    memset(r, 0, sizeof *r);
    r->size = size;
    r->first = first;
    r->more = more;
    r->host = lunq_ram_reserve(size);
    r->device = coherent ? r->host : lunq_ram_reserve(size);
    if (!r->host || !r->device || !lunq_space_open(&r->space, first, size - first)) {
        lunq_ram_close(r);
        return lunq_fail(err, LUNQ_MEMORY,
                         "No address space for %" PRIu64 " MiB of memory for a device.",
                         size >> 20);
    }
    return 0;
}

static int no_file(const char *file, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_IO, "%s, the memory of a device, can't be mapped: %s.", file,
                     strerror(errno));
}

/* Maps all of the file that is below `end` into the address space r->host. */
static int map_file(struct lunq_ram *r, int fd, const char *file, uint64_t end,
                    struct lunq_error *err)
{
    struct stat st;
    uint64_t n;
    if (fstat(fd, &st) < 0)
        return no_file(file, err);
    n = r->base >= end ? 0 : end - r->base;
    n = st.st_size < 0 || (uint64_t)st.st_size > n ? n : (uint64_t)st.st_size;
    if (n == 0 || r->base % (uint64_t)sysconf(_SC_PAGESIZE))
        return lunq_fail(err, LUNQ_VALUE,
                         "%s has %lld bytes for addresses from 0x%" PRIx64
                         " on, a multiple of a page, to 0x%" PRIx64 ": that is no memory.",
                         file, (long long)st.st_size, r->base, end);
    r->size = r->base + n;
    r->host = lunq_ram_reserve(r->size);
    if (!r->host)
        return lunq_fail(err, LUNQ_MEMORY, "No address space for the memory in %s.", file);
    if (mmap(r->host + r->base, (size_t)n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
        MAP_FAILED)
        return no_file(file, err);
    return 0;
}

int lunq_ram_share(struct lunq_ram *r, const char *file, uint64_t base, uint64_t end,
                   struct lunq_error *err)
{
    int fd = open(file, O_RDWR | O_CLOEXEC), result;
    memset(r, 0, sizeof *r);
    if (fd < 0)
        return no_file(file, err);
    r->base = base;
    r->more = "it is the memory of somebody else";
    result = map_file(r, fd, file, end, err);
    close(fd);
    r->first = r->size;
    r->device = r->host;
    if (result == 0 && !lunq_space_open(&r->space, r->first, 0))
        result = lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    if (result < 0)
        lunq_ram_close(r);
    return result;
}

uint8_t *lunq_ram_at(const struct lunq_ram *r, uint64_t addr, uint64_t n)
{
    return addr >= r->base && addr < r->size && r->size - addr >= n ? r->device + addr : NULL;
}

void lunq_ram_close(struct lunq_ram *r)
{
    lunq_space_close(&r->space);
    if (r->device && r->device != r->host)
        munmap(r->device, r->size);
    if (r->host)
        munmap(r->host, r->size);
    memset(r, 0, sizeof *r);
}

/* Long loops over large buffers spend their time on TLB misses otherwise. */
static void use_huge_pages(uint8_t *p, uint64_t n)
{
#ifdef MADV_HUGEPAGE
    if (n >= HUGE_FROM)
        madvise(p, n, MADV_HUGEPAGE);
#endif
}

static void clear(struct lunq_ram *r, uint64_t addr, uint64_t n)
{
    uint8_t *copies[2] = {r->host + addr, r->device + addr};
    for (int i = 0; i < (r->host == r->device ? 1 : 2); i++) {
        use_huge_pages(copies[i], n);
        if (n < LARGE || madvise(copies[i], n, MADV_DONTNEED) != 0)
            memset(copies[i], 0, n);
    }
}

int lunq_ram_alloc(struct lunq_ram *r, uint64_t n, uint64_t *addr, struct lunq_space_block **key,
                   struct lunq_error *err)
{
    uint64_t all = r->size - r->first, largest;
    struct lunq_space_block *b = lunq_space_take(&r->space, n, r->first, all, &largest);
    if (!b)
        return lunq_fail(err, LUNQ_MEMORY,
                         "Failed to allocate Memory! %" PRIu64 " bytes don't fit: %" PRIu64
                         " of %" PRIu64 " bytes are in use, the largest hole has %" PRIu64 " (%s).",
                         n, r->used, all, largest, r->more ? r->more : "free buffers");
    clear(r, b->addr, b->size);
    r->used += b->size;
    *addr = b->addr;
    *key = b;
    return 0;
}

void lunq_ram_free(struct lunq_ram *r, struct lunq_space_block *b)
{
    r->used -= b->size;
    if (b->size >= LARGE) {
        madvise(r->host + b->addr, b->size, MADV_DONTNEED);
        madvise(r->device + b->addr, b->size, MADV_DONTNEED);
    }
    lunq_space_give(&r->space, b);
}
