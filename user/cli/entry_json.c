/* SPDX-License-Identifier: MIT */
/* Prints nothing. */
#include "cli/entry_json.h"

json_t *entry_json(const struct entry *entry)
{
	char mac[MAC_TEXT], since[TIME_TEXT];

	if (!entry)
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:s?, s:s?}", "mac", mac_format(mac, entry->mac), "state",
	                 entry_state_name(entry->state), "since", time_format(since, entry->since),
	                 "origin", entry->origin, "note", entry->note);
}

json_t *entry_json_row(const char *segment, uint32_t address, const struct entry *entry)
{
	char text[IPV4_TEXT], mac[MAC_TEXT], since[TIME_TEXT];

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:n, s:s?, s:s?}", "segment", segment,
	                 "address", ipv4_format(text, address), "mac", mac_format(mac, entry->mac),
	                 "state", entry_state_name(entry->state), "since",
	                 time_format(since, entry->since), "seen", "origin", entry->origin, "note",
	                 entry->note);
}
