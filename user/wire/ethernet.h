/* SPDX-License-Identifier: MIT */
/* Ethernet's header and at most two VLAN tags, as the agent sends them; VLANs are named by their
 * vlan_key() (arpkeeper/frame.h). */
#ifndef USER_WIRE_ETHERNET_H
#define USER_WIRE_ETHERNET_H

#include "wire/address.h"

#define ETHERNET_HEADER_MAX 22 /* with two tags */

/* Where a frame goes. */
struct ethernet {
	struct mac destination, source;
	uint32_t vlan;     /* vlan_key() */
	uint16_t protocol; /* of the outer tag: ETH_P_8021Q or ETH_P_8021AD; 0: the former for a
	                      single tag, else the latter */
};

/* Writes the header of a frame that carries `ethertype`; returns its length. */
size_t ethernet_build(uint8_t frame[ETHERNET_HEADER_MAX], const struct ethernet *ethernet,
                      uint16_t ethertype);

#define VLAN_TEXT sizeof("4094.4094")

/* "10"; with two tags "10.20", the outer one first. Not for untagged frames (0). */
char *vlan_format(char text[VLAN_TEXT], uint32_t vlan);
/* Of the outer tag: `configured`, or, if that is 0, ETH_P_8021Q for a single tag and ETH_P_8021AD
 * for the outer of two. */
uint16_t vlan_protocol(uint32_t vlan, uint16_t configured);

#endif
