/* SPDX-License-Identifier: MIT */
/* What others made, as a merge takes it: whole, judged, edit by edit. */
#ifndef USER_MERGE_THEIRS_H
#define USER_MERGE_THEIRS_H

#include "merge/changes.h"

struct theirs {
	/* Set by the caller: */
	git_oid head; /* the commit that it is merged into */
	git_oid seen; /* what their reference named */
	bool is_main; /* others moved main itself: it is taken as it is */
	/* NULL, or whether main's commit is an edit of an older state, which `base` becomes. */
	bool (*edited)(void *context, struct version *base, const struct version *version);
	void *context;
	/* Found: */
	struct version version; /* `seen` */
	struct version base;    /* the merge base, */
	bool has_base;          /* if there is one */
	bool plain;             /* the edits are what differs between base and version */
};

/* A commit and its tree. -ENOENT, -EINVAL (not a commit), or another error. */
int theirs_version(struct version *version, git_repository *repository, const git_oid *commit,
                   struct fault *fault);
/* The merge base of two commits. `has_base` false: they have none. */
int theirs_base(struct version *base, bool *has_base, git_repository *repository,
                const git_oid *one, const git_oid *two, struct fault *fault);

/* Reads what the log lacks, and judges it; again, if packs were joined meanwhile. `changes` is
 * empty if the log has all of it (theirs_are_known()); changes_clear() in any case. An error for
 * which trouble_is_lasting() is in what they made. */
int theirs_read(struct theirs *theirs, struct changes *changes, const struct merge_scope *scope,
                struct fault *fault);
/* Whether the log has all of it already. */
bool theirs_are_known(const struct theirs *theirs);

#endif
