/* model.h - compiled RTL models: shared libraries that `lunq rtl build` made.
 * A library stays loaded to the end of the process: other instances may use it, and unloading a C++
 * run time is not safe everywhere (rtl.md 2). One that was built anew is loaded beside the old one. */
#ifndef LUNQ_RTL_LIBRARY_H
#define LUNQ_RTL_LIBRARY_H

#include "../../core/error.h"
#include "rtl_model.h"

/* LUNQ_IO: no such file; LUNQ_VALUE: it is no model, or of another version of the interface. */
int rtl_model_load(const struct lunq_rtl_model **out, const char *path, struct lunq_error *err);

#endif
