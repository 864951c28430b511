// SPDX-License-Identifier: MIT
/* Remembers persons by a hash: two of the same are told once. */
#include "history/hints.h"

#include "base/base.h"

bool hints_first(struct hints *hints, git_repository *repository, const git_oid *commit)
{
	git_commit *found = NULL;
	uint32_t person;

	if (hints->count == HINTS_MAX || git_commit_lookup(&found, repository, commit) < 0)
		return false;
	person = fnv_text(git_commit_author(found)->email);
	git_commit_free(found);
	for (size_t i = 0; i < hints->count; i++)
		if (hints->told[i] == person)
			return false;
	hints->told[hints->count++] = person;
	return true;
}
