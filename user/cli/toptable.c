/* SPDX-License-Identifier: MIT */
/* Keeps rows, and sorts and filters them. A removed row stays in its place, marked as gone. */
#include "cli/toptable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "wire/wire.h"

struct key {
	uint64_t low, high, segment; /* the first is well spread */
};

void toptable_begin(struct toptable *table)
{
	*table = (struct toptable){.ids = IDMAP(sizeof(struct key))};
}

void toptable_clear(struct toptable *table)
{
	for (uint32_t i = 0; i < table->ids.count; i++) {
		free(table->row[i].origin);
		free(table->row[i].note);
	}
	for (size_t i = 0; i < table->segments; i++)
		free(table->segment[i]);
	idmap_clear(&table->ids);
	free(table->segment);
	free(table->row);
	free(table->view);
	toptable_begin(table);
}

static int segment_number(struct toptable *table, uint64_t *number, const char *name)
{
	char *copy;

	for (*number = 0; *number < table->segments; (*number)++)
		if (!strcmp(table->segment[*number], name))
			return 0;
	copy = strdup(name);
	if (!copy || array_reserve(&table->segment, &table->segment_room, table->segments + 1)) {
		free(copy);
		return -ENOMEM;
	}
	table->segment[table->segments++] = copy;
	return 0;
}

/* The row of an address, a new one if need be; NULL with 0: there is no room, or no address. */
static int row_of(struct toprow **row, struct toptable *table, const json_t *object)
{
	const char *segment = json_text(object, "segment"), *address = json_text(object, "address");
	struct key key = {0};
	char text[ADDRESS_TEXT];
	struct address parsed;
	uint32_t number;
	int error;

	*row = NULL;
	if (!segment || !address || address_parse(&parsed, address) < 0)
		return 0;
	error = segment_number(table, &key.segment, segment);
	if (error)
		return error;
	key.low = parsed.low;
	key.high = parsed.high;
	number = idmap_find(&table->ids, &key);
	if (number != IDMAP_NONE) {
		*row = &table->row[number];
		return 0;
	}
	if (table->ids.count >= TOPTABLE_MAX) {
		table->left_out++;
		return 0;
	}
	if (array_reserve(&table->row, &table->room, table->ids.count + 1) ||
	    idmap_add(&table->ids, &number, &key) < 0)
		return -ENOMEM;
	*row = &table->row[number];
	**row = (struct toprow){.address = parsed, .segment = table->segment[key.segment]};
	if ((int)strlen(address_format(text, parsed)) > table->widest)
		table->widest = (int)strlen(text);
	return 0;
}

static void set_text(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "");
}

static void set_remark(char **to, const char *text)
{
	free(*to);
	*to = text ? strndup(text, TOPTABLE_TEXT) : NULL;
}

static void set_state(struct toprow *row, const json_t *entry)
{
	static const char *const marks[] = {"frozen", "foreign", "outside"};
	const char *state = json_text(entry, "state");

	snprintf(row->state, sizeof(row->state), "%s%s", state ? state : "",
	         json_text(entry, "role") ? ", router" : "");
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		size_t used = strlen(row->state);

		if (json_is_true(json_object_get(entry, marks[i]))) {
			snprintf(row->state + used, sizeof(row->state) - used, ", %s", marks[i]);
			return;
		}
	}
}

int toptable_put(struct toptable *table, const json_t *entry, int64_t now)
{
	struct toprow *row;
	int error = row_of(&row, table, entry);

	if (error || !row)
		return error;
	row->gone = false;
	if (now)
		row->changed = now;
	set_text(row->mac, sizeof(row->mac), json_text(entry, "mac"));
	set_state(row, entry);
	set_text(row->since, sizeof(row->since), json_text(entry, "since"));
	set_text(row->seen, sizeof(row->seen), json_text(entry, "seen"));
	set_remark(&row->origin, json_text(entry, "origin"));
	set_remark(&row->note, json_text(entry, "note"));
	return 0;
}

int toptable_change(struct toptable *table, const json_t *event, int64_t now)
{
	const json_t *after = json_object_get(event, "after");
	const char *mac = json_text(after, "mac");
	struct toprow *row;
	int error = row_of(&row, table, event);

	if (error || !row)
		return error;
	row->changed = now;
	row->gone = !mac;
	if (!mac)
		return 0;
	/* What an event does not say is of the binding before. */
	if (strcmp(row->mac, mac) != 0) {
		set_text(row->since, sizeof(row->since), json_text(event, "time"));
		set_text(row->seen, sizeof(row->seen), NULL);
		set_remark(&row->origin, NULL);
		set_remark(&row->note, NULL);
	}
	set_text(row->mac, sizeof(row->mac), mac);
	set_text(row->state, sizeof(row->state), json_text(after, "state"));
	return 0;
}

const char *toprow_text(char address[ADDRESS_TEXT], const struct toprow *row, enum topkey key)
{
	const char *const text[TOPKEYS] = {address,
	                                   row->mac,
	                                   row->state,
	                                   row->since,
	                                   row->seen,
	                                   row->segment,
	                                   row->origin ? row->origin : "",
	                                   row->note ? row->note : ""};

	if (key == TOPKEY_ADDRESS)
		address_format(address, row->address);
	return text[key];
}

static bool is_wanted(const struct toprow *row, const struct topchoice *choice)
{
	static const enum topkey keys[] = {TOPKEY_ADDRESS, TOPKEY_MAC,    TOPKEY_STATE,
	                                   TOPKEY_SEGMENT, TOPKEY_ORIGIN, TOPKEY_NOTE};
	char address[ADDRESS_TEXT];

	if (row->gone)
		return false;
	if (!choice->filter[0])
		return true;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (strcasestr(toprow_text(address, row, keys[i]), choice->filter))
			return true;
	return false;
}

struct order {
	const struct toptable *table;
	const struct topchoice *choice;
};

static int compare(const void *first, const void *second, void *context)
{
	const struct order *order = context;
	const struct toprow *a = &order->table->row[*(const uint32_t *)first];
	const struct toprow *b = &order->table->row[*(const uint32_t *)second];
	enum topkey key = order->choice->key;
	int result = 0;

	if (key != TOPKEY_ADDRESS)
		result = strcmp(toprow_text(NULL, a, key), toprow_text(NULL, b, key));
	if (key == TOPKEY_SINCE || key == TOPKEY_SEEN)
		result = -result;
	if (!result)
		result = address_compare(a->address, b->address);
	if (!result)
		result = strcmp(a->segment, b->segment);
	return order->choice->backwards ? -result : result;
}

int toptable_view(struct toptable *table, const struct topchoice *choice)
{
	struct order order = {table, choice};

	if (array_reserve(&table->view, &table->view_room, table->ids.count + (size_t)1))
		return -ENOMEM;
	table->shown = 0;
	for (uint32_t i = 0; i < table->ids.count; i++)
		if (is_wanted(&table->row[i], choice))
			table->view[table->shown++] = i;
	if (table->shown > 1)
		qsort_r(table->view, table->shown, sizeof(*table->view), compare, &order);
	return 0;
}

const struct toprow *toptable_at(const struct toptable *table, size_t place)
{
	return &table->row[table->view[place]];
}
