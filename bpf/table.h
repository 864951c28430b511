/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Finds the slot of an address. Prefixes are few, so the program tries them in order. */
#ifndef BPF_TABLE_H
#define BPF_TABLE_H

#include <bpf/bpf_endian.h>

#include "arpkeeper/event.h"
#include "maps.h"

static __always_inline struct port *port_here(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&port, &key);
}

/* The configuration in use. */
static __always_inline const struct port_config *port_active(const struct port *self)
{
	const struct port_config *config =
	        &self->config[*(const volatile __u32 *)&self->active & 1];

	/* Keeps it in one register: otherwise the compiler adds base and offset each time. */
	asm volatile("" : "+r"(config));
	return config;
}

/*
 * The prefix that holds an address in the frame's VLAN, as a copy. A pointer would differ in each
 * of the verifier's sixteen rounds, and the verifier would check all later code sixteen times.
 * `mask` is 0 when the address is not on-link. Addresses are in host byte order.
 */
struct place {
	__u32 network;
	__u32 mask;
	__u32 base;
};

static __always_inline struct place place_find(const struct port_config *config, __u32 vlan,
                                               __u32 address)
{
	struct place place = {0};

	for (__u32 i = 0; i < PORT_PREFIXES_MAX && i < config->prefixes; i++) {
		const struct port_prefix *prefix = &config->prefix[i];

		if (prefix->vlan == vlan && (address & prefix->mask) == prefix->network) {
			place.network = prefix->network;
			place.mask = prefix->mask;
			place.base = prefix->base;
			break;
		}
	}
	return place;
}

/* Whether the port has a prefix in the VLAN. */
static __always_inline _Bool port_serves(const struct port_config *config, __u32 vlan)
{
	for (__u32 i = 0; i < PORT_PREFIXES_MAX && i < config->prefixes; i++)
		if (config->prefix[i].vlan == vlan)
			return 1;
	return 0;
}

static __always_inline _Bool place_has(struct place place, __u32 address)
{
	return place.mask && (address & place.mask) == place.network;
}

static __always_inline __u32 place_slot(struct place place, __u32 address)
{
	return place.base + (address & ~place.mask);
}

/* NULL when the index lies beyond the table. */
static __always_inline struct neigh_slot *slot_at(__u32 index)
{
	return bpf_map_lookup_elem(&neigh_slots, &index);
}

#endif
