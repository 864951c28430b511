// SPDX-License-Identifier: MIT
/* The number was checked with the options. */
#include "cli/confirm.h"

void confirm_give(json_t *request, const struct settings *settings)
{
	uint32_t number;

	if (request && settings->confirmed &&
	    guard_parse_confirmed(&number, settings->confirmed) == 0)
		json_object_set_new(request, "confirm", json_integer(number));
}
