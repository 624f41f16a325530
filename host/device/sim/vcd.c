/* vcd.c - value change dumps; see vcd.h. */
#include "vcd.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NONE UINT32_MAX

struct signal {
    char *scope, *name;
    uint32_t same;  /* the signal it is: itself, or for another name of one, that one */
    unsigned width; /* 0: text */
    bool known, starts_known;
    uint64_t value, start;
    uint64_t until;        /* of a pulse under way */
    uint32_t next_pulsing; /* in the list of those; NONE: the last one */
};

struct sim_vcd {
    char *path;
    FILE *file, *body;
    struct signal *signals;
    uint32_t n, room;
    uint32_t pulsing; /* first of the list, in no order: few at a time */
    uint64_t from, at;
    bool no_memory;
};

/* ---- opening ------------------------------------------------------------------------------- */

/* A file without a name in the folder of the target: as much room as that has. */
static FILE *unnamed_beside(const char *path)
{
    size_t n = strlen(path) + 8;
    char *name = malloc(n);
    FILE *f = NULL;
    int fd;
    if (!name)
        return NULL;
    snprintf(name, n, "%s.XXXXXX", path);
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0) {
        unlink(name);
        if (!(f = fdopen(fd, "w+")))
            close(fd);
    }
    free(name);
    return f ? f : tmpfile(); /* a folder that takes no new files, as /dev */
}

/* Frees everything; false: the file did not take its last bytes. */
static bool destroy(struct sim_vcd *v)
{
    bool ok = !v->file || fclose(v->file) == 0;
    int why = errno;
    if (v->body)
        fclose(v->body);
    for (uint32_t i = 0; i < v->n; i++) {
        free(v->signals[i].scope);
        free(v->signals[i].name);
    }
    free(v->signals);
    free(v->path);
    free(v);
    errno = why;
    return ok;
}

static int cant_write(const char *path, struct lunq_error *err)
{
    return lunq_fail(err, errno == EACCES || errno == EPERM ? LUNQ_PERMISSION : LUNQ_IO,
                     "%s can't be written: %s.", path, strerror(errno));
}

int sim_vcd_open(struct sim_vcd **out, const char *path, uint64_t now, struct lunq_error *err)
{
    struct sim_vcd *v = calloc(1, sizeof *v);
    int r;
    if (!v)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    v->from = v->at = now;
    v->pulsing = NONE;
    if ((v->path = strdup(path)) && (v->file = fopen(path, "we")) &&
        (v->body = unnamed_beside(path))) {
        *out = v;
        return 0;
    }
    r = cant_write(path, err);
    destroy(v);
    return r;
}

/* ---- signals ------------------------------------------------------------------------------- */

unsigned sim_vcd_signal(struct sim_vcd *v, const char *scope, const char *name, unsigned width,
                        const uint64_t *initial)
{
    struct signal *s;
    if (v->n == v->room) {
        uint32_t room = v->room ? 2 * v->room : 64;
        struct signal *list = realloc(v->signals, room * sizeof *list);
        if (!list) {
            v->no_memory = true;
            return 0;
        }
        v->signals = list;
        v->room = room;
    }
    s = &v->signals[v->n];
    *s = (struct signal){.scope = strdup(scope), .name = strdup(name), .width = width};
    if (!s->scope || !s->name) {
        free(s->scope);
        free(s->name);
        v->no_memory = true;
        return 0;
    }
    s->known = s->starts_known = initial != NULL;
    s->value = s->start = initial ? *initial : 0;
    s->same = v->n;
    return ++v->n;
}

void sim_vcd_also(struct sim_vcd *v, unsigned signal, const char *scope, const char *name)
{
    unsigned more = signal ? sim_vcd_signal(v, scope, name, v->signals[signal - 1].width, NULL) : 0;
    if (more)
        v->signals[more - 1].same = signal - 1;
}

/* The short name of signal i in the file: digits of base 94 from '!' on. */
static const char *code(char buf[8], uint32_t i)
{
    size_t n = 0;
    do {
        buf[n++] = (char)('!' + i % 94);
        i /= 94;
    } while (i);
    buf[n] = 0;
    return buf;
}

static void put_value(FILE *f, const struct signal *s, uint32_t i, bool known, uint64_t value)
{
    char id[8], bits[65];
    unsigned n = 0;
    code(id, i);
    if (s->width == 1) {
        fprintf(f, "%c%s\n", !known ? 'x' : value & 1 ? '1' : '0', id);
    } else if (!known) {
        fprintf(f, "bx %s\n", id);
    } else {
        for (unsigned b = 64; b-- > 0;) /* leading zeros are left out */
            if (n || b == 0 || value >> b & 1)
                bits[n++] = value >> b & 1 ? '1' : '0';
        bits[n] = 0;
        fprintf(f, "b%s %s\n", bits, id);
    }
}

/* Blanks end a text in a dump: GTKWave takes them, and what is no letter, as C's escapes. */
static void put_text(FILE *f, uint32_t i, const char *text)
{
    char id[8];
    fputc('s', f);
    for (const char *c = text; *c; c++)
        if (*c > ' ' && *c < 127 && *c != '\\')
            fputc(*c, f);
        else
            fprintf(f, "\\%03o", (unsigned char)*c);
    fprintf(f, " %s\n", code(id, i));
}

static void go_to(struct sim_vcd *v, uint64_t now)
{
    if (now <= v->at)
        return;
    v->at = now;
    fprintf(v->body, "#%" PRIu64 "\n", now);
}

static void change(struct sim_vcd *v, uint32_t i, bool known, uint64_t value)
{
    struct signal *s = &v->signals[i];
    if (s->known == known && (!known || s->value == value))
        return;
    s->known = known;
    s->value = value;
    put_value(v->body, s, i, known, value);
}

/* Ends the pulses that are over at `now`, each at its time. */
static void end_pulses(struct sim_vcd *v, uint64_t now)
{
    for (;;) {
        uint32_t *first = NULL, i;
        for (uint32_t *p = &v->pulsing; *p != NONE; p = &v->signals[*p].next_pulsing)
            if (!first || v->signals[*p].until < v->signals[*first].until)
                first = p;
        if (!first || v->signals[*first].until > now)
            return;
        i = *first;
        *first = v->signals[i].next_pulsing;
        go_to(v, v->signals[i].until);
        v->signals[i].until = 0;
        change(v, i, true, 0);
    }
}

/* Gets ready for a change at `now`; the signal, or NULL when there is none. */
static struct signal *begin(struct sim_vcd *v, unsigned signal, uint64_t now)
{
    if (signal == 0)
        return NULL;
    end_pulses(v, now);
    go_to(v, now);
    return &v->signals[signal - 1];
}

void sim_vcd_set(struct sim_vcd *v, unsigned signal, uint64_t now, uint64_t value)
{
    if (begin(v, signal, now))
        change(v, signal - 1, true, value);
}

void sim_vcd_set_unknown(struct sim_vcd *v, unsigned signal, uint64_t now)
{
    if (begin(v, signal, now))
        change(v, signal - 1, false, 0);
}

void sim_vcd_set_text(struct sim_vcd *v, unsigned signal, uint64_t now, const char *text)
{
    struct signal *s = begin(v, signal, now);
    if (!s || (!*text && !s->known))
        return; /* empty as before */
    s->known = *text != 0;
    put_text(v->body, signal - 1, text);
}

void sim_vcd_pulse(struct sim_vcd *v, unsigned signal, uint64_t now, uint64_t ns)
{
    struct signal *s = begin(v, signal, now);
    if (!s)
        return;
    if (s->until == 0) {
        s->next_pulsing = v->pulsing;
        v->pulsing = signal - 1;
    }
    if (s->until < now + ns)
        s->until = now + ns;
    change(v, signal - 1, true, 1);
}

/* ---- the header ---------------------------------------------------------------------------- */

/* By scope, each directly before what is inside it; then in the order they came. */
static int by_scope(const void *a, const void *b)
{
    const struct signal *x = *(const struct signal *const *)a,
                        *y = *(const struct signal *const *)b;
    const char *p = x->scope, *q = y->scope;
    while (*p && *p == *q)
        p++, q++;
    if (*p != *q) {
        int c = *p == '/' ? 1 : (unsigned char)*p, d = *q == '/' ? 1 : (unsigned char)*q;
        return c - d;
    }
    return x < y ? -1 : x > y;
}

static void put_name(FILE *f, const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        fputc(isalnum((unsigned char)name[i]) ? name[i] : '_', f);
    if (n == 0)
        fputc('_', f);
}

/* Leaves scope `from` and enters scope `to`. */
static void change_scope(FILE *f, const char *from, const char *to)
{
    size_t same = 0, i = 0;
    for (; from[i] && from[i] == to[i]; i++)
        if (from[i] == '/')
            same = i + 1;
    if ((!from[i] || from[i] == '/') && (!to[i] || to[i] == '/'))
        same = i;
    for (const char *p = from + same; *p;) {
        p += *p == '/';
        p += strcspn(p, "/");
        fputs("$upscope $end\n", f);
    }
    for (const char *p = to + same; *p;) {
        size_t n;
        p += *p == '/';
        n = strcspn(p, "/");
        fputs("$scope module ", f);
        put_name(f, p, n);
        fputs(" $end\n", f);
        p += n;
    }
}

static void put_header(struct sim_vcd *v, const struct signal **order)
{
    const char *scope = "";
    char id[8];
    fputs("$version LUNQ, simulated device $end\n$timescale 1 ns $end\n", v->file);
    for (uint32_t i = 0; i < v->n; i++) {
        const struct signal *s = order[i];
        change_scope(v->file, scope, s->scope);
        scope = s->scope;
        fprintf(v->file, "$var %s %u %s ", s->width ? "wire" : "string", s->width ? s->width : 1,
                code(id, s->same));
        put_name(v->file, s->name, strlen(s->name));
        if (s->width > 1)
            fprintf(v->file, " [%u:0]", s->width - 1);
        fputs(" $end\n", v->file);
    }
    change_scope(v->file, scope, "");
    fprintf(v->file, "$enddefinitions $end\n#%" PRIu64 "\n$dumpvars\n", v->from);
    for (uint32_t i = 0; i < v->n; i++)
        if (v->signals[i].same == i && v->signals[i].width)
            put_value(v->file, &v->signals[i], i, v->signals[i].starts_known, v->signals[i].start);
        else if (v->signals[i].same == i)
            put_text(v->file, i, "");
    fputs("$end\n", v->file);
}

static bool copy_body(struct sim_vcd *v)
{
    char block[65536];
    size_t n;
    errno = EIO; /* of an earlier write nobody knows why it failed */
    if (fflush(v->body) != 0 || ferror(v->body) || fseek(v->body, 0, SEEK_SET) != 0)
        return false;
    while ((n = fread(block, 1, sizeof block, v->body)) > 0)
        if (fwrite(block, 1, n, v->file) != n)
            return false;
    return !ferror(v->body);
}

int sim_vcd_close(struct sim_vcd *v, uint64_t now, struct lunq_error *err)
{
    const struct signal **order = calloc(v->n + 1, sizeof *order);
    char *path = v->path;
    bool ok = order && !v->no_memory;
    int r = ok ? 0 : lunq_fail(err, LUNQ_MEMORY, "%s is not whole: out of memory.", path);
    v->path = NULL;
    if (order) {
        end_pulses(v, UINT64_MAX);
        go_to(v, now);
        for (uint32_t i = 0; i < v->n; i++)
            order[i] = &v->signals[i];
        if (v->n)
            qsort(order, v->n, sizeof *order, by_scope);
        put_header(v, order);
        ok = copy_body(v);
    }
    ok = destroy(v) && ok;
    if (r == 0 && !ok)
        r = cant_write(path, err);
    free(order);
    free(path);
    return r;
}
