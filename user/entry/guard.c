/* SPDX-License-Identifier: MIT */
#include "entry/guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TENTH  10
#define DIGITS 8 /* of GUARD_MOST */

int guard_parse_confirmed(uint32_t *confirmed, const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > DIGITS || text[digits])
		return -EINVAL;
	*confirmed = (uint32_t)strtoul(text, NULL, 10);
	return 0;
}

int guard_parse(uint32_t *guard, const char *text)
{
	if (strcmp(text, "auto") == 0)
		*guard = GUARD_AUTO;
	else if (strcmp(text, "off") == 0)
		*guard = GUARD_OFF;
	else
		return guard_parse_confirmed(guard, text);
	return 0;
}

const char *guard_print(char text[GUARD_TEXT], uint32_t guard)
{
	if (guard == GUARD_AUTO)
		snprintf(text, GUARD_TEXT, "auto");
	else if (guard == GUARD_OFF)
		snprintf(text, GUARD_TEXT, "off");
	else
		snprintf(text, GUARD_TEXT, "%u", (unsigned)guard);
	return text;
}

uint32_t guard_allows(uint32_t guard)
{
	if (guard == GUARD_OFF)
		return UINT32_MAX;
	return guard == GUARD_AUTO ? GUARD_FEW : guard;
}

bool guard_permits(uint32_t guard, size_t total, uint32_t confirmed)
{
	return total <= guard_allows(guard) || total <= confirmed;
}

size_t guard_total(const struct guard_part *part, size_t parts)
{
	size_t total = 0;

	for (size_t i = 0; i < parts; i++)
		total += part[i].changes;
	return total;
}

bool guard_exceeded(uint32_t guard, const struct guard_part *part, size_t parts)
{
	if (guard == GUARD_OFF || guard_total(part, parts) <= guard_allows(guard))
		return false;
	if (guard != GUARD_AUTO)
		return true;
	for (size_t i = 0; i < parts; i++)
		if (part[i].changes > part[i].known / TENTH)
			return true;
	return false;
}

int guard_refuse(struct fault *fault, uint32_t guard, size_t total, const char *what,
                 const char *how)
{
	char allowed[GUARD_TEXT];

	if (guard == GUARD_AUTO)
		snprintf(allowed, sizeof(allowed), "%d, or a tenth of a segment", GUARD_FEW);
	else
		guard_print(allowed, guard);
	return fault_set(
	        fault, -EPERM,
	        "%s would change or remove %zu known addresses, and history.guard allows "
	        "%s at once: nothing is changed; if all of them are meant, confirm it with "
	        "%s%zu",
	        what, total, allowed, how, total);
}
