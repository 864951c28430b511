/* SPDX-License-Identifier: MIT */
/* Which texts a key may have. `name` is the key's, for the fault. 0 or -EINVAL. */
#ifndef USER_CONFIG_TEXTS_H
#define USER_CONFIG_TEXTS_H

#include "base/base.h"

/* The name of a machine that runs an agent. */
int config_check_node(const char *name, const char *value, struct fault *fault);
/* A line. Which addresses it may be, `arpkeeper web` says, which alone reads it. */
int config_check_listen(const char *name, const char *value, struct fault *fault);

#endif
