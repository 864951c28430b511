/* SPDX-License-Identifier: MIT */
/* Builds each frame for the port and the VLAN that it leaves on. */
#include "ports/send.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

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

/*
 * The host's own address in the target's prefix and VLAN; 0: none, and the request is a probe. An
 * address of an interface with another MAC (a bridge, say) does not count: with the port's MAC,
 * neighbours would learn a wrong binding; with the other MAC, the reply would not reach the agent.
 */
static uint32_t own_address(const struct agent_port *port, uint32_t vlan, struct address target)
{
	for (size_t i = 0; i < port->addresses; i++) {
		const struct port_address *own = &port->address[i];

		if (own->vlan == vlan && mac_equal(own->mac, port->mac) &&
		    prefix_contains(prefix_around(own->address, own->length), target))
			return address_number(own->address);
	}
	return 0;
}

/* Sends `message` on every port of the segment whose link is up, in the segment's VLAN. A request's
 * sender depends on the port. */
static void send_all(struct ports *ports, unsigned segment, struct arp_message message,
                     bool is_request)
{
	for (size_t i = 0; i < ports->count; i++) {
		const struct agent_port *port = &ports->port[i];
		const struct port_segment *here = port_segment_of(port, segment);

		if (!port->up || !here)
			continue;
		message.vlan = here->vlan;
		message.protocol = ports->config->segment[segment].vlan_protocol;
		message.source = port->mac;
		if (is_request) {
			message.sha = port->mac;
			message.spa = own_address(port, message.vlan, address_v4(message.tpa));
		}
		send_on(port, &message);
	}
}

void ports_ask(struct ports *ports, unsigned segment, struct address target, const struct mac *to)
{
	send_all(ports, segment, arp_request((struct mac){0}, 0, address_number(target), to, 0),
	         true);
}

void ports_announce(struct ports *ports, unsigned segment, struct address address, struct mac owner)
{
	send_all(ports, segment,
	         arp_announcement((struct mac){0}, owner, address_number(address), 0), false);
}

void ports_reply(struct ports *ports, unsigned segment, struct address address, struct mac owner,
                 struct address holder, struct mac holder_mac)
{
	if (mac_equal(holder_mac, mac_broadcast))
		ports_announce(ports, segment, address, owner);
	else
		send_all(ports, segment,
		         arp_reply((struct mac){0}, owner, address_number(address),
		                   address_number(holder), holder_mac, 0),
		         false);
}
