/* SPDX-License-Identifier: MIT */
/* Reads the names that entry_path() gives to networks; other spellings of them, too: of a folder
 * that is called otherwise, the files are what is wrong. */
#include "reader/network.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int network_parse(struct address *first, const char *name)
{
	char text[ADDRESS_TEXT];
	struct address parsed;

	if (strlen(name) + sizeof("::") > sizeof(text))
		return -EINVAL;
	sprintf(text, "%s::", name);
	for (char *at = text; *at; at++)
		if (*at == '-')
			*at = ':';
	if (address_parse(&parsed, text) < 0 || parsed.low)
		return -EINVAL;
	*first = parsed;
	return 0;
}
