/* SPDX-License-Identifier: MIT */
/* The commits that a merge brought: its other parents lead to them, and its first parent does not.
 */
#ifndef USER_READER_SIDE_H
#define USER_READER_SIDE_H

#include <git2.h>
#include <stddef.h>

struct reader;

struct side {
	git_oid *id; /* owned; children before their parents */
	size_t count, room;
};

/* 0, or a libgit2 error. side_clear() in any case. */
int side_find(struct side *side, struct reader *reader, const git_commit *merge);
void side_clear(struct side *side);

#endif
