/* SPDX-License-Identifier: MIT */
/* What one line of an import says, and what comes of it. */
#ifndef USER_AGENT_IMPORT_RULE_H
#define USER_AGENT_IMPORT_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "entry/entry.h"
#include "neighbour/neighbour.h"

/* Text points into the line. */
struct import_line {
	uint32_t address;
	struct entry entry;
	bool has_since;
};

/* ADDRESS MAC s|d SINCE ORIGIN NOTE X-LINE... with tabs between; what is empty or left out at the
 * end is not said. `line` is taken apart; it must have room for one octet more. NULL, or what is
 * wrong: a static string. */
const char *import_line_parse(struct import_line *said, char *line);

enum import_outcome {
	IMPORT_CHANGES,
	IMPORT_SAME,   /* the table says so already */
	IMPORT_KEPT,   /* the table has heard it elsewhere, which is fresher than a list */
	IMPORT_REFUSED /* the table has it declared elsewhere; *why says so */
};

/* `after` gets the entry that the address becomes, whatever of `said` and of the table it is made
 * of; its text is borrowed from both. `force`: what is declared or heard elsewhere gives way. */
enum import_outcome import_decide(struct entry *after, const struct import_line *said,
                                  const struct neighbour_view *view, bool force, const char **why);

#endif
