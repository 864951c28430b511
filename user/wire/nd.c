/* SPDX-License-Identifier: MIT */
/* Builds neighbour solicitations and advertisements: Ethernet, IPv6, ICMPv6 and its one option. */
#include "wire/nd.h"

#include <arpa/inet.h>
#include <string.h>

#include "arpkeeper/nd.h"
#include "wire/ipv6.h"

/* The message and its option, as they stand in the frame. */
struct body {
	struct nd_message message;
	struct nd_option option;
};

size_t nd_build(uint8_t frame[ND_FRAME_MAX], const struct nd_frame *nd)
{
	struct body body = {.message = {.type = nd->type, .flags = nd->flags}};
	struct ipv6_header ipv6 = {
	        .version_class_flow = htonl(6u << 28),
	        .next_header = IPV6_NEXT_ICMPV6,
	        .hop_limit = ND_HOP_LIMIT,
	};
	size_t length = ethernet_build(frame, &nd->ethernet, ETH_P_IPV6);
	size_t size = sizeof(body.message);

	address_store(body.message.target, nd->target);
	if (!mac_is_zero(nd->link)) {
		body.option.type =
		        nd->type == ND_NEIGHBOR_SOLICITATION ? ND_OPTION_SOURCE : ND_OPTION_TARGET;
		body.option.length = sizeof(body.option) / 8;
		memcpy(body.option.mac, nd->link.octet, sizeof(body.option.mac));
		size += sizeof(body.option);
	}
	body.message.checksum = ipv6_checksum(nd->from, nd->to, &body, size);
	ipv6.payload_length = htons((uint16_t)size);
	address_store(ipv6.source, nd->from);
	address_store(ipv6.destination, nd->to);
	memcpy(frame + length, &ipv6, sizeof(ipv6));
	memcpy(frame + length + sizeof(ipv6), &body, size);
	return length + sizeof(ipv6) + size;
}

struct nd_frame nd_solicitation(struct mac own, struct address own_address, struct address target,
                                const struct mac *to)
{
	const struct address group = ipv6_solicited_node(target);

	struct nd_frame nd = {
	        .ethernet = {.destination = to ? *to : ipv6_group_mac(group), .source = own},
	        .type = ND_NEIGHBOR_SOLICITATION,
	        .from = own_address,
	        .to = to ? target : group,
	        .target = target,
	};

	/* RFC 4861 4.3: not with "::". */
	if (!address_is_none(own_address))
		nd.link = own;
	return nd;
}

struct nd_frame nd_advertisement(struct mac own, struct mac owner, struct address address,
                                 uint8_t flags, struct address asker, struct mac asker_mac)
{
	const bool to_all = address_is_none(asker);

	return (struct nd_frame){
	        .ethernet = {.destination = to_all ? ipv6_group_mac(ipv6_all_nodes) : asker_mac,
	                     .source = own},
	        .type = ND_NEIGHBOR_ADVERTISEMENT,
	        .flags = flags,
	        .from = address,
	        .to = to_all ? ipv6_all_nodes : asker,
	        .target = address,
	        .link = owner,
	};
}

struct nd_frame nd_correction(struct mac own, struct mac owner, struct address address, bool router,
                              struct address holder, struct mac holder_mac)
{
	return nd_advertisement(own, owner, address,
	                        ND_FLAG_OVERRIDE | (router ? ND_FLAG_ROUTER : 0), holder,
	                        holder_mac);
}

struct nd_frame nd_announcement(struct mac own, struct mac owner, struct address address,
                                bool router)
{
	return nd_correction(own, owner, address, router, (struct address){0, 0},
	                     (struct mac){{0}});
}
