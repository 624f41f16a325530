/* l_event.h - for C code that tells scripts about something: interrupts, descriptors. */
#ifndef L_EVENT_H
#define L_EVENT_H

#include "../host/core/loop.h"
#include "lunq_lua.h"

/* Waits for an event: pushes how often it happened since the last look, and when (ns). The event
 * lies in a userdata on L's stack. `what` is named when the time is over. */
int l_event_wait(lua_State *L, struct lunq_event *e, const char *what, double seconds);

#endif
