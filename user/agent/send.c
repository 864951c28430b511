/* SPDX-License-Identifier: MIT */
/* The agent's own frames: requests and announcements, on every port of a segment. */
#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/ports.h"
#include "log/log.h"

static void send_on(const struct agent_port *port, const struct arp_message *message)
{
	uint8_t frame[ARP_FRAME_MAX];
	size_t length = arp_build(frame, message);
	struct sockaddr_ll to = {
	        .sll_family = AF_PACKET,
	        .sll_ifindex = (int)port->ifindex,
	        .sll_halen = sizeof(message->destination.octet),
	};

	memcpy(to.sll_addr, message->destination.octet, sizeof(message->destination.octet));
	if (sendto(port->ports->socket, frame, length, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		log_debug("%s: a frame was not sent: %s", port->name, strerror(errno));
}

/* The port's own address in the target's prefix, else 0: the request is a probe then. */
static uint32_t own_address(const struct agent_port *port, uint32_t target)
{
	for (size_t i = 0; i < port->addresses; i++) {
		struct prefix prefix = {.length = port->address[i].length};

		prefix.network = port->address[i].address & prefix_mask(prefix);
		if (prefix_contains(prefix, target))
			return port->address[i].address;
	}
	return 0;
}

void ports_ask(struct ports *ports, unsigned segment, uint32_t target, const struct mac *to)
{
	for (size_t i = 0; i < ports->count; i++) {
		const struct agent_port *port = &ports->port[i];

		if (!port->up)
			continue;
		for (size_t s = 0; s < port->segments; s++) {
			uint32_t vlan = port->segment[s].vlan;
			struct arp_message request;

			if (port->segment[s].segment != segment)
				continue;
			request = arp_request(port->mac, vlan ? 0 : own_address(port, target),
			                      target, to, vlan);
			send_on(port, &request);
		}
	}
}

void ports_announce(struct ports *ports, unsigned segment, uint32_t address, struct mac owner)
{
	for (size_t i = 0; i < ports->count; i++) {
		const struct agent_port *port = &ports->port[i];

		if (!port->up)
			continue;
		for (size_t s = 0; s < port->segments; s++) {
			struct arp_message announcement;

			if (port->segment[s].segment != segment)
				continue;
			announcement =
			        arp_announcement(port->mac, owner, address, port->segment[s].vlan);
			send_on(port, &announcement);
		}
	}
}
