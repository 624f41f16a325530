/* rtl.c - see rtl.h: the table of models of a device, and the device "rtl:FILE". */
#include "rtl.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "device.h"
#include "model.h"

static uint64_t record_default;
static char coverage_folder[512]; /* "": none */

/* ---- which model stands for an IP ------------------------------------------------------------ */

/* "acme.com:user:fir:1.0", or without the version. */
static bool is_vlnv(const char *vlnv, const char *key)
{
    size_t n = strlen(key);
    return vlnv && !strncmp(vlnv, key, n) && (!vlnv[n] || (vlnv[n] == ':' && strchr(key, ':')));
}

static const struct sim_class *find(void *ctx, const struct sim_inst *i)
{
    const struct rtl_device *d = ctx;
    for (struct rtl_use *u = d->uses; u; u = u->next)
        if (!u->over && (!strcmp(i->path, u->key) || is_vlnv(i->module->vlnv, u->key) ||
                         lunq_module_is(i->module, u->key))) {
            u->found = true;
            return &u->cls;
        }
    return NULL;
}

static void free_use(struct rtl_use *u)
{
    rtl_plusargs_free(&u->plus);
    free(u->key);
    free(u);
}

static void destroy(void *ctx)
{
    struct rtl_device *d = ctx;
    while (d->uses) {
        struct rtl_use *u = d->uses;
        d->uses = u->next;
        free_use(u);
    }
    while (d->domains) {
        struct rtl_domain *m = d->domains;
        d->domains = m->next_domain;
        free(m);
    }
    rtl_plusargs_free(&d->settings.plus);
    free(d);
}

static struct rtl_device *known(const struct lunq_sim *s)
{
    return s->first.find == find ? s->first.ctx : NULL;
}

struct rtl_device *rtl_device_of(struct lunq_sim *s)
{
    struct rtl_device *d = known(s);
    if (d || !(d = calloc(1, sizeof *d)))
        return d;
    d->sim = s;
    d->settings = (struct rtl_settings){.timeout = 10000,
                                        .quiet = RTL_QUIET,
                                        .check = true,
                                        .record = record_default,
                                        .seconds = RTL_ISOLATE_SECONDS};
    s->first = (struct lunq_sim_provider){.ctx = d, .find = find, .destroy = destroy};
    return d;
}

/* The arguments of a model's instances. One in a simulator of its own watches over itself (vpi_model.cpp). */
static bool add_arguments(struct rtl_use *u, const struct lunq_rtl_model *m,
                          const struct rtl_settings *s, const struct rtl_plusargs *plus)
{
    char limit[32];
    snprintf(limit, sizeof limit, "+lunq_limit=%" PRIu32, s->seconds);
    if (m->flags & LUNQ_RTL_FOUR && s->seconds && !rtl_plusargs_add(&u->plus, limit, strlen(limit)))
        return false;
    return rtl_plusargs_join(&u->plus, &s->plus) && rtl_plusargs_join(&u->plus, plus);
}

/* A key that is bound again has its old line still, for the instances made of it. */
static int bind(struct lunq_sim *s, const char *key, const struct lunq_rtl_model *m,
                const struct rtl_plusargs *plus, enum rtl_place place, struct lunq_error *err)
{
    struct rtl_device *d = rtl_device_of(s);
    struct rtl_use *u = d ? calloc(1, sizeof *u) : NULL;
    if (!u || !(u->key = strdup(key)) || !add_arguments(u, m, &d->settings, plus)) {
        if (u)
            free_use(u);
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    if (place == RTL_AS_DEVICE)
        place = d->settings.isolate ? RTL_ISOLATED : RTL_TOGETHER;
    u->model = place == RTL_ISOLATED ? rtl_isolate(&u->isolated, m, d->settings.seconds) : m;
    u->device = d;
    rtl_class_init(u);
    u->next = d->uses;
    d->uses = u;
    return 0;
}

int lunq_rtl_bind(struct lunq_sim *s, const char *key, const char *file,
                  const struct rtl_plusargs *plus, enum rtl_place place, struct lunq_error *err)
{
    const struct lunq_rtl_model *m;
    int r = rtl_model_load(&m, file, err);
    return r < 0 ? r : bind(s, key, m, plus, place, err);
}

bool lunq_rtl_unbind(struct lunq_sim *s, const char *key)
{
    struct rtl_device *d = known(s);
    for (struct rtl_use *u = d ? d->uses : NULL; u; u = u->next)
        if (!u->over && !strcmp(u->key, key)) {
            u->over = true;
            return u->found;
        }
    return false;
}

int lunq_rtl_design(struct lunq_design **out, const char *file, struct lunq_error *err)
{
    const struct lunq_rtl_model *m;
    int r = rtl_model_load(&m, file, err);
    return r < 0 ? r : rtl_design(out, file, m, err);
}

/* ---- looking inside and stepping -------------------------------------------------------------- */

static struct rtl_inst *instance(struct lunq_sim *s, size_t index)
{
    for (size_t i = 0; i < s->fabric.n_insts; i++) {
        const struct sim_inst *inst = s->fabric.insts[i];
        if (inst->cls->timed && inst->state && index-- == 0)
            return inst->state;
    }
    return NULL;
}

const struct rtl_engine *lunq_rtl_engine(struct lunq_sim *s, size_t index)
{
    const struct rtl_inst *r = instance(s, index);
    return r ? &r->engine : NULL;
}

void lunq_rtl_record_default(uint64_t cycles)
{
    record_default = cycles;
}

static int no_rtl(const struct lunq_sim *s, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_UNSUPPORTED, "The design loaded on %s has no RTL.", s->dev.name);
}

int lunq_rtl_write_record(struct lunq_sim *s, size_t index, const char *path,
                          struct lunq_error *err)
{
    const struct rtl_engine *e = lunq_rtl_engine(s, index);
    return e ? rtl_recorder_write(&e->recorder, path, e->cycle, e->period_ps, err) : no_rtl(s, err);
}

int lunq_rtl_trace(struct lunq_sim *s, size_t index, const char *path, struct lunq_error *err)
{
    struct rtl_inst *r = instance(s, index);
    return r ? rtl_engine_trace(&r->engine, path, err) : no_rtl(s, err);
}

int lunq_rtl_coverage_folder(const char *folder, struct lunq_error *err)
{
    if (folder && strlen(folder) >= sizeof coverage_folder)
        return lunq_fail(err, LUNQ_VALUE, "The name of the folder is too long.");
    snprintf(coverage_folder, sizeof coverage_folder, "%s", folder ? folder : "");
    return 0;
}

void rtl_leave_coverage(const struct rtl_engine *e)
{
    static unsigned n;
    char path[sizeof coverage_folder + 32];
    if (!*coverage_folder || !e->inst || !(e->model->flags & LUNQ_RTL_COVERAGE))
        return;
    snprintf(path, sizeof path, "%s/%u.dat", coverage_folder, n++);
    rtl_engine_coverage(e, path, NULL);
}

int lunq_rtl_coverage(struct lunq_sim *s, size_t index, const char *path, struct lunq_error *err)
{
    const struct rtl_engine *e = lunq_rtl_engine(s, index);
    return e ? rtl_engine_coverage(e, path, err) : no_rtl(s, err);
}

uint64_t lunq_rtl_cycle(struct lunq_sim *s)
{
    const struct rtl_inst *r = instance(s, 0);
    return r ? r->engine.cycle : 0;
}

uint64_t lunq_rtl_stress(struct lunq_sim *s)
{
    const struct rtl_device *d = known(s);
    return d ? d->settings.stress : 0;
}

/* At most n cycles, fewer when an IP is to be made anew, which it is then; how many there were. */
static uint64_t run(struct lunq_sim *s, struct rtl_domain *d, uint64_t n)
{
    uint64_t done = 0;
    rtl_domain_hold(d);
    while (done < n && !s->failure.kind && !lunq_interrupted && !s->reset_event.due.in) {
        rtl_domain_cycle(d);
        done++;
    }
    rtl_domain_release(d);
    if (s->reset_event.due.in)
        sim_run_due(s);
    return done;
}

int lunq_rtl_step(struct lunq_sim *s, uint64_t n, struct lunq_error *err)
{
    struct rtl_inst *r = instance(s, 0);
    int rc;
    if (!r)
        return no_rtl(s, err);
    if (r->ended.kind) {
        *err = r->ended;
        return err->kind;
    }
    if (s->depth > 0)
        return lunq_fail(err, LUNQ_RUNTIME, "A model can't let time pass.");
    lunq_device_ref(&s->dev); /* a model may close its device */
    s->depth++;
    while (n > 0 && r && !s->failure.kind && !lunq_interrupted) {
        n -= run(s, r->domain, n);
        r = instance(s, 0);
    }
    s->depth--;
    rc = sim_take_failure(s, err);
    lunq_device_unref(&s->dev);
    return rc;
}

/* ---- the device ---------------------------------------------------------------------------- */

#define OPTIONS                                                                                    \
    "timeout, quiet, aw_wait, w_wait, stress, latency, stall, check, strict, record, isolate, "    \
    "isolate_limit, in_order, plus"

struct own {
    const char *name;
    uint64_t value, most, least;
};

/* The one of ours that [s, s+n) sets, as NAME=NUMBER; NULL: it is for the simulated device. */
static struct own *take(struct own *list, const char *s, size_t n, bool *wrong)
{
    for (; list->name; list++) {
        size_t k = strlen(list->name);
        char *end;
        if (n <= k || strncmp(s, list->name, k) || s[k] != '=')
            continue;
        errno = 0;
        list->value = strtoull(s + k + 1, &end, 0);
        *wrong = errno || !isdigit((unsigned char)s[k + 1]) || end != s + n ||
                 list->value > list->most || list->value < list->least;
        return list;
    }
    return NULL;
}

/* "stress=random" gets a seed: of as many digits, so that it fits where the word was. */
static void draw_seed(char *spec)
{
    static const char word[] = "stress=random";
    char *at = strchr(spec, '?');
    uint32_t r = 0;
    while (at && strncmp(at + 1, word, sizeof word - 1))
        at = strchr(at + 1, '&');
    if (!at || (at[sizeof word] && at[sizeof word] != '&'))
        return;
    if (getrandom(&r, sizeof r, GRND_NONBLOCK) < 0)
        r = (uint32_t)time(NULL);
    at += strlen("?stress=");
    for (uint32_t i = 0, v = 100000 + r % 900000; i < 6; i++, v /= 10)
        at[5 - i] = (char)('0' + v % 10);
}

/* Splits "rtl:FILE?options" into the file, our options and "sim?" with the rest. */
static int parse(const char *spec, char *file, char *sim, struct own *list,
                 struct rtl_plusargs *plus, struct lunq_error *err)
{
    const char *s = spec + strlen("rtl"), *at;
    size_t n = *s == ':' ? strcspn(++s, "?") : 0;
    if (n == 0)
        return lunq_fail(err, LUNQ_VALUE,
                         "Device \"%s\": which RTL? rtl:FILE takes what lunq rtl build made.",
                         spec);
    memcpy(file, s, n);
    file[n] = 0;
    strcpy(sim, "sim");
    for (at = s + n; *at; at += n) {
        bool wrong = false;
        n = strcspn(++at, "&");
        if (n > 5 && !strncmp(at, "plus=", 5)) {
            if (!rtl_plusargs_add(plus, at + 5, n - 5))
                return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
            continue;
        }
        const struct own *o = take(list, at, n, &wrong);
        if (!o)
            sprintf(sim + strlen(sim), "%s%.*s", sim[3] ? "&" : "?", (int)n, at);
        else if (wrong)
            return lunq_fail(
                err, LUNQ_VALUE,
                "Device \"%s\": \"%.*s\" needs a number from %" PRIu64 " to %" PRIu64 "%s.", spec,
                (int)n, at, o->least, o->most, strcmp(o->name, "stress") ? "" : ", or random");
    }
    return 0;
}

static int load(struct lunq_device *dev, const char *file, struct lunq_error *err)
{
    struct lunq_sim *s = lunq_sim_of(dev);
    const struct lunq_rtl_model *m;
    struct lunq_program p = {0};
    int r = rtl_model_load(&m, file, err);
    if (r == 0)
        r = bind(s, m->top, m, &(struct rtl_plusargs){0}, RTL_AS_DEVICE, err);
    if (r < 0)
        return r;
    r = rtl_design(&p.design, file, m, err);
    if (r == 0)
        r = lunq_device_program(dev, &p, err);
    lunq_design_unref(p.design);
    return r;
}

static int configure(struct lunq_sim *s, const struct own *own, struct rtl_plusargs *plus,
                     struct lunq_error *err)
{
    struct rtl_device *d = rtl_device_of(s);
    if (!d)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    d->settings =
        (struct rtl_settings){.timeout = (uint32_t)own[0].value,
                              .quiet = own[1].value,
                              .order = {(uint32_t)own[2].value, (uint32_t)own[3].value, 0},
                              .stress = own[4].value,
                              .latency = (uint32_t)own[5].value,
                              .stall = (uint32_t)own[6].value,
                              .check = own[7].value,
                              .strict = own[8].value,
                              .record = own[9].value,
                              .isolate = own[10].value,
                              .seconds = (uint32_t)own[11].value,
                              .in_order = own[12].value,
                              .plus = *plus};
    *plus = (struct rtl_plusargs){0};
    return 0;
}

/* A file of Lua, which is for the bindings to read: it says what stands for what (rtl.h). */
static bool is_table(const char *file)
{
    size_t n = strlen(file);
    return n > 4 && !strcmp(file + n - 4, ".lua");
}

int lunq_rtl_open(struct lunq_device **out, const char *asked, struct lunq_error *err)
{
    char file[LUNQ_DEVICE_NAME], sim[LUNQ_DEVICE_NAME + 8], spec[LUNQ_DEVICE_NAME];
    struct own own[] = {{"timeout", 10000, UINT32_MAX, 1},
                        {"quiet", RTL_QUIET, UINT64_MAX, 0},
                        {"aw_wait", 0, 1000, 0},
                        {"w_wait", 0, 1000, 0},
                        {"stress", 0, UINT64_MAX, 0},
                        {"latency", 8, 10000, 0},
                        {"stall", 25, 90, 0},
                        {"check", 1, 1, 0},
                        {"strict", 0, 1, 0},
                        {"record", record_default, 1u << 28, 0},
                        {"isolate", 0, 1, 0},
                        {"isolate_limit", RTL_ISOLATE_SECONDS, 1000000, 1},
                        {"in_order", 0, 1, 0},
                        {NULL, 0, 0, 0}};
    struct rtl_plusargs plus = {0};
    struct lunq_device *d;
    int r;
    snprintf(spec, sizeof spec, "%s", asked); /* whose length the caller has checked */
    draw_seed(spec);
    r = parse(spec, file, sim, own, &plus, err);
    if (r == 0 && lunq_sim_open(&d, sim, err) < 0)
        r = lunq_fail_in(err, "Device \"%s\" knows " OPTIONS " and what sim knows", spec);
    if (r < 0) {
        rtl_plusargs_free(&plus);
        return r;
    }
    snprintf(d->name, sizeof d->name, "%s", spec);
    r = configure(lunq_sim_of(d), own, &plus, err);
    rtl_plusargs_free(&plus);
    if (r == 0 && !is_table(file))
        r = load(d, file, err);
    if (r < 0)
        lunq_device_unref(d);
    else
        *out = d;
    return r;
}
