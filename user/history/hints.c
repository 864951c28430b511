// SPDX-License-Identifier: MIT
/* Remembers persons by a hash: two of the same are told once. */
#include "history/hints.h"

#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static uint64_t hash(const char *text)
{
	uint64_t value = FNV_START;

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * FNV_PRIME;
	return value;
}

bool hints_first(struct hints *hints, git_repository *repository, const git_oid *commit)
{
	git_commit *found = NULL;
	uint64_t person;

	if (hints->count == HINTS_MAX || git_commit_lookup(&found, repository, commit) < 0)
		return false;
	person = hash(git_commit_author(found)->email);
	git_commit_free(found);
	for (size_t i = 0; i < hints->count; i++)
		if (hints->told[i] == person)
			return false;
	hints->told[hints->count++] = person;
	return true;
}
