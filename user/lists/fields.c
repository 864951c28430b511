/* SPDX-License-Identifier: MIT */
/* The fields that most lists have, in the spellings of other programs. */
#include "lists/fields.h"

#include <errno.h>
#include <string.h>

bool field_is_mac(const char *text, struct mac *mac)
{
	return mac_read(mac, text) == 0;
}

bool field_is_address(const char *text, struct address *address)
{
	char copy[ADDRESS_TEXT];
	size_t length = strcspn(text, "%");

	if (!text[length] || length >= sizeof(copy))
		return address_parse(address, text) == 0;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return address_parse(address, copy) == 0 && !address_is_v4(*address);
}

bool field_duid_mac(const char *text, struct mac *mac)
{
	/* Types 1 and 3, of Ethernet; the first has a time of 4 bytes. */
	static const char with_time[] = "00:01:00:01:", without[] = "00:03:00:01:",
	                  time[] = "00:00:00:00:";
	size_t length = strlen(text);

	if (length == strlen(with_time) + strlen(time) + MAC_TEXT - 1 &&
	    !strncmp(text, with_time, strlen(with_time)))
		text += strlen(with_time) + strlen(time);
	else if (length == strlen(without) + MAC_TEXT - 1 &&
	         !strncmp(text, without, strlen(without)))
		text += strlen(without);
	else
		return false;
	return mac_parse(mac, text) == 0 && mac_is_station(*mac);
}

enum list_verdict field_mac(struct mac *mac, const char *text, struct fault *fault)
{
	if (!field_is_mac(text, mac))
		return fault_set(fault, -EINVAL,
		                 "'%.40s' is not a MAC address like 02:50:2a:16:6d:01", text);
	if (!mac_is_station(*mac))
		return fault_set(fault, -EINVAL, "%s is not a station's MAC address: it is %s",
		                 text, mac_is_zero(*mac) ? "zero" : "a group address");
	return LIST_BINDING;
}

enum list_verdict field_address(struct address *address, const char *text, struct fault *fault)
{
	if (field_is_address(text, address))
		return LIST_BINDING;
	return address_read(address, text, fault) < 0 ? LIST_BAD : LIST_BINDING;
}

enum list_verdict field_host(struct address *address, const char *text,
                             const struct list_options *options, struct fault *fault)
{
	if (field_is_address(text, address) ||
	    (options->hosts && hosts_find(options->hosts, address, text)))
		return LIST_BINDING;
	return fault_set(fault, -EINVAL,
	                 "host '%.60s' is not in the hosts file: write its address, or name "
	                 "another file with --hosts",
	                 text);
}

bool field_is_router(const char *text)
{
	return text && !strcmp(text, ENTRY_ROLE_ROUTER);
}

enum list_verdict field_since(int64_t *since, const char *text, struct fault *fault)
{
	if (text && time_parse(since, text, strlen(text)) < 0)
		return fault_set(fault, -EINVAL,
		                 "since '%.40s' is not a UTC time like 2026-11-22T10:15:00Z", text);
	return LIST_BINDING;
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
	        {"0", LIST_BINDING, ENTRY_DYNAMIC}, /* Kea: in use; declined; expired; released */
	        {"1", LIST_UNBOUND, 0},
	        {"2", LIST_UNBOUND, 0},
	        {"3", LIST_UNBOUND, 0},
	        {"4", LIST_BINDING, ENTRY_DYNAMIC},     /* a host's own, registered (RFC 9686) */
	        {"active", LIST_BINDING, ENTRY_STATIC}, /* NetBox */
	        {"reserved", LIST_BINDING, ENTRY_STATIC},
	        {"dhcp", LIST_BINDING, ENTRY_DYNAMIC},
	        {"slaac", LIST_BINDING, ENTRY_DYNAMIC},
	        {"reach", LIST_BINDING, ENTRY_DYNAMIC}, /* Cisco IOS, of IPv6 */
	        {"incmp", LIST_UNBOUND, 0},
	        {"deprecated", LIST_UNBOUND, 0},
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
