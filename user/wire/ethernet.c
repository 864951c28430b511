/* SPDX-License-Identifier: MIT */
/* Names VLANs, and writes Ethernet headers. Knows nothing of what follows them. */
#include "wire/ethernet.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "arpkeeper/frame.h"

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

/* The tags say what follows them, so the last ethertype comes after them. */
static size_t put_tags(uint8_t *frame, size_t at, const struct ethernet *ethernet)
{
	uint16_t outer = (uint16_t)(ethernet->vlan >> 16), inner = (uint16_t)ethernet->vlan;
	uint16_t first = vlan_protocol(ethernet->vlan, ethernet->protocol);

	if (!ethernet->vlan)
		return at;
	if (outer) {
		at = put_u16(frame, at, first);
		at = put_u16(frame, at, outer & VLAN_VID_MASK);
		first = ETH_P_8021Q;
	}
	at = put_u16(frame, at, first);
	return put_u16(frame, at, inner & VLAN_VID_MASK);
}

size_t ethernet_build(uint8_t frame[ETHERNET_HEADER_MAX], const struct ethernet *ethernet,
                      uint16_t ethertype)
{
	size_t length = put(frame, 0, ethernet->destination.octet, ETH_ALEN);

	length = put(frame, length, ethernet->source.octet, ETH_ALEN);
	length = put_tags(frame, length, ethernet);
	return put_u16(frame, length, ethertype);
}
