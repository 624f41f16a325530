/* udmabuf.h - one device of the module u-dma-buf: contiguous memory under a name, mapped uncached for
 * buffers that are always coherent and cached for those that are synced by the module, each when it is
 * first needed (linux-boards.md A4). */
#ifndef LUNQ_LINUX_UDMABUF_H
#define LUNQ_LINUX_UDMABUF_H

#include "../files.h"
#include "memory.h"
#include "pool.h"

struct lx_udmabuf {
    const struct lunq_linux *x;
    char class[16], name[64]; /* /sys/class/CLASS/NAME, /dev/NAME */
    uint64_t address;
    bool coherent; /* its masters see the caches: everything is mapped cached, nothing synced */
    bool ioctls;   /* the module has them (4.7 on), and needs no files of sysfs */
    struct lx_pool pool;
    struct {
        int fd; /* -1: not open */
        uint8_t *map;
    } view[2];        /* uncached, cached */
    int sync_file[2]; /* sync_for_device, sync_for_cpu of sysfs; -1: not open */
    struct lx_udmabuf *next;
};

/* What devices begin with that a running lunq has made for itself: "lunq-PID-N". */
#define LX_MGR_PREFIX "lunq-"

/* The classes of sysfs that devices of the module are in, the newer one first; NULL ends them. */
extern const char *const lx_udmabuf_classes[];

/* Opens one. LUNQ_PERMISSION, LUNQ_IO: why not. */
int lx_udmabuf_open(struct lx_udmabuf **out, const struct lunq_linux *x, const char *class,
                    const char *name, struct lunq_error *err);
void lx_udmabuf_close(struct lx_udmabuf *u);

/* As the functions of struct lx_memory_kind. */
int lx_udmabuf_alloc(struct lx_udmabuf *u, struct lunq_mem *m, struct lunq_error *err);
void lx_udmabuf_free(struct lx_udmabuf *u, struct lunq_mem *m);
int lx_udmabuf_sync(struct lx_udmabuf *u, const struct lunq_mem *m, size_t off, size_t n,
                    enum lunq_sync dir, struct lunq_error *err);
/* The one of a list that m was allocated from. */
struct lx_udmabuf *lx_udmabuf_of(struct lx_udmabuf *list, const struct lunq_mem *m);

#endif
