/* SPDX-License-Identifier: MIT */
/* Judges every entry of main as the hook would. Never stops at the first that is wrong. */
#include "reader/check.h"

#include <errno.h>
#include <string.h>

#include "format/format.h"
#include "reader/state.h"

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
		/* The fault begins with the path, which is reported by itself. */
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
	git_tree *root = NULL;
	int error = reader_root(&root, &check.segment, &check.segments, reader, fault);

	if (error == 0) {
		fault->text[0] = '\0';
		error = tree_diff(reader->repository, NULL, git_tree_id(root), check_file, &check);
		if (error < 0 && !fault->text[0])
			error = reader_git_fault(fault, reader);
	}
	segments_free(check.segment, check.segments);
	git_tree_free(root);
	return error < 0 ? error : check.valid;
}
