// SPDX-License-Identifier: MIT
/*
 * Lists of neighbours, in every format. The first byte chooses it; with its highest bit, what
 * follows up to a NUL is a hosts file. What is read is what an entry can hold, each address once,
 * and comes back when it is written as JSON.
 */
#include "fuzz.h"

#include <errno.h>
#include <jansson.h>

#include "lists/lists.h"

#define WITH_HOSTS 0x80
#define WITH_STATE 0x40

static uint32_t count_lines(const char *text, size_t length)
{
	uint32_t lines = 1;

	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	return lines;
}

/* It becomes an entry as it is. */
static void check_item(const struct list_item *item, uint32_t lines)
{
	struct entry entry = {.mac = item->mac,
	                      .state = (enum entry_state)item->state,
	                      .router = item->router,
	                      .since = item->since,
	                      .origin = (char *)item->origin,
	                      .note = (char *)item->note,
	                      .extra = (char *)item->extra};
	char *text = entry_print(&entry);
	struct entry read;

	MUST(item->line > 0 && item->line <= lines);
	MUST(text && entry_parse(&read, text, strlen(text), NULL) == 0);
	MUST(entry_equal(&entry, &read));
	entry_clear(&read);
	free(text);
}

static void check_items(const struct list *list, uint32_t lines)
{
	for (size_t i = 0; i < list->count; i++)
		if (!list->item[i].gone)
			check_item(&list->item[i], lines);
	for (size_t i = 0; i < list->problems && i < LIST_PROBLEMS; i++) {
		const struct list_problem *problem = &list->problem[i];

		MUST(problem->line > 0 && problem->line <= lines && problem->text[0]);
	}
	/* A line has at most one binding, and of most formats one verdict. What is gone has two. */
	MUST(list->format == LIST_JSON || list->format == LIST_DHCPD || list->format == LIST_CSV ||
	     list->count + list->problems + list->unbound <= lines);
}

static json_t *extra_of(const char *extra)
{
	json_t *lines = json_array();

	while (extra && *extra) {
		size_t length = strcspn(extra, "\n");

		json_array_append_new(lines, json_stringn(extra, length));
		extra += length + 1;
	}
	return lines;
}

static char *write_json(const struct list *list)
{
	json_t *entries = json_array(), *whole = json_object();
	char *text;

	for (size_t i = 0; i < list->count; i++) {
		const struct list_item *item = &list->item[i];
		char address[ADDRESS_TEXT], mac[MAC_TEXT], since[TIME_TEXT];
		json_t *object = json_pack(
		        "{s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:o}", "address",
		        address_format(address, item->address), "mac", mac_format(mac, item->mac),
		        "state", entry_state_name((enum entry_state)item->state), "since",
		        time_format(since, item->since), "origin", item->origin, "note", item->note,
		        "role", item->router ? ENTRY_ROLE_ROUTER : NULL, "extra",
		        extra_of(item->extra));

		MUST(object);
		json_array_append_new(entries, object);
	}
	json_object_set_new(whole, "entries", entries);
	text = json_dumps(whole, JSON_INDENT(1));
	json_decref(whole);
	MUST(text);
	return text;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void check_again(const struct list *list)
{
	const struct list_options options = {.format = LIST_GUESS};
	struct fault fault = {""};
	char *text = write_json(list);
	struct list again;

	MUST(list_parse(&again, "again", text, strlen(text), &options, &fault) == 0);
	list_settle(&again);
	MUST(again.format == LIST_JSON && again.problems == 0 && again.count == list->count);
	for (size_t i = 0; i < list->count; i++) {
		const struct list_item *a = &list->item[i], *b = &again.item[i];

		MUST(address_equal(a->address, b->address) && mac_equal(a->mac, b->mac) &&
		     a->state == b->state && a->router == b->router);
		MUST(a->since == b->since && same_text(a->origin, b->origin));
		MUST(same_text(a->note, b->note) && same_text(a->extra, b->extra));
	}
	list_clear(&again);
	free(text);
}

/* From here on the input is the list. */
static void read_hosts(struct hosts *hosts, struct input *input)
{
	const uint8_t *nul = input_left(input) ? memchr(input->at, '\0', input_left(input)) : NULL;
	const uint8_t *end = nul ? nul : input->end;
	struct memory_file file;
	struct address address;

	memory_file(&file, input->at, (size_t)(end - input->at));
	MUST(hosts_read(hosts, file.path, NULL) == 0);
	MUST(!hosts_find(hosts, &address, "a name\nthat no line can have"));
	close(file.descriptor);
	input->at = end + (nul != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, data + size};
	uint8_t how = input_u8(&input);
	struct hosts hosts = {NULL};
	const struct list_options options = {
	        .format = (how & 0x3f) % (LIST_FORMATS + 1u),
	        .with_state = how & WITH_STATE,
	        .state = ENTRY_STATIC,
	        .hosts = how & WITH_HOSTS ? &hosts : NULL,
	};
	struct fault fault = {""};
	struct list list;
	uint32_t lines;
	int error;

	if (options.hosts)
		read_hosts(&hosts, &input);
	lines = count_lines((const char *)input.at, input_left(&input));
	error = list_parse(&list, "list", (const char *)input.at, input_left(&input), &options,
	                   &fault);
	MUST(error == 0 || (error == -EINVAL && fault.text[0]));
	check_items(&list, lines);
	list_settle(&list);
	for (size_t i = 1; i < list.count; i++)
		MUST(address_compare(list.item[i - 1].address, list.item[i].address) < 0);
	check_again(&list);
	list_clear(&list);
	hosts_clear(&hosts);
	return 0;
}
