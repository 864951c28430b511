/* SPDX-License-Identifier: MIT */
/* VLANs, by their vlan_key() (arpkeeper/frame.h): as text, and the type of their outer tag. */
#ifndef USER_WIRE_VLAN_H
#define USER_WIRE_VLAN_H

#include <stdint.h>

#define VLAN_TEXT sizeof("4094.4094")

/* "10"; with two tags "10.20", the outer one first. Not for untagged frames (0). */
char *vlan_format(char text[VLAN_TEXT], uint32_t vlan);
/* Of the outer tag: `configured`, or, if that is 0, ETH_P_8021Q for a single tag and ETH_P_8021AD
 * for the outer of two. */
uint16_t vlan_protocol(uint32_t vlan, uint16_t configured);

#endif
