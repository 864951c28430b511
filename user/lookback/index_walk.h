/* SPDX-License-Identifier: MIT */
/* Brings the look-back index up to what main names, by reading the commits that it has not. */
#ifndef USER_LOOKBACK_INDEX_WALK_H
#define USER_LOOKBACK_INDEX_WALK_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "lookback/index.h"
#include "store/store.h"

struct index_feed; /* index_feed.h */

struct index_catch_up {
	git_repository *repository;
	const git_oid *tip;
	const struct shallow *shallow;
	struct index_feed *feed; /* commits whose changes are known already; NULL: none */
	bool overlap;            /* some of these may be in the index */
	size_t limit;            /* so many commits are read at most, of few changes; 0: any */
	bool show;               /* a progress bar, where somebody waits */
};

/*
 * Adds what is missing (to memory: index_flush() or index_adopt() comes next). -ESTALE: the
 * index knows commits that are not main's (any more): a new one is needed. -E2BIG: there is more to
 * read than the limit. On any error the index is of no more use: free it.
 */
int index_catch_up(struct index *index, const struct index_catch_up *how, struct fault *fault);

#endif
