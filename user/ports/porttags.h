/* SPDX-License-Identifier: MIT */
/*
 * Whether a port sees the VLAN tags of its segments. If its interface takes them off, the agent
 * warns, or switches the offload off (`vlan-offload`); detaching the port switches it on again.
 */
#ifndef USER_PORTS_PORTTAGS_H
#define USER_PORTS_PORTTAGS_H

#include "ports/port.h"

/* The port is attached. */
void port_tags_attach(struct agent_port *port);
/* Its interface changed: another program may have switched the offload. */
void port_tags_follow(struct agent_port *port);
/* The port is detached. */
void port_tags_detach(struct agent_port *port);
/* "on", "off" or "unknown"; NULL: no segment of the port has a VLAN. */
const char *port_tags_state(const struct agent_port *port);

#endif
