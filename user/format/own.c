// SPDX-License-Identifier: MIT
/* Tells the agent's commits from others by their committer. */
#include "format/own.h"

#include <string.h>
#include <strings.h>

bool own_commit(const git_commit *commit)
{
	const git_signature *committer = git_commit_committer(commit);

	return !strncmp(committer->email, OWN_MAIL, strlen(OWN_MAIL));
}

bool own_is_claimed(const git_commit *commit)
{
	const git_signature *committer = git_commit_committer(commit);

	return !strncasecmp(committer->email, OWN_MAIL, strlen(OWN_MAIL)) ||
	       !strcasecmp(committer->name, OWN_NAME);
}
