/* SPDX-License-Identifier: MIT */
/* Compares what the ports are now with what was last reported. */
#include "ports/domains.h"

#include <errno.h>
#include <stdlib.h>

#include "base/base.h"

int domains_init(struct ports *ports)
{
	ports->domain = calloc(ports->config->segments, sizeof(*ports->domain));
	if (!ports->domain)
		return -ENOMEM;
	for (size_t s = 0; s < ports->config->segments; s++)
		ports->domain[s].up = true;
	return 0;
}

void domains_tell(struct ports *ports)
{
	for (size_t s = 0; ports->offload && s < ports->config->segments; s++) {
		struct domain *known = &ports->domain[s], now = {0};

		for (size_t i = 0; i < ports->count; i++) {
			const struct agent_port *port = &ports->port[i];

			if (!port->offload || !port_segment_of(port, (unsigned)s))
				continue;
			now.up = now.up || port->up;
			if (mac_is_zero(now.mac))
				now.mac = port->mac;
		}
		if (mac_is_zero(now.mac)) /* no port is attached: the reported MAC stays */
			now.mac = known->mac;
		if (!mac_equal(now.mac, known->mac) && ports->ops->mac)
			ports->ops->mac(ports->context, (unsigned)s, now.mac);
		if (now.up != known->up && ports->ops->link)
			ports->ops->link(ports->context, (unsigned)s, now.up);
		*known = now;
	}
}

struct gather {
	struct agent_port *port;
	uint32_t vlan;
};

static void gather_address(void *context, const struct link_state *upper,
                           const struct link_address *address)
{
	const struct gather *gather = context;
	struct agent_port *port = gather->port;

	if (array_reserve(&port->address, &port->address_room, port->addresses + 1))
		return;
	port->address[port->addresses++] = (struct port_address){
	        .address = address->address,
	        .length = address->length,
	        .vlan = gather->vlan,
	        .ifindex = upper->ifindex,
	        .mac = upper->mac,
	        .up = upper->up,
	};
}

/* The host's own addresses are those on and above the attached ports. */
static int own_addresses(struct locals *own, const struct ports *ports)
{
	int error = 0;

	for (size_t p = 0; p < ports->count; p++) {
		const struct agent_port *port = &ports->port[p];

		for (size_t s = 0; port->offload && s < port->segments; s++) {
			unsigned segment = port->segment[s].segment;

			for (size_t i = 0; i < port->addresses && !error; i++) {
				const struct port_address *address = &port->address[i];

				if (address->vlan == port->segment[s].vlan &&
				    layout_slot(ports->layout, segment, address->address) >= 0)
					error = locals_add(own, segment, address->address,
					                   address->mac);
			}
		}
	}
	return error;
}

void domains_addresses(struct ports *ports)
{
	struct locals fresh = {0};

	for (size_t p = 0; p < ports->count; p++) {
		struct agent_port *port = &ports->port[p];

		port->addresses = 0;
		for (size_t s = 0; s < port->segments; s++) {
			struct gather gather = {port, port->segment[s].vlan};

			uppers_addresses(&ports->uppers, port->ifindex, gather.vlan, gather_address,
			                 &gather);
		}
	}
	if (!ports->offload)
		return;
	if (own_addresses(&fresh, ports))
		log_error("the host's own addresses: out of memory");
	else
		locals_become(&ports->locals, &fresh, ports->ops->local, ports->context);
	locals_clear(&fresh);
	if (ports->ops->moved)
		ports->ops->moved(ports->context);
}
