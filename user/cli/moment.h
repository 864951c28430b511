/* SPDX-License-Identifier: MIT */
/* TIME, as people say it on the command line: whatever `git log --since` accepts. */
#ifndef USER_CLI_MOMENT_H
#define USER_CLI_MOMENT_H

#include <stdint.h>

#include "base/base.h"

/* For --help: what may stand there. */
#define MOMENT_HELP                                                                                \
	"TIME is whatever `git log --since` accepts: 2026-11-22T10:15:00Z, \"2026-11-22 14:05\", " \
	"\"last tuesday 14:05\", \"2 hours ago\", yesterday, now. As in git, a date alone means "  \
	"that day at this time of the day, and without a zone local time is meant.\n"

/* Unix seconds. -EINVAL: it is no time, or lies in the future. Asks git, but for our own form. */
int moment_parse(int64_t *time, const char *text, struct fault *fault);

#endif
