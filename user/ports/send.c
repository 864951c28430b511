/* SPDX-License-Identifier: MIT */
/*
 * Builds each frame for the port and the VLAN that it leaves on: ARP for IPv4 addresses, neighbour
 * discovery for those of IPv6.
 */
#include "ports/send.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

void ports_send(const struct agent_port *port, const uint8_t *frame, size_t length)
{
	struct sockaddr_ll to = {
	        .sll_family = AF_PACKET,
	        .sll_ifindex = (int)port->ifindex,
	        .sll_halen = ETH_ALEN,
	};

	memcpy(to.sll_addr, frame, ETH_ALEN);
	if (sendto(port->ports->socket, frame, length, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		log_debug("%s: a frame was not sent: %s", port->name, strerror(errno));
}

/*
 * Whether the host may speak as this address from the port: it is in the VLAN, and has the port's
 * MAC. An address of an interface with another MAC (a bridge, say) does not count: with the port's
 * MAC, neighbours would learn a wrong binding; with the other MAC, the reply would not reach the
 * agent.
 */
static bool speaks(const struct agent_port *port, const struct port_address *own, uint32_t vlan)
{
	return own->vlan == vlan && mac_equal(own->mac, port->mac);
}

/* The host's own address in the target's prefix and VLAN. "::": none. */
static struct address own_address(const struct agent_port *port, uint32_t vlan,
                                  struct address target)
{
	for (size_t i = 0; i < port->addresses; i++) {
		const struct port_address *own = &port->address[i];

		if (speaks(port, own, vlan) &&
		    prefix_contains(prefix_around(own->address, own->length), target))
			return own->address;
	}
	return (struct address){0, 0};
}

struct address ports_link_local(const struct agent_port *port, uint32_t vlan)
{
	for (size_t i = 0; i < port->addresses; i++)
		if (speaks(port, &port->address[i], vlan) &&
		    address_is_link_local(port->address[i].address))
			return port->address[i].address;
	return (struct address){0, 0};
}

/*
 * A solicitation from "::" claims its target (RFC 4862 5.4.2): a host that is about to take the
 * address would give it up. So an interface without IPv6 asks as the link-local address that its
 * MAC makes (RFC 4291 appendix A), which no other host has.
 */
struct address ports_asker(const struct agent_port *port, uint32_t vlan)
{
	struct address own = ports_link_local(port, vlan);

	return address_is_none(own) ? ipv6_link_local(port->mac) : own;
}

/* What to send; the fields of Ethernet, and a request's sender, depend on the port. */
struct message {
	bool ask;              /* else: `about` is at `owner` */
	struct address about;  /* the target, or the address spoken of */
	const struct mac *to;  /* NULL: to all */
	struct address holder; /* of a reply: who is at `to` */
	struct mac owner;
};

static void send_arp(const struct agent_port *port, const struct message *message,
                     const struct ethernet *ethernet)
{
	const uint32_t about = address_number(message->about), vlan = ethernet->vlan;
	uint8_t frame[ARP_FRAME_MAX];
	struct arp_message arp;
	size_t length;

	if (message->ask) {
		struct address own = own_address(port, vlan, message->about);

		/* Without an address it is a probe. */
		arp = arp_request(port->mac, address_number(own), about, message->to, vlan);
	} else if (message->to) {
		arp = arp_reply(port->mac, message->owner, about, address_number(message->holder),
		                *message->to, vlan);
	} else {
		arp = arp_announcement(port->mac, message->owner, about, vlan);
	}
	arp.protocol = ethernet->protocol;
	length = arp_build(frame, &arp);
	ports_send(port, frame, length);
}

static void send_nd(const struct agent_port *port, unsigned segment, const struct message *message,
                    const struct ethernet *ethernet)
{
	const struct ports_ops *ops = port->ports->ops;
	const bool router = !message->ask && ops->is_router &&
	                    ops->is_router(port->ports->context, segment, message->about);
	uint8_t bytes[ND_FRAME_MAX];
	struct nd_frame frame;
	size_t length;

	if (message->ask)
		frame = nd_solicitation(port->mac, ports_asker(port, ethernet->vlan),
		                        message->about, message->to);
	else if (message->to)
		frame = nd_correction(port->mac, message->owner, message->about, router,
		                      message->holder, *message->to);
	else
		frame = nd_announcement(port->mac, message->owner, message->about, router);
	frame.ethernet.vlan = ethernet->vlan;
	frame.ethernet.protocol = ethernet->protocol;
	length = nd_build(bytes, &frame);
	ports_send(port, bytes, length);
}

/* Sends `message` on every port of the segment whose link is up, in the segment's VLAN. */
static void send_all(struct ports *ports, unsigned segment, const struct message *message)
{
	for (size_t i = 0; i < ports->count; i++) {
		const struct agent_port *port = &ports->port[i];
		const struct port_segment *here = port_segment_of(port, segment);
		struct ethernet ethernet;

		if (!port->up || !here)
			continue;
		ethernet = (struct ethernet){
		        .vlan = here->vlan,
		        .protocol = ports->config->segment[segment].vlan_protocol,
		};
		if (address_is_v4(message->about))
			send_arp(port, message, &ethernet);
		else
			send_nd(port, segment, message, &ethernet);
	}
}

void ports_ask(struct ports *ports, unsigned segment, struct address target, const struct mac *to)
{
	const struct message message = {.ask = true, .about = target, .to = to};

	send_all(ports, segment, &message);
}

void ports_announce(struct ports *ports, unsigned segment, struct address address, struct mac owner)
{
	const struct message message = {.about = address, .owner = owner};

	send_all(ports, segment, &message);
}

void ports_reply(struct ports *ports, unsigned segment, struct address address, struct mac owner,
                 struct address holder, struct mac holder_mac)
{
	const bool to_all = mac_equal(holder_mac, mac_broadcast) || address_is_none(holder);
	const struct message message = {
	        .about = address,
	        .owner = owner,
	        .to = to_all ? NULL : &holder_mac,
	        .holder = holder,
	};

	send_all(ports, segment, &message);
}
