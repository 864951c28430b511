/* SPDX-License-Identifier: MIT */
/*
 * Whether a port sees the tags of its segments: reported, or seen to, as `vlan-offload` says. An
 * offload that was switched off here is put back when the port is detached.
 */
#ifndef USER_PORTS_PORTTAGS_H
#define USER_PORTS_PORTTAGS_H

#include <stdbool.h>

struct agent_port;

struct port_tags {
	unsigned needed;   /* TAGS_*: the outer tags of its segments; 0: they have none */
	int hidden;        /* TAGS_*: taken off by the interface; negative: not known */
	unsigned switched; /* TAGS_*: no longer taken off, which is our doing */
};

/* The port is attached. */
void port_tags_attach(struct agent_port *port);
/* Its interface changed: somebody may have switched the offload. */
void port_tags_follow(struct agent_port *port);
/* The program was taken off. */
void port_tags_detach(struct agent_port *port);
/* "on", "off" or "unknown"; NULL: no segment of the port has a VLAN. */
const char *port_tags_state(const struct agent_port *port);

#endif
