/* SPDX-License-Identifier: MIT */
/* What one side of a merge changed, file by file. Judged with format/validate's rules, and read
 * fast. */
#ifndef USER_MERGE_CHANGES_H
#define USER_MERGE_CHANGES_H

#include "merge/scope.h"

#define PROBLEMS_SAID 8 /* to a person; a commit names more */
#define PROBLEMS_KEPT 1000

struct judge {
	git_repository *repository;
	const struct segment *segment;
	size_t segments;
	int64_t now;         /* then nothing may begin in the future; 0: it may */
	struct blobs *blobs; /* NULL: not opened yet */
	size_t read;
};

/* As validate_difference(), and validate_since(). */
int judge_difference(struct judge *judge, struct validated *validated,
                     const struct tree_difference *difference, struct fault *why);
/* As validate_blob(). */
int judge_entry(struct judge *judge, struct entry **entry, const git_oid *id, struct fault *why);
void judge_clear(struct judge *judge);

/* The changes from one tree to another. */
struct changes {
	struct history_item *item; /* owned, with what they own */
	size_t items, items_room;
	struct edits others;          /* files that are not entries, as they are there now */
	struct edits others_before;   /* the same files in the base */
	struct fault *problem;        /* owned: invalid files, "path: reason" */
	size_t problems;              /* all; the first PROBLEMS_KEPT have a text */
	size_t problems_room;         /* of `problem` */
	struct edits restore;         /* how the invalid files were before */
	bool keep_outside;            /* set by the caller: entries outside the configuration are */
	size_t invalid_bases;         /* files of the base that are not entries */
	size_t outside;               /* valid, and counted; */
	char outside_path[PATH_TEXT]; /* the first one is named */
	bool carry_outside;           /* set by the caller: they are also in `others` */
	int64_t now;                  /* set by the caller: as in struct judge */
	const git_oid *edited; /* set by the caller: the commit, if these are edits by people */
};

/* Finds and judges the edits. */
int changes_find(const struct merge_scope *scope, struct changes *changes,
                 const struct authored *authored, struct fault *fault);
/* Adds an item. Takes over `base` and the entry in any case. 0 or -ENOMEM. */
int changes_add(struct changes *changes, const struct validated *validated, struct entry *base);
/* Moves the items into a proposal, sorted. */
int changes_propose(struct history_proposal **proposal, struct changes *changes, const char *source,
                    struct fault *fault);
void changes_clear(struct changes *changes);

#endif
