#include "library.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "place.h"

enum { TAIL = 1024 }; /* of the log: its last message is shorter */

static struct xrt_library library;
static bool loaded;

/* XRT's messages, with a banner before the first, would go to stderr. */
static struct {
    pthread_mutex_t lock;
    int fd;
    off_t seen;
} messages = {PTHREAD_MUTEX_INITIALIZER, -1, 0};

static void take_messages(const struct xrt_api *api)
{
    char path[32] = "null";
    messages.fd = memfd_create("xrt", MFD_CLOEXEC);
    if (messages.fd >= 0)
        snprintf(path, sizeof path, "/proc/self/fd/%d", messages.fd);
    if (access(path, W_OK) < 0)
        snprintf(path, sizeof path, "null");
    api->ini_string("Runtime.runtime_log", path);
}

/* "/usr/lib/x86_64-linux-gnu/libxrt_coreutil.so.2.13.0" ends in it; version.h gives major and minor. */
static void find_name(struct xrt_library *l)
{
    const char *so = strstr(l->path, ".so.");
    unsigned code = l->api.version ? l->api.version() : 0;
    if (code)
        snprintf(l->name, sizeof l->name, "XRT %u.%u", code >> 16, code & 0xffff);
    else
        snprintf(l->name, sizeof l->name, "XRT%s%.20s", so && strchr(so + 4, '.') ? " " : "",
                 so && strchr(so + 4, '.') ? so + 4 : "");
}

int xrt_library(const struct xrt_library **out, struct lunq_error *err)
{
    struct xrt_place place;
    int r = 0;
    if (!loaded) {
        r = xrt_place_find(&place, XRT_LIBRARY, err);
        if (r == 0)
            r = xrt_api_find(&library.api, place.coreutil, place.shim, place.library, err);
        if (r < 0)
            return r;
        snprintf(library.path, sizeof library.path, "%s", place.library);
        find_name(&library);
        take_messages(&library.api);
        /* Registers of a kernel may then be read while it is shared (xrt.md 2, CU registers). */
        library.api.ini_string("Runtime.rw_shared", "true");
        loaded = true;
    }
    *out = &library;
    return xrt_place_enter(err);
}

/* ---- messages ------------------------------------------------------------------------------ */

/* The text of the last line with "ERROR: " or "WARNING: ", as XRT writes it:
 * "[date] [XRT] Tid: 1,  ERROR: No such kernel 'x': Invalid argument". NULL: there is none. */
static char *last_message(char *log)
{
    char *found = NULL, *end;
    for (char *at = log; (at = strstr(at, "[XRT]")); at++) {
        char *text = strstr(at, "ERROR: ");
        if (text)
            found = text + strlen("ERROR: ");
    }
    if (!found)
        return NULL;
    end = found + strcspn(found, "\n");
    while (end > found && (isspace((unsigned char)end[-1]) || end[-1] == '.'))
        end--;
    *end = '\0';
    return found;
}

/* The log is read up to its end, and emptied: XRT goes on where it was, behind a hole. */
static ssize_t read_log(char *log)
{
    off_t end = lseek(messages.fd, 0, SEEK_END), from = messages.seen;
    ssize_t n = 0;
    if (end - from > TAIL)
        from = end - TAIL;
    if (end > from) {
        n = pread(messages.fd, log, (size_t)(end - from), from);
        messages.seen = end;
        if (ftruncate(messages.fd, 0) < 0)
            messages.seen = end; /* it only grows then */
    }
    return n > 0 ? n : 0;
}

const char *xrt_said(char *text, size_t size)
{
    char log[TAIL + 1] = "", *message;
    pthread_mutex_lock(&messages.lock);
    if (messages.fd >= 0)
        log[read_log(log)] = '\0';
    pthread_mutex_unlock(&messages.lock);
    message = last_message(log);
    snprintf(text, size, message ? "XRT says: %s." : "XRT gives no reason.", message);
    return text;
}
