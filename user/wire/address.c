/* SPDX-License-Identifier: MIT */
/* Addresses, to and from text. An IPv4 address has one spelling, and any other is refused
 * (inet_aton() takes "10.1" and octal); but people may write a MAC as other systems do. */
#include "wire/address.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
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

static int parse_v4(struct address *address, const char *text)
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
	*address = address_v4(parsed);
	return 0;
}

int address_parse(struct address *address, const char *text)
{
	uint8_t octet[ADDRESS_OCTETS];
	struct address parsed;

	if (!strchr(text, ':'))
		return parse_v4(address, text);
	/* A mapped address is IPv4 to us: it has one spelling. */
	if (strchr(text, '.') || inet_pton(AF_INET6, text, octet) != 1)
		return -EINVAL;
	parsed = address_load(octet);
	if (address_is_v4(parsed))
		return -EINVAL;
	*address = parsed;
	return 0;
}

struct address address_load(const uint8_t octet[ADDRESS_OCTETS])
{
	uint64_t half[2];

	memcpy(half, octet, sizeof(half));
	return (struct address){be64toh(half[0]), be64toh(half[1])};
}

void address_store(uint8_t octet[ADDRESS_OCTETS], struct address address)
{
	const uint64_t half[2] = {htobe64(address.high), htobe64(address.low)};

	memcpy(octet, half, sizeof(half));
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

/* A group of IPv6 without leading zeros. */
static char *group_format(char *text, unsigned group)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 12;

	while (shift > 0 && !(group >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*text++ = digits[group >> shift & 0xf];
	return text;
}

static unsigned group_of(struct address address, unsigned number)
{
	const uint64_t half = number < 4 ? address.high : address.low;

	return half >> (48 - 16 * (number % 4)) & 0xffff;
}

/* The longest run of zero groups, the first of several; at least two, else *length is 0. */
static unsigned longest_zeros(struct address address, unsigned *length)
{
	unsigned best = 0, run = 0;

	*length = 0;
	for (unsigned i = 0; i < 8; i++) {
		run = group_of(address, i) ? 0 : run + 1;
		if (run > *length && run > 1) {
			*length = run;
			best = i + 1 - run;
		}
	}
	return best;
}

static void format_v6(char *text, struct address address)
{
	unsigned zeros, at = longest_zeros(address, &zeros);

	for (unsigned i = 0; i < 8;) {
		if (zeros && i == at) {
			*text++ = ':';
			i += zeros;
			if (i == 8)
				*text++ = ':';
			continue;
		}
		if (i)
			*text++ = ':';
		text = group_format(text, group_of(address, i++));
	}
	*text = '\0';
}

char *address_format(char text[ADDRESS_TEXT], struct address address)
{
	char *end = text;

	if (!address_is_v4(address)) {
		format_v6(text, address);
		return text;
	}
	for (int shift = 24; shift >= 0; shift -= 8) {
		end = octet_format(end, address_number(address) >> shift & 0xff);
		*end++ = shift > 0 ? '.' : '\0';
	}
	return text;
}
