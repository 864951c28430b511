/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Neighbour discovery in a frame: IPv6 (RFC 8200), and directly after it an ICMPv6 message of RFC
 * 4861 with its options. linux/ipv6.h includes libc headers, so the layout is declared here.
 */
#ifndef ARPKEEPER_ND_H
#define ARPKEEPER_ND_H

#include <linux/if_ether.h>
#include <linux/types.h>

struct ipv6_header {
	__be32 version_class_flow;
	__be16 payload_length;
	__u8 next_header;
	__u8 hop_limit;
	__u8 source[16];
	__u8 destination[16];
} __attribute__((packed));

#define IPV6_NEXT_ICMPV6 58

/* The types of RFC 4861. They are also the opcodes of events. */
#define ND_ROUTER_SOLICITATION    133
#define ND_ROUTER_ADVERTISEMENT   134
#define ND_NEIGHBOR_SOLICITATION  135
#define ND_NEIGHBOR_ADVERTISEMENT 136
#define ND_REDIRECT               137

#define ND_HOP_LIMIT 255 /* a router would have made it less: the sender is on the link */

/* Solicitations and advertisements of a neighbour; a redirect also begins so. */
struct nd_message {
	__u8 type;
	__u8 code;
	__be16 checksum; /* over the pseudo-header, too: RFC 8200 8.1 */
	__u8 flags;      /* ND_FLAG_*, in an advertisement */
	__u8 reserved[3];
	__u8 target[16];
} __attribute__((packed));

#define ND_FLAG_ROUTER    0x80
#define ND_FLAG_SOLICITED 0x40
#define ND_FLAG_OVERRIDE  0x20

/* The bytes of each message before its options: the least that its ICMP length may be. */
#define ND_LENGTH_ROUTER_SOLICITATION  8
#define ND_LENGTH_ROUTER_ADVERTISEMENT 16
#define ND_LENGTH_NEIGHBOR             24
#define ND_LENGTH_REDIRECT             40

/* An option that carries an Ethernet address. Other options begin with the same two fields. */
struct nd_option {
	__u8 type;
	__u8 length; /* in units of eight bytes, with type and length themselves */
	__u8 mac[ETH_ALEN];
} __attribute__((packed));

#define ND_OPTION_SOURCE 1 /* the sender's link-layer address */
#define ND_OPTION_TARGET 2 /* the target's */

/* Options of one message that the program walks. A message with more of them passes unjudged. */
#define ND_OPTIONS_MAX 8

#endif
