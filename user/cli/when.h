/* SPDX-License-Identifier: MIT */
/* Times as people read them: "3m12s ago", "2026-11-22 10:15:00Z". */
#ifndef USER_CLI_WHEN_H
#define USER_CLI_WHEN_H

#include <jansson.h>
#include <stdint.h>

#define WHEN_TEXT 40

/* "0s", "3m12s", "2h05m", "4d03h": the two largest units. A negative age is shown as 0s. */
char *when_age(char text[WHEN_TEXT], int64_t seconds);
/* How long before `now` (Unix seconds) a time of the control protocol was, with " ago". Another
 * string is returned as it is; NULL if it is not a string. */
const char *when_since(char text[WHEN_TEXT], const json_t *utc, int64_t now);
/* "2026-11-22 10:15:00Z", from the protocol's "2026-11-22T10:15:00Z" or from Unix seconds. */
char *when_utc(char text[WHEN_TEXT], const char *utc);
char *when_time(char text[WHEN_TEXT], int64_t seconds);

#endif
