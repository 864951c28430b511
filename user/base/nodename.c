// SPDX-License-Identifier: MIT
/* Judges and makes the names of nodes. Asks nothing of the machine. */
#include "base/nodename.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool node_name_is_valid(const char *name)
{
	size_t length = strnlen(name, NODE_NAME_MAX + 1);

	if (!length || length > NODE_NAME_MAX || !is_alphanumeric(name[0]))
		return false;
	for (size_t i = 1; i < length; i++)
		if (!is_alphanumeric(name[i]) && !strchr("-_.", name[i]))
			return false;
	return !strstr(name, ".."); /* git refuses it in a reference */
}

void node_name_of_host(char name[NODE_NAME_MAX + 1], const char *host)
{
	size_t length = 0;

	for (; *host && length < NODE_NAME_MAX; host++) {
		bool fine = is_alphanumeric(*host) || *host == '-' || *host == '_' ||
		            (*host == '.' && length > 0 && name[length - 1] != '.');

		if (fine || length > 0)
			name[length++] = fine ? *host : '-';
	}
	name[length] = '\0';
	if (!node_name_is_valid(name))
		snprintf(name, NODE_NAME_MAX + 1, "localhost");
}
