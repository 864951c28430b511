/* SPDX-License-Identifier: MIT */
/* Reads a configuration file. */
#ifndef USER_CONFIG_READ_H
#define USER_CONFIG_READ_H

#include "config/types.h"

/* Reads a file over the defaults, and checks the result. A fault names file and line. */
int config_read(struct config *config, const char *path, struct fault *fault);

#endif
