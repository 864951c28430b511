// SPDX-License-Identifier: MIT
/* Reads git's file `shallow`: an object id a line. Never writes it. */
#include "store/shallow.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	return git_oid_cmp(a, b);
}

static int add(struct shallow *shallow, const git_oid *id)
{
	if (array_reserve(&shallow->id, &shallow->room, shallow->count + 1))
		return -ENOMEM;
	shallow->id[shallow->count++] = *id;
	return 0;
}

static uint64_t digest_of(const struct shallow *shallow)
{
	uint64_t digest = shallow->count, word;

	for (size_t i = 0; i < shallow->count; i++) {
		memcpy(&word, shallow->id[i].id, sizeof(word));
		digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		digest ^= digest >> 29;
	}
	return digest;
}

int shallow_read(struct shallow *shallow, const char *directory, struct fault *fault)
{
	char path[PATH_MAX], line[GIT_OID_HEXSZ + 3];
	int error = 0;
	git_oid id;
	FILE *file;

	*shallow = (struct shallow){0};
	snprintf(path, sizeof(path), "%sshallow", directory);
	file = fopen(path, "re");
	if (!file && errno == ENOENT)
		return 0;
	if (!file)
		return fault_set(fault, -EIO, "%s: %s", path, strerror(errno));
	while (!error && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (git_oid_fromstr(&id, line) < 0)
			error = fault_set(fault, -EINVAL, "%s: '%s' is not an object id", path,
			                  line);
		else if (add(shallow, &id) < 0)
			error = fault_set(fault, -ENOMEM, "out of memory");
	}
	if (!error && ferror(file))
		error = fault_set(fault, -EIO, "%s cannot be read", path);
	fclose(file);
	if (error) {
		shallow_clear(shallow);
		return error;
	}
	if (shallow->count > 0) {
		qsort(shallow->id, shallow->count, sizeof(*shallow->id), compare);
		shallow->digest = digest_of(shallow);
	}
	return 0;
}

bool shallow_has(const struct shallow *shallow, const git_oid *commit)
{
	return shallow->count > 0 &&
	       bsearch(commit, shallow->id, shallow->count, sizeof(*shallow->id), compare) != NULL;
}

void shallow_clear(struct shallow *shallow)
{
	free(shallow->id);
	*shallow = (struct shallow){0};
}
