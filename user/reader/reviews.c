// SPDX-License-Identifier: MIT
/* Lists references; the branches' content is not looked at. */
#include "reader/reviews.h"

#include <string.h>

#include "reader/state.h"

struct listing {
	struct reader *reader;
	git_oid main;
	bool has_main;
	int (*handle)(void *context, const struct review *review);
	void *context;
};

/* Of one that is far from main nothing is known; those who pushed it removed it, if it was merged.
 */
static bool is_merged(const struct listing *listing, const git_oid *id)
{
	git_oid base;

	return listing->has_main &&
	       ancestry_near(&base, listing->reader->repository, &listing->main, id) == 0 &&
	       git_oid_equal(&base, id);
}

static int hand_over(void *context, const char *name, const git_oid *id)
{
	const struct listing *listing = context;
	struct review review = {.branch = name + strlen(BRANCH_REFS)};
	git_commit *commit = NULL;
	int stop;

	if (git_commit_lookup(&commit, listing->reader->repository, id) < 0)
		return 0;
	git_oid_tostr(review.commit, sizeof(review.commit), id);
	review.time = git_commit_time(commit);
	review.author = git_commit_author(commit)->name;
	review.subject = git_commit_summary(commit);
	review.merged = is_merged(listing, id);
	stop = listing->handle(listing->context, &review);
	git_commit_free(commit);
	return stop;
}

int reader_reviews(struct reader *reader, int (*handle)(void *context, const struct review *review),
                   void *context, struct fault *fault)
{
	struct listing listing = {.reader = reader, .handle = handle, .context = context};

	listing.has_main =
	        git_reference_name_to_id(&listing.main, reader->repository, MAIN_REF) == 0;
	return refs_each(reader->repository, REVIEW_REFS, hand_over, &listing, fault);
}

static int hand_over_name(void *context, const char *name, const git_oid *id)
{
	const struct listing *listing = context;
	const struct review branch = {.branch = name + strlen(BRANCH_REFS)};

	(void)id;
	if (!strcmp(name, MAIN_REF) || !strcmp(name, ALERTS_REF) ||
	    !strncmp(name, TASK_REFS, strlen(TASK_REFS)) ||
	    !strncmp(name, NODE_REFS, strlen(NODE_REFS)))
		return 0;
	return listing->handle(listing->context, &branch);
}

int reader_branches(struct reader *reader,
                    int (*handle)(void *context, const struct review *review), void *context,
                    struct fault *fault)
{
	struct listing listing = {.reader = reader, .handle = handle, .context = context};

	return refs_each(reader->repository, BRANCH_REFS, hand_over_name, &listing, fault);
}
