// SPDX-License-Identifier: MIT
/*
 * A list in CSV (RFC 4180; a quoted field may have several lines). Columns are known by their
 * names, in any order; others are skipped. Kea's file of leases is a log: the last line of an
 * address counts.
 */
#include "lists/csv.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lists/fields.h"

#define COLUMNS_MAX 64
#define LINE_LENGTH 16384 /* of all lines of a record */

enum column { ADDRESS, MAC, DUID, STATE, SINCE, ORIGIN, NOTE, ROLE, LIFETIME, LEASE, COLUMNS };

/* Compared without case, spaces, '_' and '-'. Of several for one column the first in this table
 * counts. */
static const struct {
	enum column column;
	const char *name;
} known[] = {
        {ADDRESS, "address"},
        {ADDRESS, "ipaddress"},
        {ADDRESS, "ip"},
        {ADDRESS, "ipv4"},
        {ADDRESS, "ipv4address"},
        {ADDRESS, "ipv6"},
        {ADDRESS, "ipv6address"},
        {MAC, "mac"},
        {MAC, "macaddress"},
        {MAC, "hwaddr"},
        {MAC, "hwaddress"},
        {MAC, "hardwareaddress"},
        {MAC, "lladdr"},
        {MAC, "ethernet"},
        {MAC, "cfmac"},
        {MAC, "cfmacaddress"},
        {MAC, "primarymac"},
        {MAC, "primarymacaddress"}, /* NetBox since 4.2 */
        {DUID, "duid"},
        {STATE, "state"},
        {STATE, "status"},
        {SINCE, "since"},
        {ORIGIN, "origin"},
        {NOTE, "note"},
        {NOTE, "hostname"},
        {NOTE, "dnsname"},
        {NOTE, "host"},
        {NOTE, "name"},
        {NOTE, "description"},
        {ROLE, "role"},
        {LIFETIME, "validlifetime"},
        {LEASE, "leasetype"},
};
#define LEASED_PREFIX "2" /* Kea's lease of a prefix, not of an address */
#define KNOWN         (sizeof(known) / sizeof(known[0]))

struct csv {
	char separator;
	size_t at[COLUMNS]; /* which field; COLUMNS_MAX: there is none */
};

struct fields {
	char *field[COLUMNS_MAX]; /* further ones are left out */
	size_t count;
};

/* Cuts a line into fields, in place. False: a quote is not closed. */
static bool cut(struct fields *fields, char *line, char separator)
{
	fields->count = 0;
	for (char *from = line, *to = line;;) {
		bool quoted = *from == '"', closed = !quoted;
		char *begin = to;

		for (from += quoted; *from && (!closed || *from != separator); from++) {
			if (quoted && *from == '"' && *++from != '"') {
				closed = true;
				break;
			}
			*to++ = *from;
		}
		if (!closed || (*from && *from != separator))
			return false;
		if (fields->count < COLUMNS_MAX)
			fields->field[fields->count++] = begin;
		if (!*from) {
			*to = '\0';
			return true;
		}
		from++;
		*to++ = '\0';
	}
}

static bool is_called(const char *field, const char *name)
{
	for (; *field; field++) {
		if (strchr(" _-\t\"", *field))
			continue;
		if (tolower((unsigned char)*field) != *name++)
			return false;
	}
	return !*name;
}

static void find_columns(struct csv *csv, const struct fields *fields)
{
	for (unsigned column = 0; column < COLUMNS; column++)
		csv->at[column] = COLUMNS_MAX;
	for (size_t k = 0; k < KNOWN; k++)
		for (size_t i = 0; i < fields->count && csv->at[known[k].column] == COLUMNS_MAX;
		     i++)
			if (is_called(fields->field[i], known[k].name))
				csv->at[known[k].column] = i;
}

/* The length of the record that begins a line: a quoted field may have more lines. Where a quote is
 * not closed, or closed within a field, it is the line. */
static size_t record_length(const char *text, size_t room, char separator)
{
	const char *line_end = memchr(text, '\n', room);
	size_t line = line_end ? (size_t)(line_end - text) : room, at = 0;
	bool begins = true, quoted = false;

	for (; at < room && at < LINE_LENGTH; at++) {
		if (quoted && text[at] == '"' && at + 1 < room && text[at + 1] == '"') {
			at++;
		} else if (quoted && text[at] == '"') {
			quoted = false;
			if (at + 1 < room && !strchr("\r\n", text[at + 1]) &&
			    text[at + 1] != separator)
				return line;
		} else if (!quoted && text[at] == '\n') {
			return at;
		} else {
			quoted = quoted || (begins && text[at] == '"');
		}
		begins = !quoted && text[at] == separator;
	}
	return quoted || at < room ? line : room;
}

/* False: it names no address. */
static bool read_header(struct csv *csv, const char *line, size_t length)
{
	static const char separators[] = ",;\t";
	char copy[LINE_LENGTH];
	struct fields fields;

	if (length >= 3 && !memcmp(line, "\xef\xbb\xbf", 3)) { /* a byte order mark */
		line += 3;
		length -= 3;
	}
	for (const char *separator = separators; *separator && length < sizeof(copy); separator++) {
		memcpy(copy, line, length);
		copy[length] = '\0';
		copy[strcspn(copy, "\r")] = '\0';
		csv->separator = *separator;
		if (!cut(&fields, copy, *separator) || fields.count < 2)
			continue;
		find_columns(csv, &fields);
		if (csv->at[ADDRESS] < COLUMNS_MAX)
			return true;
	}
	return false;
}

bool csv_is_header(const char *line, size_t length)
{
	struct csv csv;

	return !memchr(line, '\0', length) && read_header(&csv, line, length) &&
	       (csv.at[MAC] < COLUMNS_MAX || csv.at[STATE] < COLUMNS_MAX);
}

/* NULL: the line, or the list, has none, or it is empty. */
static char *field_of(const struct csv *csv, const struct fields *fields, enum column column)
{
	size_t at = csv->at[column];
	char *field = at < fields->count ? fields->field[at] : NULL;

	return field && *field ? field : NULL;
}

/* A note has one line. */
static const char *one_line(char *text)
{
	char *to = text;

	for (const char *at = text; at && *at; at++) {
		bool ends = *at == '\n' || (*at == '\r' && at[1] != '\n');

		if (ends || *at != '\r')
			*to++ = ends ? ' ' : *at;
	}
	if (to)
		*to = '\0';
	return text;
}

static enum list_verdict read_fields(struct list_item *item, const struct csv *csv,
                                     const struct fields *fields, struct fault *fault)
{
	char *address = field_of(csv, fields, ADDRESS);
	const char *mac = field_of(csv, fields, MAC), *state = field_of(csv, fields, STATE);
	const char *since = field_of(csv, fields, SINCE);
	const char *lifetime = field_of(csv, fields, LIFETIME);
	const char *lease = field_of(csv, fields, LEASE), *duid = field_of(csv, fields, DUID);
	enum list_verdict verdict, found = LIST_UNBOUND;

	if (!address)
		return fault_set(fault, -EINVAL, "the line has no address");
	if (lease && !strcmp(lease, LEASED_PREFIX))
		return LIST_EMPTY;
	address[strcspn(address, "/")] = '\0'; /* NetBox: with the length of its prefix */
	verdict = field_address(&item->address, address, fault);
	if (verdict == LIST_BINDING && state)
		verdict = field_state(&item->state, state);
	if (verdict == LIST_BAD && state)
		return fault_set(fault, -EINVAL, "'%.40s' is not a neighbour's state", state);
	if (mac)
		found = field_mac(&item->mac, mac, fault);
	else if (duid && field_duid_mac(duid, &item->mac))
		found = LIST_BINDING;
	if (verdict == LIST_BINDING && lifetime && !strcmp(lifetime, "0"))
		verdict = LIST_UNBOUND;
	if (verdict == LIST_BINDING)
		verdict = found;
	if (verdict == LIST_BINDING)
		verdict = field_since(&item->since, since, fault);
	if (verdict != LIST_BINDING)
		return verdict;
	item->origin = field_of(csv, fields, ORIGIN);
	item->router = field_is_router(field_of(csv, fields, ROLE));
	item->note = one_line(field_of(csv, fields, NOTE));
	return LIST_BINDING;
}

static enum list_verdict read_line(struct list_item *item, const struct csv *csv, char *line,
                                   struct fault *fault)
{
	size_t length = strlen(line);
	struct fields fields;

	if (length && line[length - 1] == '\r')
		line[length - 1] = '\0';
	if (!line[strspn(line, " \t,;")] || *line == '#')
		return LIST_EMPTY;
	item->state = ENTRY_DYNAMIC;
	if (!cut(&fields, line, csv->separator))
		return fault_set(fault, -EINVAL, "a quote (\") is not closed in this line");
	return read_fields(item, csv, &fields, fault);
}

static int add_line(struct list *list, const struct csv *csv, const char *line, size_t length,
                    uint32_t number, const struct list_options *options)
{
	struct list_item item = {.line = number};
	enum list_verdict verdict = LIST_BAD;
	char copy[LINE_LENGTH];
	struct fault why;

	if (length >= sizeof(copy) || memchr(line, '\0', length)) {
		fault_set(&why, -EINVAL, "the line is longer than %d bytes, or is not text",
		          LINE_LENGTH - 1);
	} else {
		memcpy(copy, line, length);
		copy[length] = '\0';
		verdict = read_line(&item, csv, copy, &why);
	}
	/* Of a log of leases, the last line counts. */
	if (csv->at[LIFETIME] < COLUMNS_MAX) {
		item.heard = number;
		item.gone = verdict == LIST_UNBOUND;
	}
	return list_add(list, verdict, &item, options, &why);
}

static uint32_t count_lines(const char *text, size_t length)
{
	uint32_t lines = 1;

	for (const char *at = text; (at = memchr(at, '\n', length - (size_t)(at - text))); at++)
		lines++;
	return lines;
}

int list_parse_csv(struct list *list, const char *name, const char *text, size_t length,
                   const struct list_options *options, struct progress *progress,
                   struct fault *fault)
{
	const char *stop = memchr(text, '\n', length), *at = stop ? stop + 1 : text + length;
	size_t bytes = (size_t)((stop ? stop : at) - text);
	struct csv csv;
	int error = 0;

	if (memchr(text, '\0', bytes) || !read_header(&csv, text, bytes))
		return fault_set(fault, -EINVAL,
		                 "%s: its first line names no column 'address' (or 'ip'), "
		                 "with 'mac' beside it",
		                 name);
	for (uint32_t number = 2; at < text + length && !error;) {
		bytes = record_length(at, length - (size_t)(at - text), csv.separator);
		error = add_line(list, &csv, at, bytes, number, options);
		number += count_lines(at, bytes);
		at += bytes + (at + bytes < text + length);
		progress_step(progress, (uint64_t)(at - text));
	}
	return error ? fault_set(fault, error, "%s: out of memory", name) : 0;
}
