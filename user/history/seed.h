/* SPDX-License-Identifier: MIT */
/*
 * Starting from another node's repository (`run --pull`): its main is fetched aside and judged as
 * a whole; then it becomes ours where ours is empty, or is merged into ours by the rule. Refused
 * means that nothing at all has changed.
 */
#ifndef USER_HISTORY_SEED_H
#define USER_HISTORY_SEED_H

#include <git2.h>

#include "base/base.h"
#include "format/format.h"

struct engine;
struct seed;

struct seed_options {
	const char *url;
	const char *path; /* of our own repository, which need not exist yet */
	int netns;        /* the network namespace that git runs in; -1: this one */
	const struct segment *segment;
	size_t segments;
};

/* Fetches and judges. On error nothing is left; else seed_free(), when it has been taken in or
 * something else failed. */
int seed_fetch(struct seed **seed, const struct seed_options *options, struct fault *fault);
void seed_free(struct seed *seed);

/* For history: takes the objects in; where main is not there yet, or nothing was ever recorded in
 * it, main becomes theirs, commit for commit. The repository is ours alone (its lock is held). */
int seed_adopt(struct seed *seed, git_repository *repository, struct fault *fault);
/* For history, on its thread, before the table is loaded: else merges into main, as a task `sync`.
 * Done once; it can be called again when it failed. */
struct version;
int seed_merge(struct seed *seed, struct engine *engine, struct version *main, struct fault *fault);

#endif
