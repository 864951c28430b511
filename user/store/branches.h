/* SPDX-License-Identifier: MIT */
/* Task branches: their ids, and which of them are kept. They are written with all other references
 * that only the agent writes: anchors, and refs/arpkeeper/applied. */
#ifndef USER_STORE_BRANCHES_H
#define USER_STORE_BRANCHES_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/base.h"
#include "store/anchors.h"
#include "store/taskid.h"

#define TASK_BRANCHES 64 /* the newest stay */

struct branch {
	char id[TASK_ID_MAX];
	git_oid tip;
	bool open; /* its task is not on main yet: only the branch names its commits */
};

struct branch_list {
	struct branch *item; /* owned */
	size_t count, room;
};

struct branches {
	git_repository *repository;
	struct task_id last;        /* the last id, of this node */
	struct branch_list written; /* oldest first */
	struct branch_list waiting; /* to be written, the newest only */
	struct anchors anchors;     /* written with the branches */
	struct ref_change *also;    /* branches_also(); owned */
	size_t alsos, also_room;
};

/* Reads the branches and the last id: from the branches, else from the trailers of the last commits
 * of `main` (may be NULL). `node` is the name of this node. Takes `main` for what readers had when
 * the last owner died. */
int branches_load(struct branches *branches, git_repository *repository, const git_oid *main,
                  const char *node, struct fault *fault);
void branches_clear(struct branches *branches);
/* The next id for a task of this kind. */
void branches_next_id(struct branches *branches, char id[TASK_ID_MAX], const char *kind,
                      time_t now);
/* The task's branch will be at `tip`. While it is open, it stays. 0 or -ENOMEM. */
int branches_set(struct branches *branches, const char *id, const git_oid *tip, bool open);
/* The task is on main. */
void branches_close(struct branches *branches, const char *id);
/* Another reference that only the caller writes will name `tip`, as of the next branches_write();
 * NULL: it will be gone. Of one name the last counts. 0 or -ENOMEM. */
int branches_also(struct branches *branches, const char *name, const git_oid *tip);
/* Whether a branch, an anchor or another reference is to be written. */
bool branches_wait(const struct branches *branches);
/* Where main and refs/arpkeeper/applied are to be; NULL: left where it is. */
struct branches_tips {
	const git_oid *applied, *main;
	const git_oid *main_before; /* main moves only from there */
};

/* Writes those that wait, removes all but the newest, writes the anchors, the other references and
 * the tips, in one rewrite of packed-refs: a crash leaves all of it or nothing. On error they still
 * wait; -ESTALE: main has moved. */
int branches_write(struct branches *branches, const struct branches_tips *tips,
                   struct fault *fault);

#endif
