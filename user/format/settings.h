/* SPDX-License-Identifier: MIT */
/*
 * The repository's configuration, which tells hooks and `check` what they must know without an
 * agent. Its segments have one `arpkeeper-segment.<name>.prefix` for each prefix.
 */
#ifndef USER_FORMAT_SETTINGS_H
#define USER_FORMAT_SETTINGS_H

#include <git2.h>

#include "protocol/protocol.h"

/* The configuration file of this repository alone; the pusher's own must not count. 0, or a libgit2
 * error. */
int segments_config(git_config **config, git_repository *repository);

/* 0 and a list (perhaps empty) for segments_free(); or a negative errno and a fault. */
int segments_read(struct segment **segment, size_t *segments, git_repository *repository,
                  struct fault *fault);
/* For a clone, which has no such configuration: every folder of `root` that looks like a segment,
 * with prefixes of all addresses. */
int segments_guess(struct segment **segment, size_t *segments, git_repository *repository,
                   const git_tree *root, struct fault *fault);

/* Its sections that are ours, for the store's trust_check(); NULL-terminated. */
extern const char *const settings_sections[];

/* This key marks a repository as one of arpkeeper's, and says of which format. */
#define SETTINGS_FORMAT_KEY "arpkeeper.format"
#define SETTINGS_FORMAT     1

/* The id of this repository in a fleet. */
#define SETTINGS_BOOT_KEY "fleet.boot"

struct repository_settings {
	const char *instance; /* the agent's; NULL: as it is */
	const char *control;  /* its control socket, for the hooks; NULL: as it is */
	const char *boot;     /* this repository's own id in a fleet, if it has none; or NULL */
	uint32_t guard;       /* for the hooks: how much a push may change (entry/guard.h) */
	const struct segment *segment;
	size_t segments;
};

/* The repository's `guard`; GUARD_AUTO if it has none. */
uint32_t settings_guard(git_repository *repository);

/* Durable when it returns 0. Keys that others have set stay. */
int settings_write(git_repository *repository, const struct repository_settings *settings,
                   struct fault *fault);

#endif
