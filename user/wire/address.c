/* SPDX-License-Identifier: MIT */
/* MAC and IPv4 addresses, to and from text. Each has one spelling, and any other is refused
 * (inet_aton() takes "10.1" and octal). */
#include "wire/address.h"

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
