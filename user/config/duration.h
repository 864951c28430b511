/* SPDX-License-Identifier: MIT */
/* Durations as text: a whole number and a unit. */
#ifndef USER_CONFIG_DURATION_H
#define USER_CONFIG_DURATION_H

#include <stdint.h>

/* Parses "90", "90s", "200ms", "5m", "2h" or "1d" to milliseconds. 0 or -EINVAL. */
int duration_parse_ms(uint64_t *milliseconds, const char *text);

#endif
