/* SPDX-License-Identifier: MIT */
/* Why a pushed entry was not taken, and whose stands in its place. */
#ifndef USER_READER_WINNER_H
#define USER_READER_WINNER_H

#include <git2.h>

#include "entry/entry.h"
#include "store/store.h"

struct reader;

#define WINNER_WHY 128

/* A merge on main's line, an address, and what main has of it since: the file's id; zero: absent.
 */
struct winner {
	const git_commit *merge;
	const char *segment;
	struct address address;
	const git_oid *kept;
};

/* What the merge itself says, or the rule: "later since". `kept` is what main has, `lost` what it
 * did not take; NULL: absent. */
void winner_why(char why[WINNER_WHY], const struct winner *winner, const struct entry *kept,
                const struct entry *lost);
/* Who made what main has: a person's name, or a task. "": not known, or main has nothing. */
void winner_find(char by[TASK_ID_MAX], const struct winner *winner, struct reader *reader);

#endif
