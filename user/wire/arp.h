/* SPDX-License-Identifier: MIT */
/* ARP frames (RFC 826, RFC 5227) as the agent sends them. The XDP program parses the frames that
 * arrive. */
#ifndef USER_WIRE_ARP_H
#define USER_WIRE_ARP_H

#include "wire/ethernet.h"

#define ARP_FRAME_MAX 64 /* two tags, padded to Ethernet's 60 bytes */

struct arp_message {
	uint16_t opcode;   /* ARP_OP_* */
	uint32_t vlan;     /* vlan_key() */
	uint16_t protocol; /* of the outer tag, as in struct ethernet */
	struct mac source; /* Ethernet source */
	struct mac destination;
	struct mac sha, tha;
	uint32_t spa, tpa; /* host byte order */
};

/* Writes the frame, padded with zeros to 60 bytes; returns its length. */
size_t arp_build(uint8_t frame[ARP_FRAME_MAX], const struct arp_message *message);

/* A request for `target`. `to` NULL: broadcast. `own_address` 0: a probe (RFC 5227 2.1.1). */
struct arp_message arp_request(struct mac own, uint32_t own_address, uint32_t target,
                               const struct mac *to, uint32_t vlan);
/* An announcement (RFC 5227 2.3: a request whose spa and tpa are `address`) that `address`
 * is at `owner`, sent from `own`. */
struct arp_message arp_announcement(struct mac own, struct mac owner, uint32_t address,
                                    uint32_t vlan);
/* A reply to `holder` (RFC 826) that `address` is at `owner`, sent from `own`. */
struct arp_message arp_reply(struct mac own, struct mac owner, uint32_t address, uint32_t holder,
                             struct mac holder_mac, uint32_t vlan);

#endif
