/* SPDX-License-Identifier: MIT */
/*
 * The door for other people's changes. One request at a time is in it: main as others moved it, a
 * merge request, or a task to undo, which has no reference.
 */
#ifndef USER_HISTORY_DOOR_H
#define USER_HISTORY_DOOR_H

#include <git2.h>
#include <stdbool.h>

#include "format/format.h"
#include "history/request.h"
#include "store/store.h"

struct door {
	struct request *request; /* owned; NULL: the door is free */
	bool answered;           /* the owner has merged the proposal into its table */
	bool is_main;
	git_oid seen;          /* what the reference named */
	struct version theirs; /* that, or the repair on top of it */
	struct version base;   /* the merge base, if has_base */
	bool has_base;
	struct edits others;               /* files that are not entries */
	struct history_proposal *proposal; /* owned, also while the owner merges it */
	size_t repaired;                   /* invalid files taken back */
	size_t outside;                    /* of a task to undo: files that are left alone, */
	char outside_path[PATH_TEXT];      /* such as this one */
};

/* Frees everything. The request's waiters must be gone. */
void door_clear(struct door *door);
/* A reference as people know it: "main", "merge/x". */
const char *door_name(const char *ref);

#endif
