/* SPDX-License-Identifier: MIT */
/* Parses choices and durations. */
#include "config/words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/types.h"

#define DURATION_MAX_MS UINT64_C(1000000000000000) /* 30,000 years: far from any overflow */

const char *const config_modes[] = {
        [MODE_AUTO] = "auto", [MODE_NATIVE] = "native", [MODE_GENERIC] = "generic", NULL};
const char *const config_answers[] = {
        [ANSWER_KNOWN] = "known", [ANSWER_STATIC] = "static", [ANSWER_OFF] = "off", NULL};
const char *const config_nds[] = {[ND_AUTO] = "auto", [ND_ON] = "on", [ND_OFF] = "off", NULL};
const char *const config_learns[] = {
        [LEARN_VERIFIED] = "verified", [LEARN_PASSIVE] = "passive", [LEARN_OFF] = "off", NULL};

const char *const config_shares[] = {[CONFIG_SHARE_ALL] = "all",
                                     [CONFIG_SHARE_STATIC] = "static",
                                     [CONFIG_SHARE_OFF] = "off",
                                     NULL};
const char *const config_fetches[] = {
        [FETCH_SEGMENTS] = "segments", [FETCH_ALL] = "all", [FETCH_OFF] = "off", NULL};
const char *const config_pushes[] = {
        [PUSH_OWN] = "own", [PUSH_RELAY] = "relay", [PUSH_OFF] = "off", NULL};

int choices_find(const char *text, const char *const *words, char list[CHOICES_TEXT])
{
	size_t length = 0;

	for (int i = 0; words[i]; i++)
		if (!strcmp(text, words[i]))
			return i;
	for (size_t i = 0; words[i] && length < CHOICES_TEXT; i++)
		length += (size_t)snprintf(list + length, CHOICES_TEXT - length, "%s%s",
		                           !i             ? ""
		                           : words[i + 1] ? ", "
		                                          : " or ",
		                           words[i]);
	return -EINVAL;
}

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
