/* SPDX-License-Identifier: MIT */
/* The repository's configuration, which tells hooks and `check` what they must know without an
 * agent. */
#ifndef USER_FORMAT_SETTINGS_H
#define USER_FORMAT_SETTINGS_H

#include <git2.h>

#include "base/base.h"
#include "format/segments.h"

/* This key marks a repository as one of arpkeeper's, and says of which format. */
#define SETTINGS_FORMAT_KEY "arpkeeper.format"
#define SETTINGS_FORMAT     1

struct repository_settings {
	const char *instance; /* the agent's; NULL: as it is */
	const char *control;  /* its control socket, for the hooks; NULL: as it is */
	const struct segment *segment;
	size_t segments;
};

/* Durable when it returns 0. Keys that others have set stay. */
int settings_write(git_repository *repository, const struct repository_settings *settings,
                   struct fault *fault);

#endif
