/* SPDX-License-Identifier: MIT */
/* On-link prefixes and ranges of addresses, of both families, as text and as values. */
#ifndef USER_WIRE_PREFIX_H
#define USER_WIRE_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "wire/address.h"

#define PREFIX_TEXT (ADDRESS_TEXT + sizeof("/128") - 1)

struct prefix {
	struct address network; /* host bits are zero */
	uint8_t length;         /* as its family counts: 0..32 or 0..128 */
};

/* "10.0.0.0/16", "2001:db8::/64", or an address alone (/32, /128). Refuses host bits, and names the
 * prefix that was probably meant. */
int prefix_parse(struct prefix *prefix, const char *text, struct fault *fault);
char *prefix_format(char text[PREFIX_TEXT], struct prefix prefix);
static inline bool prefix_is_v4(struct prefix prefix)
{
	return address_is_v4(prefix.network);
}
/* Whether the length is one of its family, and there are no host bits. */
bool prefix_is_valid(struct prefix prefix);
/* IPv4's netmask, in host byte order. */
uint32_t prefix_mask4(struct prefix prefix);
/* The prefix of this length, as the address's family counts, that holds the address. */
struct prefix prefix_around(struct address address, uint8_t length);
bool prefix_equal(struct prefix a, struct prefix b);
bool prefix_contains(struct prefix prefix, struct address address);
bool prefix_overlaps(struct prefix a, struct prefix b);
/* Whether `outer` has every address of `inner`. */
bool prefix_covers(struct prefix outer, struct prefix inner);
/* Addresses, IPv4's network and broadcast address included; UINT64_MAX: 2^64 or more. */
uint64_t prefix_size(struct prefix prefix);
/* Whether a host may have this address: in the prefix; not its network or broadcast address (RFC
 * 919; a /31 or /32 has neither, RFC 3021), nor multicast, 0/8, 127/8. With IPv6: not the
 * subnet-router anycast address (RFC 4291 2.6.1; a /127 or /128 has none, RFC 6164), multicast,
 * "::" or ::1. */
bool prefix_is_host(struct prefix prefix, struct address address);
/* What an address of a prefix is if no host may have it: "the network or broadcast address of its
 * prefix". */
const char *prefix_not_host(struct address address);

/* fe80::/64 (RFC 4291 2.5.6): on every link with IPv6. */
extern const struct prefix prefix_link_local;

/* Addresses of one family from the first to the last, both included. */
struct range {
	struct address first, last;
};

/* "10.0.3.17", "10.0.3.0/28" or "10.0.3.4-10.0.3.9"; the same with IPv6. */
int range_parse(struct range *range, const char *text, struct fault *fault);
/* Every address of both families. */
extern const struct range range_anywhere;
struct range range_of(struct prefix prefix);
/* The smallest prefix that has a range. False: none does but that of all addresses. */
bool range_prefix(struct prefix *prefix, struct range range);
bool range_contains(struct range range, struct address address);
/* UINT64_MAX: that or more. */
uint64_t range_size(struct range range);

#endif
