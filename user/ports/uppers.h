/* SPDX-License-Identifier: MIT */
/*
 * What stands on an interface: the bridge or bond that it belongs to, VLAN interfaces upon it,
 * and so on upwards. A host whose port is a member of a bridge has its address on the
 * bridge; one that speaks in VLAN 10, on eth0.10. Keeps what netlink told of every interface and
 * IPv4 address of the network namespace; decides nothing.
 */
#ifndef USER_PORTS_UPPERS_H
#define USER_PORTS_UPPERS_H

#include <stddef.h>

#include "ports/links.h"

struct uppers {                       /* zero: nothing is known */
	struct link_state *link;      /* owned */
	struct link_address *address; /* owned; in the order in which they came */
	size_t links, addresses, link_room, address_room;
};

/* What netlink said (struct links_ops). True: something that matters here has changed. */
bool uppers_link(struct uppers *uppers, const struct link_state *link);
bool uppers_address(struct uppers *uppers, const struct link_address *address);

typedef void upper_visit(void *context, const struct link_state *upper,
                         const struct link_address *address);
/*
 * Each address of each interface on which the host itself meets the frames that pass `ifindex` in
 * VLAN `vlan` (vlan_key(); 0: untagged). `ifindex` itself comes first. Whether a tag is 802.1Q
 * or 802.1ad does not count, as in a VLAN key.
 */
void uppers_addresses(const struct uppers *uppers, unsigned ifindex, uint32_t vlan,
                      upper_visit *visit, void *context);
void uppers_clear(struct uppers *uppers);

#endif
