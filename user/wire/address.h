/* SPDX-License-Identifier: MIT */
/*
 * MAC and IPv4 addresses as text and as values. In user space an IPv4 address is a `uint32_t` in
 * host byte order; only frames and events hold __be32.
 */
#ifndef USER_WIRE_ADDRESS_H
#define USER_WIRE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#define MAC_TEXT  sizeof("00:00:00:00:00:00")
#define IPV4_TEXT sizeof("255.255.255.255")

struct mac {
	uint8_t octet[6]; /* wire order */
};

extern const struct mac mac_broadcast;

/* Six bytes of two hex digits, between colons, upper or lower case. 0 or -EINVAL. */
int mac_parse(struct mac *mac, const char *text);
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

#endif
