/* SPDX-License-Identifier: MIT */
/*
 * A repository as readers see it: opened, checked, and found out about. Its history in words is in
 * reader_log.c, the table as it was in reader_at.c. Never writes, and never runs anything.
 */
#include "reader/reader.h"

#include <errno.h>
#include <git2.h>
#include <stdlib.h>
#include <string.h>

#include "format/segments.h"
#include "format/validate.h"
#include "reader/internal.h"

int reader_git_fault(struct fault *fault, const char *path)
{
	const git_error *last = git_error_last();

	return fault_set(fault, -EIO, "repository %s cannot be read: %s", path,
	                 last ? last->message : "for an unknown reason");
}

int reader_open(struct reader **out, const char *path, struct fault *fault)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	int error;

	*out = NULL;
	if (!reader)
		return fault_set(fault, -ENOMEM, "out of memory");
	git_libgit2_init();
	/* git refuses a repository of somebody else's because it would run what its configuration
	 * says. Nothing is run here, and the agent's repository belongs to another user than
	 * the one who asks for its log. */
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	reader->path = strdup(path);
	if (!reader->path) {
		error = fault_set(fault, -ENOMEM, "out of memory");
		goto fail;
	}
	error = git_repository_open_ext(&reader->repository, path, GIT_REPOSITORY_OPEN_NO_SEARCH,
	                                NULL);
	if (error == GIT_ENOTFOUND) {
		error = fault_set(fault, -ENOENT, "%s is not a git repository", path);
		goto fail;
	}
	if (error < 0) {
		error = reader_git_fault(fault, path);
		goto fail;
	}
	*out = reader;
	return 0;
fail:
	reader_close(reader);
	return error;
}

void reader_close(struct reader *reader)
{
	if (!reader)
		return;
	reader_index_drop(reader);
	shallow_clear(&reader->shallow);
	git_repository_free(reader->repository);
	free(reader->path);
	free(reader);
	git_libgit2_shutdown();
}

int reader_control(const struct reader *reader, char **path, struct fault *fault)
{
	git_config *config = NULL;
	git_buf value = GIT_BUF_INIT;
	int error = 0;

	*path = NULL;
	if (segments_config(&config, reader->repository) < 0 ||
	    git_config_get_string_buf(&value, config, "arpkeeper.control") < 0)
		error = fault_set(fault, -ENOENT,
		                  "repository %s does not say which agent keeps it "
		                  "(arpkeeper.control)",
		                  reader->path);
	else if (!(*path = strdup(value.ptr)))
		error = fault_set(fault, -ENOMEM, "out of memory");
	git_buf_dispose(&value);
	git_config_free(config);
	return error;
}

int reader_main(git_commit **commit, const struct reader *reader, struct fault *fault)
{
	git_oid id;
	int error = git_reference_name_to_id(&id, reader->repository, "refs/heads/main");

	if (error == GIT_ENOTFOUND)
		return fault_set(fault, -ENOENT,
		                 "repository %s has no branch main: it is not one of arpkeeper's",
		                 reader->path);
	if (error < 0 || git_commit_lookup(commit, reader->repository, &id) < 0)
		return reader_git_fault(fault, reader->path);
	return 0;
}

int reader_shallow(struct reader *reader, struct fault *fault)
{
	int error = 0;

	/* Whoever looks back reads many objects: whether each is what its id says is `git fsck`'s
	 * matter, and `check`'s, which do not come here. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	if (!reader->shallow_read)
		error = shallow_read(&reader->shallow, git_repository_commondir(reader->repository),
		                     fault);
	reader->shallow_read = error == 0;
	return error;
}

int reader_tree(git_tree **tree, const struct reader *reader, const char *commit,
                struct fault *fault)
{
	git_commit *found = NULL;
	git_oid id;
	int error = 0;

	if (git_oid_fromstr(&id, commit) < 0 ||
	    git_commit_lookup(&found, reader->repository, &id) < 0 ||
	    git_commit_tree(tree, found) < 0)
		error = reader_git_fault(fault, reader->path);
	git_commit_free(found);
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

/* An empty table's repository has no folder by which to know it: there is what wrote its commits.
 */
static bool is_told_by_tip(git_repository *repository, const git_commit *tip, const git_tree *root)
{
	git_oid id;

	return git_reference_name_to_id(&id, repository, "refs/arpkeeper/applied") == 0 ||
	       strstr(git_commit_message(tip), "\nTask: ") || has_readme(repository, root);
}

int reader_check_ours(struct reader *reader, const git_commit *tip, struct fault *fault)
{
	struct segment *segment = NULL;
	size_t segments = 0;
	git_tree *root = NULL;
	int error;

	if (reader->ours)
		return 0;
	if (git_commit_tree(&root, tip) < 0)
		return reader_git_fault(fault, reader->path);
	error = segments_read(&segment, &segments, reader->repository, fault);
	if (error == 0 && segments == 0)
		error = segments_guess(&segment, &segments, reader->repository, root, fault);
	if (error == 0) {
		reader->ours = segments > 0 || is_told_by_tip(reader->repository, tip, root);
		segments_free(segment, segments);
	}
	git_tree_free(root);
	if (error == 0 && !reader->ours)
		error = fault_set(fault, -EINVAL,
		                  "repository %s is not one of arpkeeper's: neither its "
		                  "configuration nor its main branch has a segment",
		                  reader->path);
	return error;
}

struct check {
	const struct reader *reader;
	struct segment *segment;
	size_t segments;
	int64_t valid;
	void (*problem)(void *context, const char *path, const char *reason);
	void *context;
	struct fault *fault;
};

static int check_file(void *context, const struct tree_difference *difference)
{
	struct check *check = context;
	struct validated validated = {0};
	struct fault fault = {""};
	char path[PATH_TEXT];
	const char *reason = fault.text;
	int error = validate_difference(&validated, check->reader->repository, check->segment,
	                                check->segments, difference, &fault);

	if (error == -EINVAL) {
		validate_path_text(path, difference->path);
		/* Its sentence begins with the path, which is told apart here. */
		if (strncmp(reason, path, strlen(path)) == 0 &&
		    strncmp(reason + strlen(path), ": ", 2) == 0)
			reason += strlen(path) + 2;
		check->problem(check->context, path, reason);
		return 0;
	}
	if (error < 0) {
		fault_set(check->fault, error, "%s", fault.text);
		return error;
	}
	if (validated.what == VALIDATED_ENTRY)
		check->valid++;
	entry_free(validated.entry);
	return 0;
}

int64_t reader_check(struct reader *reader,
                     void (*problem)(void *context, const char *path, const char *reason),
                     void *context, struct fault *fault)
{
	struct check check = {
	        .reader = reader, .problem = problem, .context = context, .fault = fault};
	git_commit *commit = NULL;
	git_tree *tree = NULL;
	int error = reader_main(&commit, reader, fault);

	if (error < 0)
		goto out;
	if (git_commit_tree(&tree, commit) < 0) {
		error = reader_git_fault(fault, reader->path);
		goto out;
	}
	error = segments_read(&check.segment, &check.segments, reader->repository, fault);
	if (error == 0 && check.segments == 0)
		error = segments_guess(&check.segment, &check.segments, reader->repository, tree,
		                       fault);
	if (error < 0)
		goto out;
	if (check.segments == 0) {
		error = fault_set(fault, -EINVAL,
		                  "repository %s is not one of arpkeeper's: neither its "
		                  "configuration nor its main branch has a segment",
		                  reader->path);
		goto out;
	}
	fault->text[0] = '\0';
	error = tree_diff(reader->repository, NULL, git_tree_id(tree), check_file, &check);
	if (error < 0 && !fault->text[0])
		error = reader_git_fault(fault, reader->path);
out:
	segments_free(check.segment, check.segments);
	git_tree_free(tree);
	git_commit_free(commit);
	return error < 0 ? error : check.valid;
}
