// SPDX-License-Identifier: MIT
/* libgit2's errors as the project's. Keeps no state of its own. */
#include "store/trouble.h"

#include <errno.h>
#include <git2.h>
#include <stdarg.h>
#include <stdio.h>

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
