/* SPDX-License-Identifier: MIT */
/* A segment's interfaces by name, as senders are heard there. Decides nothing. */
#include "neighbour/port.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"

unsigned port_number(struct segment_state *segment, const char *interface)
{
	struct learn_port *port;

	if (!interface)
		interface = "";
	for (size_t i = 0; i < segment->ports; i++) {
		if (strncmp(segment->port[i].interface, interface, INTERFACE_TEXT - 1) == 0)
			return (unsigned)i;
	}
	if (segment->ports == PORTS_MAX ||
	    array_reserve(&segment->port, &segment->port_room, segment->ports + 1) < 0)
		return segment->ports ? (unsigned)segment->ports - 1 : 0;
	port = &segment->port[segment->ports];
	*port = (struct learn_port){0};
	snprintf(port->interface, sizeof(port->interface), "%s", interface);
	return (unsigned)segment->ports++;
}

bool port_is_one_of_many(const struct segment_state *segment)
{
	size_t named = 0;

	for (size_t i = 0; i < segment->ports; i++)
		named += segment->port[i].interface[0] != '\0';
	return named > 1;
}
