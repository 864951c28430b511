/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The frame: Ethernet, up to two VLAN tags, ARP for IPv4 (RFC 826). linux/if_arp.h includes libc
 * headers, which a BPF program cannot use, so the layout is declared here.
 */
#ifndef ARPKEEPER_FRAME_H
#define ARPKEEPER_FRAME_H

#include <linux/if_ether.h>
#include <linux/types.h>

#define VLAN_TAGS_MAX 2
#define VLAN_VID_MASK 0x0fff

struct vlan_tag {
	__be16 tci;
	__be16 ethertype; /* of what follows */
};

/* RFC 826, for hardware type 1 (Ethernet) and protocol type 0x0800 (IPv4). */
struct arp_ipv4 {
	__be16 htype;
	__be16 ptype;
	__u8 hlen;
	__u8 plen;
	__be16 opcode;
	__u8 sha[ETH_ALEN];
	__be32 spa;
	__u8 tha[ETH_ALEN];
	__be32 tpa;
} __attribute__((packed));

#define ARP_HTYPE_ETHERNET 1
#define ARP_OP_REQUEST     1
#define ARP_OP_REPLY       2

/*
 * A VLAN key names the broadcast domain that a frame belongs to on its port:
 * 0 untagged (or priority-tagged, VID 0), else outer VID << 16 | inner VID for two tags,
 * and plain VID for one.
 */
static inline __u32 vlan_key(__u32 outer_key, __u16 tci)
{
	__u32 vid = tci & VLAN_VID_MASK;

	return outer_key ? outer_key << 16 | vid : vid;
}

#endif
