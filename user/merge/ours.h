/* SPDX-License-Identifier: MIT */
/* Main, as a merge compares with it. */
#ifndef USER_MERGE_OURS_H
#define USER_MERGE_OURS_H

#include "merge/since.h"

struct merge_ours {
	struct writer *writer;
	const git_oid *tree;       /* main's; it need not be flushed */
	struct judge *judge;       /* reads files that are flushed fast; NULL: the writer reads */
	const struct since *since; /* NULL: everything is looked up */
};

/* A file of main: -ENOENT if it is not there. `mode` may be NULL. */
int ours_find(const struct merge_ours *ours, git_oid *id, uint32_t *mode, const char *path,
              struct fault *fault);
/* The entry in it; NULL: absent or invalid. The caller frees it. */
int ours_entry(const struct merge_ours *ours, struct entry **entry, const char *path,
               struct fault *fault);

#endif
