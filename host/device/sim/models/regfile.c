/* regfile.c - an IP nobody wrote a model for: plain registers that start with the reset values of
 * the metadata and keep what is written. device:models() says which IPs these are. */
#include "../model.h"

const struct sim_class sim_regfile = {.name = "register file", .plain = true};
