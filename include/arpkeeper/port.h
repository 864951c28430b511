/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The port: what the XDP program must know about its interface. Each interface has a map of one
 * element, memory-mapped by the agent.
 *
 * The agent writes the configuration that is not in use, then flips `active`, so that a frame never
 * sees half of a change.
 */
#ifndef ARPKEEPER_PORT_H
#define ARPKEEPER_PORT_H

#include <linux/if_ether.h>
#include <linux/types.h>

#define PORT_PREFIXES_MAX 16

#define PORT_REPLY_AS_TARGET 0x01 /* Ethernet source of replies: the answered MAC, not our own */
#define PORT_REDIRECT        0x02 /* answer by bpf_redirect() to the same interface (veth, native) */
#define PORT_RA_GUARD        0x04 /* drop what only declared routers may send */

/* On-link: address & mask == network, in this VLAN; its slot is base + (address & ~mask). */
struct port_prefix {
	__u32 network; /* host byte order */
	__u32 mask;    /* host byte order */
	__u32 vlan;    /* vlan_key() */
	__u32 base;    /* slot of the prefix's first address */
};

/* A VLAN in which neighbour discovery is on. Its addresses are in neigh_index6 under `segment`. */
struct port_domain {
	__u32 vlan; /* vlan_key() */
	__u32 segment;
};

/*
 * On-link: address & mask == network, in this VLAN. Only for what has no slot: an address of a
 * prefix is a miss or news, any other is a bogon. fe80::/64 is among them.
 */
struct port_prefix6 {
	__u8 network[16];
	__u8 mask[16];
	__u32 vlan; /* vlan_key() */
	__u32 segment;
};

struct port_config {
	__u8 mac[ETH_ALEN]; /* the interface's own */
	__u16 flags;        /* PORT_* */
	__u32 prefixes;     /* of prefix[], in use */
	struct port_prefix prefix[PORT_PREFIXES_MAX];
	__u32 domains; /* of domain[], in use */
	struct port_domain domain[PORT_PREFIXES_MAX];
	__u32 prefixes6; /* of prefix6[], in use */
	struct port_prefix6 prefix6[PORT_PREFIXES_MAX];
};

struct port {
	__u32 active;    /* the config in use: 0 or 1 */
	__u32 heartbeat; /* coarse seconds: when the agent was last alive */
	__u32 silence;   /* seconds without heartbeat after which learned bindings are not answered;
	                    0: never */
	__u32 ifindex;
	struct port_config config[2];
};

#endif
