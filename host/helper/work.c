/* work.c - see work.h. The device `linux` does it all, as it would for a program that is root; here is what
 * it may be given: sealed memory of a sensible size, read by the same readers as files of strangers. */
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/clocks.h"
#include "../design/bitstream.h"
#include "../design/dt.h"
#include "../device/linux/linux.h"
#include "../device/linux/overlay.h"

/* ---- files ---------------------------------------------------------------------------------- */

struct contents {
    const void *data;
    size_t size;
};

/* Only memory that nobody can change or shorten: then reading neither waits nor ends in a bus error. */
static int take(struct contents *c, int fd, const char *name, size_t limit, struct lunq_error *err)
{
    const int needed = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int seals = fcntl(fd, F_GET_SEALS);
    struct stat st;
    void *p;
    *c = (struct contents){NULL, 0};
    if (seals < 0 || (seals & needed) != needed || fstat(fd, &st) < 0)
        return lunq_fail(err, LUNQ_VALUE, "%s did not come as sealed memory.", name);
    if (st.st_size <= 0 || (uint64_t)st.st_size > limit)
        return lunq_fail(err, LUNQ_VALUE, "%s has %" PRId64 " bytes; 1 to %zu are possible.", name,
                         (int64_t)st.st_size, limit);
    p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return lunq_fail(err, LUNQ_MEMORY, "%s can't be read: %s.", name, strerror(errno));
    *c = (struct contents){p, (size_t)st.st_size};
    return 0;
}

static int take_bitstream(struct lunq_bitstream **out, int fd, const char *name,
                          struct lunq_error *err)
{
    struct contents c;
    int r = take(&c, fd, name, LX_HELPER_BITSTREAM_LIMIT, err);
    if (r < 0)
        return r;
    r = lunq_bitstream_read_mem(out, name, c.data, c.size, err);
    munmap((void *)c.data, c.size);
    return r;
}

/* The kernel reads what it names from /lib/firmware, for any driver: only names that are a bitstream's. */
static int check_names(const char *file, const struct lunq_dt_node *n, struct lunq_error *err)
{
    const char *name = lunq_dt_text(n, "firmware-name");
    size_t length = name ? strlen(name) : 0;
    int r = 0;
    if (name && (length < 5 || strcmp(name + length - 4, ".bin")))
        return lunq_fail(err, LUNQ_PERMISSION,
                         "%s: firmware-name '%.200s' does not end in .bin: lunq-helper loads "
                         "bitstreams only.",
                         file, name);
    for (const struct lunq_dt_node *c = n->child; r == 0 && c; c = c->next)
        r = check_names(file, c, err);
    return r;
}

static int take_overlay(struct lunq_dt **out, int fd, const char *name, struct lunq_error *err)
{
    struct contents c;
    int r = take(&c, fd, name, LX_HELPER_OVERLAY_LIMIT, err);
    if (r < 0)
        return r;
    r = lunq_dt_parse(out, name, c.data, c.size, err);
    munmap((void *)c.data, c.size);
    if (r == 0)
        r = (*out)->overlay ? check_names(name, (*out)->root, err)
                            : lunq_fail(err, LUNQ_VALUE, "%s is no device-tree overlay.", name);
    if (r < 0) {
        lunq_dt_free(*out);
        *out = NULL;
    }
    return r;
}

/* ---- the operations ------------------------------------------------------------------------- */

static int open_board(struct lunq_device **d, const char *root, struct lunq_error *err)
{
    char spec[300];
    int n = snprintf(spec, sizeof spec, *root ? "linux?root=%s" : "linux", root);
    if (n < 0 || (size_t)n >= sizeof spec)
        return lunq_fail(err, LUNQ_VALUE, "The path %s is too long.", root);
    return lunq_linux_open(d, spec, err);
}

static int load(const char *root, const struct lx_helper_request *q, const int *files,
                struct lx_helper_reply *reply, struct lunq_error *err)
{
    struct lunq_design design = {.file = (char *)q->file};
    struct lunq_program p = {.design = &design, .overlay_name = q->name};
    struct lunq_bitstream *b = NULL;
    struct lunq_dt *overlay = NULL;
    struct lunq_device *d = NULL;
    int r = take_bitstream(&b, files[0], q->file, err);
    if (r == 0 && q->n_files == 2)
        r = take_overlay(&overlay, files[1], q->name, err);
    if (r == 0)
        r = open_board(&d, root, err);
    if (r == 0) {
        p.bitstream = b;
        p.overlay = overlay;
        p.region = q->region[0] ? q->region : NULL;
        r = d->ops->program(d, &p, err);
        reply->lost = d->lost;
    }
    if (d)
        lunq_device_unref(d);
    lunq_dt_free(overlay);
    lunq_bitstream_free(b);
    return r;
}

static int insert(const char *root, const struct lx_helper_request *q, const int *files,
                  struct lunq_error *err)
{
    struct lunq_dt *overlay = NULL;
    int r = take_overlay(&overlay, files[0], q->file, err);
    if (r == 0)
        r = lunq_overlay_apply(root, q->name, overlay, err);
    lunq_dt_free(overlay);
    return r;
}

static int pl_clock(const char *root, const struct lx_helper_request *q,
                    struct lx_helper_reply *reply, struct lunq_error *err)
{
    struct lunq_clock_ask ask = {.mhz = (double)q->hz / 1e6};
    struct lunq_clock_state now = {.on = false};
    struct lunq_device *d;
    int r = open_board(&d, root, err);
    if (r < 0)
        return r;
    if (q->op == LX_HELPER_CLOCK_GET)
        r = lunq_clocks_get(d, q->index, &now, err);
    else if (q->op == LX_HELPER_CLOCK_RUNS)
        r = lunq_clocks_running(d, q->index, &now.on, err);
    else if (q->hz)
        r = lunq_clocks_set(d, q->index, &ask, &now, err);
    else
        r = lunq_clocks_enable(d, q->index, false, err);
    if (q->op == LX_HELPER_CLOCK_RUNS)
        reply->hz = now.on;
    else
        reply->hz = now.on ? (uint64_t)llrint(now.mhz * 1e6) : 0;
    lunq_device_unref(d);
    return r;
}

void work_do(const char *root, const struct lx_helper_request *q, const int *files,
             struct lx_helper_reply *reply)
{
    struct lunq_error e = {0};
    switch (q->op) {
    case LX_HELPER_LOAD: reply->kind = load(root, q, files, reply, &e); break;
    case LX_HELPER_INSERT: reply->kind = insert(root, q, files, &e); break;
    case LX_HELPER_REMOVE: reply->kind = lunq_overlay_remove(root, q->name, &e); break;
    default: reply->kind = pl_clock(root, q, reply, &e);
    }
    if (reply->kind < 0) {
        reply->fault = e.fault;
        memcpy(reply->message, e.message, sizeof reply->message);
    }
}

void work_describe(const struct lx_helper_request *q, char *text, size_t size)
{
    static const char *const verbs[] = {"",
                                        "load",
                                        "insert overlay",
                                        "remove",
                                        "read PL clock",
                                        "set PL clock",
                                        "look at PL clock"};
    switch (q->op) {
    case LX_HELPER_LOAD:
    case LX_HELPER_INSERT:
        snprintf(text, size, "%s %s%s%s%s%s", verbs[q->op], q->file, q->name[0] ? " as " : "",
                 q->name, q->region[0] ? " into " : "", q->region);
        break;
    case LX_HELPER_REMOVE: snprintf(text, size, "remove overlay %s", q->name); break;
    case LX_HELPER_CLOCK_SET:
        snprintf(text, size, "%s %" PRIu32 " to %" PRIu64 " Hz", verbs[q->op], q->index, q->hz);
        break;
    default: snprintf(text, size, "%s %" PRIu32, verbs[q->op], q->index);
    }
}
