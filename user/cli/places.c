/* SPDX-License-Identifier: MIT */
/* Reads the prefixes of segments from an agent's status. The caller has asked for it. */
#include "cli/places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"

static int add_segment(struct places *places, const json_t *segment)
{
	const json_t *prefixes = json_object_get(segment, "prefixes"), *text;
	struct fault ignored;
	size_t index;

	json_array_foreach ((json_t *)prefixes, index, text) {
		if (array_reserve(&places->prefix, &places->room, places->count + 1))
			return -ENOMEM;
		if (json_is_string(text) && prefix_parse(&places->prefix[places->count],
		                                         json_string_value(text), &ignored) == 0)
			places->count++;
	}
	return 0;
}

int places_read(struct places *places, const json_t *status, const char *name, struct fault *fault)
{
	const json_t *segments = json_object_get(status, "segments"), *segment;
	bool found = !name;
	size_t index;
	int error = 0;

	*places = (struct places){.segment = name};
	json_array_foreach ((json_t *)segments, index, segment) {
		const char *called = json_text(segment, "name");

		if (name && (!called || strcmp(called, name) != 0))
			continue;
		found = true;
		if (!error)
			error = add_segment(places, segment);
	}
	if (error)
		return fault_set(fault, error, "out of memory");
	return found ? 0
	             : fault_set(fault, -ENOENT,
	                         "there is no segment '%s': 'arpkeeper status' lists them", name);
}

/* How many segments have the address, and the prefix of the last. */
static unsigned find(const struct places *places, uint32_t address, const struct prefix **prefix)
{
	unsigned count = 0;

	for (size_t i = 0; i < places->count; i++) {
		if (!prefix_contains(places->prefix[i], address))
			continue;
		*prefix = &places->prefix[i];
		count++;
	}
	return count;
}

void places_check(const struct places *places, struct list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct list_item *item = &list->item[i];
		const struct prefix *prefix = NULL;
		const char *wrong = NULL, *name = "";
		char address[IPV4_TEXT];

		if (find(places, item->address, &prefix) > 1) {
			wrong = "is in several segments: name one with --segment";
		} else if (!prefix) {
			wrong = places->segment ? "is in no prefix of segment "
			                        : "is in no prefix of any segment";
			name = places->segment ? places->segment : "";
		} else if (!prefix_is_host(*prefix, item->address)) {
			wrong = "is the network or broadcast address of its prefix";
		}
		if (wrong)
			list_add_problem(list, item->line, "%s %s%s",
			                 ipv4_format(address, item->address), wrong, name);
		else
			list->item[kept++] = *item;
	}
	list->count = kept;
}

void places_clear(struct places *places)
{
	free(places->prefix);
	*places = (struct places){0};
}
