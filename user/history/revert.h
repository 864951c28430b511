/* SPDX-License-Identifier: MIT */
/*
 * The engine's part of `arpkeeper revert`: what some commits made of the entries is proposed to the
 * table's owner the other way round, and what came of it is a task of its own.
 */
#ifndef USER_HISTORY_REVERT_H
#define USER_HISTORY_REVERT_H

#include "history/state.h"

/* What is to be undone, and who says so: struct history_revert, owned. */
struct revert {
	char *name;
	char *author, *message; /* NULL: none */
	git_oid *commit;
	size_t commits;
	size_t outside; /* files that the table has no place for: left alone */
	char outside_path[128];
};

/* -EINVAL when a commit's id is none. */
int revert_copy(struct revert **copy, const struct history_revert *revert);
void revert_free(struct revert *revert);

/* Proposes; takes over *revert and the waiters unless it fails. The door is active afterwards, or
 * there was nothing to undo and who waits knows it. */
int revert_start(struct engine *engine, struct revert **revert, struct waiters *waiters,
                 struct fault *fault);
/* What the table made of it becomes a commit on the head; the door is free again. */
int revert_settle(struct engine *engine, struct fault *fault);

#endif
