/* SPDX-License-Identifier: MIT */
/* Short walks over ports and their addresses, which are few. */
#include "agent/kernel_place.h"

static struct prefix subnet_of(const struct port_address *own)
{
	return prefix_around(own->address, own->length);
}

bool kernel_place(struct kernel_place *place, const struct ports *ports,
                  const struct agent_port *only, unsigned segment, struct address address)
{
	int longest = -1;

	for (size_t p = 0; p < ports->count; p++) {
		const struct agent_port *port = &ports->port[p];
		const struct port_segment *here = port_segment_of(port, segment);

		if ((only && port != only) || !here)
			continue;
		for (size_t i = 0; i < port->addresses; i++) {
			const struct port_address *own = &port->address[i];

			if (own->vlan != here->vlan || own->length <= longest ||
			    !prefix_contains(subnet_of(own), address))
				continue;
			if (!prefix_is_host(subnet_of(own), address))
				return false;
			longest = own->length;
			*place = (struct kernel_place){own->ifindex, own->up};
		}
	}
	return longest >= 0;
}

bool kernel_place_of(const struct ports *ports, unsigned ifindex, struct address address,
                     unsigned *segment, const struct agent_port **port)
{
	for (size_t p = 0; p < ports->count; p++) {
		*port = &ports->port[p];
		for (size_t i = 0; i < (*port)->addresses; i++) {
			const struct port_address *own = &(*port)->address[i];

			if (own->ifindex != ifindex || !prefix_contains(subnet_of(own), address))
				continue;
			for (size_t s = 0; s < (*port)->segments; s++) {
				*segment = (*port)->segment[s].segment;
				if ((*port)->segment[s].vlan == own->vlan &&
				    layout_find(ports->layout, *segment, address))
					return true;
			}
		}
	}
	return false;
}

bool kernel_place_is_ours(const struct ports *ports, unsigned ifindex)
{
	for (size_t p = 0; p < ports->count; p++) {
		const struct agent_port *port = &ports->port[p];

		if (port->ifindex == ifindex)
			return true;
		for (size_t i = 0; i < port->addresses; i++)
			if (port->address[i].ifindex == ifindex)
				return true;
	}
	return false;
}
