/* SPDX-License-Identifier: MIT */
/* MAC addresses, IP addresses and states, in the spellings of other programs. */
#include "lists/fields.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

bool field_is_mac(const char *text, struct mac *mac)
{
	for (unsigned i = 0; i < 6; i++) {
		unsigned digits = 0, value = 0;

		for (; digits < 2 && isxdigit((unsigned char)*text); text++, digits++) {
			unsigned digit = (unsigned char)*text | 0x20;

			value = value << 4 | (digit <= '9' ? digit - '0' : digit - 'a' + 10);
		}
		if (digits == 0 || (i < 5 ? *text != ':' && *text != '-' : *text != '\0'))
			return false;
		text++;
		mac->octet[i] = (uint8_t)value;
	}
	return true;
}

bool field_is_ipv6(const char *text)
{
	struct in6_addr address;
	char copy[INET6_ADDRSTRLEN];
	size_t length = strcspn(text, "%"); /* fe80::1%eth0 */

	if (!strchr(text, ':') || length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return inet_pton(AF_INET6, copy, &address) == 1;
}

enum list_verdict field_mac(struct mac *mac, const char *text, struct fault *fault)
{
	if (!field_is_mac(text, mac)) {
		fault_set(fault, -EINVAL, "'%.40s' is not a MAC address like 02:50:2a:16:6d:01",
		          text);
		return LIST_BAD;
	}
	if (!mac_is_station(*mac)) {
		fault_set(fault, -EINVAL, "%s is not a station's MAC address: it is %s", text,
		          mac_is_zero(*mac) ? "zero" : "a group address");
		return LIST_BAD;
	}
	return LIST_BINDING;
}

enum list_verdict field_address(uint32_t *address, const char *text, struct fault *fault)
{
	if (ipv4_parse(address, text) == 0)
		return LIST_BINDING;
	if (field_is_ipv6(text))
		return LIST_IPV6;
	fault_set(fault, -EINVAL, "'%.40s' is not an IPv4 address like 10.0.3.17", text);
	return LIST_BAD;
}

enum list_verdict field_state(uint8_t *state, const char *word)
{
	static const struct {
		const char *word;
		enum list_verdict verdict;
		enum entry_state state;
	} known[] = {
	        {"permanent", LIST_BINDING, ENTRY_STATIC},
	        {"static", LIST_BINDING, ENTRY_STATIC},
	        {"reachable", LIST_BINDING, ENTRY_DYNAMIC},
	        {"stale", LIST_BINDING, ENTRY_DYNAMIC},
	        {"delay", LIST_BINDING, ENTRY_DYNAMIC},
	        {"probe", LIST_BINDING, ENTRY_DYNAMIC},
	        {"dynamic", LIST_BINDING, ENTRY_DYNAMIC},
	        {"failed", LIST_UNBOUND, 0},
	        {"incomplete", LIST_UNBOUND, 0},
	        {"none", LIST_UNBOUND, 0},
	        {"noarp", LIST_UNBOUND, 0}, /* multicast, loopback: the kernel's own */
	        {"local", LIST_UNBOUND, 0},
	        {"pending", LIST_UNBOUND, 0},
	        {"dead", LIST_UNBOUND, 0},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcasecmp(word, known[i].word) != 0)
			continue;
		*state = (uint8_t)known[i].state;
		return known[i].verdict;
	}
	return LIST_BAD;
}
