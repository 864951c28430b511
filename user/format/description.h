/* SPDX-License-Identifier: MIT */
/* The repository's file `description`, which gitweb, cgit and others show in their lists. */
#ifndef USER_FORMAT_DESCRIPTION_H
#define USER_FORMAT_DESCRIPTION_H

#include <git2.h>

#include "format/settings.h"

/* Says which table it is, of which host. One that a person wrote stays. */
int description_write(git_repository *repository, const struct repository_settings *settings,
                      const char *host, struct fault *fault);

#endif
