/* SPDX-License-Identifier: MIT */
/*
 * Where the host meets a segment: on which interface it would look for an address, and which
 * segment an entry of its neighbour table belongs to. That is decided by the host's own addresses:
 * the interface, a port or what stands on one, that has an address in whose prefix the other one
 * is.
 */
#ifndef USER_AGENT_KERNEL_PLACE_H
#define USER_AGENT_KERNEL_PLACE_H

#include "ports/ports.h"

struct kernel_place {
	unsigned ifindex;
	bool up;
};

/* Where the host would look for `address` (the longest prefix decides, then the order of the
 * ports); on `only` and what stands on it, unless that is NULL. False: nowhere, or no host may have
 * it. */
bool kernel_place(struct kernel_place *place, const struct ports *ports,
                  const struct agent_port *only, unsigned segment, uint32_t address);
/* The segment and slot of an entry on an interface, and the port below it. False: not ours. */
bool kernel_place_of(const struct ports *ports, unsigned ifindex, uint32_t address,
                     unsigned *segment, uint32_t *slot, const struct agent_port **port);
/* Whether an interface is a port, or stands on one with an address. */
bool kernel_place_is_ours(const struct ports *ports, unsigned ifindex);

#endif
