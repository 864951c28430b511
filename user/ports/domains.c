/* SPDX-License-Identifier: MIT */
/*
 * What a segment is as a whole, seen over its ports: whether any of them has a link, and the MAC
 * that stands for it, which is that of its first port. Tells what has changed.
 */
#include <errno.h>
#include <stdlib.h>

#include "ports/ports.h"

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
		if (mac_is_zero(now.mac)) /* none is there: what was told goes on */
			now.mac = known->mac;
		if (!mac_equal(now.mac, known->mac) && ports->ops->mac)
			ports->ops->mac(ports->context, (unsigned)s, now.mac);
		if (now.up != known->up && ports->ops->link)
			ports->ops->link(ports->context, (unsigned)s, now.up);
		*known = now;
	}
}
