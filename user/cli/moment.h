/* SPDX-License-Identifier: MIT */
/* TIME on the command line: whatever `git log --since` accepts. */
#ifndef USER_CLI_MOMENT_H
#define USER_CLI_MOMENT_H

#include <stdint.h>

#include "base/base.h"

/* What it may be, for --help. */
#define MOMENT_HELP                                                                                \
	"TIME is whatever `git log --since` accepts: 2026-11-22T10:15:00Z, \"2026-11-22 14:05\", " \
	"\"last tuesday 14:05\", \"2 hours ago\", yesterday, now. As in git, a date alone means "  \
	"that day at the present time of day, and a time without a zone is local time.\n"

/* Unix seconds. -EINVAL: not a time, or in the future. Asks git, except for RFC 3339 in UTC. */
int moment_parse(int64_t *time, const char *text, struct fault *fault);

#endif
