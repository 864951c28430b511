/* SPDX-License-Identifier: MIT */
/*
 * The value of an entry: which text it may contain, its printed form, copies, comparison. parse.c
 * accepts exactly what is printed here; equal entries are equal files, and so equal git
 * objects.
 */
#include "entry/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entry/time.h"

int text_copy(char **copy, const char *text)
{
	*copy = text ? strdup(text) : NULL;
	return text && !*copy ? -ENOMEM : 0;
}

int entry_check_text(const char *what, const char *text, struct fault *fault)
{
	size_t length = strlen(text);
	const char *reason = text_reason(text, length);

	if (!length)
		return fault_set(fault, -EINVAL, "%s is empty: leave it out instead", what);
	if (length > ENTRY_NOTE_MAX)
		return fault_set(fault, -EINVAL, "%s is longer than %d bytes", what,
		                 ENTRY_NOTE_MAX);
	if (reason)
		return fault_set(fault, -EINVAL, "%s %s", what, reason);
	if (text[0] == ' ' || text[length - 1] == ' ')
		return fault_set(fault, -EINVAL, "%s begins or ends with a space", what);
	return 0;
}

int entry_check_message(const char *text, struct fault *fault)
{
	char line[ENTRY_MESSAGE_MAX + 1];
	size_t length = strlen(text);
	const char *reason;

	if (length > ENTRY_MESSAGE_MAX)
		return fault_set(fault, -EINVAL, "the message is longer than %d bytes",
		                 ENTRY_MESSAGE_MAX);
	for (size_t i = 0; i <= length; i++)
		line[i] = text[i] == '\n' ? '.' : text[i];
	reason = length ? text_reason(line, length) : "is empty: leave it out instead";
	if (!reason && (strchr(" \n", text[0]) || strchr(" \n", text[length - 1])))
		reason = "begins or ends with a space or an empty line";
	return reason ? fault_set(fault, -EINVAL, "message %s", reason) : 0;
}

const char *entry_state_name(enum entry_state state)
{
	return state == ENTRY_STATIC ? "static" : "dynamic";
}

/* Writes "key value" and LF to `at`, if that is not NULL. Returns the length; 0 without a value. */
static size_t put_line(char *at, const char *key, const char *value)
{
	size_t key_length, value_length;

	if (!value)
		return 0;
	key_length = strlen(key);
	value_length = strlen(value);
	if (at) {
		memcpy(at, key, key_length);
		at[key_length] = ' ';
		memcpy(at + key_length + 1, value, value_length);
		at[key_length + 1 + value_length] = '\n';
	}
	return key_length + value_length + 2;
}

char *entry_print(const struct entry *entry)
{
	char mac[MAC_TEXT], since[TIME_TEXT], after[TIME_TEXT];
	const struct {
		const char *key, *value;
	} line[] = {{"mac", mac_format(mac, entry->mac)},
	            {"state", entry_state_name(entry->state)},
	            {"since", time_format(since, entry->since)},
	            {"after", entry->after ? time_format(after, entry->after) : NULL},
	            {"origin", entry->origin},
	            {"note", entry->note},
	            {"role", entry->router ? ENTRY_ROLE_ROUTER : NULL}};
	size_t lines = sizeof(line) / sizeof(line[0]), length = 0;
	size_t extra = entry->extra ? strlen(entry->extra) : 0;
	char *text;

	for (size_t i = 0; i < lines; i++)
		length += put_line(NULL, line[i].key, line[i].value);
	text = malloc(length + extra + 1);
	if (!text)
		return NULL;
	length = 0;
	for (size_t i = 0; i < lines; i++)
		length += put_line(text + length, line[i].key, line[i].value);
	if (extra > 0)
		memcpy(text + length, entry->extra, extra);
	text[length + extra] = '\0';
	return text;
}

struct entry *entry_copy(const struct entry *entry)
{
	struct entry *copy = entry ? calloc(1, sizeof(*copy)) : NULL;

	if (!copy)
		return NULL;
	copy->mac = entry->mac;
	copy->state = entry->state;
	copy->router = entry->router;
	copy->since = entry->since;
	copy->after = entry->after;
	if (text_copy(&copy->origin, entry->origin) || text_copy(&copy->note, entry->note) ||
	    text_copy(&copy->extra, entry->extra)) {
		entry_free(copy);
		return NULL;
	}
	return copy;
}

bool entry_equal(const struct entry *a, const struct entry *b)
{
	if (!a || !b)
		return a == b;
	return mac_equal(a->mac, b->mac) && a->state == b->state && a->router == b->router &&
	       a->since == b->since && a->after == b->after && text_equal(a->origin, b->origin) &&
	       text_equal(a->note, b->note) && text_equal(a->extra, b->extra);
}

void entry_clear(struct entry *entry)
{
	free(entry->origin);
	free(entry->note);
	free(entry->extra);
	*entry = (struct entry){0};
}

void entry_free(struct entry *entry)
{
	if (entry)
		entry_clear(entry);
	free(entry);
}
