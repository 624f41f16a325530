/* mapping.h - windows a program has mapped onto registers through a file of the kernel: a UIO device,
 * /dev/mem, a BAR. Guarded against bus errors, and found again by their host address. */
#ifndef LUNQ_DEVICE_MAPPING_H
#define LUNQ_DEVICE_MAPPING_H

#include <stdbool.h>
#include <stdint.h>

#include "../core/bus_error.h"

struct lunq_mapping {
    struct lunq_guarded guard; /* first: what is mapped, whole pages */
    uint64_t addr;             /* on the bus, of the first mapped byte */
    volatile uint8_t *ptr;     /* as given out */
    int fd;                    /* its own */
    uint64_t offset;           /* in fd, of the first mapped byte */
    char how[32];              /* "uio3", "/dev/mem", "BAR 0" */
    struct lunq_mapping *next;
};

/* Maps `size` bytes, which are at `addr` on the bus and `skip` bytes behind `offset`, a multiple of a
 * page. fd is taken over, and closed when this fails. NULL, with errno. */
struct lunq_mapping *lunq_mapping_add(struct lunq_mapping **list, int fd, uint64_t offset,
                                      uint64_t skip, uint64_t size, uint64_t addr, const char *how);
/* The one that was given out as ptr; nothing when there is none. */
void lunq_mapping_remove(struct lunq_mapping **list, volatile uint8_t *ptr);
void lunq_mapping_close(struct lunq_mapping **list);
/* The one a host address lies in, with the address on the bus; NULL: none. */
const struct lunq_mapping *lunq_mapping_find(const struct lunq_mapping *list, const void *host,
                                             uint64_t *addr);
uint64_t lunq_page_size(void);

#endif
