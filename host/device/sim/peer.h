/* peer.h - what stands on the other side of a serial IP's pins: a chip on an I2C bus, a flash behind
 * a select of a SPI, a terminal at a UART, the voltages an ADC measures. Like a part on a board it
 * stays when another design is loaded: it is there for whatever has the same path. */
#ifndef LUNQ_SIM_PEER_H
#define LUNQ_SIM_PEER_H

#include "sim.h"

enum sim_bus { SIM_NO_BUS, SIM_I2C, SIM_SPI, SIM_UART, SIM_MAILBOX, SIM_ANALOG };

/* What a model asks a peer. A peer that has nothing to say answers -1. */
enum sim_peer_call {
    SIM_PEER_START,    /* I2C: start and address a, b = 1: to read. 1: acknowledged */
    SIM_PEER_WRITE,    /* I2C: byte a. 1: acknowledged */
    SIM_PEER_READ,     /* I2C: the next byte */
    SIM_PEER_STOP,     /* I2C: stop */
    SIM_PEER_SELECT,   /* SPI: the select has become active */
    SIM_PEER_DESELECT, /* SPI: and inactive */
    SIM_PEER_TRANSFER, /* SPI: word a in mode b (CPOL * 2 + CPHA). The word that comes back */
    SIM_PEER_RECEIVE,  /* UART: byte a; mailbox: word a, 0: not taken */
    SIM_PEER_SAMPLE    /* analog: what channel a measures, 16 bits */
};

struct sim_peer {
    struct lunq_sim *sim; /* NULL: not attached */
    char *path;           /* of the IP */
    enum sim_bus bus;
    unsigned line; /* SPI: which select */
    int64_t (*call)(struct sim_peer *p, struct sim_inst *i, enum sim_peer_call what, uint32_t a,
                    uint32_t b);
    void (*detached)(struct sim_peer *p); /* the device forgets it; may free it */
    struct sim_peer *next;
};

const char *sim_bus_name(enum sim_bus b); /* "i2c" */

/* Puts p (bus, line, call, detached set) at the pins of an IP of the loaded design. LUNQ_VALUE: no
 * such IP, or it has no such pins; LUNQ_RUNTIME: p is attached already. */
int lunq_sim_attach(struct lunq_sim *s, struct sim_peer *p, const char *path,
                    struct lunq_error *err);
void lunq_sim_detach(struct sim_peer *p); /* may be repeated; calls p->detached */
void lunq_sim_detach_all(struct lunq_sim *s);
struct lunq_device *lunq_sim_device(struct lunq_sim *s);
struct sim_peer *lunq_sim_peers(struct lunq_sim *s); /* a list through next, the newest first */
/* Bytes from a UART peer, words (little endian) from one of a mailbox. LUNQ_RUNTIME: not attached, or the IP isn't there now; LUNQ_MEMORY. */
int lunq_sim_feed(struct sim_peer *p, const void *data, size_t n, struct lunq_error *err);

/* For models: the peers of an instance one after another, beginning with NULL. */
struct sim_peer *sim_peer_next(const struct sim_inst *i, const struct sim_peer *after);

#endif
