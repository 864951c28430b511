// SPDX-License-Identifier: MIT
/* The places of an open instance. */
#include "offload/places.h"

#include "offload/index6.h"
#include "offload/maps.h"

int offload_place(struct offload *offload, unsigned segment, struct address address, uint32_t slot)
{
	return index6_put(bpf_map__fd(maps_find(offload, MAP_INDEX6)), segment, address, slot);
}

int offload_unplace(struct offload *offload, unsigned segment, struct address address)
{
	return index6_remove(bpf_map__fd(maps_find(offload, MAP_INDEX6)), segment, address);
}

int offload_places(const struct offload *offload, place_visit *visit, void *context)
{
	return index6_visit(bpf_map__fd(maps_find(offload, MAP_INDEX6)), visit, context);
}
