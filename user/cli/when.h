/* SPDX-License-Identifier: MIT */
/* Times as people read and write them: "3m12s ago", "2026-11-22 10:15:00Z", "last tuesday". */
#ifndef USER_CLI_WHEN_H
#define USER_CLI_WHEN_H

#include <jansson.h>

#include "base/base.h"

#define WHEN_TEXT 40

/* "0s", "3m12s", "2h05m", "4d03h": the two largest units. A negative age is shown as 0s. */
char *when_age(char text[WHEN_TEXT], int64_t seconds);
/* How long before `now` (Unix seconds) a time of the control protocol was, with " ago". Another
 * string is returned as it is; NULL if it is not a string. */
const char *when_since(char text[WHEN_TEXT], const json_t *utc, int64_t now);
/* "2026-11-22 10:15:00Z", from the protocol's "2026-11-22T10:15:00Z" or from Unix seconds. */
char *when_utc(char text[WHEN_TEXT], const char *utc);
char *when_time(char text[WHEN_TEXT], int64_t seconds);

/* TIME on the command line, for --help: whatever `git log --since` accepts. */
#define MOMENT_HELP                                                                                \
	"TIME is whatever `git log --since` accepts: 2026-11-22T10:15:00Z, \"2026-11-22 14:05\", " \
	"\"last tuesday 14:05\", \"2 hours ago\", yesterday, now. As in git, a date alone means "  \
	"that day at the present time of day, and a time without a zone is local time.\n"

/* Unix seconds. -EINVAL: not a time, or in the future. Asks git, except for RFC 3339 in UTC. */
int moment_parse(int64_t *time, const char *text, struct fault *fault);

#endif
