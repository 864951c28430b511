/* SPDX-License-Identifier: MIT */
/*
 * A list in JSON: {"entries": [...]}, as `export`, `show` and `at` print it, or a bare array of
 * objects, as `ip -j neigh` prints it. Each object is cut out and parsed alone: a million of them
 * as one tree would take more than a gigabyte.
 */
#include "lists/json.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lists/fields.h"

struct cursor {
	const char *at, *end;
	uint32_t line;
};

/* The next character that is not a space; '\0' at the end. */
static char peek(struct cursor *cursor)
{
	for (; cursor->at < cursor->end && isspace((unsigned char)*cursor->at); cursor->at++)
		cursor->line += *cursor->at == '\n';
	return cursor->at < cursor->end ? *cursor->at : '\0';
}

static bool take(struct cursor *cursor, char character)
{
	if (peek(cursor) != character || character == '\0')
		return false;
	cursor->at++;
	return true;
}

/* Goes behind a string's end. */
static bool skip_string(struct cursor *cursor)
{
	for (cursor->at++; cursor->at < cursor->end; cursor->at++) {
		if (*cursor->at == '"') {
			cursor->at++;
			return true;
		}
		cursor->line += *cursor->at == '\n';
		if (*cursor->at == '\\')
			cursor->at++;
	}
	return false;
}

/* Goes behind the rest of a number, or of true, false, null. */
static void skip_word(struct cursor *cursor)
{
	while (cursor->at < cursor->end && !strchr(" \t\r\n,:}]", *cursor->at))
		cursor->at++;
}

/* Goes behind a value, valid or not. */
static bool skip_value(struct cursor *cursor)
{
	unsigned depth = 0;

	do {
		char character = peek(cursor);

		if (character == '\0')
			return false;
		if (character == '"') {
			if (!skip_string(cursor))
				return false;
			continue;
		}
		if (character == '{' || character == '[')
			depth++;
		if (character == '}' || character == ']') {
			if (depth == 0)
				return false;
			depth--;
		}
		cursor->at++;
		if (depth == 0 && character != '}' && character != ']')
			skip_word(cursor);
	} while (depth > 0);
	return true;
}

/* A MAC address in an object of NetBox. Since 4.2 it is an object of its own: the primary one of an
 * interface, or the only one. */
static const char *mac_within(const json_t *object)
{
	const json_t *primary = json_object_get(object, "primary_mac_address");
	const json_t *all = json_object_get(object, "mac_addresses");
	const char *mac = json_string_value(json_object_get(object, "mac_address"));

	if (!mac)
		mac = json_string_value(json_object_get(object, "mac"));
	if (!mac)
		mac = json_string_value(json_is_object(primary)
		                                ? json_object_get(primary, "mac_address")
		                                : primary);
	if (!mac && json_array_size(all) == 1)
		mac = json_string_value(json_object_get(json_array_get(all, 0), "mac_address"));
	return mac;
}

/* NetBox has it in a field of the address, in a custom one, or at the interface. */
static const char *netbox_mac(const json_t *object)
{
	static const char *const within[] = {"custom_fields", "assigned_object"};
	const char *mac = mac_within(object);

	for (size_t i = 0; i < sizeof(within) / sizeof(within[0]) && !mac; i++)
		mac = mac_within(json_object_get(object, within[i]));
	return mac;
}

static const char *text_of(const json_t *object, const char *key, const char *other)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text || !other ? text : json_string_value(json_object_get(object, other));
}

/* A word, or, of `ip -j neigh`, a list of them. */
static enum list_verdict state_of(struct list_item *item, const json_t *object, struct fault *fault)
{
	const json_t *state = json_object_get(object, "state");
	const json_t *status = json_object_get(object, "status"); /* NetBox */
	const char *word =
	        json_string_value(json_is_array(state) ? json_array_get(state, 0) : state);
	enum list_verdict verdict;

	if (!word)
		word = json_string_value(json_is_object(status) ? json_object_get(status, "value")
		                                                : status);
	item->state = ENTRY_DYNAMIC;
	if (!word)
		return LIST_BINDING;
	verdict = field_state(&item->state, word);
	if (verdict == LIST_BAD)
		fault_set(fault, -EINVAL, "'%.40s' is not a neighbour's state", word);
	return verdict;
}

/* The x- lines, checked by the one codec, in an entry that has nothing else. */
static enum list_verdict extra_of(struct list_item *item, const json_t *object, char **extra,
                                  struct fault *fault)
{
	static const char rest[] = "mac 02:00:00:00:00:01\nstate static\n"
	                           "since 1970-01-01T00:00:00Z\n";
	const json_t *lines = json_object_get(object, "extra"), *line;
	struct entry entry = {.extra = NULL};
	char *text = NULL;
	size_t index, length;
	FILE *stream;
	int error;

	if (!json_is_array(lines) || json_array_size(lines) == 0)
		return LIST_BINDING;
	stream = open_memstream(&text, &length);
	if (!stream)
		goto no_memory;
	fputs(rest, stream);
	json_array_foreach ((json_t *)lines, index, line) {
		const char *value = json_string_value(line);

		fprintf(stream, "%s\n", value ? value : "");
	}
	if (fclose(stream) != 0)
		goto no_memory;
	error = entry_parse(&entry, text, length, fault);
	if (error)
		fault_set(fault, error,
		          "\"extra\" is not a list of lines like \"x-ticket NET-4711\"");
	else if (!entry.extra || strcmp(entry.extra, text + strlen(rest)) != 0)
		error = fault_set(fault, -EINVAL, "\"extra\" has lines that do not begin with x-");
	if (!error) {
		item->extra = *extra = entry.extra;
		entry.extra = NULL;
	}
	entry_clear(&entry);
	free(text);
	return error ? LIST_BAD : LIST_BINDING;
no_memory:
	free(text);
	fault_set(fault, -ENOMEM, "out of memory");
	return LIST_BAD;
}

static enum list_verdict read_object(struct list_item *item, const json_t *object, char **extra,
                                     struct fault *fault)
{
	const char *given = text_of(object, "address", "dst");
	char address[64]; /* no spelling of an address is longer */
	const char *mac = text_of(object, "mac", "lladdr"), *since = text_of(object, "since", NULL);
	enum list_verdict verdict;

	if (!given)
		return fault_set(fault, -EINVAL, "the object has no \"address\" (nor \"dst\")");
	/* NetBox: with the length of its prefix. */
	snprintf(address, sizeof(address), "%.*s", (int)strcspn(given, "/"), given);
	verdict = field_address(&item->address, address, fault);
	if (verdict == LIST_BINDING)
		verdict = state_of(item, object, fault);
	if (verdict != LIST_BINDING)
		return verdict;
	if (!mac)
		mac = netbox_mac(object);
	if (!mac &&
	    (json_object_get(object, "status") || json_object_get(object, "assigned_object")))
		return LIST_UNBOUND;
	if (!mac)
		return fault_set(fault, -EINVAL, "%s has no \"mac\" (nor \"lladdr\")", address);
	verdict = field_mac(&item->mac, mac, fault);
	if (verdict == LIST_BINDING)
		verdict = field_since(&item->since, since, fault);
	if (verdict != LIST_BINDING)
		return verdict;
	item->origin = text_of(object, "origin", NULL);
	item->router = field_is_router(text_of(object, "role", NULL));
	item->note = text_of(object, "note", "dns_name");
	if (item->note && !*item->note)
		item->note = NULL;
	return extra_of(item, object, extra, fault);
}

static int add_object(struct list *list, struct cursor *cursor, const struct list_options *options)
{
	struct list_item item = {.line = cursor->line};
	enum list_verdict verdict = LIST_BAD;
	const char *begin = cursor->at;
	struct fault fault = {""};
	json_t *object = NULL;
	json_error_t parse;
	char *extra = NULL;
	int error;

	if (!skip_value(cursor))
		fault_set(&fault, -EINVAL, "the text ends within an object");
	else if (!(object = json_loadb(begin, (size_t)(cursor->at - begin), 0, &parse)))
		fault_set(&fault, -EINVAL, "this is not JSON: %s", parse.text);
	else
		verdict = read_object(&item, object, &extra, &fault);
	error = list_add(list, verdict, &item, options, &fault);
	free(extra);
	json_decref(object);
	return error;
}

/* What every step needs. */
struct reading {
	struct list *list;
	struct cursor cursor;
	const char *text, *name;
	const struct list_options *options;
	struct progress *progress;
	struct fault *fault;
};

static int expected(const struct reading *reading, const char *what)
{
	return fault_set(reading->fault, -EINVAL,
	                 "%s: line %u: %s is expected here: this is not JSON, or not a list of "
	                 "neighbours",
	                 reading->name, reading->cursor.line, what);
}

/* Reads on behind a '['. */
static int read_array(struct reading *reading)
{
	struct cursor *cursor = &reading->cursor;

	if (take(cursor, ']'))
		return 0;
	do {
		int error;

		if (peek(cursor) != '{')
			return expected(reading, "an object");
		error = add_object(reading->list, cursor, reading->options);
		if (error)
			return fault_set(reading->fault, error, "%s: out of memory", reading->name);
		progress_step(reading->progress, (uint64_t)(cursor->at - reading->text));
	} while (take(cursor, ','));
	return take(cursor, ']') ? 0 : expected(reading, "',' or ']'");
}

/* A key and its ':'; `key` is with its quotes. */
static bool take_key(struct cursor *cursor, const char **key, size_t *length)
{
	if (peek(cursor) != '"')
		return false;
	*key = cursor->at;
	if (!skip_string(cursor))
		return false;
	*length = (size_t)(cursor->at - *key);
	return take(cursor, ':');
}

static bool is_key(const char *key, size_t length, const char *name)
{
	return length == strlen(name) + 2 && !memcmp(key + 1, name, strlen(name));
}

/* The key of the array: of NetBox's REST API, or of its GraphQL. */
static bool is_entries(const char *key, size_t length)
{
	return is_key(key, length, "entries") || is_key(key, length, "results") ||
	       is_key(key, length, "ip_address_list");
}

/* Reads on behind a '{'. Members other than "entries" do not matter; GraphQL has them within
 * "data". */
static int read_members(struct reading *reading, bool outer)
{
	struct cursor *cursor = &reading->cursor;
	bool found = false;
	const char *key;
	size_t length;

	do {
		int error = 0;

		if (!take_key(cursor, &key, &length))
			return expected(reading, "a key and ':'");
		if (is_entries(key, length) && take(cursor, '[')) {
			found = true;
			error = read_array(reading);
		} else if (outer && is_key(key, length, "data") && take(cursor, '{')) {
			found = true;
			error = read_members(reading, false);
		} else if (!skip_value(cursor)) {
			error = expected(reading, "a value");
		}
		if (error)
			return error;
	} while (take(cursor, ','));
	if (!take(cursor, '}'))
		return expected(reading, "',' or '}'");
	return found ? 0 : expected(reading, "\"entries\": [...]");
}

int list_parse_json(struct list *list, const char *name, const char *text, size_t length,
                    const struct list_options *options, struct progress *progress,
                    struct fault *fault)
{
	struct reading reading = {.list = list,
	                          .cursor = {text, text + length, 1},
	                          .text = text,
	                          .name = name,
	                          .options = options,
	                          .progress = progress,
	                          .fault = fault};
	int error;

	if (take(&reading.cursor, '['))
		error = read_array(&reading);
	else if (take(&reading.cursor, '{'))
		error = read_members(&reading, true);
	else
		error = expected(&reading, "'{' or '['");
	if (!error && peek(&reading.cursor))
		error = expected(&reading, "the end");
	return error;
}
