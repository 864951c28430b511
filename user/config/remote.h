/* SPDX-License-Identifier: MIT */
/* The fleet's part of a configuration: remotes, and what may be a name there. */
#ifndef USER_CONFIG_REMOTE_H
#define USER_CONFIG_REMOTE_H

#include "config/types.h"

/* Adds a remote with every default. NULL and a fault: out of memory, one too many, or a bad name.
 * The pointer is valid until the next call. */
struct config_remote *config_add_remote(struct config *config, const char *name,
                                        struct fault *fault);
/* Index of the remote called `name`; -1 if none. */
int config_find_remote(const struct config *config, const char *name);
/* 0 or -ENOMEM; config_clear() frees what was copied. */
int config_copy_remotes(struct config *copy, const struct config *config);
void config_clear_remotes(struct config *config);

/* Whether it may be a node's name, or a remote's: the last part of a reference. 0 or -EINVAL. */
int config_check_ref_name(const char *what, const char *name, struct fault *fault);
/* What remotes and segments lack for a fleet. Sets `section`, "remote.hub", on error. */
int config_check_fleet(const struct config *config, char section[CONFIG_SECTION],
                       struct fault *fault);

#endif
