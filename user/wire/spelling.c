/* SPDX-License-Identifier: MIT */
/*
 * What people write in place of an address of ours, and what they mean: a zone, brackets, IPv4
 * within IPv6. The strict parser is address_parse(); here a text that it refuses is explained.
 */
#include "wire/spelling.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define TEXT_MAX 64 /* of what is explained */

/* A part of the text alone. False: it is too long. */
static bool cut(char part[TEXT_MAX], const char *from, size_t length)
{
	if (length >= TEXT_MAX)
		return false;
	memcpy(part, from, length);
	part[length] = '\0';
	return true;
}

static int say(struct fault *fault, const char *text, const char *what, struct address meant)
{
	char address[ADDRESS_TEXT];

	return fault_set(fault, -EINVAL, "'%.64s' %s: write %s", text, what,
	                 address_format(address, meant));
}

static bool is_ipv6(const char *text, struct address *address)
{
	uint8_t octet[ADDRESS_OCTETS];

	if (inet_pton(AF_INET6, text, octet) != 1)
		return false;
	*address = address_load(octet);
	return true;
}

int address_explain(const char *text, struct fault *fault)
{
	const size_t length = strlen(text), zone = strcspn(text, "%");
	struct address meant;
	char part[TEXT_MAX];

	if (text[0] == '[' && text[length - 1] == ']' && cut(part, text + 1, length - 2) &&
	    is_ipv6(part, &meant))
		return say(fault, text, "is in brackets", meant);
	if (text[zone] && cut(part, text, zone) && is_ipv6(part, &meant))
		return say(fault, text, "has a zone, which a segment stands for here", meant);
	if (is_ipv6(text, &meant) && (address_is_v4(meant) || strchr(text, '.')))
		return say(fault, text,
		           address_is_v4(meant) ? "is an IPv4 address within IPv6"
		                                : "has a part in IPv4's spelling",
		           meant);
	return 0;
}

int address_read(struct address *address, const char *text, struct fault *fault)
{
	if (address_parse(address, text) == 0)
		return 0;
	if (address_explain(text, fault) < 0)
		return -EINVAL;
	return fault_set(fault, -EINVAL, "'%.64s' is not an address like 10.0.3.17 or 2001:db8::17",
	                 text);
}
