/* SPDX-License-Identifier: MIT */
/* The directories of a path only repeat its last component. An address has one path, and any other
 * is refused. */
#include "entry/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

/* The directories and the name of an IPv4 address. */
static void put_v4(char *end, struct address address)
{
	char text[ADDRESS_TEXT];
	size_t length[4] = {0};

	address_format(text, address);
	/* Where each number of the address ends. */
	for (size_t at = 0, number = 0; number < 4; number++) {
		at += strcspn(text + at, ".");
		length[number] = at++;
	}
	for (int number = 1; number < 4; number++) {
		*end++ = '/';
		memcpy(end, text, length[number]);
		end += length[number];
	}
	*end = '\0';
}

/* Dashes for colons. Returns its end. */
static char *put_dashed(char *end, struct address address)
{
	char text[ADDRESS_TEXT];

	for (const char *at = address_format(text, address); *at; at++)
		*end++ = *at == ':' ? '-' : *at;
	return end;
}

static void put_v6(char *end, struct address address)
{
	static const char digits[] = "0123456789abcdef";
	const uint64_t network = address.high;

	*end++ = '/';
	/* The last four groups are zeros, and no longer run of them can be before. */
	if (network)
		end = put_dashed(end, (struct address){network, 0}) - strlen("--");
	else
		*end++ = '0';
	*end++ = '/';
	*end++ = digits[address.low >> 4 & 0xf];
	*end++ = digits[address.low & 0xf];
	*end++ = '/';
	end = put_dashed(end, address);
	*end = '\0';
}

char *entry_path(char path[ENTRY_PATH_MAX], const char *segment, struct address address)
{
	size_t name = strnlen(segment, SEGMENT_NAME_MAX);

	memcpy(path, segment, name);
	if (address_is_v4(address))
		put_v4(path + name, address);
	else
		put_v6(path + name, address);
	return path;
}

/* The last component of a path. */
static int parse_name(struct address *address, const char *name)
{
	char text[ADDRESS_TEXT];
	size_t length;

	if (!strchr(name, '-'))
		return address_parse(address, name);
	length = strlen(name);
	if (length >= sizeof(text))
		return -EINVAL;
	for (size_t i = 0; i <= length; i++)
		text[i] = (char)(name[i] == '-' ? ':' : name[i]);
	return address_parse(address, text);
}

int entry_path_parse(char segment[SEGMENT_NAME_MAX + 1], struct address *address, const char *path,
                     struct fault *fault)
{
	size_t first = strcspn(path, "/");
	const char *last = strrchr(path, '/');
	char name[SEGMENT_NAME_MAX + 1], canonical[ENTRY_PATH_MAX];
	struct address parsed;
	int slashes = 0;

	for (const char *at = path; *at; at++)
		slashes += *at == '/';
	if (slashes != 3)
		return fault_set(fault, -EINVAL,
		                 "path is neither <segment>/<a.b>/<a.b.c>/<a.b.c.d>, such as "
		                 "lan/10.0/10.0.3/10.0.3.17, nor one of IPv6, such as "
		                 "lan/2001-db8-0-7/1f/2001-db8-0-7--11f");
	if (first <= SEGMENT_NAME_MAX) {
		memcpy(name, path, first);
		name[first] = '\0';
	}
	if (first > SEGMENT_NAME_MAX || !segment_name_is_valid(name))
		return fault_set(fault, -EINVAL,
		                 "'%.*s' is not a segment's name: letters, digits, '-', '_' and "
		                 "'.', at most %d, beginning with a letter or digit",
		                 (int)(first < 80 ? first : 80), path, SEGMENT_NAME_MAX);
	if (parse_name(&parsed, last + 1) < 0)
		return fault_set(fault, -EINVAL,
		                 "'%.80s' is neither an IPv4 address in dotted decimal nor an IPv6 "
		                 "address with dashes for colons",
		                 last + 1);
	entry_path(canonical, name, parsed);
	if (strcmp(path, canonical) != 0 && strcmp(strrchr(canonical, '/'), last) != 0)
		return fault_set(fault, -EINVAL,
		                 "address '%.80s' is not spelled as in RFC 5952, with dashes for "
		                 "colons; the path should be %s",
		                 last + 1, canonical);
	if (strcmp(path, canonical) != 0)
		return fault_set(fault, -EINVAL,
		                 "directories do not belong to address %s; the path should be %s",
		                 last + 1, canonical);
	memcpy(segment, name, first + 1);
	*address = parsed;
	return 0;
}
