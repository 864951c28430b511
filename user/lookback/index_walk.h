/* SPDX-License-Identifier: MIT */
/* Brings the look-back index up to the commit that main names. */
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
	struct index_feed *feed; /* commits whose changes are known already; or NULL */
	bool overlap;            /* the index may have some of these */
	size_t limit;            /* how many commits may be read, of few changes; 0: any number */
	bool show;               /* a progress bar, on a terminal */
};

/*
 * Adds what is missing to memory; index_flush() or index_adopt() comes next. -ESTALE: the index has
 * commits that main does not, so that a new one is needed. -E2BIG: there is more to read than the
 * limit. After any error the index is of no use, and must be freed.
 */
int index_catch_up(struct index *index, const struct index_catch_up *how, struct fault *fault);

#endif
