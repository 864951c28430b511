/* SPDX-License-Identifier: MIT */
/* Reads a configuration file. */
#ifndef USER_CONFIG_READ_H
#define USER_CONFIG_READ_H

#include "config/problems.h"
#include "config/types.h"

/* Reads a file over the defaults, and checks the result. Adds all that is wrong with it, in the
 * order of lines; the configuration is not one to use then. 0, also with problems, or -ENOMEM. */
int config_read_all(struct config *config, const char *path, struct config_problems *problems);
/* The same. With problems it is an error; the fault is the first one, with file and line. The list
 * may be NULL; else problems_clear() in any case. */
int config_read(struct config *config, const char *path, struct config_problems *problems,
                struct fault *fault);

#endif
