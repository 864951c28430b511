// SPDX-License-Identifier: MIT
#include "fleet/claimtext.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GONE      "state gone\n"
#define MARK_TEXT (sizeof(GONE "since \nafter \n") + 2 * TIME_TEXT)

static bool is_mark(const char *text, size_t length)
{
	return length >= sizeof(GONE) - 1 && !memcmp(text, GONE, sizeof(GONE) - 1);
}

/* Reads "key TIME" and LF at *at, and moves behind it. */
static int read_time(int64_t *time, const char *key, unsigned number, const char **at,
                     const char *end, struct fault *fault)
{
	size_t length = strlen(key) + 1 + TIME_TEXT - 1;

	if ((size_t)(end - *at) <= length || memcmp(*at, key, strlen(key)) != 0 ||
	    (*at)[strlen(key)] != ' ' || (*at)[length] != '\n' ||
	    time_parse(time, *at + strlen(key) + 1, TIME_TEXT - 1) < 0)
		return fault_set(fault, -EINVAL,
		                 "line %u: is not '%s' with a UTC time like 2026-11-22T10:15:00Z",
		                 number, key);
	*at += length + 1;
	return 0;
}

static int read_mark(struct claim *mark, const char *text, size_t length, struct fault *fault)
{
	const char *at = text + sizeof(GONE) - 1, *end = text + length;
	struct claim read = {.state = CLAIM_GONE};

	if (read_time(&read.since, "since", 2, &at, end, fault))
		return -EINVAL;
	if (at < end && read_time(&read.after, "after", 3, &at, end, fault))
		return -EINVAL;
	if (read.after > read.since)
		return fault_set(fault, -EINVAL, "line 3: after is later than since");
	/* The only spelling: as claim_print() has it. */
	if (at < end || (!read.after && at != text + sizeof(GONE "since ") + TIME_TEXT - 1))
		return fault_set(
		        fault, -EINVAL,
		        "line %d: a mark has only 'since' and 'after', and 'after' is left "
		        "out where it means none",
		        at < end ? 4 : 3);
	*mark = read;
	return 0;
}

int claim_parse(struct claim_value *value, const char *text, size_t length, struct fault *fault)
{
	struct claim_value read = {0};
	struct claim mark = {.state = CLAIM_GONE};
	int error;

	if (is_mark(text, length)) {
		error = read_mark(&mark, text, length, fault);
		if (error)
			return error;
		read.state = CLAIM_GONE;
		read.entry.since = mark.since;
		read.entry.after = mark.after;
	} else {
		error = entry_parse(&read.entry, text, length, fault);
		if (error)
			return error;
		read.state = claim_of_entry(&read.entry).state;
	}
	*value = read;
	return 0;
}

int claim_parse_in_place(struct claim *claim, char *text, size_t length,
                         const uint8_t id[CLAIM_TEXT_ID], struct fault *fault)
{
	struct claim read = {.state = CLAIM_GONE};
	struct entry entry;
	int error;

	if (is_mark(text, length)) {
		error = read_mark(&read, text, length, fault);
		if (error)
			return error;
	} else {
		error = entry_parse_in_place(&entry, text, length, fault);
		if (error)
			return error;
		read = claim_of_entry(&entry);
	}
	memcpy(read.text, id, sizeof(read.text));
	*claim = read;
	return 0;
}

char *claim_print(const struct claim_value *value)
{
	char since[TIME_TEXT], after[TIME_TEXT], *text;
	const struct entry *entry = &value->entry;

	if (value->state != CLAIM_GONE)
		return entry_print(entry);
	text = malloc(MARK_TEXT);
	if (!text)
		return NULL;
	time_format(since, entry->since);
	if (entry->after)
		snprintf(text, MARK_TEXT, GONE "since %s\nafter %s\n", since,
		         time_format(after, entry->after));
	else
		snprintf(text, MARK_TEXT, GONE "since %s\n", since);
	return text;
}

struct claim claim_of_entry(const struct entry *entry)
{
	return (struct claim){
	        .state = entry->state == ENTRY_STATIC ? CLAIM_STATIC : CLAIM_DYNAMIC,
	        .mac = entry->mac,
	        .since = entry->since,
	        .after = entry->after,
	};
}

struct claim claim_from(const struct claim_value *value, const uint8_t id[CLAIM_TEXT_ID])
{
	struct claim claim = {
	        .state = value->state, .since = value->entry.since, .after = value->entry.after};

	if (claim_is_present(&claim))
		claim.mac = value->entry.mac;
	if (id)
		memcpy(claim.text, id, sizeof(claim.text));
	return claim;
}

void claim_value_clear(struct claim_value *value)
{
	entry_clear(&value->entry);
	value->state = CLAIM_NONE;
}
