/* hugetlb.c - a file in memory (memfd_create) holds the pages, so that pages that lie beside each other in
 * memory can be mapped beside each other: larger buffers need neighbours. */
#include "hugetlb.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "pagemap.h"
#include "space.h"

enum { MOST_PAGES = 4096 }; /* looked at for neighbours */

/* Huge pages in a row. */
struct run {
    struct lunq_space space; /* offsets */
    uint64_t address, size, used;
    uint8_t *map;
    int fd;
    struct run *next;
};

struct lunq_hugetlb {
    const char *root;
    bool keep;
    size_t page; /* bytes of a huge page */
    struct run *list;
};

/* A number of /proc/meminfo: "HugePages_Free:", "Hugepagesize:" (kB). */
static bool meminfo(const char *root, const char *name, uint64_t *n)
{
    char path[LX_PATH], text[4096];
    const char *at;
    if (!lx_path(path, root, "/proc/meminfo") || !lx_read(path, text, sizeof text) ||
        !(at = strstr(text, name)))
        return false;
    *n = strtoull(at + strlen(name), NULL, 10);
    return true;
}

uint64_t lunq_hugetlb_page(const char *root)
{
    uint64_t kb = 0;
    return meminfo(root, "Hugepagesize:", &kb) && kb <= 1u << 20 ? kb << 10 : 0;
}

int lunq_hugetlb_open(struct lunq_hugetlb **out, const char *root, bool keep,
                      struct lunq_error *err)
{
    uint64_t total = 0, page = lunq_hugetlb_page(root);
    struct lunq_hugetlb *h;
    int r;
    *out = NULL;
    if (!meminfo(root, "HugePages_Total:", &total) || page == 0)
        return lunq_fail(err, LUNQ_MEMORY, "the kernel has no huge pages: CONFIG_HUGETLBFS=y");
    if (total == 0)
        return lunq_fail(err, LUNQ_MEMORY,
                         "no huge pages are kept (of %" PRIu64 " kB each): as root echo 16 > "
                         "/proc/sys/vm/nr_hugepages, or boot argument hugepages=16",
                         page >> 10);
    if ((r = lx_physical_shown(root, err)) < 0)
        return r;
    h = *out = calloc(1, sizeof *h);
    if (!h)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    h->root = root;
    h->keep = keep;
    h->page = (size_t)page;
    return 0;
}

/* ---- runs ------------------------------------------------------------------------------------- */

struct place {
    uint64_t address;
    uint32_t index; /* of the page in the file */
};

static int by_address(const void *a, const void *b)
{
    const struct place *p = a, *q = b;
    return p->address < q->address ? -1 : p->address > q->address;
}

/* The addresses of `n` pages of a file; 0, or *err. */
static int locate(const struct lunq_hugetlb *h, int fd, size_t n, struct place *places,
                  struct lunq_error *err)
{
    int r = 0;
    uint8_t *map =
        mmap(NULL, n * h->page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (map == MAP_FAILED)
        return lunq_fail(err, LUNQ_MEMORY, "%s", strerror(errno));
    for (size_t i = 0; r == 0 && i < n; i++) {
        places[i].index = (uint32_t)i;
        r = lx_physical(h->root, map + i * h->page, 1, &places[i].address, err);
    }
    munmap(map, n * h->page);
    return r;
}

/* The first of `need` places in a row, which are sorted; NULL: there are none. */
static const struct place *neighbours(const struct lunq_hugetlb *h, const struct place *places,
                                      size_t n, size_t need)
{
    for (size_t i = 0, length = 1; i < n; i++) {
        length = i > 0 && places[i].address == places[i - 1].address + h->page ? length + 1 : 1;
        if (length == need)
            return &places[i + 1 - need];
    }
    return NULL;
}

/* Maps pages of the file beside each other. */
static uint8_t *map_row(const struct lunq_hugetlb *h, int fd, const struct place *row, size_t n)
{
    /* room that starts at a multiple of a page: what is before and behind it goes again */
    size_t size = n * h->page, all = size + h->page;
    uint8_t *room = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uint8_t *at;
    if (room == MAP_FAILED)
        return NULL;
    at = (uint8_t *)(((uintptr_t)room + h->page - 1) & ~(uintptr_t)(h->page - 1));
    if (at > room)
        munmap(room, (size_t)(at - room));
    if (room + all > at + size)
        munmap(at + size, (size_t)(room + all - (at + size)));
    for (size_t i = 0; i < n; i++)
        if (mmap(at + i * h->page, h->page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                 (off_t)(row[i].index * h->page)) == MAP_FAILED) {
            munmap(at, size);
            return NULL;
        }
    return at;
}

/* Gives back the pages of the file that are not in the row. */
static void punch(const struct lunq_hugetlb *h, int fd, const struct place *places, size_t n,
                  const struct place *row, size_t need)
{
    for (const struct place *p = places; p < places + n; p++)
        if (p < row || p >= row + need)
            fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(p->index * h->page),
                      (off_t)h->page);
}

/* Fills in map and address of a run of `need` pages, looking through `n` of them. */
static int fill(const struct lunq_hugetlb *h, struct run *r, size_t n, size_t need,
                struct lunq_error *err)
{
    struct place *places = calloc(n, sizeof *places);
    const struct place *row = NULL;
    int rc;
    if (!places)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    rc = ftruncate(r->fd, (off_t)(n * h->page)) < 0
             ? lunq_fail(err, LUNQ_MEMORY, "%s", strerror(errno))
             : locate(h, r->fd, n, places, err);
    if (rc == 0) {
        qsort(places, n, sizeof *places, by_address);
        row = neighbours(h, places, n, need);
        if (!row || !(r->map = map_row(h, r->fd, row, need)))
            rc = lunq_fail(err, LUNQ_MEMORY, "no %zu of %zu free ones lie beside each other", need,
                           n);
    }
    if (rc == 0) {
        r->address = row->address;
        punch(h, r->fd, places, n, row, need);
    }
    free(places);
    return rc;
}

static void close_run(struct run *r)
{
    if (r->map)
        munmap(r->map, (size_t)r->size);
    if (r->fd >= 0)
        close(r->fd);
    lunq_space_close(&r->space);
    free(r);
}

/* Adds a run with room for n bytes: of as many pages as that takes, which often are neighbours; else out of all
 * that are free. */
static int add_run(struct lunq_hugetlb *h, uint64_t n, struct lunq_error *err)
{
    uint64_t unused = 0, need = (n + h->page - 1) / h->page, most = SIZE_MAX / h->page / 2;
    struct run *r = calloc(1, sizeof *r);
    struct lunq_error e;
    int rc;
    if (!r)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    if (most > MOST_PAGES)
        most = MOST_PAGES;
    meminfo(h->root, "HugePages_Free:", &unused);
    r->fd = memfd_create("lunq", MFD_CLOEXEC | MFD_HUGETLB);
    r->size = need * h->page;
    if (r->fd < 0)
        rc = lunq_fail(&e, LUNQ_MEMORY, "%s", strerror(errno));
    else if (need > most)
        rc = lunq_fail(&e, LUNQ_MEMORY, "more than LUNQ takes");
    else
        rc = fill(h, r, (size_t)need, (size_t)need, &e);
    if (rc == LUNQ_MEMORY && need > 1 && unused > need)
        rc = fill(h, r, (size_t)(unused < most ? unused : most), (size_t)need, &e);
    if (rc == 0 && !lunq_space_open(&r->space, 0, r->size))
        rc = lunq_fail(&e, LUNQ_MEMORY, "Out of memory.");
    if (rc == 0) {
        r->next = h->list;
        h->list = r;
        return 0;
    }
    close_run(r);
    return rc == LUNQ_MEMORY
               ? lunq_fail(err, rc,
                           "Failed to allocate Memory! %" PRIu64 " bytes need %" PRIu64
                           " huge pages of %zu kB in a row, %" PRIu64
                           " are free: %.300s. More: /proc/sys/vm/nr_hugepages.",
                           n, need, h->page >> 10, unused, e.message)
               : lunq_fail(err, rc, "%s", e.message);
}

/* ---- buffers ---------------------------------------------------------------------------------- */

static struct run *run_of(const struct lunq_hugetlb *h, const struct lunq_mem *m)
{
    struct run *r = h->list;
    while (r && !(m->host >= r->map && (uint64_t)(m->host - r->map) < r->size))
        r = r->next;
    return r;
}

static struct lunq_space_block *take(struct run *r, uint64_t n)
{
    struct lunq_space_block *b = lunq_space_take(&r->space, n, 0, r->size, NULL);
    r->used += b ? b->size : 0;
    return b;
}

int lunq_hugetlb_alloc(struct lunq_hugetlb *h, struct lunq_mem *m, struct lunq_error *err)
{
    struct lunq_space_block *b = NULL;
    struct run *r = h->list;
    int rc;
    while (r && !(b = take(r, m->size)))
        r = r->next;
    if (!r) {
        if ((rc = add_run(h, m->size, err)) < 0)
            return rc;
        r = h->list;
        if (!(b = take(r, m->size)))
            return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    m->host = r->map + b->addr;
    m->address = r->address + b->addr;
    m->key = (uintptr_t)b;
    memset(m->host, 0, b->size);
    return 0;
}

/* One page that is empty stays for the next small buffer. */
void lunq_hugetlb_free(struct lunq_hugetlb *h, const struct lunq_mem *m)
{
    struct lunq_space_block *b = (struct lunq_space_block *)(uintptr_t)m->key;
    struct run *r = run_of(h, m), **p = &h->list;
    bool other = false;
    r->used -= b->size;
    lunq_space_give(&r->space, b);
    for (const struct run *q = h->list; q; q = q->next)
        other |= q != r && q->used == 0;
    if (h->keep || r->used > 0 || (!other && r->size == h->page))
        return;
    while (*p != r)
        p = &(*p)->next;
    *p = r->next;
    close_run(r);
}

void lunq_hugetlb_close(struct lunq_hugetlb *h)
{
    while (h && h->list) {
        struct run *r = h->list;
        h->list = r->next;
        close_run(r);
    }
    free(h);
}
