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
	EVENT_HEARD,      /* `address` speaks from `mac`, which its slot does not have */
	EVENT_SPOOF,      /* as HEARD, but the slot is protected: the frame was dropped */
	EVENT_MISMATCH,   /* the sender's MAC is `mac`, but the frame comes from `source` */
	EVENT_BAD_SENDER, /* the sender's MAC, or the frame's source, is zero or a group address */
	EVENT_BOGON,   /* `address` speaks in a configured VLAN, but is in none of its prefixes */
	EVENT_SPONGED, /* `mac`/`peer` asked for dead `address`, and got the sponge's MAC */
	EVENT_LOCAL    /* `mac`/`peer` asked for the host's own `address`, and was answered here */
};

/* Of `flags`. */
#define EVENT_TO_US 0x01 /* the frame was addressed to this interface's MAC, not to a group */

/* MISS, SPONGED, LOCAL: address = tpa, peer = spa, mac = sha. The others: address = spa, peer =
 * tpa, mac = sha. Addresses are in wire order; IPv4 is ::ffff:a.b.c.d (RFC 4291 2.5.5.2). */
struct event {
	__u32 kind;    /* enum event_kind */
	__u32 ifindex; /* where the frame came in */
	__u32 vlan;    /* vlan_key() */
	__u32 slot;    /* of `address`; EVENT_NO_SLOT when it is not on-link */
	__u8 address[16];
	__u8 peer[16];
	__u8 mac[ETH_ALEN];
	__u8 source[ETH_ALEN]; /* the frame's Ethernet source */
	__u16 opcode;          /* host byte order */
	__u16 flags;           /* EVENT_TO_US */
	__u64 time;            /* coarse monotonic nanoseconds */
};

#define EVENT_NO_SLOT 0xffffffffu

#endif
