/* SPDX-License-Identifier: MIT */
/* Names VLANs. Never touches a frame. */
#include "wire/vlan.h"

#include <stdio.h>

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
