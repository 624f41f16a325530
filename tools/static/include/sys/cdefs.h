/* sys/cdefs.h - what libedit takes from this header of other C libraries; musl has none. */
#ifndef LUNQ_SYS_CDEFS_H
#define LUNQ_SYS_CDEFS_H
#ifdef __cplusplus
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS }
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif
#endif
