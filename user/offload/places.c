// SPDX-License-Identifier: MIT
/* The places of an open instance. */
#include "offload/places.h"

#include "offload/index6.h"
#include "offload/instance.h"

static struct neigh_key6 key_of(unsigned segment, struct address address)
{
	struct neigh_key6 key = {.segment = segment};

	address_store(key.address, address);
	return key;
}

int offload_place(struct offload *offload, unsigned segment, struct address address, uint32_t slot)
{
	const struct neigh_key6 key = key_of(segment, address);

	return lines_put(offload->index6, &key, slot);
}

int offload_unplace(struct offload *offload, unsigned segment, struct address address)
{
	const struct neigh_key6 key = key_of(segment, address);

	(void)lines_remove(offload->index6, &key);
	return 0;
}

int offload_places(const struct offload *offload, place_visit *visit, void *context)
{
	return index6_visit_lines(offload->index6, visit, context);
}
