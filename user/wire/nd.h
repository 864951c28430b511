/* SPDX-License-Identifier: MIT */
/* Frames of IPv6's neighbour discovery (RFC 4861) as the agent sends them: solicitations and
 * advertisements of a neighbour. The XDP program parses the frames that arrive. */
#ifndef USER_WIRE_ND_H
#define USER_WIRE_ND_H

#include "wire/ethernet.h"

#define ND_FRAME_MAX 96 /* two tags, IPv6, the message, one option */

struct nd_frame {
	struct ethernet ethernet;
	uint8_t type;  /* ND_NEIGHBOR_*, arpkeeper/nd.h */
	uint8_t flags; /* ND_FLAG_*: of an advertisement */
	struct address from, to, target;
	struct mac link; /* for the link-layer option; zero: none is there */
};

/* Writes the frame, with its checksum; returns its length. */
size_t nd_build(uint8_t frame[ND_FRAME_MAX], const struct nd_frame *nd);

/* A solicitation for `target`, from `own_address` at `own`. `to` NULL: to the solicited-node group;
 * else to the target at that MAC (RFC 4861 7.3.3). */
struct nd_frame nd_solicitation(struct mac own, struct address own_address, struct address target,
                                const struct mac *to);
/* An unsolicited advertisement to all nodes (RFC 4861 7.2.6) that `address` is at `owner`, sent
 * from `own`. It overrides what the nodes have. */
struct nd_frame nd_announcement(struct mac own, struct mac owner, struct address address,
                                bool router);
/* The same to `holder` alone, which is at `holder_mac`. */
struct nd_frame nd_correction(struct mac own, struct mac owner, struct address address, bool router,
                              struct address holder, struct mac holder_mac);
/* The answer to a solicitation of `asker`, which is at `asker_mac` (RFC 4861 7.2.4). Without an
 * address ("::") the asker is about to take one: the answer goes to all nodes. */
struct nd_frame nd_advertisement(struct mac own, struct mac owner, struct address address,
                                 uint8_t flags, struct address asker, struct mac asker_mac);

#endif
