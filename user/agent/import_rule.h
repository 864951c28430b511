/* SPDX-License-Identifier: MIT */
/* What one line of an import says, and what the table does with it. Pure. */
#ifndef USER_AGENT_IMPORT_RULE_H
#define USER_AGENT_IMPORT_RULE_H

#include "entry/entry.h"
#include "neighbour/neighbour.h"

/* Text points into the line. */
struct import_line {
	struct address address;
	struct entry entry;
	bool has_since;
};

/* ADDRESS MAC s|d SINCE ORIGIN NOTE X-LINE... with tabs between; a field that is empty or left out
 * at the end says nothing. `line` is modified; it must have room for one byte more. NULL, or what
 * is wrong: a static string. */
const char *import_line_parse(struct import_line *said, char *line);

enum import_outcome {
	IMPORT_CHANGES,
	IMPORT_SAME,   /* the table has it already */
	IMPORT_KEPT,   /* the table has heard it at another MAC, which is newer than a list */
	IMPORT_REFUSED /* the table has it static at another MAC; *why says so */
};

/* `after` gets the entry that the address becomes; its text is borrowed from `said` and the table.
 * `force`: what is static or was heard at another MAC gives way. */
enum import_outcome import_decide(struct entry *after, const struct import_line *said,
                                  const struct neighbour_view *view, bool force, const char **why);

#endif
