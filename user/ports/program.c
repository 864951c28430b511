// SPDX-License-Identifier: MIT
/* What the XDP program on a port is given. It attaches nothing. */
#include "ports/program.h"

#include <errno.h>
#include <string.h>

static int add_prefix(struct port_config *out, const struct agent_port *port, uint32_t vlan,
                      const struct layout_range *range, struct fault *fault)
{
	const struct prefix prefix = range->prefix;
	uint32_t *count = prefix_is_v4(prefix) ? &out->prefixes : &out->prefixes6;
	struct port_prefix6 *on_link;

	if (*count == PORT_PREFIXES_MAX)
		return fault_set(fault, -E2BIG, "%s: more than %d %s prefixes on one interface",
		                 port->name, PORT_PREFIXES_MAX,
		                 prefix_is_v4(prefix) ? "IPv4" : "IPv6");
	if (prefix_is_v4(prefix)) {
		out->prefix[(*count)++] = (struct port_prefix){
		        .network = address_number(prefix.network),
		        .mask = prefix_mask4(prefix),
		        .vlan = vlan,
		        .base = range->base,
		};
		return 0;
	}
	on_link = &out->prefix6[(*count)++];
	*on_link = (struct port_prefix6){.vlan = vlan, .segment = range->segment};
	address_store(on_link->network, prefix.network);
	for (unsigned bit = 0; bit < prefix.length; bit++)
		on_link->mask[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return 0;
}

static int add_prefixes(struct port_config *out, const struct agent_port *port,
                        const struct port_segment *here, bool nd, struct fault *fault)
{
	const struct layout *layout = port->ports->layout;
	int error = 0;

	for (size_t r = 0; r < layout->ranges && !error; r++) {
		const struct layout_range *range = &layout->range[r];

		if (range->segment == here->segment && (nd || prefix_is_v4(range->prefix)))
			error = add_prefix(out, port, here->vlan, range, fault);
	}
	return error;
}

static int add_domain(struct port_config *out, const struct agent_port *port,
                      const struct port_segment *here, struct fault *fault)
{
	if (out->domains == PORT_PREFIXES_MAX)
		return fault_set(fault, -E2BIG,
		                 "%s: more than %d segments with IPv6 on one interface", port->name,
		                 PORT_PREFIXES_MAX);
	out->domain[out->domains++] = (struct port_domain){here->vlan, here->segment};
	return 0;
}

int program_config(struct port_config *out, const struct agent_port *port, struct fault *fault)
{
	const struct ports *ports = port->ports;
	int error = 0;

	*out = (struct port_config){0};
	memcpy(out->mac, port->mac.octet, sizeof(out->mac));
	for (size_t s = 0; s < port->segments && !error; s++) {
		const struct port_segment *here = &port->segment[s];
		const struct config_segment *segment = &ports->config->segment[here->segment];
		const bool nd = config_segment_has_nd(segment);

		if (segment->reply_as_target)
			out->flags |= PORT_REPLY_AS_TARGET;
		if (segment->ra_guard)
			out->flags |= PORT_RA_GUARD;
		if (nd)
			error = add_domain(out, port, here, fault);
		error = error ? error : add_prefixes(out, port, here, nd, fault);
	}
	return error;
}
