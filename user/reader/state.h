/* SPDX-License-Identifier: MIT */
/* An open repository, and what the other files of the room ask of it. */
#ifndef USER_READER_STATE_H
#define USER_READER_STATE_H

#include "lookback/lookback.h"

struct reader {
	git_repository *repository;
	char *path;
	bool ours; /* reader_tip() found it to be one of arpkeeper's */
	bool shallow_read;
	struct shallow shallow; /* where the history begins */
	struct index *index;    /* owned; NULL: not needed yet */
	size_t most;            /* commits that may be read to make one; 0: any number */
};

/* -EIO, with libgit2's last error as a sentence. */
int reader_git_fault(struct fault *fault, const struct reader *reader);
/* The tip of main, for a look back; the caller frees it. Reads reader->shallow. -EINVAL: the
 * repository is not one of arpkeeper's. */
int reader_tip(git_commit **tip, struct reader *reader, struct fault *fault);
/* Reads reader->shallow, once. */
int reader_shallow(struct reader *reader, struct fault *fault);
/* A commit, given by its id in hex, and its tree; the caller frees them. */
int reader_commit(git_commit **commit, const struct reader *reader, const char *id,
                  struct fault *fault);
int reader_tree(git_tree **tree, const struct reader *reader, const char *commit,
                struct fault *fault);
/* The tree of main, and its segments: those that the configuration names, else those that the tree
 * seems to have. None: -EINVAL. git_tree_free() and segments_free() in any case. */
int reader_root(git_tree **root, struct segment **segment, size_t *segments,
                const struct reader *reader, struct fault *fault);
/* Makes reader->index, the look-back index, reach main's tip. -ENOENT: there is none, and `make` is
 * false. */
int reader_index(struct reader *reader, const git_commit *tip, bool make);
/* Why there is none: -E2BIG is returned as it is, with what to do. */
int reader_index_fault(struct fault *fault, const struct reader *reader, int error);
/* Frees reader->index. */
void reader_index_drop(struct reader *reader);
/* Replaces reader->index, which is damaged, by one in memory. */
int reader_index_renew(struct reader *reader, const git_commit *tip);

/* A handler of tree differences returns this when it wants no more. */
#define READER_STOPPED 1
/* Turns the result of a comparison of trees into the caller's. `stop`: what the caller's handler
 * returned. `reason`: why an object could not be read; "": libgit2 knows. */
int reader_result(const struct reader *reader, int error, int stop, const struct fault *reason,
                  struct fault *fault);

#endif
