/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Finds the slot of an IPv6 address: first the segment of its VLAN, then the agent's index. */
#ifndef BPF_ND_TABLE_H
#define BPF_ND_TABLE_H

#include "address.h"
#include "table.h"

#define NO_SEGMENT 0xffffffffu

/* The segment whose neighbour discovery is on in the VLAN, or NO_SEGMENT. */
static __always_inline __u32 segment_find(const struct port_config *config, __u32 vlan)
{
	__u32 segment = NO_SEGMENT;

	for (__u32 i = 0; i < PORT_PREFIXES_MAX && i < config->domains; i++)
		if (config->domain[i].vlan == vlan) {
			segment = config->domain[i].segment;
			break;
		}
	return segment;
}

/*
 * Whether a prefix of the VLAN holds the address. A global function: the verifier checks it once,
 * and not with each of its callers' states.
 */
__noinline int address6_is_on_link(const struct address6 *address, __u32 vlan)
{
	const struct port *self = port_here();
	const struct port_config *config;

	if (!address || !self)
		return 0;
	config = port_active(self);
	for (__u32 i = 0; i < PORT_PREFIXES_MAX && i < config->prefixes6; i++) {
		const struct port_prefix6 *prefix = &config->prefix6[i];
		struct address6 network = address6_load(prefix->network);
		struct address6 mask = address6_load(prefix->mask);

		if (prefix->vlan == vlan && (address->high & mask.high) == network.high &&
		    (address->low & mask.low) == network.low)
			return 1;
	}
	return 0;
}

/* NULL, and EVENT_NO_SLOT, when the table does not have the address. */
static __always_inline struct neigh_slot *slot_find6(__u32 segment, struct address6 address,
                                                     __u32 *index)
{
	/* The stack is aligned: so the address is written as two words. */
	struct {
		__u32 unused;
		struct neigh_key6 key;
	} __attribute__((aligned(8))) at;
	struct neigh_slot *slot;
	__u32 *found;

	at.key.segment = segment;
	address6_store(at.key.address, address);
	*index = EVENT_NO_SLOT;
	found = bpf_map_lookup_elem(&neigh_index6, &at.key);
	if (!found)
		return NULL;
	*index = *(volatile __u32 *)found;
	slot = slot_at(*index);
	if (!slot)
		*index = EVENT_NO_SLOT;
	return slot;
}

/* The number of the address's slot, or EVENT_NO_SLOT. A global function, for what is seldom. */
__noinline __u32 nd_index(const struct address6 *address, __u32 segment)
{
	__u32 index = EVENT_NO_SLOT;

	if (address && segment != NO_SEGMENT)
		slot_find6(segment, *address, &index);
	return index;
}

#endif
