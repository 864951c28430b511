// SPDX-License-Identifier: MIT
#include "offload/where.h"

#include <stdio.h>

#include "offload/attachment.h"
#include "offload/dispatcher.h"

bool where_is(char interface[IFNAMSIZ], uint32_t program, uint32_t *mode)
{
	struct if_nameindex *all = if_nameindex();
	uint32_t id, found = 0;

	interface[0] = '\0';
	for (struct if_nameindex *one = all; one && one->if_index && !interface[0]; one++)
		if (!attachment_id(one->if_index, &id, &found) && id &&
		    (id == program || dispatcher_holds(id, program)))
			snprintf(interface, IFNAMSIZ, "%s", one->if_name);
	if (all)
		if_freenameindex(all);
	if (mode)
		*mode = found;
	return interface[0];
}
