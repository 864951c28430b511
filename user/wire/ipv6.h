/* SPDX-License-Identifier: MIT */
/* What the frames of IPv6 have in common: groups, the checksum, and addresses that follow from
 * others. */
#ifndef USER_WIRE_IPV6_H
#define USER_WIRE_IPV6_H

#include "wire/address.h"

extern const struct address ipv6_all_nodes;       /* ff02::1 */
extern const struct address ipv6_all_routers;     /* ff02::2 */
extern const struct address ipv6_all_mld_routers; /* ff02::16, RFC 3810 5.2.14 */

bool ipv6_is_group(struct address address);
/* The group to which an address is solicited: RFC 4291 2.7.1. */
struct address ipv6_solicited_node(struct address target);
/* The Ethernet address of a group: RFC 2464 7. */
struct mac ipv6_group_mac(struct address group);
/* The link-local address that an interface with this MAC gives itself: RFC 4291 appendix A. */
struct address ipv6_link_local(struct mac mac);

/* The checksum of an ICMPv6 message, with the pseudo-header (RFC 8200 8.1), as it stands in memory
 * in network byte order. Over a
 * message with its checksum it is 0. */
uint16_t ipv6_checksum(struct address from, struct address to, const void *message, size_t length);

#endif
