// SPDX-License-Identifier: MIT
/*
 * dhcpd.leases(5) and the hosts of dhcpd.conf(5):
 *
 *     lease 10.0.0.1 { binding state active; hardware ethernet 02:50:2a:16:6d:01; ... }
 *     host printer { hardware ethernet 02:50:2a:16:6d:02; fixed-address 10.0.0.2; }
 *
 * A fixed address may be the name of a host.
 * A file of leases is a log: the last lease of an address counts. All other statements are skipped,
 * with their blocks.
 */
#include "lists/dhcpd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lists/fields.h"

#define WORD_TEXT      256
#define ADDRESSES_TEXT 4096 /* of one host, with commas between them */

struct cursor {
	const char *at, *end;
	uint32_t line;
	char word[WORD_TEXT]; /* cut off if it is longer */
	bool quoted;
};

static void step(struct cursor *cursor)
{
	cursor->line += *cursor->at++ == '\n';
}

static void skip_space(struct cursor *cursor)
{
	for (; cursor->at < cursor->end; step(cursor)) {
		if (*cursor->at == '#')
			while (cursor->at < cursor->end && *cursor->at != '\n')
				step(cursor);
		if (cursor->at == cursor->end || !strchr(" \t\r\n\f\v", *cursor->at) ||
		    !*cursor->at)
			return;
	}
}

/* A word, a string without its quotes, or one of "{};". False: the end. */
static bool next(struct cursor *cursor)
{
	size_t length = 0;

	skip_space(cursor);
	if (cursor->at == cursor->end)
		return false;
	cursor->quoted = *cursor->at == '"';
	if (cursor->quoted)
		step(cursor);
	while (cursor->at < cursor->end) {
		char character = *cursor->at;
		bool special = strchr("{};", character) && character;

		if (cursor->quoted ? character == '"'
		                   : special || (strchr(" \t\r\n\f\v\"#", character) && character))
			break;
		if (cursor->quoted && character == '\\' && cursor->end - cursor->at > 1 &&
		    strchr("\"\\", cursor->at[1])) {
			step(cursor);
			character = *cursor->at;
		}
		if (length < WORD_TEXT - 1)
			cursor->word[length++] = character;
		step(cursor);
	}
	if (cursor->at < cursor->end && (cursor->quoted || length == 0)) {
		if (!cursor->quoted)
			cursor->word[length++] = *cursor->at;
		step(cursor);
	}
	cursor->word[length] = '\0';
	return true;
}

static bool is(const struct cursor *cursor, const char *word)
{
	return !cursor->quoted && !strcmp(cursor->word, word);
}

/* Goes behind the statement's ';', or behind its block. The word is its first. */
static void skip_statement(struct cursor *cursor)
{
	unsigned depth = 0;

	do {
		if (is(cursor, "{"))
			depth++;
		else if ((is(cursor, "}") && depth > 0 && --depth == 0) ||
		         (is(cursor, ";") && depth == 0))
			return;
	} while (next(cursor));
}

/* What a block says. */
struct block {
	char mac[WORD_TEXT], note[WORD_TEXT];
	char address[ADDRESSES_TEXT]; /* of a host perhaps several */
	bool inactive, overflow;      /* there is no room for all of its addresses */
};

static void copy(char to[WORD_TEXT], const struct cursor *cursor)
{
	snprintf(to, WORD_TEXT, "%s", cursor->word);
}

/* From the word to the end of its statement, behind those of another. */
static void read_addresses(struct block *block, struct cursor *cursor)
{
	size_t length = strlen(block->address), more;

	do {
		more = strlen(cursor->word) + 1;
		block->overflow =
		        block->overflow || more >= WORD_TEXT || length + more >= ADDRESSES_TEXT;
		if (block->overflow)
			continue;
		snprintf(block->address + length, ADDRESSES_TEXT - length, "%s,", cursor->word);
		length += more;
	} while (next(cursor) && !is(cursor, ";") && !is(cursor, "}"));
}

/* One statement of a block; the word is its first. */
static void read_statement(struct block *block, struct cursor *cursor)
{
	char first[WORD_TEXT];
	bool has_more;

	copy(first, cursor);
	has_more = next(cursor);
	if (has_more && !strcmp(first, "hardware") && is(cursor, "ethernet") && next(cursor)) {
		copy(block->mac, cursor);
	} else if (has_more && !strcmp(first, "binding") && is(cursor, "state") && next(cursor)) {
		block->inactive = !is(cursor, "active");
	} else if (has_more &&
	           (!strcmp(first, "fixed-address") || !strcmp(first, "fixed-address6"))) {
		read_addresses(block, cursor);
	} else if (has_more && !strcmp(first, "client-hostname")) {
		copy(block->note, cursor);
	}
	if (has_more && !is(cursor, ";"))
		skip_statement(cursor);
}

/* Behind the '{' that the word is. False: the text ends within the block. */
static bool read_block(struct block *block, struct cursor *cursor)
{
	while (next(cursor)) {
		if (is(cursor, "}"))
			return true;
		if (!is(cursor, ";"))
			read_statement(block, cursor);
	}
	return false;
}

/* `address` is one of the block's; NULL: it has none. */
static enum list_verdict judge(struct list_item *item, const struct block *block,
                               const char *address, const struct list_options *options,
                               struct fault *fault)
{
	enum list_verdict verdict;

	if (!address)
		return LIST_UNBOUND; /* a host that gets any address */
	verdict = field_host(&item->address, address, options, fault);
	if (block->inactive || !block->mac[0])
		return LIST_UNBOUND;
	if (verdict != LIST_BINDING)
		return verdict;
	item->note = block->note[0] ? block->note : NULL;
	return field_mac(&item->mac, block->mac, fault);
}

/* Adds an item for each address of a block. */
static int add_block(struct list *list, struct block *block, bool lease, uint32_t line,
                     const struct list_options *options)
{
	char *rest = block->address, *address = strtok_r(rest, ", ", &rest);
	int error = 0;

	do {
		struct list_item item = {.line = line};
		enum list_verdict verdict;
		struct fault why;

		item.state = lease ? ENTRY_DYNAMIC : ENTRY_STATIC;
		verdict = judge(&item, block, address, options, &why);
		if (lease) {
			item.heard = line;
			item.gone = verdict == LIST_UNBOUND;
		}
		error = list_add(list, verdict, &item, options, &why);
		address = address ? strtok_r(NULL, ", ", &rest) : NULL;
	} while (!error && address);
	return error;
}

/* `lease` or `host`, which the word is. */
static int read_binding(struct list *list, struct cursor *cursor,
                        const struct list_options *options)
{
	uint32_t line = cursor->line;
	bool lease = is(cursor, "lease");
	struct block block = {.mac = ""};

	if (next(cursor)) {
		if (lease)
			snprintf(block.address, sizeof(block.address), "%s", cursor->word);
		else
			copy(block.note, cursor);
	}
	if (!next(cursor) || !is(cursor, "{"))
		list_add_problem(list, line, "'{' is expected behind the name of a lease or host");
	else if (!read_block(&block, cursor))
		list_add_problem(list, line, "the text ends within this lease or host");
	else if (block.overflow)
		list_add_problem(list, line, "this host has too many addresses");
	else
		return add_block(list, &block, lease, line, options);
	return 0;
}

int list_parse_dhcpd(struct list *list, const char *name, const char *text, size_t length,
                     const struct list_options *options, struct progress *progress,
                     struct fault *fault)
{
	struct cursor cursor = {.at = text, .end = text + length, .line = 1};
	int error = 0;

	skip_space(&cursor);
	while (!error && next(&cursor)) {
		if (is(&cursor, "ia-na") || is(&cursor, "ia-ta"))
			list_add_problem(list, cursor.line,
			                 "a lease of IPv6 names a DUID, and no MAC address: import "
			                 "the neighbours that a router has");
		/* A host may be within a group or a subnet. */
		if (is(&cursor, "lease") || is(&cursor, "host"))
			error = read_binding(list, &cursor, options);
		else if (!is(&cursor, "{") && !is(&cursor, "}") && !is(&cursor, ";"))
			while (next(&cursor) && !is(&cursor, ";") && !is(&cursor, "{"))
				;
		skip_space(&cursor);
		progress_step(progress, (uint64_t)(cursor.at - text));
	}
	return error ? fault_set(fault, error, "%s: out of memory", name) : 0;
}
