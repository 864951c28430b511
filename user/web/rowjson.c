// SPDX-License-Identifier: MIT
/* Reads and makes the objects of `show --json`. */
#include "web/rowjson.h"

#include <errno.h>
#include <string.h>

#include "client/client.h"
#include "entry/entry.h"

static const char *const states[SLOT_STATES] = {
        [SLOT_EMPTY] = "",      [SLOT_DYNAMIC] = "dynamic", [SLOT_STATIC] = "static",
        [SLOT_LOCAL] = "local", [SLOT_STALE] = "stale",     [SLOT_PENDING] = "pending",
        [SLOT_DEAD] = "dead",
};

const char *row_state_name(unsigned state)
{
	return state < SLOT_STATES ? states[state] : "";
}

int row_state_parse(const char *text, size_t length)
{
	for (int state = SLOT_DYNAMIC; state < SLOT_STATES; state++)
		if (strlen(states[state]) == length && !memcmp(states[state], text, length))
			return state;
	return -1;
}

static int64_t time_of(const json_t *entry, const char *key)
{
	const char *text = json_text(entry, key);
	int64_t seconds;

	return text && time_parse(&seconds, text, strlen(text)) == 0 ? seconds : 0;
}

int row_read(struct row *row, struct rows *rows, const json_t *entry)
{
	const char *segment = json_text(entry, "segment"), *address = json_text(entry, "address");
	const char *mac = json_text(entry, "mac"), *state = json_text(entry, "state");
	const char *origin = json_text(entry, "origin"), *note = json_text(entry, "note");
	int index, number;

	*row = (struct row){0};
	number = state ? row_state_parse(state, strlen(state)) : -1;
	if (!segment || !address || number < 0 || address_parse(&row->address, address) < 0 ||
	    (mac && mac_parse(&row->mac, mac) < 0))
		return -EPROTO;
	index = rows_segment(rows, segment);
	if (index < 0)
		return index;
	row->segment = (uint16_t)index;
	row->state = (uint8_t)number;
	row->since = time_of(entry, "since");
	row->seen = time_of(entry, "seen");
	row->origin = rows_text(rows, origin);
	row->note = rows_text(rows, note);
	if (json_is_true(json_object_get(entry, "frozen")))
		row->flags |= ROW_FROZEN;
	if (json_is_true(json_object_get(entry, "foreign")))
		row->flags |= ROW_FOREIGN;
	if (json_text(entry, "role"))
		row->flags |= ROW_ROUTER;
	return (origin && !row->origin) || (note && !row->note) ? -ENOMEM : 0;
}

static json_t *time_json(int64_t seconds)
{
	char text[TIME_TEXT];

	return seconds ? json_string(time_format(text, seconds)) : json_null();
}

json_t *row_json(const struct row *row, const char *segment)
{
	char address[ADDRESS_TEXT], mac[MAC_TEXT];
	json_t *json = json_pack("{s:s, s:s, s:s?, s:s, s:o, s:o, s:s?, s:s?, s:b}", "segment",
	                         segment, "address", address_format(address, row->address), "mac",
	                         mac_is_zero(row->mac) ? NULL : mac_format(mac, row->mac), "state",
	                         row_state_name(row->state), "since", time_json(row->since), "seen",
	                         time_json(row->seen), "origin", row->origin, "note", row->note,
	                         "frozen", (row->flags & ROW_FROZEN) != 0);

	if (json && row->flags & ROW_FOREIGN)
		json_object_set_new(json, "foreign", json_true());
	if (json && row->flags & ROW_ROUTER)
		json_object_set_new(json, "role", json_string(ENTRY_ROLE_ROUTER));
	return json;
}
