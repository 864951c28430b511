/* SPDX-License-Identifier: MIT */
/*
 * Formats times, and parses times in words. It asks git's own parser through `git config
 * --type=expiry-date`, which refuses nonsense. (`git log --since` takes nonsense for "now".)
 */
#include "cli/when.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "entry/entry.h"
#include "store/store.h"

#define MINUTE         60
#define HOUR           (60 * MINUTE)
#define DAY            (24 * HOUR)
#define FUTURE_SECONDS 60 /* by which clocks may differ */
#define KEY            "arpkeeper.time"
#define EXAMPLES                                                                                   \
	"give one like 2026-11-22T10:15:00Z, \"2026-11-22 14:05\", \"last tuesday 14:05\", "       \
	"\"2 hours ago\" or yesterday"

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

static int take_seconds(void *context, char *line)
{
	return sscanf(line, "%" SCNd64, (int64_t *)context) == 1 ? 0 : -EINVAL;
}

static int ask_git(int64_t *time, const char *text, struct fault *fault)
{
	char *given = NULL;
	struct fault ignored;
	int error;

	if (asprintf(&given, KEY "=%s", text) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = gitchild_ask((const char *const[]){"-c", given, "config", "--get",
	                                           "--type=expiry-date", KEY, NULL},
	                     take_seconds, time, &ignored);
	free(given);
	if (error == -ENOENT)
		return fault_set(
		        fault, -ENOENT,
		        "cannot ask git what time '%s' is: install git, or give a time like "
		        "2026-11-22T10:15:00Z",
		        text);
	if (error)
		return fault_set(fault, -EINVAL, "'%s' is not a time: " EXAMPLES, text);
	return 0;
}

/* Words of git's own configuration, which it takes for times. */
static bool is_other(const char *text)
{
	static const char *const words[] = {"never", "false", "all", ""};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasecmp(text, words[i]) == 0)
			return true;
	return strpbrk(text, "\n\r") != NULL;
}

/* Git takes some for a time, too. */
static bool is_subject(const char *text)
{
	struct prefix prefix;
	struct fault ignored;
	struct mac mac;

	return prefix_parse(&prefix, text, &ignored) == 0 || mac_parse(&mac, text) == 0;
}

int moment_parse(int64_t *moment, const char *text, struct fault *fault)
{
	char utc[TIME_TEXT];
	int64_t now = time(NULL);
	int error = 0;

	if (strcmp(text, "now") == 0)
		*moment = now;
	else if (is_subject(text))
		error = fault_set(fault, -EINVAL,
		                  "'%s' is not a time: give a time first, such as now or yesterday",
		                  text);
	else if (is_other(text))
		error = fault_set(fault, -EINVAL, "'%s' is not a time: " EXAMPLES, text);
	else if (time_parse(moment, text, strlen(text)) < 0)
		error = ask_git(moment, text, fault);
	if (error == 0 && *moment > now + FUTURE_SECONDS)
		error = fault_set(fault, -EINVAL, "'%s' is %s, which lies in the future", text,
		                  time_format(utc, *moment));
	return error;
}
