/* SPDX-License-Identifier: MIT */
/* The guard for mass changes, in the hook: how many addresses that main knows a push would change
 * or remove. */
#ifndef USER_READER_PUSHGUARD_H
#define USER_READER_PUSHGUARD_H

#include "format/format.h"

struct pushguard {
	git_repository *repository; /* the caller's, as are the segments */
	const struct segment *segment;
	size_t segments;
	uint32_t guard;
	uint32_t confirmed;      /* by the push option confirm=N; 0: it has none */
	struct guard_part *part; /* owned: one for each segment */
	git_oid main;            /* its tree; zero: there is none */
	bool before;             /* the differences begin with that tree */
	git_tree *root, *folder; /* main's, and the folder looked into last */
	char path[PATH_TEXT];    /* of that one */
};

/* Reads history.guard and the push options. 0 or -ENOMEM; pushguard_clear() in any case. */
int pushguard_open(struct pushguard *guard, git_repository *repository,
                   const struct segment *segment, size_t segments);
void pushguard_clear(struct pushguard *guard);

/* Lets go of what it has of the repository, which is opened anew. */
void pushguard_forget(struct pushguard *guard);
/* Begins to count, against main's tree (NULL: there is none). `before`: the differences are those
 * from this tree. */
void pushguard_begin(struct pushguard *guard, git_repository *repository, const git_oid *tree,
                     bool before);
/* Counts a difference in an entry's file. */
void pushguard_add(struct pushguard *guard, unsigned segment,
                   const struct tree_difference *difference);
/* 0; -EPERM: too many, and the fault says how to confirm; or a libgit2 error without a fault. */
int pushguard_judge(struct pushguard *guard, struct fault *fault);

#endif
