// SPDX-License-Identifier: MIT
/* Opens and closes the repository's handles, and finds commits and entries. Makes no commits. */
#include "history/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SPARE_BYTES (16 << 20)

int archive_init(struct archive *archive, git_repository *repository, struct fault *fault)
{
	char committer[300];
	git_oid main;
	int error;

	archive->repository = repository;
	snprintf(committer, sizeof(committer), OWN_NAME " <" OWN_MAIL "%s>", archive->host);
	error = writer_new(&archive->writer, repository, committer, fault);
	if (error)
		return error;
	error = refs_read(&main, repository, MAIN_REF, fault);
	if (error && error != -ENOENT)
		return error;
	return branches_load(&archive->branches, repository, error ? NULL : &main, archive->node,
	                     fault);
}

void archive_clear(struct archive *archive)
{
	branches_clear(&archive->branches);
	lookback_clear(&archive->lookback);
	writer_free(archive->writer);
	git_repository_free(archive->repository);
}

int archive_version(const struct archive *archive, struct version *version, const git_oid *commit,
                    struct fault *fault)
{
	git_commit *found = NULL;
	int error = git_commit_lookup(&found, archive->repository, commit);

	if (error < 0)
		return trouble_set(fault, error, "commit %s", git_oid_tostr_s(commit));
	version->commit = *commit;
	version->tree = *git_commit_tree_id(found);
	git_commit_free(found);
	return 0;
}

int archive_base(const struct archive *archive, struct version *base, bool *has_base,
                 const git_oid *ours, const git_oid *theirs, struct fault *fault)
{
	git_oid id;
	int error = ancestry_base(&id, archive->repository, ours, theirs, fault);

	*has_base = error == 0;
	if (error)
		return error == -ENOENT ? 0 : error;
	return archive_version(archive, base, &id, fault);
}

int archive_find(struct archive *archive, git_oid *id, const git_oid *tree, unsigned segment,
                 uint32_t address, struct fault *fault)
{
	char path[ENTRY_PATH_MAX];

	entry_path(path, archive->segment[segment].name, address);
	return writer_find(archive->writer, id, NULL, tree, path, fault);
}

int archive_entry(struct archive *archive, struct entry **entry, const git_oid *tree,
                  unsigned segment, uint32_t address, struct fault *fault)
{
	char path[ENTRY_PATH_MAX];

	entry_path(path, archive->segment[segment].name, address);
	return stored_read(entry, archive->writer, tree, path, fault);
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

bool archive_is_at_fault(int error)
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
