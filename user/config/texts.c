// SPDX-License-Identifier: MIT
/* Judges texts, and changes none. */
#include "config/texts.h"

#include <errno.h>
#include <string.h>

#define LISTEN_MAX 200

int config_check_node(const char *name, const char *value, struct fault *fault)
{
	return node_name_is_valid(value)
	               ? 0
	               : fault_set(fault, -EINVAL,
	                           "%s = '%.80s' is not a name of letters, digits, '-', '_' and "
	                           "'.', at most %d, that begins with a letter or digit and has "
	                           "no '..'",
	                           name, value, NODE_NAME_MAX);
}

int config_check_listen(const char *name, const char *value, struct fault *fault)
{
	size_t length = strlen(value);

	return length && length <= LISTEN_MAX && !text_reason(value, length)
	               ? 0
	               : fault_set(fault, -EINVAL,
	                           "%s = '%.80s' is not an address such as 127.0.0.1:9075, or "
	                           "unix:/path",
	                           name, value);
}
