/* SPDX-License-Identifier: MIT */
/* By jansson, but for the long table of `show` (show.c). */
#include "agent/values.h"

#include "wire/wire.h"

json_t *value_time(int64_t seconds)
{
	char text[TIME_TEXT];

	return json_string(time_format(text, seconds));
}

json_t *value_vlan(uint32_t vlan)
{
	char text[VLAN_TEXT];

	if (!vlan)
		return json_null();
	return vlan >> 16 ? json_string(vlan_format(text, vlan)) : json_integer(vlan);
}

json_t *value_binding(const struct entry *entry)
{
	char mac[MAC_TEXT];

	if (!entry)
		return json_null();
	return json_pack("{s:s, s:s}", "mac", mac_format(mac, entry->mac), "state",
	                 entry_state_name(entry->state));
}

const char *value_state_name(enum slot_state state)
{
	static const char *const name[SLOT_STATES] = {"empty", "dynamic", "static", "local",
	                                              "stale", "pending", "dead"};

	return name[state];
}
