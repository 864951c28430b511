/* SPDX-License-Identifier: MIT */
/*
 * An open repository: its main, its segments, whether it is one of arpkeeper's, and its look-back
 * index. Never runs anything that its configuration names. Writes only the index's file, in a
 * repository of the caller's own, and only if no agent writes it.
 */
#include "reader/state.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int reader_git_fault(struct fault *fault, const struct reader *reader)
{
	const git_error *last = git_error_last();

	return fault_set(fault, -EIO, "repository %s cannot be read: %s", reader->path,
	                 last ? last->message : "for an unknown reason");
}

static int find_main(git_commit **commit, const struct reader *reader, struct fault *fault)
{
	git_oid id;
	int error = git_reference_name_to_id(&id, reader->repository, MAIN_REF);

	if (error == GIT_ENOTFOUND)
		return fault_set(fault, -ENOENT,
		                 "repository %s has no branch main: it is not one of arpkeeper's",
		                 reader->path);
	if (error < 0 || git_commit_lookup(commit, reader->repository, &id) < 0)
		return reader_git_fault(fault, reader);
	return 0;
}

int reader_commit(git_commit **commit, const struct reader *reader, const char *id,
                  struct fault *fault)
{
	git_oid oid;

	return git_oid_fromstr(&oid, id) < 0 ||
	                       git_commit_lookup(commit, reader->repository, &oid) < 0
	               ? reader_git_fault(fault, reader)
	               : 0;
}

int reader_tree(git_tree **tree, const struct reader *reader, const char *commit,
                struct fault *fault)
{
	git_commit *found = NULL;
	int error = reader_commit(&found, reader, commit, fault);

	if (!error && git_commit_tree(tree, found) < 0)
		error = reader_git_fault(fault, reader);
	git_commit_free(found);
	return error;
}

static int find_segments(struct segment **segment, size_t *segments, const struct reader *reader,
                         const git_tree *root, struct fault *fault)
{
	int error = segments_read(segment, segments, reader->repository, fault);

	if (error == 0 && *segments == 0)
		error = segments_guess(segment, segments, reader->repository, root, fault);
	return error;
}

static int not_ours(const struct reader *reader, struct fault *fault)
{
	return fault_set(fault, -EINVAL,
	                 "repository %s is not one of arpkeeper's: neither its configuration nor "
	                 "its main branch has a segment",
	                 reader->path);
}

int reader_root(git_tree **root, struct segment **segment, size_t *segments,
                const struct reader *reader, struct fault *fault)
{
	git_commit *commit = NULL;
	int error = find_main(&commit, reader, fault);

	*root = NULL;
	*segment = NULL;
	*segments = 0;
	if (error == 0 && git_commit_tree(root, commit) < 0)
		error = reader_git_fault(fault, reader);
	git_commit_free(commit);
	if (error == 0)
		error = find_segments(segment, segments, reader, *root, fault);
	if (error == 0 && *segments == 0)
		error = not_ours(reader, fault);
	return error;
}

/* Whether the README.md that the agent writes is there. */
static bool has_readme(git_repository *repository, const git_tree *root)
{
	const git_tree_entry *entry = git_tree_entry_byname(root, "README.md");
	git_blob *blob;
	bool found;

	if (!entry || git_tree_entry_type(entry) != GIT_OBJECT_BLOB ||
	    git_blob_lookup(&blob, repository, git_tree_entry_id(entry)) < 0)
		return false;
	found = memmem(git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob), "arpkeeper",
	               strlen("arpkeeper")) != NULL;
	git_blob_free(blob);
	return found;
}

/* The repository of an empty table has no folder to know it by, but the agent's other traces. */
static bool has_traces(git_repository *repository, const git_commit *tip, const git_tree *root)
{
	git_oid id;

	return git_reference_name_to_id(&id, repository, APPLIED_REF) == 0 ||
	       strstr(git_commit_message(tip), "\nTask: ") || has_readme(repository, root);
}

static int check_ours(struct reader *reader, const git_commit *tip, struct fault *fault)
{
	struct segment *segment = NULL;
	size_t segments = 0;
	git_tree *root = NULL;
	int error;

	if (git_commit_tree(&root, tip) < 0)
		return reader_git_fault(fault, reader);
	error = find_segments(&segment, &segments, reader, root, fault);
	if (error == 0) {
		reader->ours = segments > 0 || has_traces(reader->repository, tip, root);
		segments_free(segment, segments);
	}
	git_tree_free(root);
	return error == 0 && !reader->ours ? not_ours(reader, fault) : error;
}

int reader_shallow(struct reader *reader, struct fault *fault)
{
	int error = 0;

	if (!reader->shallow_read)
		error = shallow_read(&reader->shallow, git_repository_commondir(reader->repository),
		                     fault);
	reader->shallow_read |= error == 0;
	return error;
}

int reader_tip(git_commit **tip, struct reader *reader, struct fault *fault)
{
	int error = find_main(tip, reader, fault);

	if (error == 0 && !reader->ours)
		error = check_ours(reader, *tip, fault);
	/* A look back reads many objects. Whether each is what its id says, `git fsck` and `check`
	 * find out; they do not come here. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	return error ? error : reader_shallow(reader, fault);
}

int reader_result(const struct reader *reader, int error, int stop, const struct fault *reason,
                  struct fault *fault)
{
	if (error == READER_STOPPED)
		return stop < 0 ? stop : 0;
	if (error >= 0)
		return error;
	return reason->text[0]
	               ? fault_set(fault, -EIO, "repository %s: %s", reader->path, reason->text)
	               : reader_git_fault(fault, reader);
}

void reader_index_drop(struct reader *reader)
{
	index_free(reader->index);
	reader->index = NULL;
}

static bool is_own(const char *directory)
{
	struct stat status;

	return stat(directory, &status) == 0 && status.st_uid == geteuid();
}

/*
 * `tip`: main, as it was read before the index was opened. An agent moves main first and then the
 * index, which may so have more than that tip by now. Main of this moment has all that the index
 * has.
 */
static int catch_up(struct reader *reader, git_oid tip, struct fault *fault)
{
	const struct index_catch_up how = {.repository = reader->repository,
	                                   .tip = &tip,
	                                   .shallow = &reader->shallow,
	                                   .limit = reader->most,
	                                   .show = reader->most == 0};
	git_oid now;

	if (git_reference_name_to_id(&now, reader->repository, MAIN_REF) == 0)
		tip = now;
	return index_catch_up(reader->index, &how, fault);
}

/* Opens the present index, for writing where possible. `writer`: no other process writes it. */
static int use_present(struct reader *reader, const char *directory, const git_oid *tip,
                       bool *writer, struct fault *fault)
{
	uint64_t boundary = reader->shallow.digest;
	int error = -EACCES;

	*writer = is_own(directory);
	if (*writer)
		error = index_open(&reader->index, directory, boundary, true, fault);
	if (error == -EBUSY)
		*writer = false;
	if (error == -EBUSY || error == -EACCES || error == -EROFS)
		error = index_open(&reader->index, directory, boundary, false, fault);
	if (!error)
		error = catch_up(reader, *tip, fault);
	if (!error && index_flush(reader->index, fault) < 0)
		log_debug("%s", fault->text);
	if (error)
		reader_index_drop(reader);
	return error;
}

static int make_new(struct reader *reader, const char *directory, const git_oid *tip,
                    struct fault *fault)
{
	uint64_t boundary = reader->shallow.digest;
	int error = -EACCES;

	if (directory)
		error = index_create(&reader->index, directory, boundary, fault);
	if (error)
		error = index_create(&reader->index, NULL, boundary, fault);
	if (!error)
		error = catch_up(reader, *tip, fault);
	if (error)
		reader_index_drop(reader);
	else if (index_adopt(reader->index, fault) < 0)
		log_debug("%s", fault->text);
	return error;
}

int reader_index(struct reader *reader, const git_commit *tip, bool make)
{
	const char *directory = git_repository_commondir(reader->repository);
	struct fault fault = {""};
	bool writer;
	int error;

	if (reader->index)
		return 0;
	error = use_present(reader, directory, git_commit_id(tip), &writer, &fault);
	if (error && error != -ENOENT)
		log_debug("%s", fault.text);
	if (error && make)
		error = make_new(reader, writer ? directory : NULL, git_commit_id(tip), &fault);
	return error;
}

int reader_index_renew(struct reader *reader, const git_commit *tip)
{
	struct fault fault = {""};
	int error;

	reader_index_drop(reader);
	error = make_new(reader, NULL, git_commit_id(tip), &fault);
	if (error)
		log_debug("%s", fault.text);
	return error;
}

int reader_index_fault(struct fault *fault, const struct reader *reader, int error)
{
	if (error == -E2BIG)
		return fault_set(fault, error,
		                 "the look-back index of %s is missing, or far behind main: its "
		                 "agent makes it in the background, and so does `arpkeeper log "
		                 "10.0.0.1`, run by the repository's owner",
		                 reader->path);
	return fault_set(fault, error, "the look-back index of %s cannot be read: %s", reader->path,
	                 strerror(-error));
}
