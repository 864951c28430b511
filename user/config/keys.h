/* SPDX-License-Identifier: MIT */
/* Every key of the configuration, and what sets it. Private to the config module. */
#ifndef USER_CONFIG_KEYS_H
#define USER_CONFIG_KEYS_H

#include "config/config.h"

/* "history", "agent" or "segment". */
bool keys_has_section(const char *section);

/* Sets `key` (lower case) of `section`. `segment` is NULL but in section "segment"; `value` is
 * NULL for a key that stands alone. The fault says neither file nor line. */
int keys_set(struct config *config, struct config_segment *segment, const char *section,
             const char *key, const char *value, struct fault *fault);

#endif
