/* SPDX-License-Identifier: MIT */
/* Prefixes and ranges of addresses, of both families. */
#include "wire/prefix.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire/ipv6.h"
#include "wire/spelling.h"

#define V4_BITS 96 /* of a mapped address, before those of IPv4 */

const struct prefix prefix_link_local = {{UINT64_C(0xfe80000000000000), 0}, 64};
const struct range range_anywhere = {.last = {UINT64_MAX, UINT64_MAX}};

/* The first `bits` of 128. */
static struct address mask_of(unsigned bits)
{
	/* A shift by 64 is undefined. */
	if (!bits)
		return (struct address){0};
	if (bits <= 64)
		return (struct address){~UINT64_C(0) << (64 - bits), 0};
	return (struct address){~UINT64_C(0), ~UINT64_C(0) << (128 - bits)};
}

/* The prefix's length among the 128 bits of an address. */
static unsigned bits_of(struct prefix prefix)
{
	return prefix.length + (prefix_is_v4(prefix) ? V4_BITS : 0u);
}

static struct address masked(struct address address, unsigned bits)
{
	const struct address mask = mask_of(bits);

	return (struct address){address.high & mask.high, address.low & mask.low};
}

/* A decimal number without a leading zero, at most `most`; else -1. */
static int parse_length(const char *text, int most)
{
	int length = 0;

	if (!*text || strlen(text) > 3 || (text[0] == '0' && text[1]))
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		length = length * 10 + (*text - '0');
	}
	return length > most ? -1 : length;
}

static int refuse_prefix(const char *text, const char *address, struct fault *fault)
{
	if (address_explain(address, fault) < 0)
		return -EINVAL;
	if (strchr(text, '/'))
		return fault_set(fault, -EINVAL,
		                 "'%.64s' is not a prefix: write it like 10.0.0.0/16 or "
		                 "2001:db8::/64",
		                 text);
	return fault_set(fault, -EINVAL,
	                 "'%.64s' is neither an address nor a prefix: write it like 10.0.3.17, "
	                 "2001:db8::17, 10.0.0.0/16 or 2001:db8::/64",
	                 text);
}

int prefix_parse(struct prefix *prefix, const char *text, struct fault *fault)
{
	const char *slash = strchr(text, '/');
	size_t bytes = slash ? (size_t)(slash - text) : strlen(text);
	char address_text[PREFIX_TEXT + ADDRESS_TEXT], meant[PREFIX_TEXT];
	struct prefix parsed;
	struct address address;
	int length;

	if (bytes < sizeof(address_text)) {
		memcpy(address_text, text, bytes);
		address_text[bytes] = '\0';
	}
	if (bytes >= sizeof(address_text) || address_parse(&address, address_text) < 0)
		return refuse_prefix(text, bytes < sizeof(address_text) ? address_text : "", fault);
	length = (int)address_bits(address);
	if (slash)
		length = parse_length(slash + 1, length);
	if (length < 0)
		return fault_set(fault, -EINVAL,
		                 "prefix '%.64s': its length must be a number from 0 to %u", text,
		                 address_bits(address));
	parsed = prefix_around(address, (uint8_t)length);
	if (!address_equal(parsed.network, address))
		return fault_set(fault, -EINVAL,
		                 "prefix '%s' has bits set beyond its length; did you mean %s?",
		                 text, prefix_format(meant, parsed));
	*prefix = parsed;
	return 0;
}

char *prefix_format(char text[PREFIX_TEXT], struct prefix prefix)
{
	char address[ADDRESS_TEXT];

	snprintf(text, PREFIX_TEXT, "%s/%u", address_format(address, prefix.network),
	         prefix.length & 255u);
	return text;
}

bool prefix_is_valid(struct prefix prefix)
{
	return prefix.length <= address_bits(prefix.network) &&
	       address_equal(masked(prefix.network, bits_of(prefix)), prefix.network);
}

uint32_t prefix_mask4(struct prefix prefix)
{
	/* A shift by 32 is undefined. */
	return prefix.length ? ~UINT32_C(0) << (32 - prefix.length) : 0;
}

struct prefix prefix_around(struct address address, uint8_t length)
{
	return (struct prefix){
	        .network = masked(address, length + (address_is_v4(address) ? V4_BITS : 0u)),
	        .length = length,
	};
}

bool prefix_equal(struct prefix a, struct prefix b)
{
	return address_equal(a.network, b.network) && a.length == b.length;
}

bool prefix_contains(struct prefix prefix, struct address address)
{
	/* ::/0 must not have IPv4's. */
	return address_is_v4(address) == prefix_is_v4(prefix) &&
	       address_equal(masked(address, bits_of(prefix)), prefix.network);
}

bool prefix_overlaps(struct prefix a, struct prefix b)
{
	return prefix_contains(a, b.network) || prefix_contains(b, a.network);
}

bool prefix_covers(struct prefix outer, struct prefix inner)
{
	return outer.length <= inner.length && prefix_contains(outer, inner.network);
}

uint64_t prefix_size(struct prefix prefix)
{
	const unsigned bits = 128 - bits_of(prefix);

	return bits < 64 ? UINT64_C(1) << bits : UINT64_MAX;
}

/* RFC 919, RFC 1122 3.2.1.3, RFC 3021. */
static bool is_host4(struct prefix prefix, uint32_t address)
{
	uint32_t first = address >> 24, network = address_number(prefix.network);

	/* 0/8 "this network", 127/8 loopback; 224/4 multicast; and all ones. */
	if (first == 0 || first == 127 || first >> 4 == 14 || address == UINT32_MAX)
		return false;
	if (prefix.length >= 31)
		return true;
	return address != network && address != (network | ~prefix_mask4(prefix));
}

bool prefix_is_host(struct prefix prefix, struct address address)
{
	if (!prefix_contains(prefix, address))
		return false;
	if (address_is_v4(address))
		return is_host4(prefix, address_number(address));
	/* ff00::/8 multicast; "::" and ::1. */
	if (ipv6_is_group(address) || (!address.high && address.low <= 1))
		return false;
	return prefix.length >= 127 || !address_equal(address, prefix.network);
}

const char *prefix_not_host(struct address address)
{
	return address_is_v4(address) ? "the network or broadcast address of its prefix"
	                              : "a multicast or anycast address of its prefix";
}

struct range range_of(struct prefix prefix)
{
	const struct address mask = mask_of(bits_of(prefix));

	return (struct range){
	        prefix.network,
	        {prefix.network.high | ~mask.high, prefix.network.low | ~mask.low},
	};
}

int range_parse(struct range *range, const char *text, struct fault *fault)
{
	const char *dash = strchr(text, '-');
	size_t length = dash ? (size_t)(dash - text) : 0;
	char first[PREFIX_TEXT];
	struct prefix prefix = {0};
	int error;

	if (!dash) {
		error = prefix_parse(&prefix, text, fault);
		if (!error)
			*range = range_of(prefix);
		return error;
	}
	snprintf(first, sizeof(first), "%.*s", (int)length, text);
	if (address_explain(first, fault) < 0 || address_explain(dash + 1, fault) < 0)
		return -EINVAL;
	if (length >= sizeof(first) || address_parse(&range->first, first) < 0 ||
	    address_parse(&range->last, dash + 1) < 0)
		return fault_set(fault, -EINVAL,
		                 "'%.64s' is not a range: write it like 10.0.3.4-10.0.3.9 or "
		                 "2001:db8::4-2001:db8::9",
		                 text);
	if (address_is_v4(range->first) != address_is_v4(range->last))
		return fault_set(fault, -EINVAL,
		                 "range '%.100s' has an IPv4 and an IPv6 address: give two ranges",
		                 text);
	if (address_compare(range->first, range->last) > 0)
		return fault_set(fault, -EINVAL, "range '%s' ends before it begins", text);
	return 0;
}

bool range_prefix(struct prefix *prefix, struct range range)
{
	for (unsigned length = address_bits(range.first); length > 0; length--) {
		*prefix = prefix_around(range.first, (uint8_t)length);
		if (prefix_contains(*prefix, range.last))
			return true;
	}
	return false;
}

bool range_contains(struct range range, struct address address)
{
	return address_compare(range.first, address) <= 0 &&
	       address_compare(address, range.last) <= 0;
}

uint64_t range_size(struct range range)
{
	const uint64_t steps = address_minus(range.last, range.first);

	return steps == UINT64_MAX ? steps : steps + 1;
}
