/* SPDX-License-Identifier: MIT */
/* Names VLANs, and builds ARP frames: Ethernet, at most two tags, ARP for IPv4, padding. */
#include "wire/arp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "arpkeeper/frame.h"

#define FRAME_MIN 60 /* Ethernet's 64 bytes, less the checksum that the card adds */

char *vlan_format(char text[VLAN_TEXT], uint32_t vlan)
{
	unsigned outer = vlan >> 16 & VLAN_VID_MASK, inner = vlan & VLAN_VID_MASK;

	if (outer)
		snprintf(text, VLAN_TEXT, "%u.%u", outer, inner);
	else
		snprintf(text, VLAN_TEXT, "%u", inner);
	return text;
}

uint16_t vlan_protocol(uint32_t vlan, uint16_t configured)
{
	if (configured)
		return configured;
	return vlan >> 16 ? ETH_P_8021AD : ETH_P_8021Q;
}

static size_t put(uint8_t *frame, size_t at, const void *bytes, size_t length)
{
	memcpy(frame + at, bytes, length);
	return at + length;
}

static size_t put_u16(uint8_t *frame, size_t at, uint16_t value)
{
	uint16_t wire = htons(value);

	return put(frame, at, &wire, sizeof(wire));
}

/* The tags between source and type. The inner one of two is a customer tag (IEEE 802.1ad). */
static size_t put_tags(uint8_t *frame, size_t at, const struct arp_message *message)
{
	uint16_t outer = (uint16_t)(message->vlan >> 16), inner = (uint16_t)message->vlan;
	uint16_t first = vlan_protocol(message->vlan, message->protocol);

	if (!message->vlan)
		return at;
	if (outer) {
		at = put_u16(frame, at, first);
		at = put_u16(frame, at, outer & VLAN_VID_MASK);
		first = ETH_P_8021Q;
	}
	at = put_u16(frame, at, first);
	return put_u16(frame, at, inner & VLAN_VID_MASK);
}

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
	size_t length = 0;

	memcpy(arp.sha, message->sha.octet, ETH_ALEN);
	memcpy(arp.tha, message->tha.octet, ETH_ALEN);
	memset(frame, 0, ARP_FRAME_MAX);
	length = put(frame, length, message->destination.octet, ETH_ALEN);
	length = put(frame, length, message->source.octet, ETH_ALEN);
	length = put_tags(frame, length, message);
	length = put_u16(frame, length, ETH_P_ARP);
	length = put(frame, length, &arp, sizeof(arp));
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
