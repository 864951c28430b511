/* SPDX-License-Identifier: MIT */
/* Addresses and prefixes, to and from text. Each has one spelling, and any other is refused
 * (inet_aton() takes "10.1" and octal); but people may write a MAC as other systems do. */
#include "wire/address.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct mac mac_broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int mac_parse(struct mac *mac, const char *text)
{
	struct mac parsed;

	for (size_t i = 0; i < sizeof(parsed.octet); i++, text += 3) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0 || text[2] != (i + 1 < sizeof(parsed.octet) ? ':' : '\0'))
			return -EINVAL;
		parsed.octet[i] = (uint8_t)(high << 4 | low);
	}
	*mac = parsed;
	return 0;
}

/* Digits up to a separator or the end, two to an octet, into `octet`; how many octets. -1: not so.
 * A group alone may begin with a digit less: "2" is 02. */
static int read_group(uint8_t *octet, const char **text, size_t room)
{
	size_t digits = strspn(*text, "0123456789abcdefABCDEF"), octets = (digits + 1) / 2;

	if (!digits || octets > room || (digits % 2 && digits != 1))
		return -1;
	for (size_t i = 0; i < octets; i++) {
		octet[i] = (uint8_t)hex_digit(*(*text)++);
		if (digits > 1)
			octet[i] = (uint8_t)(octet[i] << 4 | hex_digit(*(*text)++));
	}
	return (int)octets;
}

int mac_read(struct mac *mac, const char *text)
{
	struct mac parsed;
	const size_t all = sizeof(parsed.octet);
	size_t done = 0, first = 0;
	char separator = '\0';

	for (;;) {
		int octets = read_group(parsed.octet + done, &text, all - done);

		/* All groups are as long as the first: six, three or one. */
		if (octets < 0 || (first && (size_t)octets != first) ||
		    (octets != 1 && octets != 2 && octets != (int)all))
			return -EINVAL;
		first = (size_t)octets;
		done += first;
		if (done == all || (separator && *text != separator))
			break;
		separator = *text++;
		if (separator != ':' && separator != '-' && (separator != '.' || first != 2))
			return -EINVAL;
	}
	if (done < all || *text)
		return -EINVAL;
	*mac = parsed;
	return 0;
}

char *mac_format(char text[MAC_TEXT], struct mac mac)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof(mac.octet); i++) {
		text[3 * i] = digits[mac.octet[i] >> 4];
		text[3 * i + 1] = digits[mac.octet[i] & 0xf];
		text[3 * i + 2] = ':';
	}
	text[MAC_TEXT - 1] = '\0';
	return text;
}

bool mac_equal(struct mac a, struct mac b)
{
	return !mac_compare(a, b);
}

bool mac_is_zero(struct mac mac)
{
	static const struct mac zero;

	return mac_equal(mac, zero);
}

bool mac_is_station(struct mac mac)
{
	return !(mac.octet[0] & 1) && !mac_is_zero(mac);
}

int mac_compare(struct mac a, struct mac b)
{
	return memcmp(a.octet, b.octet, sizeof(a.octet));
}

int ipv4_parse(uint32_t *address, const char *text)
{
	uint32_t parsed = 0;

	for (int i = 0; i < 4; i++) {
		unsigned octet = 0;
		int digits = 0;

		for (; *text >= '0' && *text <= '9'; text++, digits++) {
			if (digits == 3 || (digits && !octet))
				return -EINVAL;
			octet = octet * 10 + (unsigned)(*text - '0');
		}
		if (!digits || octet > 255 || *text != (i < 3 ? '.' : '\0'))
			return -EINVAL;
		text += i < 3;
		parsed = parsed << 8 | octet;
	}
	*address = parsed;
	return 0;
}

/* By hand: history writes some hundred thousand of these a second, and snprintf() is ten times as
 * slow. */
static char *octet_format(char *text, unsigned octet)
{
	if (octet >= 100)
		*text++ = (char)('0' + octet / 100);
	if (octet >= 10)
		*text++ = (char)('0' + octet / 10 % 10);
	*text++ = (char)('0' + octet % 10);
	return text;
}

char *ipv4_format(char text[IPV4_TEXT], uint32_t address)
{
	char *end = text;

	for (int shift = 24; shift >= 0; shift -= 8) {
		end = octet_format(end, address >> shift & 0xff);
		*end++ = shift > 0 ? '.' : '\0';
	}
	return text;
}

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

bool prefix_covers(struct prefix outer, struct prefix inner)
{
	return outer.length <= inner.length && prefix_contains(outer, inner.network);
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

struct range range_of(struct prefix prefix)
{
	return (struct range){prefix.network, prefix.network | ~prefix_mask(prefix)};
}

int range_parse(struct range *range, const char *text, struct fault *fault)
{
	const char *dash = strchr(text, '-');
	size_t length = dash ? (size_t)(dash - text) : 0;
	char first[IPV4_TEXT];
	struct prefix prefix = {0};
	int error;

	if (!dash) {
		error = prefix_parse(&prefix, text, fault);
		if (!error)
			*range = range_of(prefix);
		return error;
	}
	snprintf(first, sizeof(first), "%.*s", (int)length, text);
	if (length >= sizeof(first) || ipv4_parse(&range->first, first) < 0 ||
	    ipv4_parse(&range->last, dash + 1) < 0)
		return fault_set(fault, -EINVAL,
		                 "'%.64s' is not a range: write it like 10.0.3.4-10.0.3.9", text);
	if (range->first > range->last)
		return fault_set(fault, -EINVAL, "range '%s' ends before it begins", text);
	return 0;
}

bool range_contains(struct range range, uint32_t address)
{
	return range.first <= address && address <= range.last;
}

uint64_t range_size(struct range range)
{
	return (uint64_t)range.last - range.first + 1;
}
