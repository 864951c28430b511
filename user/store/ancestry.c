// SPDX-License-Identifier: MIT
/*
 * The merge base of two commits, as git itself says (2 ms, once a push). libgit2 1.5 does not know
 * git's file `shallow`, fails where packs are joined under it, and then leaks: its
 * paint_down_to_common() (merge.c) returns from an error without freeing its queue.
 */
#include "store/ancestry.h"

#include <errno.h>

#include "store/gitchild.h"

static int take_line(void *context, char *line)
{
	return git_oid_fromstr(context, line) < 0 ? -EINVAL : 0;
}

int ancestry_base(git_oid *base, git_repository *repository, const git_oid *one, const git_oid *two,
                  struct fault *fault)
{
	char first[GIT_OID_HEXSZ + 1], second[GIT_OID_HEXSZ + 1];
	const char *const arguments[] = {"merge-base", git_oid_tostr(first, sizeof(first), one),
	                                 git_oid_tostr(second, sizeof(second), two), NULL};

	return gitchild_run(git_repository_path(repository), arguments, NULL, take_line, base,
	                    fault);
}
