/* SPDX-License-Identifier: MIT */
/*
 * A repository as readers see it: opened read-only, checked, and found out about. Its history
 * in words is in reader_log.c. Never writes, and never runs anything.
 */
#include "history/reader.h"

#include <errno.h>
#include <git2.h>
#include <stdlib.h>
#include <string.h>

#include "history/reader_internal.h"
#include "history/segments.h"
#include "history/validate.h"

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

struct check {
	const struct reader *reader;
	struct history_segment *segment;
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
