/* SPDX-License-Identifier: MIT */
/* Interfaces and addresses in two flat arrays, walked from a port upwards. */
#include "ports/uppers.h"

#include <stdlib.h>
#include <string.h>

/* As deep as the kernel lets devices be stacked (MAX_NEST_DEV). */
#define DEPTH_MAX 8

static const struct link_state *link_find(const struct uppers *uppers, unsigned ifindex)
{
	for (size_t i = 0; ifindex && i < uppers->links; i++)
		if (uppers->link[i].ifindex == ifindex)
			return &uppers->link[i];
	return NULL;
}

static void addresses_forget(struct uppers *uppers, unsigned ifindex)
{
	size_t kept = 0;

	for (size_t i = 0; i < uppers->addresses; i++)
		if (uppers->address[i].ifindex != ifindex)
			uppers->address[kept++] = uppers->address[i];
	uppers->addresses = kept;
}

static bool link_equal(const struct link_state *a, const struct link_state *b)
{
	return a->up == b->up && a->kind == b->kind && a->master == b->master &&
	       a->lower == b->lower && a->vlan == b->vlan && mac_equal(a->mac, b->mac);
}

bool uppers_link(struct uppers *uppers, const struct link_state *link)
{
	struct link_state *known = (struct link_state *)link_find(uppers, link->ifindex);
	bool changed;

	if (link->gone) {
		if (!known)
			return false;
		addresses_forget(uppers, link->ifindex);
		uppers_router(uppers, &(struct link_router){link->ifindex, false});
		*known = uppers->link[--uppers->links];
		return true;
	}
	if (known) {
		changed = !link_equal(known, link);
		*known = *link;
		return changed;
	}
	if (array_reserve(&uppers->link, &uppers->link_room, uppers->links + 1))
		return false;
	uppers->link[uppers->links++] = *link;
	return true;
}

bool uppers_address(struct uppers *uppers, const struct link_address *address)
{
	size_t i;

	for (i = 0; i < uppers->addresses; i++)
		if (uppers->address[i].ifindex == address->ifindex &&
		    address_equal(uppers->address[i].address, address->address) &&
		    uppers->address[i].length == address->length)
			break;
	if (address->gone) {
		if (i == uppers->addresses)
			return false;
		uppers->addresses--;
		memmove(&uppers->address[i], &uppers->address[i + 1],
		        (uppers->addresses - i) * sizeof(uppers->address[0]));
		return true;
	}
	if (i < uppers->addresses)
		return false; /* known: its lifetime changed, for example */
	if (array_reserve(&uppers->address, &uppers->address_room, uppers->addresses + 1))
		return false;
	uppers->address[uppers->addresses++] = *address;
	return true;
}

bool uppers_is_router(const struct uppers *uppers, unsigned ifindex)
{
	for (size_t i = 0; i < uppers->routers; i++)
		if (uppers->router[i] == ifindex)
			return true;
	return false;
}

bool uppers_router(struct uppers *uppers, const struct link_router *router)
{
	size_t i = 0;

	if (uppers_is_router(uppers, router->ifindex) == router->router)
		return false;
	if (!router->router) {
		while (uppers->router[i] != router->ifindex)
			i++;
		uppers->router[i] = uppers->router[--uppers->routers];
		return true;
	}
	if (array_reserve(&uppers->router, &uppers->router_room, uppers->routers + 1))
		return false;
	uppers->router[uppers->routers++] = router->ifindex;
	return true;
}

struct walk {
	const struct uppers *uppers;
	upper_visit *visit;
	void *context;
};

static void visit_addresses(const struct walk *walk, const struct link_state *link)
{
	const struct uppers *uppers = walk->uppers;

	for (size_t i = 0; i < uppers->addresses; i++)
		if (uppers->address[i].ifindex == link->ifindex)
			walk->visit(walk->context, link, &uppers->address[i]);
}

/* `vlan`: the tags that are still on the frame. The lower VLAN interface takes the outer one. */
static void upwards(const struct walk *walk, const struct link_state *link, uint32_t vlan,
                    unsigned depth)
{
	const struct uppers *uppers = walk->uppers;
	uint32_t outer = vlan >> 16 ? vlan >> 16 : vlan, inner = vlan >> 16 ? vlan & 0xffff : 0;
	const struct link_state *master;

	if (depth > DEPTH_MAX)
		return;
	if (!vlan)
		visit_addresses(walk, link);
	/* Other masters, such as a VRF, have no part in the segment. */
	master = link_find(uppers, link->master);
	if (master && (master->kind == LINK_BRIDGE || master->kind == LINK_BOND))
		upwards(walk, master, vlan, depth + 1);
	for (size_t i = 0; vlan && i < uppers->links; i++) {
		const struct link_state *upper = &uppers->link[i];

		if (upper->kind == LINK_VLAN && upper->lower == link->ifindex &&
		    upper->vlan == outer)
			upwards(walk, upper, inner, depth + 1);
	}
}

void uppers_addresses(const struct uppers *uppers, unsigned ifindex, uint32_t vlan,
                      upper_visit *visit, void *context)
{
	const struct walk walk = {uppers, visit, context};
	const struct link_state *link = link_find(uppers, ifindex);

	if (link)
		upwards(&walk, link, vlan, 0);
}

void uppers_clear(struct uppers *uppers)
{
	free(uppers->link);
	free(uppers->address);
	free(uppers->router);
	*uppers = (struct uppers){0};
}
