/* SPDX-License-Identifier: MIT */
/* The operator's command, from the fork on. */
#ifndef USER_SANDBOX_CARRIED_H
#define USER_SANDBOX_CARRIED_H

#include "sandbox/types.h"

/* The calling process becomes the command, in a session of its own, with `input` as standard input
 * and `output` as standard error. */
_Noreturn void carried_run(const struct courier_options *options, int input, int output);

#endif
