// SPDX-License-Identifier: MIT
/* Reads times: UTC text, Unix seconds, and spans before now. Knows no zones and no calendar. */
#include "web/instant.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entry/entry.h"

#define FUTURE_S 60 /* by which clocks may differ */
#define DAY_S    86400
#define YEARS_S  (INT64_C(10000) * 366 * DAY_S)

/* "2 hours ago", also "2.hours.ago". */
static int read_span(int64_t *seconds, const char *text)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {
	        {"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", DAY_S}, {"week", 7 * DAY_S}};
	static const char gap[] = " .";
	char *end;
	unsigned long long count;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	count = strtoull(text, &end, 10);
	if (errno || count > (unsigned long long)YEARS_S || !strchr(gap, *end) || !*end)
		return -EINVAL;
	end += strspn(end, gap);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		size_t length = strlen(units[i].name);

		if (strncmp(end, units[i].name, length) != 0)
			continue;
		end += length + (end[length] == 's');
		if (!*end || !strchr(gap, *end) || strcmp(end + strspn(end, gap), "ago") != 0)
			return -EINVAL;
		*seconds = (int64_t)count * units[i].seconds;
		return *seconds > YEARS_S ? -EINVAL : 0;
	}
	return -EINVAL;
}

/* Seconds since 1970, of nine digits at least: fewer are more likely something else. */
static int read_seconds(int64_t *moment, const char *text)
{
	size_t length = strlen(text);

	if (length < 9 || length > 12 || strspn(text, "0123456789") != length)
		return -EINVAL;
	*moment = strtoll(text, NULL, 10);
	return 0;
}

int instant_read(int64_t *moment, const char *text, int64_t now)
{
	int64_t read, span;

	if (strcmp(text, "now") == 0)
		read = now;
	else if (strcmp(text, "yesterday") == 0)
		read = now - DAY_S;
	else if (time_parse(&read, text, strlen(text)) == 0 || read_seconds(&read, text) == 0)
		;
	else if (read_span(&span, text) == 0)
		read = now - span;
	else
		return -EINVAL;
	if (read > now + FUTURE_S)
		return -ERANGE;
	*moment = read;
	return 0;
}
