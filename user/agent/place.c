/* SPDX-License-Identifier: MIT */
/* Segments may have the same addresses: nobody guesses which of them is meant. */
#include "agent/place.h"

#include <errno.h>

#include "agent/state.h"

/* The first segment from `first` on that has the address; -1: none. */
static int next_with(const struct agent *agent, unsigned first, uint32_t address)
{
	for (unsigned s = first; s < agent->config.segments; s++)
		if (layout_slot(&agent->layout, s, address) >= 0)
			return (int)s;
	return -1;
}

int place_find(unsigned *segment, const struct agent *agent, const char *name, uint32_t address,
               struct fault *fault)
{
	int found = name ? config_find_segment(&agent->config, name) : next_with(agent, 0, address);
	char text[IPV4_TEXT];
	int other;

	ipv4_format(text, address);
	if (name && found < 0)
		return fault_set(fault, -ENOENT,
		                 "there is no segment '%s': 'arpkeeper status' lists them", name);
	if (found < 0 || layout_slot(&agent->layout, (unsigned)found, address) < 0)
		return fault_set(
		        fault, -ERANGE,
		        "%s is in no prefix of %s%s: 'arpkeeper status' lists the prefixes", text,
		        name ? "segment " : "any segment", name ? name : "");
	other = name ? -1 : next_with(agent, (unsigned)found + 1, address);
	if (other >= 0)
		return fault_set(fault, -ENOTUNIQ,
		                 "%s is in segment %s and in segment %s: say with --segment which "
		                 "of them is meant",
		                 text, agent->config.segment[found].name,
		                 agent->config.segment[other].name);
	*segment = (unsigned)found;
	return 0;
}
