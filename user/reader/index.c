/* SPDX-License-Identifier: MIT */
/*
 * The look-back index, as readers use it: the present one, brought up to main in memory or in its
 * file, or a new one. The file is written only in a repository of the caller's own, and only if no
 * agent writes it.
 */
#include "reader/index.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "lookback/lookback.h"
#include "reader/state.h"

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

static int catch_up(struct reader *reader, const git_oid *tip, struct fault *fault)
{
	const struct index_catch_up how = {.repository = reader->repository,
	                                   .tip = tip,
	                                   .shallow = &reader->shallow,
	                                   .show = true};

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
		error = catch_up(reader, tip, fault);
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
		error = catch_up(reader, tip, fault);
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
