// SPDX-License-Identifier: MIT
/*
 * The merge base of two commits. libgit2 1.5 does not know git's file `shallow`, and fails where a
 * parent is gone; there, git itself is asked (some milliseconds, for a push only).
 */
#include "history/ancestry.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "history/gitchild.h"
#include "history/trouble.h"

static int take_line(void *context, char *line)
{
	return git_oid_fromstr(context, line) < 0 ? -EINVAL : 0;
}

static int ask_git(git_oid *base, git_repository *repository, const git_oid *one,
                   const git_oid *two, struct fault *fault)
{
	char first[GIT_OID_HEXSZ + 1], second[GIT_OID_HEXSZ + 1];
	const char *const arguments[] = {"merge-base", git_oid_tostr(first, sizeof(first), one),
	                                 git_oid_tostr(second, sizeof(second), two), NULL};

	return gitchild_run(git_repository_path(repository), arguments, NULL, take_line, base,
	                    fault);
}

int ancestry_base(git_oid *base, git_repository *repository, const git_oid *one, const git_oid *two,
                  struct fault *fault)
{
	int error;

	if (git_repository_is_shallow(repository) == 1)
		return ask_git(base, repository, one, two, fault);
	error = git_merge_base(base, repository, one, two);
	return error < 0 ? trouble_set(fault, error, "%s and %s", git_oid_tostr_s(one),
	                               git_oid_tostr_s(two))
	                 : 0;
}
