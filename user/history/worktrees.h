/* SPDX-License-Identifier: MIT */
/*
 * Work trees of the repository itself that have main checked out (`git worktree add DIR main`).
 * When the agent moves main on, their files and index stay. Their next commit has the new main as
 * its parent, and the old files: it would undo what the agent did meanwhile.
 */
#ifndef USER_HISTORY_WORKTREES_H
#define USER_HISTORY_WORKTREES_H

#include "history/archive.h"

#define WORKTREE_PATH 256

/* The folder of such a work tree. False: there is none. */
bool worktrees_have_main(const struct archive *archive, char path[WORKTREE_PATH]);
/*
 * The state of main that a commit is an edit of: of `on`, its parent, and main before that, the one
 * with the fewest files that differ. `on` becomes it; true: it is an older one. A commit without
 * any difference from an older state is a revert of what came after.
 */
bool worktrees_base(struct archive *archive, struct version *on, const struct version *commit);

#endif
