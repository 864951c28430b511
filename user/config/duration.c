/* SPDX-License-Identifier: MIT */
/* Parses durations. */
#include "config/duration.h"

#include <errno.h>
#include <string.h>

#define DURATION_MAX_MS UINT64_C(1000000000000000) /* 30,000 years: far from any overflow */

int duration_parse_ms(uint64_t *milliseconds, const char *text)
{
	static const struct {
		const char *unit;
		uint64_t milliseconds;
	} units[] = {
	        {"", 1000}, {"s", 1000}, {"ms", 1}, {"m", 60000}, {"h", 3600000}, {"d", 86400000},
	};
	uint64_t number = 0;
	size_t digits = strspn(text, "0123456789");

	for (size_t i = 0; i < digits; i++) {
		number = number * 10 + (uint64_t)(text[i] - '0');
		if (number > DURATION_MAX_MS)
			return -EINVAL;
	}
	for (size_t i = 0; digits && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + digits, units[i].unit) != 0)
			continue;
		if (number > DURATION_MAX_MS / units[i].milliseconds)
			return -EINVAL;
		*milliseconds = number * units[i].milliseconds;
		return 0;
	}
	return -EINVAL;
}
