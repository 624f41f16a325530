/* unknown.h - what the bits mean that a model with four states (rtl_model.h, LUNQ_RTL_FOUR) does not know. */
#ifndef LUNQ_RTL_UNKNOWN_H
#define LUNQ_RTL_UNKNOWN_H

#include "check.h"

/* Looks at what the RTL drives on its buses, between two edges. A VALID or READY nobody knows leaves open whether
 * anything happens: LUNQ_DEVICE, "BVALID of s_axi is unknown". Unknown bits of what goes with a VALID that is
 * high, in lanes that count, are noted as a broken rule. */
int rtl_check_unknown(struct rtl_checks *c, const struct rtl_bind *b, void *inst,
                      struct lunq_error *err);

#endif
