/* SPDX-License-Identifier: MIT */
/* What a merge needs, while running and at start-up: where two parted, and what one changed. */
#ifndef USER_HISTORY_CHANGES_H
#define USER_HISTORY_CHANGES_H

#include "format/format.h"
#include "history/state.h"

#define PROBLEMS_SAID 8 /* to a person; a commit names more */
#define PROBLEMS_KEPT 1000

/* From one tree to another. */
struct changes {
	struct history_item *item; /* owned, with what they own; sorted */
	size_t items, items_room;
	struct edits others;          /* files that are not entries, as they are there now */
	struct fault *problem;        /* owned: what is invalid, "path: reason" */
	struct edits restore;         /* and how it was before */
	size_t problems;              /* all; the first PROBLEMS_KEPT have a text */
	bool keep_outside;            /* set before: outside the configuration is no problem, */
	size_t outside;               /* but counted, */
	char outside_path[PATH_TEXT]; /* and the first is named */
	bool carry_outside;           /* set before, too: they are among the others */
};

/* The commit's tree. -ENOENT, -EINVAL (not a commit), or another error. */
int merging_version(struct engine *engine, struct version *version, const git_oid *commit,
                    struct fault *fault);
/* The merge base of two commits that are in the repository. */
int merging_base(struct engine *engine, struct version *base, bool *has_base, const git_oid *ours,
                 const git_oid *theirs, struct fault *fault);
/* What changed from `base` (NULL: nothing at all) to `theirs`, judged. */
int merging_changes(struct engine *engine, struct changes *changes, const git_oid *base,
                    const git_oid *theirs, struct fault *fault);
void changes_clear(struct changes *changes);
/* 0, and the item owns `base` and the entry; or -ENOMEM. */
int changes_add_item(struct changes *changes, const struct validated *validated,
                     struct entry *base);
void changes_sort(struct changes *changes);
/* The items become a proposal; the changes keep the rest. */
int merging_proposal(struct history_proposal **proposal, struct changes *changes,
                     const char *source, struct fault *fault);
/* Without the owner: the rule decides against what a tree holds. */
int merging_decide(struct engine *engine, struct history_proposal *proposal, const git_oid *ours,
                   struct fault *fault);
/* Makes and flushes a commit on top of `on` in which what is invalid is as before. */
int merging_repair(struct engine *engine, struct version *made, const struct version *on,
                   struct changes *changes, struct fault *fault);
/* Merges a decided proposal and other files into `ours`. `first` and `second` are the commit's
 * parents (second NULL: one). Says how many entries changed and which were chosen. */
struct merge_request {
	const char *source; /* "main", "merge/x" */
	const struct version *ours;
	const git_oid *base; /* tree; NULL: none */
	const struct history_proposal *proposal;
	const struct edits *others;
	const git_oid *first, *second;
	const struct version *forward; /* if the result is this one's tree, this is the result */
	const char *id;                /* of the task */
};
int merging_commit(struct engine *engine, struct version *made, struct history_outcome *outcome,
                   const struct merge_request *request, struct fault *fault);
/* The branch of a merge request is removed at the next publication; others stay. 0 or -ENOMEM. */
int merging_remove_later(struct engine *engine, const char *ref, const git_oid *at);

#endif
