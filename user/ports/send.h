/* SPDX-License-Identifier: MIT */
/* The agent's own frames: each goes to every port of the segment whose link is up. */
#ifndef USER_PORTS_SEND_H
#define USER_PORTS_SEND_H

#include "ports/port.h"

/* The pace for frames of which there may be many: 500 a second. */
#define PORTS_PACE_MS     20
#define PORTS_PACE_FRAMES 10 /* every PORTS_PACE_MS */

/* One frame, whole, on one port. */
void ports_send(const struct agent_port *port, const uint8_t *frame, size_t length);
/* The host's link-local address on the port, in that VLAN. "::": none. */
struct address ports_link_local(const struct agent_port *port, uint32_t vlan);

/* Who asks for IPv6 addresses: that one, or, without it, the link-local address that the port's MAC
 * makes. */
struct address ports_asker(const struct agent_port *port, uint32_t vlan);

/* Requests `target`, or solicits it. `to` NULL: to all, or to its solicited-node group. */
void ports_ask(struct ports *ports, unsigned segment, struct address target, const struct mac *to);
/* Announces that `address` is at `owner`. */
void ports_announce(struct ports *ports, unsigned segment, struct address address,
                    struct mac owner);
/* Sends `holder`, which is at `holder_mac`, an unsolicited reply or advertisement: `address` is at
 * `owner`. To the broadcast MAC it is an announcement. */
void ports_reply(struct ports *ports, unsigned segment, struct address address, struct mac owner,
                 struct address holder, struct mac holder_mac);

#endif
