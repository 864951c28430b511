/* SPDX-License-Identifier: MIT */
/* Takes over what can be, and takes the rest out of the index once it has been walked. */
#include "agent/inherit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A place that the index has, and that cannot be any more. */
struct stray {
	unsigned segment;
	struct address address;
};

struct strays {
	struct agent *agent;
	struct stray *stray;
	size_t count, room;
};

static int visit(void *context, unsigned segment, struct address address, uint32_t slot)
{
	struct strays *strays = context;

	if (neighbour_inherit(strays->agent->neighbour, slot, segment, address)) {
		hearing_add(&strays->agent->hearing, segment, address);
		return 0;
	}
	if (array_reserve(&strays->stray, &strays->room, strays->count + 1))
		return -ENOMEM;
	strays->stray[strays->count++] = (struct stray){segment, address};
	return 0;
}

int inherit_places(struct agent *agent, struct fault *fault)
{
	struct strays strays = {.agent = agent};
	int error = offload_places(agent->offload, visit, &strays);

	for (size_t i = 0; i < strays.count && !error; i++)
		error = offload_unplace(agent->offload, strays.stray[i].segment,
		                        strays.stray[i].address);
	free(strays.stray);
	return error ? fault_set(fault, error, "the program's index of IPv6 addresses: %s",
	                         strerror(-error))
	             : 0;
}
