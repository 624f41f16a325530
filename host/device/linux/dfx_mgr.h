/* dfx_mgr.h - asks dfx-mgr's daemon, which loads the firmware packages of Kria and Versal boards.
 *
 * What its socket speaks, from the sources of dfx-mgr (dfxmgr_client.h, dfx-mgrd.c) of 2021 to 2025: packets of 32-bit
 * words in the machine's order, id and size, then one more word (two since user loads came, in front of which nothing
 * says so), then text; a packet has 24 bytes more than `size` says. LOAD_ACCEL 6, REMOVE_ACCEL 7 and LIST_PACKAGE 8
 * are the same in all of them. Those of 2020 spoke HTTP: not here. */
#ifndef LUNQ_LINUX_DFX_MGR_H
#define LUNQ_LINUX_DFX_MGR_H

#include "../../core/error.h"

enum lunq_dfx_mgr_request {
    LUNQ_DFX_MGR_LOAD = 6,   /* text: a package; the answer is its slot, or a negative number */
    LUNQ_DFX_MGR_UNLOAD = 7, /* text: a slot; the answer is 0, or another number */
    LUNQ_DFX_MGR_LIST = 8    /* no text; the answer is a table for people */
};

enum { LUNQ_DFX_MGR_ANSWER = 32 * 1024 + 1 }; /* bytes of the longest answer */

/* Waits for the answer, a minute at most. LUNQ_PERMISSION: the socket is another user's (root's); LUNQ_DEVICE: nobody
 * is there, or speaks another language; LUNQ_TIMEOUT; LUNQ_VALUE: a text of more than 4000 bytes. */
int lunq_dfx_mgr_ask(const char *socket, enum lunq_dfx_mgr_request request, const char *text,
                     char answer[LUNQ_DFX_MGR_ANSWER], struct lunq_error *err);

#endif
