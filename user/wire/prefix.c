/* SPDX-License-Identifier: MIT */
/* On-link prefixes: text, size, and what belongs to them. */
#include "wire/prefix.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire/address.h"

/* "0".."32", no leading zero; else -1. */
static int parse_length(const char *text)
{
	int length = 0;

	if (!*text || strlen(text) > 2 || (text[0] == '0' && text[1]))
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		length = length * 10 + (*text - '0');
	}
	return length > 32 ? -1 : length;
}

int prefix_parse(struct prefix *prefix, const char *text, struct fault *fault)
{
	const char *slash = strchr(text, '/');
	size_t bytes = slash ? (size_t)(slash - text) : strlen(text);
	char address_text[IPV4_TEXT], meant[PREFIX_TEXT];
	struct prefix parsed;
	uint32_t address;
	int length = 32;

	if (bytes >= sizeof(address_text))
		return fault_set(fault, -EINVAL,
		                 "'%.64s' is not a prefix: write it like 10.0.0.0/16", text);
	memcpy(address_text, text, bytes);
	address_text[bytes] = '\0';
	if (ipv4_parse(&address, address_text) < 0)
		return fault_set(fault, -EINVAL,
		                 "'%.64s' is not a prefix: write it like 10.0.0.0/16", text);
	if (slash)
		length = parse_length(slash + 1);
	if (length < 0)
		return fault_set(fault, -EINVAL,
		                 "prefix '%.64s': its length must be a number from 0 to 32", text);
	parsed = (struct prefix){.network = address, .length = (uint8_t)length};
	parsed.network &= prefix_mask(parsed);
	if (parsed.network != address)
		return fault_set(fault, -EINVAL,
		                 "prefix '%s' has bits set beyond its length; did you mean %s?",
		                 text, prefix_format(meant, parsed));
	*prefix = parsed;
	return 0;
}

char *prefix_format(char text[PREFIX_TEXT], struct prefix prefix)
{
	char address[IPV4_TEXT];

	snprintf(text, PREFIX_TEXT, "%s/%u", ipv4_format(address, prefix.network),
	         prefix.length & 63u);
	return text;
}

uint32_t prefix_mask(struct prefix prefix)
{
	/* A shift by 32 is undefined. */
	return prefix.length ? ~UINT32_C(0) << (32 - prefix.length) : 0;
}

struct prefix prefix_around(uint32_t address, uint8_t length)
{
	struct prefix prefix = {.length = length};

	prefix.network = address & prefix_mask(prefix);
	return prefix;
}

bool prefix_contains(struct prefix prefix, uint32_t address)
{
	return (address & prefix_mask(prefix)) == prefix.network;
}

bool prefix_overlaps(struct prefix a, struct prefix b)
{
	return prefix_contains(a, b.network) || prefix_contains(b, a.network);
}

uint64_t prefix_size(struct prefix prefix)
{
	return UINT64_C(1) << (32 - prefix.length);
}

bool prefix_is_host(struct prefix prefix, uint32_t address)
{
	uint32_t first = address >> 24;

	if (!prefix_contains(prefix, address))
		return false;
	/* 0/8 "this network", 127/8 loopback (RFC 1122 3.2.1.3); 224/4 multicast; and all ones. */
	if (first == 0 || first == 127 || first >> 4 == 14 || address == UINT32_MAX)
		return false;
	if (prefix.length >= 31)
		return true;
	return address != prefix.network && address != (prefix.network | ~prefix_mask(prefix));
}
