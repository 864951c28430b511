/* SPDX-License-Identifier: MIT */
/* The branches of a fleet's nodes (docs/fleet.md): which there are, and what their commits say. */
#ifndef USER_READER_NODEBRANCH_H
#define USER_READER_NODEBRANCH_H

#include "fleet/fleet.h"
#include "reader/state.h"

#define CLONED_REFS "refs/remotes/origin/node/" /* as a clone has the first */

struct node_branch {
	char remote[NODE_NAME_MAX + 1]; /* "": not of a remote */
	char segment[SEGMENT_NAME_MAX + 1], node[NODE_NAME_MAX + 1];
	git_oid tip;
};

struct node_branches {
	struct node_branch *item; /* owned, sorted by node, segment and remote */
	size_t count, room;
};

/* Those below a folder: FROM_REFS, with remotes, or one of the others, without. References with
 * other names are passed over. 0, or a negative errno and a fault. nodebranches_free() in any case.
 */
int nodebranches_read(struct node_branches *branches, const struct reader *reader,
                      const char *folder, struct fault *fault);
/* All that are held: NODE_REFS, or in a clone CLONED_REFS. */
int nodebranches_held(struct node_branches *branches, const struct reader *reader,
                      struct fault *fault);
/* That of a node in a segment; NULL: none. Of a sorted list without remotes. */
const struct node_branch *nodebranches_find(const struct node_branches *branches,
                                            const char *segment, const char *node);
void nodebranches_free(struct node_branches *branches);

/* A commit of such a branch. */
struct node_commit {
	git_oid tree, parent;
	bool has_parent;
	int64_t time;
	uint64_t count;
	char node[NODE_NAME_MAX + 1], boot[33];
	char subject[128]; /* cut off */
};

/* 0; -EINVAL and a fault: it is not a commit of that node's branch; -EIO: it cannot be read. */
int nodecommit_read(struct node_commit *commit, const struct reader *reader, const git_oid *id,
                    const char *node, struct fault *fault);

/* The claim in a file of such a branch. 0, or with a fault -EINVAL ("line N: reason"), -EIO,
 * -ENOMEM. claim_value_clear() if it is 0. */
int nodeclaim_read(struct claim_value *value, const struct reader *reader, const git_oid *id,
                   struct fault *fault);

#endif
