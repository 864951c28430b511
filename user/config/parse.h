/* SPDX-License-Identifier: MIT */
/* The text of a configuration file, and libgit2's reading of it. */
#ifndef USER_CONFIG_PARSE_H
#define USER_CONFIG_PARSE_H

#include <git2.h>

#include "base/base.h"
#include "config/problems.h"
#include "config/scan.h"

struct source {
	const char *path;
	struct config_problems *problems;
	char *text; /* owned; what cannot be parsed is blanked */
	bool blanked;
	struct scan scan;
	size_t next; /* the first item that libgit2 has not reached */
};

/* Reads the file, and parses it: each part that is not valid is a problem, and left out. `file` is
 * NULL when nothing of it can be read. 0 or -ENOMEM. parse_close() in any case. */
int parse_open(struct source *source, git_config **file);
void parse_close(struct source *source, git_config *file);

/* The next variable of that name: libgit2 and the scan walk the file in the same order. NULL: the
 * scan has none. */
struct scan_item *parse_next(struct source *source, const char *name);

#endif
