/* SPDX-License-Identifier: MIT */
#include "cli/outside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "client/client.h"

#define PATHS_KEPT 1000 /* for programs */
#define PATHS_SAID 3    /* to people */

struct list {
	json_int_t entries;
	json_t *paths;
};

static int add(void *context, const struct reader_entry *entry)
{
	struct list *list = context;
	char path[ENTRY_PATH_MAX];

	if (list->entries++ < PATHS_KEPT)
		json_array_append_new(
		        list->paths, json_string(entry_path(path, entry->segment, entry->address)));
	return 0;
}

json_t *outside_list(struct reader *reader, struct fault *fault)
{
	struct list list = {.paths = json_array()};

	if (reader_outside(reader, false, add, &list, fault)) {
		json_decref(list.paths);
		return NULL;
	}
	return json_pack("{s:I, s:o}", "entries", list.entries, "paths", list.paths);
}

char *outside_words(const json_t *list)
{
	const json_t *paths = json_object_get(list, "paths"), *path;
	json_int_t entries = json_number(list, "entries");
	char *text = NULL;
	size_t index, size;
	FILE *stream = entries > 0 ? open_memstream(&text, &size) : NULL;

	if (!stream)
		return NULL;
	fprintf(stream,
	        "%" JSON_INTEGER_FORMAT " entr%s of history %s outside the configured segments "
	        "and prefixes, and not in the table: ",
	        entries, entries == 1 ? "y" : "ies", entries == 1 ? "is" : "are");
	json_array_foreach ((json_t *)paths, index, path) {
		if (index == PATHS_SAID)
			break;
		fprintf(stream, "%s%s", index ? ", " : "", json_string_value(path));
	}
	fputs(entries > PATHS_SAID ? ", ...; `show --all` lists them" : "", stream);
	fclose(stream);
	return text;
}
