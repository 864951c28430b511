/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The event: what the XDP program reports to the agent through the ring buffer. Only a hint: events
 * can be lost (and are counted then). The table is the truth.
 */
#ifndef ARPKEEPER_EVENT_H
#define ARPKEEPER_EVENT_H

#include <linux/if_ether.h>
#include <linux/types.h>

enum event_kind {
	EVENT_MISS = 1,   /* `mac`/`peer` asked for `address`, whose slot has no binding */
	EVENT_HEARD,      /* `address` speaks from `mac`, which its slot does not have; or it is
	                     learned, and its advertisement's R is not the slot's */
	EVENT_SPOOF,      /* as HEARD, but the slot is protected: the frame was dropped */
	EVENT_MISMATCH,   /* the sender's MAC is `mac`, but the frame comes from `source` */
	EVENT_BAD_SENDER, /* the sender's MAC, or the frame's source, is zero or a group address */
	EVENT_BOGON,   /* `address` speaks in a configured VLAN, but is in none of its prefixes */
	EVENT_SPONGED, /* `mac`/`peer` asked for dead `address`, and got the sponge's MAC */
	EVENT_LOCAL,   /* `mac`/`peer` asked for the host's own `address`, and was answered here */
	EVENT_ROGUE_ROUTER /* `mac`/`address` sent a router advertisement or a redirect, and is no
	                      declared router: the frame was dropped */
};

/* Of `flags`. */
#define EVENT_TO_US     0x01 /* the frame was addressed to this interface's MAC, not to a group */
#define EVENT_SOLICITED 0x02 /* a neighbour advertisement's S, O and R */
#define EVENT_OVERRIDE  0x04
#define EVENT_ROUTER    0x08
#define EVENT_DAD       0x10 /* a solicitation from "::": its sender does not have an address yet */

/*
 * MISS, SPONGED, LOCAL: address = tpa, peer = spa, mac = sha. The others: address = spa, peer =
 * tpa, mac = sha. Addresses are in wire order; IPv4 is ::ffff:a.b.c.d (RFC 4291 2.5.5.2).
 *
 * In neighbour discovery `tpa` is the target of a solicitation, and `spa` who speaks: the IPv6
 * source, but in a neighbour advertisement the target, because it is what the frame speaks of.
 * Then, and in router messages, `tpa` is the IPv6 destination. `sha` is the link-layer option of
 * who speaks; without the option it is the frame's source.
 *
 * With EVENT_DAD the event is HEARD: `mac` wants `address`, which is STATIC or LOCAL in the table,
 * and `peer` is "::". It was answered if the slot has ANSWER. Other solicitations from "::" make no
 * event.
 */
struct event {
	__u32 kind;    /* enum event_kind */
	__u32 ifindex; /* where the frame came in */
	__u32 vlan;    /* vlan_key() */
	__u32 slot;    /* of `address`; EVENT_NO_SLOT when it has none: an IPv4 address that is not
	                  on-link, an IPv6 address that is not in neigh_index6 */
	__u8 address[16];
	__u8 peer[16];
	__u8 mac[ETH_ALEN];
	__u8 source[ETH_ALEN]; /* the frame's Ethernet source */
	__u16 opcode;          /* ARP's, or ICMPv6's type; host byte order */
	__u16 flags;           /* EVENT_TO_US and so on */
	__u64 time;            /* coarse monotonic nanoseconds */
};

#define EVENT_NO_SLOT 0xffffffffu

#endif
