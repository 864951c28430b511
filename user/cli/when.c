/* SPDX-License-Identifier: MIT */
/* Formats times. Reads no clock. */
#include "cli/when.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "entry/entry.h"

#define MINUTE 60
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

char *when_age(char text[WHEN_TEXT], int64_t seconds)
{
	if (seconds < 0)
		seconds = 0;
	if (seconds < MINUTE)
		snprintf(text, WHEN_TEXT, "%" PRId64 "s", seconds);
	else if (seconds < HOUR)
		snprintf(text, WHEN_TEXT, "%" PRId64 "m%02" PRId64 "s", seconds / MINUTE,
		         seconds % MINUTE);
	else if (seconds < DAY)
		snprintf(text, WHEN_TEXT, "%" PRId64 "h%02" PRId64 "m", seconds / HOUR,
		         seconds % HOUR / MINUTE);
	else
		snprintf(text, WHEN_TEXT, "%" PRId64 "d%02" PRId64 "h", seconds / DAY,
		         seconds % DAY / HOUR);
	return text;
}

const char *when_since(char text[WHEN_TEXT], const json_t *utc, int64_t now)
{
	const char *string = json_string_value(utc);
	int64_t then;

	if (!string || time_parse(&then, string, strlen(string)) < 0)
		return string;
	when_age(text, now - then);
	strcat(text, " ago");
	return text;
}

char *when_utc(char text[WHEN_TEXT], const char *utc)
{
	snprintf(text, WHEN_TEXT, "%s", utc ? utc : "");
	if (strlen(text) > 10 && text[10] == 'T')
		text[10] = ' ';
	return text;
}

char *when_time(char text[WHEN_TEXT], int64_t seconds)
{
	char utc[TIME_TEXT];

	return when_utc(text, time_format(utc, seconds));
}
