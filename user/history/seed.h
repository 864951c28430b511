/* SPDX-License-Identifier: MIT */
/*
 * Starting from another host's repository (`run --pull`): its main is fetched aside and judged as a
 * whole. history_open() then makes it ours where ours is empty, or merges it into ours by the rule.
 * A repository that is refused changes nothing.
 */
#ifndef USER_HISTORY_SEED_H
#define USER_HISTORY_SEED_H

#include "base/base.h"
#include "format/format.h"
#include "store/store.h"

/* The first commit's message, and how its README.md begins: they tell that a repository is ours. */
#define SEED_FIRST  "arpkeeper: an empty table\n"
#define SEED_README "# The addresses of a network, and how they changed\n"

struct seed;
struct state;

struct seed_options {
	const char *url;
	const char *path; /* of our own repository, which need not exist yet */
	int netns;        /* the network namespace that git runs in; -1: this one */
	const struct segment *segment;
	size_t segments;
};

/* Fetches and judges. On error nothing is left. */
int seed_fetch(struct seed **seed, const struct seed_options *options, struct fault *fault);
/* After history_load(), or if something else failed. NULL is fine. */
void seed_free(struct seed *seed);

/* History's own. */
/* When the repository is opened, and its lock held: takes the objects in. If main does not exist
 * yet, or nothing was ever recorded in it, main becomes the seed's, commit for commit. */
int seed_adopt(struct seed *seed, git_repository *repository, struct fault *fault);
/* At start-up, on history's thread: else merges the seed into main, as a task `sync`. Happens once;
 * it can be called again when it failed. */
int seed_merge(struct seed *seed, struct state *state, struct version *main, struct fault *fault);

#endif
