/* SPDX-License-Identifier: MIT */
/* Opens and closes a repository for reading. Never runs anything that its configuration names. */
#include "reader/open.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader/state.h"

int reader_open(struct reader **out, const char *path, struct fault *fault)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	int error;

	*out = NULL;
	if (!reader)
		return fault_set(fault, -ENOMEM, "out of memory");
	gitclean_libgit2();
	reader->path = strdup(path);
	if (!reader->path) {
		error = fault_set(fault, -ENOMEM, "out of memory");
		goto fail;
	}
	if (access(path, R_OK | X_OK) < 0 && errno == EACCES) {
		error = fault_set(fault, -EACCES,
		                  "%s: permission denied: root may read it, and the members of its "
		                  "group",
		                  path);
		goto fail;
	}
	error = git_repository_open_ext(&reader->repository, path, GIT_REPOSITORY_OPEN_NO_SEARCH,
	                                NULL);
	if (error == GIT_ENOTFOUND) {
		error = fault_set(fault, -ENOENT, "%s is not a git repository", path);
		goto fail;
	}
	if (error < 0) {
		error = reader_git_fault(fault, reader);
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

void reader_bound(struct reader *reader)
{
	/* Half a second of reading. */
	reader->most = 20000;
}

const char *reader_path(const struct reader *reader)
{
	return reader->path;
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
