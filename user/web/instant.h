/* SPDX-License-Identifier: MIT */
/* A time as a request names it. */
#ifndef USER_WEB_INSTANT_H
#define USER_WEB_INSTANT_H

#include <stdint.h>

#define INSTANT_EXAMPLES                                                                           \
	"one like 2026-11-22T10:15:00Z, seconds since 1970, 'now', 'yesterday' or '2 hours ago'"

/* What `arpkeeper log --since` takes, except what only git can read: a server asks no other
 * program. `now` and `moment` are Unix seconds. -EINVAL: not a time; -ERANGE: more than a minute
 * in the future. */
int instant_read(int64_t *moment, const char *text, int64_t now);

#endif
