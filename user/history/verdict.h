/* SPDX-License-Identifier: MIT */
/* What the rule decided of an address that both sides changed, as a line for the person who pushed.
 */
#ifndef USER_HISTORY_VERDICT_H
#define USER_HISTORY_VERDICT_H

#include <stdio.h>

#include "history/archive.h"
#include "protocol/protocol.h"

struct verdict {
	const struct history_item *item; /* decided */
	const struct entry *ours;        /* what main has; NULL: nothing */
	const git_oid *tree;             /* main's */
	const char *why;                 /* "later since" */
};

/* "10.0.3.17: yours is not taken: ann's is later (...)", after a line feed. */
void verdict_say(FILE *stream, struct archive *archive, const struct verdict *verdict);

#endif
