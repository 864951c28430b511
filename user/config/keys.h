/* SPDX-License-Identifier: MIT */
/* Sets the keys of the configuration by name. */
#ifndef USER_CONFIG_KEYS_H
#define USER_CONFIG_KEYS_H

#include "config/types.h"

/* Whether it is "history", "agent" or "segment". */
bool keys_has_section(const char *section);

/* Sets `name` (lower case) of `section`. `segment` is NULL unless the section is "segment". `value`
 * is NULL for a key without one. The fault says neither file nor line. */
int keys_set(struct config *config, struct config_segment *segment, const char *section,
             const char *name, const char *value, struct fault *fault);

#endif
