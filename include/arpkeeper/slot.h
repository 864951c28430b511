/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The slot: what the table holds for one address. The XDP program and the agent read and write it
 * in place; this is the only copy.
 *
 * A binding is one 64-bit word, always loaded and stored whole, so that no frame is ever answered
 * with half a MAC. In memory, byte for byte:
 *
 *     0..5  MAC in wire order     6  state (enum slot_state)     7  flags (SLOT_*)
 *
 * so that a hex dump of the map (`bpftool map dump`) shows the MAC as it is written, and the layout
 * does not depend on the byte order.
 */
#ifndef ARPKEEPER_SLOT_H
#define ARPKEEPER_SLOT_H

#include <linux/types.h>

/* Others rely on the values (bpftool map update): never renumber. */
enum slot_state {
	SLOT_EMPTY = 0,   /* not known */
	SLOT_DYNAMIC = 1, /* learned */
	SLOT_STATIC = 2,  /* declared by the operator */
	SLOT_LOCAL = 3,   /* an address of this host */
	SLOT_STALE = 4,   /* learned, silent for too long, being verified; still answered */
	SLOT_PENDING = 5, /* being resolved; carries no MAC */
	SLOT_DEAD = 6,    /* did not answer lately; carries no MAC */
	SLOT_STATES
};

/* The agent turns policy into these flags; the XDP program knows no other policy. */
#define SLOT_ANSWER   0x01 /* answer requests for this address */
#define SLOT_PROTECT  0x02 /* drop a frame that contradicts this binding */
#define SLOT_SPONGE   0x04 /* dead, but answered all the same */
#define SLOT_FROZEN   0x08 /* it moved too often: not answered, and learned from no frame */
#define SLOT_ROUTER   0x10 /* R in our answers; if declared or local, ra-guard lets it advertise */
#define SLOT_OVERRIDE 0x20 /* O in our neighbour advertisements (RFC 4861 7.2.8) */
#define SLOT_FLAGS                                                                                 \
	(SLOT_ANSWER | SLOT_PROTECT | SLOT_SPONGE | SLOT_FROZEN | SLOT_ROUTER | SLOT_OVERRIDE)

struct neigh_slot {
	__u64 binding; /* union binding, as one word */
	__u32 seen; /* coarse monotonic seconds: when the address last spoke; for a DEAD one without
	               SLOT_SPONGE: how often it was asked for since it was found dead */
	__u32 used; /* coarse monotonic seconds: when it was last answered, or reported as a miss */
};

/* The binding word, opened. `word` is what is loaded and stored. */
union binding {
	__u64 word;
	struct {
		__u8 mac[6];
		__u8 state;
		__u8 flags;
	};
};

/*
 * By what `neigh_index6` finds the slot of an IPv6 address. A /64 is too large for a slot for each
 * address, so only the agent's choice has one.
 */
struct neigh_key6 {
	__u32 segment; /* port_domain's, port_prefix6's */
	__u8 address[16];
};

#define SLOT_MAX       (1u << 24) /* slots that one instance may have */
#define NSEC_PER_SEC_U 1000000000ULL

/* The clock of `seen`, `used` and the heartbeat: CLOCK_MONOTONIC_COARSE in whole seconds. */
static inline __u32 coarse_seconds(__u64 monotonic_ns)
{
	return (__u32)(monotonic_ns / NSEC_PER_SEC_U);
}

#endif
