// SPDX-License-Identifier: MIT
/*
 * The parsers of entries, of claims, and of entries' paths. The input is up to three entries with a
 * NUL between them, each of which may be a claim's mark, and all of which is also a path. What is
 * parsed is printed as it was; both parsers agree; the merge rule does not care which side is ours.
 */
#include "fuzz.h"

#include <errno.h>

#include "fleet/fleet.h"

#define ENTRIES 3

/* Whether the entry is one; the same in place. */
static bool parse(struct entry *entry, const char *text, size_t length)
{
	struct fault fault = {""}, other = {""};
	char *copy = malloc(length + 1), *printed;
	struct entry in_place;
	int error = entry_parse(entry, text, length, &fault);
	unsigned line;

	MUST(copy);
	memcpy(copy, text, length);
	MUST(entry_parse_in_place(&in_place, copy, length, &other) == error);
	MUST(strcmp(fault.text, other.text) == 0);
	if (error) {
		MUST(error == -EINVAL && sscanf(fault.text, "line %u: ", &line) == 1 && line > 0);
		free(copy);
		return false;
	}
	MUST(entry_equal(entry, &in_place));
	MUST(mac_is_station(entry->mac) && entry->since >= 0);
	MUST(entry->after >= 0 && entry->after <= entry->since);
	MUST(!entry->router || entry->state == ENTRY_STATIC);
	MUST(!entry->origin || entry_check_text("origin", entry->origin, &fault) == 0);
	MUST(!entry->note || entry_check_text("note", entry->note, &fault) == 0);
	MUST(!entry->extra || strncmp(entry->extra, "x-", 2) == 0);
	printed = entry_print(entry);
	MUST(printed && strlen(printed) == length && !memcmp(printed, text, length));
	free(printed);
	free(copy);
	return true;
}

/* An entry is a claim; so is a mark. */
static void parse_claim(const char *text, size_t length, bool entry)
{
	static const uint8_t id[CLAIM_TEXT_ID] = {1};
	struct fault fault = {""}, other = {""};
	char *copy = malloc(length + 1), *printed;
	struct claim_value value;
	struct claim claim, from;
	int error = claim_parse(&value, text, length, &fault);

	MUST(copy);
	memcpy(copy, text, length);
	MUST(claim_parse_in_place(&claim, copy, length, id, &other) == error);
	MUST(strcmp(fault.text, other.text) == 0);
	free(copy);
	if (error) {
		MUST(error == -EINVAL && !entry && strncmp(fault.text, "line ", 5) == 0);
		return;
	}
	from = claim_from(&value, id);
	MUST(entry == (value.state != CLAIM_GONE) && from.state == claim.state);
	MUST(from.since == claim.since && from.after == claim.after);
	MUST(from.after >= 0 && from.after <= from.since && from.since <= CLAIM_TIME_LAST);
	MUST(claim_compare(&from, &claim) == 0);
	printed = claim_print(&value);
	MUST(printed && strlen(printed) == length && !memcmp(printed, text, length));
	free(printed);
	claim_value_clear(&value);
}

static void merge(const struct entry *base, const struct entry *ours, const struct entry *theirs)
{
	enum merge_choice choice, turned;
	const struct entry *winner = entry_merge(base, ours, theirs, &choice);
	const struct entry *other = entry_merge(base, theirs, ours, &turned);

	MUST(winner == base || winner == ours || winner == theirs);
	MUST(entry_equal(winner, other));
	MUST((choice == MERGE_TRIVIAL) == (turned == MERGE_TRIVIAL));
	MUST(entry_equal(entry_merge(base, winner, theirs, &choice), winner));
	MUST(entry_merge_reason(winner, theirs) && entry_merge_reason(theirs, winner));
	MUST(entry_equal(entry_undo(theirs, theirs, base, &choice), base));
}

static void parse_path(const char *path)
{
	char segment[SEGMENT_NAME_MAX + 1], again[ENTRY_PATH_MAX];
	struct fault fault = {""};
	struct address address;

	if (entry_path_parse(segment, &address, path, &fault) == 0) {
		MUST(segment_name_is_valid(segment));
		MUST(strcmp(entry_path(again, segment, address), path) == 0);
	} else {
		MUST(fault.text[0]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entry entry[ENTRIES];
	bool valid[ENTRIES] = {false};
	const char *at = data ? (const char *)data : "", *end = at + size;
	char *text = strndup(at, size);

	MUST(text);
	parse_path(text);
	free(text);
	for (unsigned i = 0; i < ENTRIES; i++) {
		const char *nul = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;
		size_t length = (size_t)((nul ? nul : end) - at);
		char *exact = malloc(length ? length : 1);

		MUST(exact);
		memcpy(exact, at, length);
		valid[i] = parse(&entry[i], exact, length);
		parse_claim(exact, length, valid[i]);
		free(exact);
		at += length + (nul != NULL);
	}
	merge(valid[0] ? &entry[0] : NULL, valid[1] ? &entry[1] : NULL,
	      valid[2] ? &entry[2] : NULL);
	for (unsigned i = 0; i < ENTRIES; i++)
		if (valid[i])
			entry_clear(&entry[i]);
	return 0;
}
