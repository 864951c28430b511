/* SPDX-License-Identifier: MIT */
/*
 * The segments as a repository's own configuration tells them, for those who judge without an
 * agent: `arpkeeper-segment.<name>.prefix`, as often as there are prefixes.
 */
#ifndef USER_FORMAT_SEGMENTS_H
#define USER_FORMAT_SEGMENTS_H

#include <git2.h>
#include <stddef.h>

#include "base/base.h"
#include "wire/wire.h"

struct segment {
	const char *name;
	const struct prefix *prefix;
	size_t prefixes;
};

/* The configuration file of this repository alone: whoever pushes has one too, which must not
 * count. 0, or a libgit2 error. */
int segments_config(git_config **config, git_repository *repository);

/* 0 and a list (perhaps empty) for segments_free(); or a negative errno and a fault. */
int segments_read(struct segment **segment, size_t *segments, git_repository *repository,
                  struct fault *fault);
/* For a clone, which has no such configuration: every top folder of `root` that is laid out like
 * a segment, with all addresses for a prefix. */
int segments_guess(struct segment **segment, size_t *segments, git_repository *repository,
                   const git_tree *root, struct fault *fault);
void segments_free(struct segment *segment, size_t segments);

#endif
