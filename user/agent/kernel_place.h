/* SPDX-License-Identifier: MIT */
/*
 * Where the host meets a segment: the interface on which it would look for an address, and the
 * segment of an entry of its neighbour table. The host's own addresses decide: the interface is a
 * port, or above one, and has an address whose prefix contains the other address.
 */
#ifndef USER_AGENT_KERNEL_PLACE_H
#define USER_AGENT_KERNEL_PLACE_H

#include "ports/ports.h"

struct kernel_place {
	unsigned ifindex;
	bool up;
};

/* Where the host would look for `address`: the longest prefix decides, then the order of the ports.
 * `only` NULL: on any port. False: nowhere, or no host may have the address. */
bool kernel_place(struct kernel_place *place, const struct ports *ports,
                  const struct agent_port *only, unsigned segment, struct address address);
/* The segment of an entry on an interface, and the port below it. False: none. */
bool kernel_place_of(const struct ports *ports, unsigned ifindex, struct address address,
                     unsigned *segment, const struct agent_port **port);
/* Whether an interface is a port, or above one, with an address. */
bool kernel_place_is_ours(const struct ports *ports, unsigned ifindex);

#endif
