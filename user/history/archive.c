// SPDX-License-Identifier: MIT
/* Opens and closes the repository's handles, and finds commits and entries. Makes no commits. */
#include "history/archive.h"

#include <errno.h>
#include <stdio.h>

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
	return theirs_version(version, archive->repository, commit, fault);
}

int archive_base(const struct archive *archive, struct version *base, bool *has_base,
                 const git_oid *ours, const git_oid *theirs, struct fault *fault)
{
	return theirs_base(base, has_base, archive->repository, ours, theirs, fault);
}

struct merge_scope archive_scope(const struct archive *archive)
{
	return (struct merge_scope){archive->repository, archive->segment, archive->segments};
}

struct merge_ours archive_ours(const struct archive *archive, const git_oid *tree)
{
	return (struct merge_ours){.writer = archive->writer, .tree = tree};
}

int archive_find(struct archive *archive, git_oid *id, const git_oid *tree, unsigned segment,
                 struct address address, struct fault *fault)
{
	char path[ENTRY_PATH_MAX];

	entry_path(path, archive->segment[segment].name, address);
	return writer_find(archive->writer, id, NULL, tree, path, fault);
}

int archive_entry(struct archive *archive, struct entry **entry, const git_oid *tree,
                  unsigned segment, struct address address, struct fault *fault)
{
	char path[ENTRY_PATH_MAX];

	entry_path(path, archive->segment[segment].name, address);
	return stored_read(entry, archive->writer, tree, path, fault);
}
