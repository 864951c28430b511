/* SPDX-License-Identifier: MIT */
/*
 * VLAN tags that an interface takes off a frame and passes beside it (rxvlan): XDP then sees an
 * untagged frame. Reads and switches that offload through ethtool's ioctl. If it hides a tag of a
 * port's segments, the agent warns, or switches it off (`vlan-offload`); detaching the port
 * switches it on again.
 */
#ifndef USER_PORTS_TAGS_H
#define USER_PORTS_TAGS_H

#include "ports/port.h"

/* Kinds of tags. */
#define TAGS_8021Q  0x1
#define TAGS_8021AD 0x2

/* Which kinds the interface takes off; negative when not known: -EOPNOTSUPP, -ENODEV. `veth` true:
 * XDP sees the tags in the frame in any case, and never those that the peer's kernel adds. */
int tags_hidden(const char *interface, bool *veth);
/* Has those `kinds` taken off, or not. -EOPNOTSUPP when the driver refuses; the fault names the
 * feature. */
int tags_hide(const char *interface, unsigned kinds, bool hide, struct fault *fault);
/* The name that `ethtool -K` uses for one kind. */
const char *tags_feature(unsigned kind);

/* The port is attached. */
void port_tags_attach(struct agent_port *port);
/* Its interface changed: another program may have switched the offload. */
void port_tags_follow(struct agent_port *port);
/* The port is detached. */
void port_tags_detach(struct agent_port *port);
/* "on", "off" or "unknown"; NULL: no segment of the port has a VLAN. */
const char *port_tags_state(const struct agent_port *port);

#endif
