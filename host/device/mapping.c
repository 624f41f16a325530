#include "mapping.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

uint64_t lunq_page_size(void)
{
    return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* All of it: a UIO device takes the page of the offset for the number of a map. */
static void restore(struct lunq_guarded *g)
{
    struct lunq_mapping *m = (struct lunq_mapping *)g;
    mmap(g->base, g->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, m->fd, (off_t)m->offset);
}

static void *map_pages(int fd, uint64_t offset, uint64_t length)
{
    if (length > SIZE_MAX || offset > (uint64_t)INT64_MAX) {
        errno = EOVERFLOW;
        return MAP_FAILED;
    }
    return mmap(NULL, (size_t)length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
}

struct lunq_mapping *lunq_mapping_add(struct lunq_mapping **list, int fd, uint64_t offset,
                                      uint64_t skip, uint64_t size, uint64_t addr, const char *how)
{
    uint64_t length = (skip + size + lunq_page_size() - 1) & ~(lunq_page_size() - 1);
    struct lunq_mapping *m = calloc(1, sizeof *m);
    void *base = m ? map_pages(fd, offset, length) : MAP_FAILED;
    if (base == MAP_FAILED) {
        int e = m ? errno : ENOMEM;
        close(fd);
        free(m);
        errno = e;
        return NULL;
    }
    m->guard = (struct lunq_guarded){.base = base, .size = (size_t)length, .restore = restore};
    m->addr = addr - skip;
    m->ptr = (uint8_t *)base + skip;
    m->fd = fd;
    m->offset = offset;
    snprintf(m->how, sizeof m->how, "%s", how);
    lunq_guard_add(&m->guard);
    m->next = *list;
    return *list = m;
}

static void close_first(struct lunq_mapping **list)
{
    struct lunq_mapping *m = *list;
    *list = m->next;
    lunq_guard_remove(&m->guard);
    munmap(m->guard.base, m->guard.size);
    close(m->fd);
    free(m);
}

void lunq_mapping_remove(struct lunq_mapping **list, volatile uint8_t *ptr)
{
    while (*list && (*list)->ptr != ptr)
        list = &(*list)->next;
    if (*list)
        close_first(list);
}

void lunq_mapping_close(struct lunq_mapping **list)
{
    while (*list)
        close_first(list);
}

const struct lunq_mapping *lunq_mapping_find(const struct lunq_mapping *list, const void *host,
                                             uint64_t *addr)
{
    for (const struct lunq_mapping *m = list; m; m = m->next) {
        uintptr_t base = (uintptr_t)m->guard.base, at = (uintptr_t)host;
        if (at >= base && at - base < m->guard.size) {
            *addr = m->addr + (at - base);
            return m;
        }
    }
    return NULL;
}
