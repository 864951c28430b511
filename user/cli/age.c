/* SPDX-License-Identifier: MIT */
/* Formats ages; reads no clock. */
#include "cli/age.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "entry/entry.h"

#define MINUTE 60
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

char *age_format(char text[AGE_TEXT], int64_t seconds)
{
	if (seconds < 0)
		seconds = 0;
	if (seconds < MINUTE)
		snprintf(text, AGE_TEXT, "%" PRId64 "s", seconds);
	else if (seconds < HOUR)
		snprintf(text, AGE_TEXT, "%" PRId64 "m%02" PRId64 "s", seconds / MINUTE,
		         seconds % MINUTE);
	else if (seconds < DAY)
		snprintf(text, AGE_TEXT, "%" PRId64 "h%02" PRId64 "m", seconds / HOUR,
		         seconds % HOUR / MINUTE);
	else
		snprintf(text, AGE_TEXT, "%" PRId64 "d%02" PRId64 "h", seconds / DAY,
		         seconds % DAY / HOUR);
	return text;
}

const char *age_since(char text[AGE_TEXT], const json_t *utc, int64_t now)
{
	const char *string = json_string_value(utc);
	int64_t then;

	if (!string || time_parse(&then, string, strlen(string)) < 0)
		return string;
	age_format(text, now - then);
	strcat(text, " ago");
	return text;
}
