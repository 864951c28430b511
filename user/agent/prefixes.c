/* SPDX-License-Identifier: MIT */
#include "agent/prefixes.h"

#include <errno.h>
#include <string.h>

/* Adds a prefix, in place of those within it. 1, or 0 if the segment has it already. */
static int add(struct config_segment *segment, struct prefix prefix)
{
	size_t kept = 0;

	for (size_t i = 0; i < segment->prefixes; i++)
		if (prefix_covers(segment->prefix[i], prefix))
			return 0;
	for (size_t i = 0; i < segment->prefixes; i++)
		if (!prefix_covers(prefix, segment->prefix[i]))
			segment->prefix[kept++] = segment->prefix[i];
	segment->prefixes = kept;
	return config_segment_add_prefix(segment, prefix) ? -ENOMEM : 1;
}

/* Not what says nothing of the link: an address alone (/128, as DHCPv6 gives it), and a link-local
 * one, which every interface has. */
static bool says_prefix(const struct port_address *own)
{
	return address_is_v4(own->address) ||
	       (own->length < 128 && !prefix_contains(prefix_link_local, own->address));
}

/* fe80::/64 is on-link where neighbour discovery is on. */
static int add_link_local(struct config_segment *segment)
{
	if (!config_segment_has_nd(segment))
		return 0;
	for (size_t i = 0; i < segment->prefixes; i++)
		if (prefix_overlaps(segment->prefix[i], prefix_link_local))
			return 0;
	return config_segment_add_prefix(segment, prefix_link_local) ? -ENOMEM : 1;
}

/* Those of one segment. Returns how many are new. */
static int add_own(struct config_segment *segment, const struct ports *ports, unsigned index)
{
	int added = 0;

	for (size_t p = 0; p < ports->count; p++) {
		const struct agent_port *port = &ports->port[p];
		bool ours = port_segment_of(port, index) != NULL;

		for (size_t a = 0; ours && a < port->addresses; a++) {
			const struct port_address *own = &port->address[a];
			int result;

			if (own->vlan != segment->vlan || !says_prefix(own) ||
			    (segment->nd == ND_OFF && !address_is_v4(own->address)))
				continue;
			result = add(segment, prefix_around(own->address, own->length));
			if (result < 0)
				return result;
			added += result;
		}
	}
	return added;
}

int prefixes_fill(struct config *config, const struct ports *ports)
{
	int added = 0;

	for (unsigned s = 0; s < config->segments; s++) {
		struct config_segment *segment = &config->segment[s];
		int result = 0;

		if (!segment->prefixes)
			segment->own_prefixes = true;
		if (segment->own_prefixes)
			result = add_own(segment, ports, s);
		if (result < 0)
			return result;
		added += result;
		result = add_link_local(segment);
		if (result < 0)
			return result;
		added += result;
	}
	return added;
}

int prefixes_check(const struct config *config, struct fault *fault)
{
	for (size_t s = 0; s < config->segments; s++) {
		const struct config_segment *segment = &config->segment[s];

		if (!segment->prefixes)
			return fault_set(
			        fault, -EADDRNOTAVAIL,
			        "segment '%s': no prefix is configured, and neither %s nor a "
			        "bridge or VLAN interface upon it has an address there: give "
			        "one with --prefix, or 'prefix =' in its section",
			        segment->name, segment->interfaces ? segment->interface[0] : "it");
	}
	return 0;
}

int prefixes_layout(struct layout *layout, const struct config *config, struct fault *fault)
{
	for (unsigned s = 0; s < config->segments; s++) {
		const struct config_segment *segment = &config->segment[s];

		for (size_t i = 0; i < segment->prefixes; i++) {
			int error = layout_add(layout, s, segment->prefix[i], fault);

			if (error)
				return error;
		}
		layout_name(layout, s, segment->name);
	}
	return layout_add_sparse(layout, config->neighbours6, fault);
}
