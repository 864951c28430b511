// SPDX-License-Identifier: MIT
/* What the XDP program on a port is given. It attaches nothing. */
#include "ports/program.h"

#include <errno.h>
#include <string.h>

int program_config(struct port_config *out, const struct agent_port *port, struct fault *fault)
{
	const struct ports *ports = port->ports;

	*out = (struct port_config){0};
	memcpy(out->mac, port->mac.octet, sizeof(out->mac));
	for (size_t s = 0; s < port->segments; s++) {
		const struct config_segment *segment =
		        &ports->config->segment[port->segment[s].segment];

		if (segment->reply_as_target)
			out->flags |= PORT_REPLY_AS_TARGET;
		for (size_t r = 0; r < ports->layout->ranges; r++) {
			const struct layout_range *range = &ports->layout->range[r];

			if (range->segment != port->segment[s].segment ||
			    !prefix_is_v4(range->prefix))
				continue;
			if (out->prefixes == PORT_PREFIXES_MAX)
				return fault_set(fault, -E2BIG,
				                 "%s: more than %d prefixes on one interface",
				                 port->name, PORT_PREFIXES_MAX);
			out->prefix[out->prefixes++] = (struct port_prefix){
			        .network = address_number(range->prefix.network),
			        .mask = prefix_mask4(range->prefix),
			        .vlan = port->segment[s].vlan,
			        .base = range->base,
			};
		}
	}
	return 0;
}
