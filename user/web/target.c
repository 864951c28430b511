// SPDX-License-Identifier: MIT
/* Parses targets as RFC 3986 and forms have them. Looks at no file. */
#include "web/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place. -EINVAL: a '%' without two hex digits, or a NUL. */
static int decode(char *text, bool form)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '%') {
			int high = digit_of(text[1]), low = high < 0 ? -1 : digit_of(text[2]);

			if (low < 0 || high * 16 + low == 0)
				return -EINVAL;
			*to++ = (char)(high * 16 + low);
			text += 2;
		} else {
			*to++ = *text == '+' && form ? ' ' : *text;
		}
	}
	*to = '\0';
	return 0;
}

/* `what`: "the path", or a parameter's name. */
static int check(const char *what, const char *text, struct fault *fault)
{
	const char *reason = text_reason(text, strlen(text));

	if (strlen(text) > TARGET_VALUE)
		return fault_set(fault, -EINVAL, "%s is longer than %d bytes", what, TARGET_VALUE);
	if (reason)
		return fault_set(fault, -EINVAL, "%s %s", what, reason);
	return 0;
}

static bool is_name(const char *name)
{
	return *name && strlen(name) <= TARGET_NAME &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name);
}

/* "name=value", which is changed. */
static int add(struct target *target, char *part, struct fault *fault)
{
	char *value = strchr(part, '=');
	int error;

	if (value)
		*value++ = '\0';
	else
		value = part + strlen(part);
	if (!is_name(part))
		return fault_set(fault, -EINVAL,
		                 "a parameter's name has lower-case letters and '_', at most %d: "
		                 "give it as name=value",
		                 TARGET_NAME);
	if (decode(value, true))
		return fault_set(fault, -EINVAL,
		                 "%s has a '%%' that two hex digits other than 00 do not follow",
		                 part);
	error = check(part, value, fault);
	if (error)
		return error;
	if (target_find(target, part))
		return fault_set(fault, -EINVAL, "%s is given twice", part);
	if (target->count == TARGET_PARAMETERS)
		return fault_set(fault, -EINVAL, "more than %d parameters", TARGET_PARAMETERS);
	target->parameter[target->count++] = (struct target_parameter){part, value};
	return 0;
}

static int parse(struct target *target, struct fault *fault)
{
	char *rest = strchr(target->text, '?'), *part;
	int error;

	if (rest)
		*rest++ = '\0';
	if (target->text[0] != '/' || decode(target->text, false))
		return fault_set(fault, -EINVAL,
		                 "the path does not begin with '/', or has a '%%' that two hex "
		                 "digits other than 00 do not follow");
	target->path = target->text;
	error = check("the path", target->path, fault);
	while (!error && (part = strsep(&rest, "&")))
		if (*part)
			error = add(target, part, fault);
	return error;
}

int target_parse(struct target *target, const char *line, struct fault *fault)
{
	*target = (struct target){.path = ""};
	if (strlen(line) > TARGET_MOST)
		return fault_set(fault, -E2BIG, "the address of a request has at most %d bytes",
		                 TARGET_MOST);
	target->text = strdup(line);
	if (!target->text)
		return fault_set(fault, -ENOMEM, "out of memory");
	return parse(target, fault);
}

void target_clear(struct target *target)
{
	free(target->text);
	*target = (struct target){.path = ""};
}

const char *target_find(const struct target *target, const char *name)
{
	for (size_t i = 0; i < target->count; i++)
		if (!strcmp(target->parameter[i].name, name))
			return target->parameter[i].value;
	return NULL;
}
