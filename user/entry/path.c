/* SPDX-License-Identifier: MIT */
/*
 * Where an entry lives: <segment>/<a.b>/<a.b.c>/<a.b.c.d>. The directories only repeat the last
 * component, so a path in which they disagree is refused.
 */
#include "entry/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire/wire.h"

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool segment_name_is_valid(const char *name)
{
	static const char lock[] = ".lock";       /* git refuses such names in refs */
	static const char readme[] = "README.md"; /* a file that the agent writes beside segments */
	size_t length = strnlen(name, SEGMENT_NAME_MAX + 1);

	if (!length || length > SEGMENT_NAME_MAX || !is_alphanumeric(name[0]))
		return false;
	for (size_t i = 1; i < length; i++)
		if (!is_alphanumeric(name[i]) && !strchr("-_.", name[i]))
			return false;
	if (!strcmp(name, readme))
		return false;
	return length < sizeof(lock) - 1 || strcmp(name + length - (sizeof(lock) - 1), lock) != 0;
}

char *entry_path(char path[ENTRY_PATH_MAX], const char *segment, uint32_t address)
{
	size_t name = strnlen(segment, SEGMENT_NAME_MAX), length[4] = {0};
	char text[IPV4_TEXT], *end = path + name;

	ipv4_format(text, address);
	/* Where each number of the address ends. */
	for (size_t at = 0, number = 0; number < 4; number++) {
		at += strcspn(text + at, ".");
		length[number] = at++;
	}
	memcpy(path, segment, name);
	for (int number = 1; number < 4; number++) {
		*end++ = '/';
		memcpy(end, text, length[number]);
		end += length[number];
	}
	*end = '\0';
	return path;
}

int entry_path_parse(char segment[SEGMENT_NAME_MAX + 1], uint32_t *address, const char *path,
                     struct fault *fault)
{
	size_t first = strcspn(path, "/");
	const char *last = strrchr(path, '/');
	char name[SEGMENT_NAME_MAX + 1], canonical[ENTRY_PATH_MAX];
	uint32_t parsed;
	int slashes = 0;

	for (const char *at = path; *at; at++)
		slashes += *at == '/';
	if (slashes != 3)
		return fault_set(fault, -EINVAL,
		                 "path is not <segment>/<a.b>/<a.b.c>/<a.b.c.d>, such as "
		                 "lan/10.0/10.0.3/10.0.3.17");
	if (first <= SEGMENT_NAME_MAX) {
		memcpy(name, path, first);
		name[first] = '\0';
	}
	if (first > SEGMENT_NAME_MAX || !segment_name_is_valid(name))
		return fault_set(fault, -EINVAL,
		                 "'%.*s' is not a segment's name: letters, digits, '-', '_' and "
		                 "'.', at most %d, beginning with a letter or digit",
		                 (int)(first < 80 ? first : 80), path, SEGMENT_NAME_MAX);
	if (ipv4_parse(&parsed, last + 1) < 0)
		return fault_set(fault, -EINVAL, "'%.80s' is not an IPv4 address in dotted decimal",
		                 last + 1);
	entry_path(canonical, name, parsed);
	if (strcmp(path, canonical) != 0)
		return fault_set(fault, -EINVAL,
		                 "directories do not belong to address %s; the path should be %s",
		                 last + 1, canonical);
	memcpy(segment, name, first + 1);
	*address = parsed;
	return 0;
}
