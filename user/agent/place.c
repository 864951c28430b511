/* SPDX-License-Identifier: MIT */
/* Segments may have the same addresses: the agent never guesses which segment is meant. */
#include "agent/place.h"

#include <errno.h>
#include <string.h>

/* The first segment from `first` on that has the address; -1: none. */
static int next_with(const struct agent *agent, unsigned first, struct address address)
{
	for (unsigned s = first; s < agent->config.segments; s++)
		if (layout_find(&agent->layout, s, address))
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

int place_find(unsigned *segment, const struct agent *agent, const char *name,
               struct address address, struct fault *fault)
{
	char text[ADDRESS_TEXT];
	int found, other, error = place_segment(&found, agent, name, fault);

	if (error)
		return error;
	if (!name)
		found = next_with(agent, 0, address);
	address_format(text, address);
	if (!address_is_v4(address) && ipv6_is_group(address))
		return fault_set(fault, -EADDRNOTAVAIL,
		                 "%s is a multicast address, which no host has", text);
	if (found < 0 || !layout_find(&agent->layout, (unsigned)found, address))
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
		return "no host can have it: it is its prefix's own, broadcast or multicast";
	case -ENOSPC:
		return "all slots for IPv6 addresses are taken: raise agent.neighbours6";
	case -ENOENT:
		return "there is no binding to remove";
	case -EBUSY:
		return "it is this host's own address";
	default:
		return strerror(-error);
	}
}

/* Whether the segment, or with -1 any, has a place in the range. */
static bool meets(const struct layout_range *has, int segment, struct range range)
{
	struct range slots = range_of(has->prefix);

	return (segment < 0 || has->segment == (unsigned)segment) &&
	       address_compare(slots.first, range.last) <= 0 &&
	       address_compare(range.first, slots.last) <= 0;
}

int place_find_range(unsigned *segment, const struct agent *agent, const char *name,
                     struct range range, struct fault *fault)
{
	const struct layout *layout = &agent->layout;
	int named, found = -1, error = place_segment(&named, agent, name, fault);

	for (size_t i = 0; i < layout->ranges && !error; i++) {
		if (!meets(&layout->range[i], named, range))
			continue;
		if (found >= 0 && (unsigned)found != layout->range[i].segment)
			error = fault_set(
			        fault, -ENOTUNIQ,
			        "segment %s and segment %s have a part of it: choose one with "
			        "--segment",
			        agent->config.segment[found].name,
			        agent->config.segment[layout->range[i].segment].name);
		found = (int)layout->range[i].segment;
	}
	if (!error && found < 0)
		error = fault_set(
		        fault, -ERANGE,
		        "no prefix of %s%s has any of it: 'arpkeeper status' lists the prefixes",
		        name ? "segment " : "any segment", name ? name : "");
	if (!error)
		*segment = (unsigned)found;
	return error;
}

struct range place_common(struct range a, struct range b)
{
	return (struct range){
	        .first = address_compare(a.first, b.first) < 0 ? b.first : a.first,
	        .last = address_compare(a.last, b.last) > 0 ? b.last : a.last,
	};
}

void place_slots(uint32_t *first, uint32_t *last, const struct layout *layout, int segment,
                 struct range range)
{
	*first = UINT32_MAX;
	*last = 0;
	for (size_t i = 0; i < layout->ranges; i++) {
		const struct layout_range *has = &layout->range[i];
		struct range part = range_of(has->prefix);
		uint32_t from, to;

		if (!meets(has, segment, range))
			continue;
		if (has->base == LAYOUT_SPARSE) { /* they are in no order */
			*first = layout_sparse_from(layout) < *first ? layout_sparse_from(layout)
			                                             : *first;
			*last = layout->slots - 1;
			continue;
		}
		part = place_common(part, range);
		from = has->base + (uint32_t)address_minus(part.first, has->prefix.network);
		to = has->base + (uint32_t)address_minus(part.last, has->prefix.network);
		*first = from < *first ? from : *first;
		*last = to > *last ? to : *last;
	}
}
