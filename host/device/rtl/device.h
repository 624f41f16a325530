/* device.h - what a simulated device knows about RTL: which model stands for which IP, how long to wait
 * for it, and the clocks that run. */
#ifndef LUNQ_RTL_DEVICE_H
#define LUNQ_RTL_DEVICE_H

#include "domain.h"
#include "isolate.h"
#include "rtl.h"

struct rtl_settings {
    uint32_t timeout;        /* cycles an access may take */
    uint64_t quiet;          /* cycles without any sign until the clock stands; 0: never; or: */
#define RTL_QUIET UINT64_MAX /* as many as the kinds of models have patience for */
    struct rtl_order order;
    uint64_t stress;         /* seed; 0: none */
    uint32_t latency, stall; /* with stress: cycles; chance in percent */
    uint64_t record;         /* cycles the flight recorder keeps; 0: it is off */
    bool check, strict;      /* rules of the buses; a broken one is an error */
    bool in_order;           /* answers keep the order of their requests, also under stress */
    bool isolate;     /* models run in processes of their own, if their binding doesn't say */
    uint32_t seconds; /* which one evaluation may take then */
    struct rtl_plusargs plus;
};

/* One line of that table. */
struct rtl_use {
    char *key; /* an instance's path, a VLNV, or the name of an IP */
    const struct lunq_rtl_model *model;
    struct rtl_isolated isolated; /* what model points to in that case */
    struct sim_class cls;         /* as this model has it */
    struct rtl_device *device;
    struct rtl_plusargs plus; /* the device's first */
    bool found;               /* some instance was made of it */
    bool over;                /* unbound: it is there for its instances only */
    struct rtl_use *next;
};

struct rtl_device {
    struct lunq_sim *sim;
    struct rtl_use *uses; /* the newest first */
    struct rtl_domain *domains;
    struct rtl_settings settings;
};

/* rtl.c: that of a simulated device, made on demand; NULL: no memory. */
struct rtl_device *rtl_device_of(struct lunq_sim *s);
/* class.c: fills in use->cls. */
void rtl_class_init(struct rtl_use *use);
/* describe.c: what metadata says of the IP, as far as the design can tell it. */
void rtl_describe(struct lunq_design *d, struct lunq_module *ip, const struct lunq_module *said);
/* design.c: a design of one IP, the model, at address 0. */
int rtl_design(struct lunq_design **out, const char *file, const struct lunq_rtl_model *m,
               struct lunq_error *err);

/* rtl.c: for lunq_rtl_coverage_folder, before the instance ends. */
void rtl_leave_coverage(const struct rtl_engine *e);

#endif
