/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From an address to its slot: prefixes are few, and are tried one after the other.
 */
#ifndef BPF_TABLE_H
#define BPF_TABLE_H

#include <bpf/bpf_endian.h>

#include "arpkeeper/event.h"
#include "maps.h"

/* The configuration in use. */
static __always_inline const struct port_config *port_active(const struct port *self)
{
	return &self->config[*(const volatile __u32 *)&self->active & 1];
}

/* The slot's number, EVENT_NO_SLOT when the address is not on-link in this VLAN. */
static __always_inline __u32 slot_index(const struct port_config *config, __u32 vlan,
                                        __be32 address)
{
	__u32 host = bpf_ntohl(address);

	for (__u32 i = 0; i < PORT_PREFIXES_MAX && i < config->prefixes; i++) {
		const struct port_prefix *prefix = &config->prefix[i];

		if (prefix->vlan == vlan && (host & prefix->mask) == prefix->network)
			return prefix->base + (host & ~prefix->mask);
	}
	return EVENT_NO_SLOT;
}

/* NULL for EVENT_NO_SLOT, as for whatever lies beyond the table. */
static __always_inline struct neigh_slot *slot_at(__u32 index)
{
	return bpf_map_lookup_elem(&neigh_slots, &index);
}

#endif
