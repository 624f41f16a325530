/* progress.c - host/core/progress.h for whoever shows something: when, and of what. See progress_spec.lua. */
#include "../check.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/array_ops.h"
#include "core/progress.h"
#include "design/file.h"

static unsigned asked, shows, hides;
static bool wanted = true;
static char what[256];
static uint64_t done, total;

static bool ready(void)
{
    asked++;
    return wanted;
}

static void show(const struct lunq_progress *p, double seconds)
{
    shows++;
    snprintf(what, sizeof what, "%s", p->what);
    done = p->done;
    total = p->total;
    that("after half a second", seconds >= 0.5);
}

static void hide(void)
{
    hides++;
}

static const struct lunq_progress *watched;

static void watch(const struct lunq_progress *p)
{
    watched = p;
}

static const struct lunq_progress_sink sink = {ready, show, hide, watch};

/* As if it had begun half a second ago. */
static void make_older(struct lunq_progress *p)
{
    p->begun -= 500000000;
    p->next -= 500000000;
}

/* What takes long is shown after half a second, then not at once again, and goes away. */
static void shows_late(void)
{
    struct lunq_progress p;
    lunq_progress_begin(&p, "counting", 10);
    lunq_progress_at(&p, 1);
    that_is("shown at once", 0, shows);
    make_older(&p);
    lunq_progress_at(&p, 5);
    lunq_progress_at(&p, 6);
    that_is("shown", 1, shows);
    that_text("what", "counting", what);
    that_is("done", 5, done);
    that_is("total", 10, total);
    lunq_progress_end(&p);
    lunq_progress_end(&p);
    that_is("hidden", 1, hides);
    lunq_progress_begin(&p, "short", 10);
    lunq_progress_end(&p);
    that_is("hidden again", 1, hides);
}

/* One at a time; nothing where nobody looks. */
static void one_at_a_time(void)
{
    struct lunq_progress p, inner;
    lunq_progress_begin(&p, "outer", 10);
    lunq_progress_begin(&inner, "inner", 10);
    that("outer", lunq_progress_current() == &p && p.on && !inner.on);
    lunq_progress_end(&inner);
    that("still outer", lunq_progress_current() == &p);
    lunq_progress_end(&p);
    wanted = false;
    lunq_progress_begin(&p, "unseen", 10);
    that("unseen", !p.on && !lunq_progress_current());
    lunq_progress_to(NULL);
    wanted = true;
    lunq_progress_begin(&p, "unheard", 10);
    that("unheard", !p.on);
}

/* Who can't look at the clock is watched, and says nothing. */
static void is_watched(void)
{
    struct lunq_progress p, inner;
    lunq_progress_block(&p, "blocking");
    that("watched", watched == &p && p.blocks);
    lunq_progress_block(&inner, "inside");
    that("one at a time", watched == &p && !inner.blocks);
    lunq_progress_end(&inner);
    that("still", watched == &p);
    make_older(&p);
    lunq_progress_at(&p, 7);
    that_is("shown", 0, shows);
    that_is("unchanged", 0, p.done);
    lunq_progress_end(&p);
    that("no longer", !watched && !lunq_progress_current());
    wanted = false;
    lunq_progress_block(&p, "unseen");
    that("nobody there", !watched);
}

/* Bytes are counted, and the clock is looked at after each four megabytes of them. */
static void counts_bytes(void)
{
    struct lunq_progress p;
    lunq_progress_begin(&p, "moving", 100 << 20);
    lunq_progress_add(&p, LUNQ_PROGRESS_BYTES - 1);
    that_is("not said yet", 0, p.done);
    lunq_progress_add(&p, 1);
    that_is("said", LUNQ_PROGRESS_BYTES, p.done);
    that_is("begun anew", 0, p.unsaid);
    lunq_progress_end(&p);
}

static void make(struct lunq_array *a, size_t n)
{
    struct lunq_mem *mem = NULL;
    struct lunq_error e;
    that("memory", lunq_mem_alloc_host(&mem, n, &e) == 0);
    lunq_array_init(a, mem, LUNQ_U1, 1, &n);
}

/* Only large copies say anything, and the bytes are the same, piece by piece or at once. */
static void large_copies(void)
{
    const size_t n = (70 << 20) + 3;
    struct lunq_array small, large, other;
    struct lunq_scalar five = lunq_int(5);
    struct lunq_error e;
    uint8_t *p, *q;
    make(&small, 1000);
    make(&large, n);
    make(&other, n);
    lunq_array_fill(&small, five, &e);
    that_is("a small one", 0, asked);
    that("filled", lunq_array_fill(&large, five, &e) == 0);
    that_is("a large one", 1, asked);
    p = lunq_array_data(&large);
    q = lunq_array_data(&other);
    that("all of it", p[0] == 5 && p[32 << 20] == 5 && p[n - 1] == 5);
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(i * 7 + (i >> 20));
    that("copied", lunq_array_copy(&other, &large, &e) == 0);
    that_is("asked", 2, asked);
    that("the same", !memcmp(p, q, n));
    that("nothing is left", !lunq_progress_current());
    lunq_mem_unref(small.mem);
    lunq_mem_unref(large.mem);
    lunq_mem_unref(other.mem);
}

static int stub_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n,
                     enum lunq_sync dir, struct lunq_error *err)
{
    (void)d, (void)m, (void)off, (void)n, (void)dir, (void)err;
    snprintf(what, sizeof what, "%s", watched ? watched->what : "nothing");
    return 0;
}

/* What goes to a card or comes from it is one call: it is watched, when it is large and takes true time. */
static void large_syncs(void)
{
    static const size_t n = (size_t)64 << 20;
    struct lunq_device_ops ops = {.kind = "stub", .sync = stub_sync};
    struct lunq_device d = {.ops = &ops};
    struct lunq_mem *mem = NULL;
    struct lunq_error e;
    that("memory", lunq_mem_alloc_host(&mem, n, &e) == 0);
    mem->dev = &d;
    mem->coherent = false;
    that("small", lunq_mem_sync(mem, 1, n - 1, LUNQ_TO_DEVICE, &e) == 0);
    that_text("small", "nothing", what);
    that("large", lunq_mem_sync(mem, 0, n, LUNQ_TO_DEVICE, &e) == 0);
    that_text("large", "moving a buffer to the device", what);
    that("back", lunq_mem_sync(mem, 0, n, LUNQ_FROM_DEVICE, &e) == 0);
    that_text("back", "moving a buffer from the device", what);
    that("over", !watched);
    mem->dev = NULL;
    lunq_mem_unref(mem);
}

/* So do large files, and their bytes are all there. */
static void large_files(void)
{
    char path[] = "/tmp/lunq-progress-XXXXXX", *data;
    const size_t n = (9 << 20) + 1;
    struct lunq_error e;
    size_t size = 0;
    int fd = mkstemp(path);
    that("a file",
         fd >= 0 && ftruncate(fd, (off_t)n) == 0 && pwrite(fd, "end", 3, (off_t)n - 3) == 3);
    that("read", lunq_file_load(path, "a test", n, &data, &size, &e) == 0);
    that_is("size", n, size);
    that_text("its end", "end", data + n - 3);
    that_is("asked", 1, asked);
    that("nothing is left", !lunq_progress_current());
    free(data);
    that("short", ftruncate(fd, 1000) == 0 && lunq_file_load(path, "", n, &data, &size, &e) == 0);
    that_is("asked no more", 1, asked);
    free(data);
    close(fd);
    unlink(path);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    lunq_progress_to(&sink);
    if (!strcmp(name, "shows_late"))
        shows_late();
    else if (!strcmp(name, "one_at_a_time"))
        one_at_a_time();
    else if (!strcmp(name, "is_watched"))
        is_watched();
    else if (!strcmp(name, "counts_bytes"))
        counts_bytes();
    else if (!strcmp(name, "large_copies"))
        large_copies();
    else if (!strcmp(name, "large_syncs"))
        large_syncs();
    else if (!strcmp(name, "large_files"))
        large_files();
    else
        that("a case of this name", false);
    if (!failed)
        puts("ok");
    return failed;
}
