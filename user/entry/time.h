/* SPDX-License-Identifier: MIT */
/* Times as entries spell them: UTC, YYYY-MM-DDTHH:MM:SSZ. */
#ifndef USER_ENTRY_TIME_H
#define USER_ENTRY_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_TEXT sizeof("2026-11-22T10:15:00Z")

int time_parse(int64_t *seconds, const char *text, size_t length); /* 0 or -EINVAL */
char *time_format(char text[TIME_TEXT], int64_t seconds);

/* Whether a time that another host wrote is further ahead of this host's clock, `now`, than clocks
 * differ: more than an hour. Where versions compete, such a time would win until it is past. */
bool time_is_ahead(int64_t seconds, int64_t now);

#endif
