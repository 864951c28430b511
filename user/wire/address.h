/* SPDX-License-Identifier: MIT */
/*
 * MAC and IPv4 addresses and on-link prefixes, as text and as values. In user space an IPv4 address
 * is a `uint32_t` in host byte order; only frames and events hold __be32.
 */
#ifndef USER_WIRE_ADDRESS_H
#define USER_WIRE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#define MAC_TEXT  sizeof("00:00:00:00:00:00")
#define IPV4_TEXT sizeof("255.255.255.255")

struct mac {
	uint8_t octet[6]; /* wire order */
};

extern const struct mac mac_broadcast;

/* Six bytes of two hex digits, between colons, upper or lower case. 0 or -EINVAL. */
int mac_parse(struct mac *mac, const char *text);
/* The same in any spelling that is common: 02:77:0:0:0:aa, 02-77-00-00-00-aa, 0277.0000.00aa,
 * 0277-0000-00aa, 0277000000aa. 0 or -EINVAL. */
int mac_read(struct mac *mac, const char *text);
/* Lower case. Returns `text`. */
char *mac_format(char text[MAC_TEXT], struct mac mac);
bool mac_equal(struct mac a, struct mac b);
bool mac_is_zero(struct mac mac);
/* A station's address: neither zero nor a group (multicast, broadcast) address. */
bool mac_is_station(struct mac mac);
int mac_compare(struct mac a, struct mac b); /* as memcmp */

/* Strict dotted quad, no leading zeros. Host byte order. 0 or -EINVAL. */
int ipv4_parse(uint32_t *address, const char *text);
char *ipv4_format(char text[IPV4_TEXT], uint32_t address);

#define PREFIX_TEXT sizeof("255.255.255.255/32")

struct prefix {
	uint32_t network; /* host bits are zero */
	uint8_t length;   /* 0..32 */
};

/* "10.0.0.0/16", or an address alone (/32). Refuses host bits, and names the prefix that was
 * probably meant. */
int prefix_parse(struct prefix *prefix, const char *text, struct fault *fault);
char *prefix_format(char text[PREFIX_TEXT], struct prefix prefix);
uint32_t prefix_mask(struct prefix prefix);
/* The prefix of this length (0..32) that holds the address. */
struct prefix prefix_around(uint32_t address, uint8_t length);
bool prefix_contains(struct prefix prefix, uint32_t address);
bool prefix_overlaps(struct prefix a, struct prefix b);
/* Whether `outer` has every address of `inner`. */
bool prefix_covers(struct prefix outer, struct prefix inner);
uint64_t prefix_size(struct prefix prefix); /* addresses, including network and broadcast */
/* Whether a host may have this address: in the prefix, but not its network or broadcast address
 * (RFC 919; a /31 or /32 has neither, RFC 3021), nor multicast, 0/8, 127/8. */
bool prefix_is_host(struct prefix prefix, uint32_t address);

/* Addresses from the first to the last, both included. */
struct range {
	uint32_t first, last;
};

/* "10.0.3.17", "10.0.3.0/28" or "10.0.3.4-10.0.3.9". */
int range_parse(struct range *range, const char *text, struct fault *fault);
struct range range_of(struct prefix prefix);
bool range_contains(struct range range, uint32_t address);
uint64_t range_size(struct range range);

#endif
