/* config.c - the command register of a function: PCI Local Bus 3.0, 6.2.2. Its bytes are written one at a
 * time: the kernel's interrupt handlers change INTx Disable, which is in the second. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

enum { COMMAND = 4, DECODE_IO = 1 << 0, DECODE_MEMORY = 1 << 1, MASTER = 1 << 2, NO_INTX = 1 << 2 };

static int failed(const struct lunq_pci *p, const char *what, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_IO, "The command register of %s can't be %s: %s.", p->f.address,
                     what, strerror(errno ? errno : EIO));
}

static int read_command(const struct lunq_pci *p, uint16_t *command, struct lunq_error *err)
{
    uint8_t b[2];
    errno = 0;
    if (pread(p->config_fd, b, sizeof b, (off_t)p->config_offset + COMMAND) != sizeof b)
        return failed(p, "read", err);
    *command = (uint16_t)(b[0] | b[1] << 8);
    return 0;
}

/* Changes bits of byte 0 or 1. */
static int change(const struct lunq_pci *p, unsigned byte, uint8_t mask, uint8_t set,
                  struct lunq_error *err)
{
    uint16_t now;
    uint8_t b;
    int r = read_command(p, &now, err);
    if (r < 0)
        return r;
    b = (uint8_t)((now >> 8 * byte & ~mask) | set);
    errno = 0;
    if (pwrite(p->config_fd, &b, 1, (off_t)p->config_offset + COMMAND + byte) != 1)
        return failed(p, "written", err);
    return 0;
}

int pci_config_open(struct lunq_pci *p, struct lunq_error *err)
{
    uint8_t decode = 0;
    int r = read_command(p, &p->command, err);
    if (r < 0)
        return r;
    if (p->command == 0xffff)
        return lunq_fail(
            err, LUNQ_DEVICE,
            "%s does not answer: its configuration reads all ones. Has the card lost "
            "its link, or its bitstream? echo 1 > /sys/bus/pci/devices/%s/remove, load "
            "the bitstream, echo 1 > /sys/bus/pci/rescan.",
            p->f.address, p->f.address);
    for (unsigned i = 0; i < PCI_BARS; i++)
        if (p->bars[i].size)
            decode |= p->bars[i].io ? DECODE_IO : DECODE_MEMORY;
    p->has_command = true;
    return change(p, 0, decode | MASTER, decode, err); /* a master left over from before is none */
}

int pci_master_on(struct lunq_pci *p, struct lunq_error *err)
{
    int r = p->master ? 0 : change(p, 0, MASTER, MASTER, err);
    p->master = p->master || r == 0;
    return r;
}

int pci_intx(const struct lunq_pci *p, bool on, struct lunq_error *err)
{
    return change(p, 1, NO_INTX, on ? 0 : NO_INTX, err);
}

void pci_config_close(struct lunq_pci *p)
{
    if (p->has_command)
        change(p, 0, 0xff, (uint8_t)(p->command & ~MASTER), NULL);
    p->has_command = p->master = false;
}
