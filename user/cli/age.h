/* SPDX-License-Identifier: MIT */
/* Times as people say them: "3m12s ago". */
#ifndef USER_CLI_AGE_H
#define USER_CLI_AGE_H

#include <jansson.h>
#include <stdint.h>

#define AGE_TEXT 40

/* "0s", "3m12s", "2h05m", "4d03h": the two largest units. Negative counts as 0. */
char *age_format(char text[AGE_TEXT], int64_t seconds);
/* How long before `now` (Unix seconds) a UTC text of the control protocol was, with " ago"; the
 * text itself when it is not one, NULL when it is no string. */
const char *age_since(char text[AGE_TEXT], const json_t *utc, int64_t now);

#endif
