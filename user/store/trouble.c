// SPDX-License-Identifier: MIT
/* libgit2's errors as the project's. Keeps no state of its own. */
#include "store/trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SPARE_BYTES (16 << 20)

static int errno_of(int error)
{
	const git_error *last = git_error_last();

	switch (error) {
	case GIT_ENOTFOUND:
		return -ENOENT;
	case GIT_EEXISTS:
		return -EEXIST;
	case GIT_ELOCKED:
		return -EBUSY;
	case GIT_EMODIFIED:
		return -ESTALE;
	case GIT_EINVALID:
	case GIT_EINVALIDSPEC:
		return -EINVAL;
	default:
		return last && last->klass == GIT_ERROR_NOMEMORY ? -ENOMEM : -EIO;
	}
}

int trouble_set(struct fault *fault, int error, const char *format, ...)
{
	const git_error *last = git_error_last();
	char what[FAULT_TEXT];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	return fault_set(fault, errno_of(error), "%s: %s", what,
	                 last && last->message ? last->message : "no reason given");
}

/* Without a free descriptor, or memory, nothing can be read. */
static bool can_read(void)
{
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	void *memory = malloc(SPARE_BYTES);
	bool can = file >= 0 && memory;

	free(memory);
	if (file >= 0)
		close(file);
	return can;
}

bool trouble_is_lasting(int error)
{
	switch (error) {
	case -ENOENT:
	case -EINVAL:
	case -EIO:
	case -E2BIG:
	case -ENOMEM: /* a damaged object may claim to have terabytes */
		return can_read();
	default:
		return false;
	}
}
