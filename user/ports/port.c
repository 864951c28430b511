/* SPDX-License-Identifier: MIT */
/* One port: its segments, its state in words, its notices. Changes nothing. */
#include "ports/port.h"

#include <stdarg.h>
#include <stdio.h>

struct agent_port *ports_find(struct ports *ports, unsigned ifindex)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ifindex && ports->port[i].ifindex == ifindex)
			return &ports->port[i];
	return NULL;
}

const struct port_segment *port_segment_of(const struct agent_port *port, unsigned segment)
{
	for (size_t s = 0; s < port->segments; s++)
		if (port->segment[s].segment == segment)
			return &port->segment[s];
	return NULL;
}

const char *port_state_name(enum port_state state)
{
	static const char *const name[] = {"attached", "down", "gone", "failed"};

	return name[state];
}

void port_notice(const struct agent_port *port, const char *format, ...)
{
	char line[FAULT_TEXT + IFNAMSIZ + 64];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	port->ports->ops->notice(port->ports->context, line);
}
