/* SPDX-License-Identifier: MIT */
/* On-link prefixes. Addresses are in host byte order. */
#ifndef USER_WIRE_PREFIX_H
#define USER_WIRE_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

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
uint64_t prefix_size(struct prefix prefix); /* addresses, including network and broadcast */
/* Whether a host may have this address: in the prefix, but not its network or broadcast address
 * (RFC 919; a /31 or /32 has neither, RFC 3021), nor multicast, 0/8, 127/8. */
bool prefix_is_host(struct prefix prefix, uint32_t address);

#endif
