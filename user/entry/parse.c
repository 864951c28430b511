/* SPDX-License-Identifier: MIT */
/*
 * Parses an entry's file. Strict: each entry has one spelling, so that a file that was parsed and
 * printed again is the same file. A fault names the line and the reason, for those who edit by
 * hand.
 */
#include "entry/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entry/time.h"

#define QUOTE_MAX 60 /* of the offending text, in a reason */
/* All x- lines together: so that an entry with the longest note still fits ENTRY_TEXT_MAX. */
#define EXTRA_MAX 2048

/* Where the line stands in the order of the contract. */
enum rank {
	RANK_MAC,
	RANK_STATE,
	RANK_SINCE,
	RANK_AFTER,
	RANK_ORIGIN,
	RANK_NOTE,
	RANK_ROLE,
	RANK_EXTRA
};

static const char *const keys[] = {"mac", "state", "since", "after", "origin", "note", "role"};

struct line {
	unsigned number;
	const char *key, *value; /* not NUL-terminated */
	size_t key_length, value_length;
	const char *end; /* of the line, behind its LF */
};

static int quote_length(size_t length)
{
	return (int)(length < QUOTE_MAX ? length : QUOTE_MAX);
}

/* Splits the line at `text` into key and value. */
static int split_line(struct line *line, const char *text, size_t length, struct fault *fault)
{
	const char *end = memchr(text, '\n', length), *space;
	size_t used = end ? (size_t)(end - text) : length;
	const char *reason = text_reason(text, used);

	line->key = line->value = text;
	line->end = text + used + (end != NULL);
	if (used && memchr(text, '\r', used))
		reason = "contains a carriage return: end lines with LF alone";
	if (reason)
		return fault_set(fault, -EINVAL, "line %u: %s", line->number, reason);
	if (!end)
		return fault_set(fault, -EINVAL, "line %u: does not end with a line feed",
		                 line->number);
	if (!used)
		return fault_set(fault, -EINVAL, "line %u: is empty", line->number);
	if (text[used - 1] == ' ')
		return fault_set(fault, -EINVAL, "line %u: ends with a space", line->number);
	space = memchr(text, ' ', used);
	if (!space)
		return fault_set(fault, -EINVAL, "line %u: '%.*s' has no value", line->number,
		                 quote_length(used), text);
	line->key_length = (size_t)(space - text);
	line->value = space + 1;
	line->value_length = used - line->key_length - 1;
	if (line->value[0] == ' ')
		return fault_set(fault, -EINVAL,
		                 "line %u: more than one space between key and value",
		                 line->number);
	return 0;
}

/* x- and at least one of a-z, 0-9, '-'. */
static bool is_extra_key(const struct line *line)
{
	if (line->key_length < 3 || memcmp(line->key, "x-", 2) != 0)
		return false;
	for (size_t i = 2; i < line->key_length; i++) {
		char c = line->key[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

static int find_rank(enum rank *rank, const struct line *line, struct fault *fault)
{
	for (unsigned i = 0; i < RANK_EXTRA; i++)
		if (line->key_length == strlen(keys[i]) &&
		    !memcmp(line->key, keys[i], line->key_length)) {
			*rank = (enum rank)i;
			return 0;
		}
	if (is_extra_key(line)) {
		*rank = RANK_EXTRA;
		return 0;
	}
	return fault_set(fault, -EINVAL,
	                 "line %u: unknown key '%.*s'; keys of your own begin with 'x-' and are "
	                 "lower-case letters, digits and '-'",
	                 line->number, quote_length(line->key_length), line->key);
}

static int read_mac(struct entry *entry, const struct line *line, struct fault *fault)
{
	char text[MAC_TEXT], canonical[MAC_TEXT];

	if (line->value_length != MAC_TEXT - 1)
		goto bad;
	memcpy(text, line->value, MAC_TEXT - 1);
	text[MAC_TEXT - 1] = '\0';
	if (mac_parse(&entry->mac, text) < 0)
		goto bad;
	if (strcmp(text, mac_format(canonical, entry->mac)) != 0)
		return fault_set(fault, -EINVAL, "line %u: mac '%s' must be in lower case: %s",
		                 line->number, text, canonical);
	if (!mac_is_station(entry->mac))
		return fault_set(
		        fault, -EINVAL, "line %u: mac '%s' is %s, which no station can have",
		        line->number, text,
		        mac_is_zero(entry->mac) ? "zero" : "a multicast or broadcast address");
	return 0;
bad:
	return fault_set(fault, -EINVAL,
	                 "line %u: mac '%.*s' is not six two-digit hex numbers between colons",
	                 line->number, quote_length(line->value_length), line->value);
}

static int read_state(struct entry *entry, const struct line *line, struct fault *fault)
{
	static const enum entry_state states[] = {ENTRY_DYNAMIC, ENTRY_STATIC};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const char *name = entry_state_name(states[i]);

		if (line->value_length == strlen(name) &&
		    !memcmp(line->value, name, line->value_length)) {
			entry->state = states[i];
			return 0;
		}
	}
	return fault_set(fault, -EINVAL, "line %u: state '%.*s' is not 'static' or 'dynamic'",
	                 line->number, quote_length(line->value_length), line->value);
}

static int read_time(int64_t *time, const char *key, const struct line *line, struct fault *fault)
{
	if (time_parse(time, line->value, line->value_length) == 0)
		return 0;
	return fault_set(fault, -EINVAL,
	                 "line %u: %s '%.*s' is not a UTC time like 2026-11-22T10:15:00Z",
	                 line->number, key, quote_length(line->value_length), line->value);
}

/* Nothing comes after an unset that is later than itself. */
static int read_after(struct entry *entry, const struct line *line, struct fault *fault)
{
	if (read_time(&entry->after, keys[RANK_AFTER], line, fault))
		return -EINVAL;
	if (!entry->after)
		return fault_set(fault, -EINVAL,
		                 "line %u: after '%.*s' means none: leave the line out",
		                 line->number, (int)line->value_length, line->value);
	if (entry->after > entry->since)
		return fault_set(fault, -EINVAL, "line %u: after '%.*s' is later than since",
		                 line->number, (int)line->value_length, line->value);
	return 0;
}

/* Who may advertise itself as a router is a person's word. */
static int read_role(struct entry *entry, const struct line *line, struct fault *fault)
{
	if (line->value_length != strlen(ENTRY_ROLE_ROUTER) ||
	    memcmp(line->value, ENTRY_ROLE_ROUTER, line->value_length) != 0)
		return fault_set(fault, -EINVAL,
		                 "line %u: role '%.*s' is not '" ENTRY_ROLE_ROUTER
		                 "', the only role",
		                 line->number, quote_length(line->value_length), line->value);
	if (entry->state != ENTRY_STATIC)
		return fault_set(fault, -EINVAL,
		                 "line %u: a role is for static entries: remove it, or declare "
		                 "the address (state static)",
		                 line->number);
	entry->router = true;
	return 0;
}

/* Ends a text of the entry where it stands. */
static char *take(const char *bytes, size_t length)
{
	((char *)bytes)[length] = '\0';
	return (char *)bytes;
}

static int read_text(char **text, const struct line *line, struct fault *fault)
{
	if (line->value_length > ENTRY_NOTE_MAX)
		return fault_set(fault, -EINVAL, "line %u: '%.*s' is longer than %d bytes",
		                 line->number, (int)line->key_length, line->key, ENTRY_NOTE_MAX);
	*text = take(line->value, line->value_length);
	return 0;
}

static int find_extra(const char *extra, size_t length, const struct line *line,
                      struct fault *fault)
{
	for (const char *at = extra, *end; at < extra + length; at = end + 1) {
		end = memchr(at, '\n', (size_t)(extra + length - at));
		if (!strncmp(at, line->key, line->key_length) && at[line->key_length] == ' ')
			return fault_set(fault, -EINVAL, "line %u: key '%.*s' is given twice",
			                 line->number, quote_length(line->key_length), line->key);
	}
	return 0;
}

static int read_value(struct entry *entry, enum rank rank, const struct line *line,
                      struct fault *fault)
{
	switch (rank) {
	case RANK_MAC:
		return read_mac(entry, line, fault);
	case RANK_STATE:
		return read_state(entry, line, fault);
	case RANK_SINCE:
		return read_time(&entry->since, keys[rank], line, fault);
	case RANK_AFTER:
		return read_after(entry, line, fault);
	case RANK_ORIGIN:
		return read_text(&entry->origin, line, fault);
	case RANK_NOTE:
		return read_text(&entry->note, line, fault);
	case RANK_ROLE:
		return read_role(entry, line, fault);
	default:
		return 0; /* the x- lines become one text, at the end */
	}
}

/* A line comes after those of a lower rank, and the first three are required. `seen` has a bit for
 * each rank that has come. */
static int check_order(enum rank rank, unsigned seen, const struct line *line, struct fault *fault)
{
	if (rank != RANK_EXTRA && seen & 1u << rank) {
		fault_set(fault, -EINVAL, "line %u: key '%s' is given twice", line->number,
		          keys[rank]);
		return -EINVAL;
	}
	for (unsigned i = RANK_MAC; i <= RANK_SINCE && i < rank; i++)
		if (!(seen & 1u << i))
			return fault_set(fault, -EINVAL, "line %u: '%s' must come here, not '%.*s'",
			                 line->number, keys[i], quote_length(line->key_length),
			                 line->key);
	if (seen >> rank > 1)
		return fault_set(fault, -EINVAL,
		                 "line %u: key '%s' comes too late; the order is mac, state, "
		                 "since, after, origin, note, role, x-...",
		                 line->number, keys[rank]);
	return 0;
}

int entry_parse_in_place(struct entry *entry, char *text, size_t length, struct fault *fault)
{
	struct entry parsed = {0};
	const char *end = text + length, *extra = NULL;
	enum rank rank = RANK_MAC;
	unsigned seen = 0;
	struct line line = {0};
	int error;

	if (length > ENTRY_TEXT_MAX)
		return fault_set(fault, -EINVAL, "line 1: the file has %zu bytes, more than %d",
		                 length, ENTRY_TEXT_MAX);
	for (const char *at = text; at < end; at = line.end) {
		line.number++;
		error = split_line(&line, at, (size_t)(end - at), fault);
		if (!error)
			error = find_rank(&rank, &line, fault);
		if (!error)
			error = check_order(rank, seen, &line, fault);
		if (!error && rank == RANK_EXTRA && extra)
			error = find_extra(extra, (size_t)(at - extra), &line, fault);
		if (!error)
			error = read_value(&parsed, rank, &line, fault);
		if (error)
			return error;
		if (rank == RANK_EXTRA && !extra)
			extra = at;
		seen |= 1u << rank;
	}
	for (unsigned i = RANK_MAC; i <= RANK_SINCE; i++)
		if (!(seen & 1u << i))
			return fault_set(fault, -EINVAL, "line %u: '%s' is missing",
			                 line.number + 1, keys[i]);
	if (extra && end - extra > EXTRA_MAX)
		return fault_set(fault, -EINVAL,
		                 "line %u: the x- lines are longer than %d bytes in all",
		                 line.number, EXTRA_MAX);
	if (extra)
		parsed.extra = take(extra, (size_t)(end - extra));
	*entry = parsed;
	return 0;
}

int entry_parse(struct entry *entry, const char *text, size_t length, struct fault *fault)
{
	char copy[ENTRY_TEXT_MAX + 1];
	struct entry parsed, *owned;
	int error;

	memcpy(copy, text, length < sizeof(copy) ? length : sizeof(copy));
	error = entry_parse_in_place(&parsed, copy, length, fault);
	if (error)
		return error;
	owned = entry_copy(&parsed);
	if (!owned)
		return fault_set(fault, -ENOMEM, "out of memory");
	*entry = *owned;
	free(owned);
	return 0;
}
