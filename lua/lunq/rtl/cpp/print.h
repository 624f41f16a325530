/* print.h - included before every C++ file of a model: what the RTL and Verilator's run time print, and the
 * files they read, go through the wrapper. A model never writes to the standard output of the program it
 * is in, and finds its $readmemh files wherever that was started. */
#ifdef __cplusplus
#include <cstdio>

extern "C" {
int lunq_rtl_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
size_t lunq_rtl_fwrite(const void *data, size_t size, size_t n, FILE *file);
FILE *lunq_rtl_fopen(const char *path, const char *mode);
}
namespace std
{
using ::lunq_rtl_fopen;
}
/* One thread runs models: what Verilator keeps for each thread need not be looked up in every eval. */
#define thread_local

#define VL_PRINTF lunq_rtl_printf
#define fwrite(...) lunq_rtl_fwrite(__VA_ARGS__)
#define fopen(...) lunq_rtl_fopen(__VA_ARGS__)
#endif
