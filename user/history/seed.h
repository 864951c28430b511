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

struct seed;

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

#endif
