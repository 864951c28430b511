/* SPDX-License-Identifier: MIT */
/* Reads, makes and prints JSON. Never asks the agent. */
#include "client/json.h"

#include <stdio.h>

const char *json_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

json_int_t json_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

char *json_number_text(char text[JSON_NUMBER], const json_t *object, const char *key)
{
	snprintf(text, JSON_NUMBER, "%" JSON_INTEGER_FORMAT, json_number(object, key));
	return text;
}

char *json_vlan(char text[JSON_NUMBER], const json_t *object)
{
	const json_t *vlan = json_object_get(object, "vlan");

	if (json_is_integer(vlan))
		json_number_text(text, object, "vlan");
	else
		snprintf(text, JSON_NUMBER, "%s",
		         json_is_string(vlan) ? json_string_value(vlan) : "");
	return text;
}

json_t *json_of_text(const char *text)
{
	json_t *value = text && *text ? json_string(text) : json_null();

	return value ? value : json_string("(not UTF-8)");
}

json_t *json_entry(const struct entry *entry)
{
	char mac[MAC_TEXT], since[TIME_TEXT];

	if (!entry)
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s*}", "mac", mac_format(mac, entry->mac),
	                 "state", entry_state_name(entry->state), "since",
	                 time_format(since, entry->since), "origin", entry->origin, "note",
	                 entry->note, "role", entry->router ? ENTRY_ROLE_ROUTER : NULL);
}

json_t *json_entry_row(const char *segment, struct address address, const struct entry *entry)
{
	char text[ADDRESS_TEXT], mac[MAC_TEXT], since[TIME_TEXT];

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:n, s:s?, s:s?, s:s*}", "segment", segment,
	                 "address", address_format(text, address), "mac",
	                 mac_format(mac, entry->mac), "state", entry_state_name(entry->state),
	                 "since", time_format(since, entry->since), "seen", "origin", entry->origin,
	                 "note", entry->note, "role", entry->router ? ENTRY_ROLE_ROUTER : NULL);
}

void json_print(json_t *object)
{
	if (object) {
		json_dumpf(object, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(object);
}

void json_print_response(json_t *response)
{
	json_object_del(response, "ok");
	json_print(json_incref(response));
}
