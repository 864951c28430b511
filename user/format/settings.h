/* SPDX-License-Identifier: MIT */
/* What the repository's configuration says, so that hooks and `check` know it without an agent. */
#ifndef USER_FORMAT_SETTINGS_H
#define USER_FORMAT_SETTINGS_H

#include <git2.h>

#include "base/base.h"
#include "history/history.h"

/* The key that says that a repository is ours, and of which format. */
#define SETTINGS_FORMAT_KEY "arpkeeper.format"
#define SETTINGS_FORMAT     1

int settings_write(git_repository *repository, const struct history_options *options,
                   struct fault *fault);

#endif
