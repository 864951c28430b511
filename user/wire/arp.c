/* SPDX-License-Identifier: MIT */
/* Builds ARP frames: Ethernet, at most two tags, ARP for IPv4, padding. */
#include "wire/arp.h"

#include <arpa/inet.h>
#include <string.h>

#include "arpkeeper/frame.h"

#define FRAME_MIN 60 /* Ethernet's 64 bytes, less the checksum that the card adds */

size_t arp_build(uint8_t frame[ARP_FRAME_MAX], const struct arp_message *message)
{
	struct arp_ipv4 arp = {
	        .htype = htons(ARP_HTYPE_ETHERNET),
	        .ptype = htons(ETH_P_IP),
	        .hlen = ETH_ALEN,
	        .plen = sizeof(arp.spa),
	        .opcode = htons(message->opcode),
	        .spa = htonl(message->spa),
	        .tpa = htonl(message->tpa),
	};
	const struct ethernet ethernet = {message->destination, message->source, message->vlan,
	                                  message->protocol};
	size_t length;

	memcpy(arp.sha, message->sha.octet, ETH_ALEN);
	memcpy(arp.tha, message->tha.octet, ETH_ALEN);
	memset(frame, 0, ARP_FRAME_MAX);
	length = ethernet_build(frame, &ethernet, ETH_P_ARP);
	memcpy(frame + length, &arp, sizeof(arp));
	length += sizeof(arp);
	return length < FRAME_MIN ? FRAME_MIN : length;
}

struct arp_message arp_request(struct mac own, uint32_t own_address, uint32_t target,
                               const struct mac *to, uint32_t vlan)
{
	/* tha is unknown: zero (RFC 5227 2.1.1), also in a unicast request. */
	return (struct arp_message){
	        .opcode = ARP_OP_REQUEST,
	        .vlan = vlan,
	        .source = own,
	        .destination = to ? *to : mac_broadcast,
	        .sha = own,
	        .spa = own_address,
	        .tpa = target,
	};
}

struct arp_message arp_announcement(struct mac own, struct mac owner, uint32_t address,
                                    uint32_t vlan)
{
	struct arp_message message = arp_request(own, address, address, NULL, vlan);

	message.sha = owner;
	return message;
}

struct arp_message arp_reply(struct mac own, struct mac owner, uint32_t address, uint32_t holder,
                             struct mac holder_mac, uint32_t vlan)
{
	return (struct arp_message){
	        .opcode = ARP_OP_REPLY,
	        .vlan = vlan,
	        .source = own,
	        .destination = holder_mac,
	        .sha = owner,
	        .spa = address,
	        .tha = holder_mac,
	        .tpa = holder,
	};
}
