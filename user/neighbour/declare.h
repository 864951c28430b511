/* SPDX-License-Identifier: MIT */
/* What is said of an address: by an operator, by history, by the host itself. */
#ifndef USER_NEIGHBOUR_DECLARE_H
#define USER_NEIGHBOUR_DECLARE_H

#include "neighbour/types.h"

/*
 * An operator's set, or unset (`after` NULL), as a task of its own through changed(). -ERANGE: the
 * address is in no prefix of the segment; -EADDRNOTAVAIL: it is the network or broadcast address;
 * -EINVAL: not a station's MAC; -ENOENT: nothing to unset; -ENOSPC: no slot is left for an IPv6
 * address; -EBUSY: the host's own address; -ENOMEM. 1: MAC, state and note are the same already.
 */
int neighbour_declare(struct neighbour *neighbour, unsigned segment, struct address address,
                      const struct entry *after, const struct neighbour_clock *clock);
/* The same for an entry of a list, in task `import`. A dynamic one is answered, and verified soon.
 */
int neighbour_import(struct neighbour *neighbour, unsigned segment, struct address address,
                     const struct entry *after, const struct neighbour_clock *clock);
/* How history says it. */
enum neighbour_apply {
	/* A dynamic entry is loaded as STALE, to be verified soon, unless it was heard at that MAC
	 * lately. */
	APPLY_VERIFY = 1,
	/* Another node of the fleet says so. Its entry is answered, and neither verified nor aged:
	 * its owner does that. If its entry goes, and the host was heard here lately, the address
	 * is kept (keep.h): verified, and then learned here. */
	APPLY_FOREIGN = 2,
};
/*
 * Stores what history says of the address (NULL: nothing) without calling changed(): at start-up,
 * and for merges. `how`: APPLY_*. Errors as above; 1: the table says so already.
 */
int neighbour_apply(struct neighbour *neighbour, unsigned segment, struct address address,
                    const struct entry *entry, unsigned how, const struct neighbour_clock *clock);
/*
 * Start-up: whether the slot came with a binding that was not applied to since, and its MAC and
 * state. When an event or the scan comes to such a slot, it is recorded as task `recover`.
 */
bool neighbour_inherited(const struct neighbour *neighbour, uint32_t slot, struct mac *mac,
                         enum entry_state *state);
/*
 * The host has the address at `mac`, or (NULL) no longer has it, as netlink says. Never durable: an
 * entry there is removed through changed(). An entry that declares another MAC static stays, with
 * an alert `conflict`; when it is gone, call this again.
 */
void neighbour_local(struct neighbour *neighbour, unsigned segment, struct address address,
                     const struct mac *mac, const struct neighbour_clock *clock);

#endif
