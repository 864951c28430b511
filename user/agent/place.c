/* SPDX-License-Identifier: MIT */
/* Segments may have the same addresses: the agent never guesses which segment is meant. */
#include "agent/place.h"

#include <errno.h>
#include <string.h>

/* The first segment from `first` on that has the address; -1: none. */
static int next_with(const struct agent *agent, unsigned first, uint32_t address)
{
	for (unsigned s = first; s < agent->config.segments; s++)
		if (layout_slot(&agent->layout, s, address) >= 0)
			return (int)s;
	return -1;
}

int place_segment(int *segment, const struct agent *agent, const char *name, struct fault *fault)
{
	*segment = name ? config_find_segment(&agent->config, name) : -1;
	if (name && *segment < 0)
		return fault_set(fault, -ENOENT,
		                 "there is no segment '%s': 'arpkeeper status' lists them", name);
	return 0;
}

int place_find(unsigned *segment, const struct agent *agent, const char *name, uint32_t address,
               struct fault *fault)
{
	char text[IPV4_TEXT];
	int found, other, error = place_segment(&found, agent, name, fault);

	if (error)
		return error;
	if (!name)
		found = next_with(agent, 0, address);
	ipv4_format(text, address);
	if (found < 0 || layout_slot(&agent->layout, (unsigned)found, address) < 0)
		return fault_set(
		        fault, -ERANGE,
		        "%s is in no prefix of %s%s: 'arpkeeper status' lists the prefixes", text,
		        name ? "segment " : "any segment", name ? name : "");
	other = name ? -1 : next_with(agent, (unsigned)found + 1, address);
	if (other >= 0)
		return fault_set(fault, -ENOTUNIQ,
		                 "%s is in segment %s and in segment %s: choose one with --segment",
		                 text, agent->config.segment[found].name,
		                 agent->config.segment[other].name);
	*segment = (unsigned)found;
	return 0;
}

const char *place_why(int error)
{
	switch (error) {
	case -ERANGE:
		return "it is in no prefix of any segment, or of the one named";
	case -ENOTUNIQ:
		return "several segments have it: choose one with --segment";
	case -EADDRNOTAVAIL:
		return "no host can have it: it is the network or broadcast address of its prefix";
	case -ENOENT:
		return "there is no binding to remove";
	case -EBUSY:
		return "it is this host's own address";
	default:
		return strerror(-error);
	}
}

void place_slots(uint32_t *first, uint32_t *last, const struct layout *layout, int segment,
                 struct prefix prefix)
{
	*first = UINT32_MAX;
	*last = 0;
	for (size_t i = 0; i < layout->ranges; i++) {
		const struct layout_range *range = &layout->range[i];
		uint32_t from = range->prefix.network, to = from | ~prefix_mask(range->prefix);

		if ((segment >= 0 && range->segment != (unsigned)segment) ||
		    !prefix_overlaps(range->prefix, prefix))
			continue;
		if (from < prefix.network)
			from = prefix.network;
		if (to > (prefix.network | ~prefix_mask(prefix)))
			to = prefix.network | ~prefix_mask(prefix);
		from = range->base + (from - range->prefix.network);
		to = range->base + (to - range->prefix.network);
		*first = from < *first ? from : *first;
		*last = to > *last ? to : *last;
	}
}
