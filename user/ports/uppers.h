/* SPDX-License-Identifier: MIT */
/*
 * The interfaces above an interface: the bridge or bond that it belongs to, its VLAN interfaces,
 * and so on. A host whose port is a member of a bridge has its address on the bridge; a host in
 * VLAN 10 has it on eth0.10. Keeps every interface and address of the network namespace.
 */
#ifndef USER_PORTS_UPPERS_H
#define USER_PORTS_UPPERS_H

#include "ports/links.h"

struct uppers {                       /* zero: nothing is known */
	struct link_state *link;      /* owned */
	struct link_address *address; /* owned; in order of arrival */
	unsigned *router;             /* owned: the interfaces on which the host is a router */
	size_t links, addresses, routers, link_room, address_room, router_room;
};

/* For struct links_ops. True: something that matters here has changed. */
bool uppers_link(struct uppers *uppers, const struct link_state *link);
bool uppers_address(struct uppers *uppers, const struct link_address *address);
bool uppers_router(struct uppers *uppers, const struct link_router *router);
bool uppers_is_router(const struct uppers *uppers, unsigned ifindex);

typedef void upper_visit(void *context, const struct link_state *upper,
                         const struct link_address *address);
/*
 * Visits the addresses of the interfaces on which the host receives the frames that pass `ifindex`
 * in VLAN `vlan` (vlan_key(); 0: untagged). `ifindex` itself comes first. 802.1Q and 802.1ad count
 * as the same, as in a VLAN key.
 */
void uppers_addresses(const struct uppers *uppers, unsigned ifindex, uint32_t vlan,
                      upper_visit *visit, void *context);
void uppers_clear(struct uppers *uppers);

#endif
