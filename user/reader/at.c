/* SPDX-License-Identifier: MIT */
/*
 * The table as it was: which commit main named at a time, and what the trees of such commits
 * hold. A recent time is found by going back from the tip, any other by the index.
 */
#include "reader/at.h"

#include <errno.h>
#include <string.h>

#include "reader/compare.h"
#include "reader/state.h"
#include "reader/value.h"

#define NEAR 1000  /* commits to go back before using the index, which is hardly faster for them */
#define FAR  50000 /* likewise before making an index */

static void set_moment(struct reader_moment *moment, const git_oid *id, int64_t time)
{
	git_oid_tostr(moment->commit, sizeof(moment->commit), id);
	moment->time = time;
}

/* Goes back along first parents, at most `limit` of them. 0: found; 1: not yet, and `commit` is
 * where it stopped; GIT_ITEROVER: the very first commit, in `moment`, is later. */
static int go_back(struct reader *reader, git_commit **commit, struct reader_moment *moment,
                   int64_t time, unsigned limit)
{
	for (unsigned i = 0; i < limit; i++) {
		const git_oid *id = git_commit_id(*commit);
		git_commit *parent;
		int error;

		set_moment(moment, id, git_commit_time(*commit));
		if (moment->time <= time)
			return 0;
		if (git_commit_parentcount(*commit) == 0 || shallow_has(&reader->shallow, id))
			return GIT_ITEROVER;
		error = git_commit_parent(&parent, *commit, 0);
		if (error < 0)
			return error;
		git_commit_free(*commit);
		*commit = parent;
	}
	return 1;
}

struct seek {
	int64_t time;
	struct index_commit commit;
	bool any;
};

static int seek_step(void *context, uint32_t ordinal, const struct index_commit *commit)
{
	struct seek *seek = context;

	(void)ordinal;
	seek->commit = *commit;
	seek->any = true;
	return commit->time <= seek->time;
}

/* As go_back(), by the index. -EBADMSG: it is damaged. */
static int ask_index(struct reader *reader, struct reader_moment *moment, int64_t time)
{
	struct seek seek = {.time = time};
	git_commit *commit;
	int found = index_line(reader->index, time, seek_step, &seek);

	/* Every commit is later: find the first one. */
	if (found == 0)
		found = index_line(reader->index, INT64_MAX, seek_step, &seek);
	if (found < 0 || !seek.any)
		return found < 0 ? found : -EBADMSG;
	if (git_commit_lookup(&commit, reader->repository, &seek.commit.id) < 0)
		return -EBADMSG;
	set_moment(moment, git_commit_id(commit), git_commit_time(commit));
	git_commit_free(commit);
	if (moment->time != seek.commit.time)
		return -EBADMSG;
	return found > 0 ? 0 : GIT_ITEROVER;
}

static int find(struct reader *reader, const git_commit *tip, struct reader_moment *moment,
                int64_t time)
{
	git_commit *commit = NULL;
	bool indexed;
	int made;
	int error = git_commit_dup(&commit, (git_commit *)tip);

	if (error == 0)
		error = go_back(reader, &commit, moment, time, NEAR);
	if (error != 1)
		goto out;
	indexed = reader_index(reader, tip, false) == 0;
	if (!indexed) {
		error = go_back(reader, &commit, moment, time, FAR);
		if (error != 1)
			goto out;
		made = reader_index(reader, tip, true);
		indexed = made == 0;
		if (made == -E2BIG)
			error = made;
		if (made == -E2BIG)
			goto out;
	}
	if (indexed) {
		error = ask_index(reader, moment, time);
		if (error != -EBADMSG)
			goto out;
		reader_index_drop(reader);
	}
	error = go_back(reader, &commit, moment, time, UINT32_MAX);
out:
	git_commit_free(commit);
	return error;
}

int reader_at(struct reader *reader, struct reader_moment *moment, int64_t time,
              struct fault *fault)
{
	char wanted[TIME_TEXT], first[TIME_TEXT];
	git_commit *tip = NULL;
	int error = reader_tip(&tip, reader, fault);

	if (error < 0)
		goto out;
	error = find(reader, tip, moment, time);
	if (error == GIT_ITEROVER)
		error = fault_set(fault, -ENODATA,
		                  "nothing is recorded of %s: the history of %s begins at %s",
		                  time_format(wanted, time), reader->path,
		                  time_format(first, moment->time));
	else if (error == -E2BIG)
		error = reader_index_fault(fault, reader, error);
	else if (error < 0)
		error = reader_git_fault(fault, reader);
out:
	git_commit_free(tip);
	return error;
}

struct look {
	struct reader *reader;
	git_commit *from, *to; /* from NULL: before everything */
	const struct prefix *prefix;
	const char *segment;
	reader_difference_fn *handle;
	void *context;
	int stop;
	struct fault reason;
};

static bool is_wanted(const struct look *look, const char *segment, struct address address)
{
	return (!look->segment || strcmp(look->segment, segment) == 0) &&
	       (!look->prefix || prefix_contains(*look->prefix, address));
}

/* An invalid file never reached a table, which had what was there before. */
static int look_back(struct look *look, struct entry **before, struct entry **after,
                     const char *path)
{
	struct value old = {.entry = NULL}, new = {.entry = NULL};
	int error = value_read(&new, look->reader, look->to, path, &look->reason);

	if (!error && look->from)
		error = value_read(&old, look->reader, look->from, path, &look->reason);
	*before = old.entry;
	*after = new.entry;
	return error;
}

static int look_at(void *context, const struct tree_difference *difference)
{
	struct look *look = context;
	struct entry *before, *after;
	char segment[SEGMENT_NAME_MAX + 1];
	struct address address;
	int error;

	if (entry_path_parse(segment, &address, difference->path, NULL) < 0 ||
	    !is_wanted(look, segment, address))
		return 0;
	error = reader_sides(&before, &after, look->reader->repository, difference, &look->reason);
	if (error == -EINVAL) {
		entry_free(after);
		entry_free(before);
		error = look_back(look, &before, &after, difference->path);
	}
	if (error == 0 && !entry_equal(before, after))
		look->stop = look->handle(look->context, segment, address, before, after);
	entry_free(after);
	entry_free(before);
	return error ? error : look->stop ? READER_STOPPED : 0;
}

int reader_diff(struct reader *reader, const struct reader_moment *from,
                const struct reader_moment *to, const struct prefix *prefix, const char *segment,
                reader_difference_fn *handle, void *context, struct fault *fault)
{
	struct look look = {.reader = reader,
	                    .prefix = prefix,
	                    .segment = segment,
	                    .handle = handle,
	                    .context = context};
	int error = from ? reader_commit(&look.from, reader, from->commit, fault) : 0;

	if (error == 0)
		error = reader_commit(&look.to, reader, to->commit, fault);
	if (error == 0) {
		error = reader_compare(
		        reader->repository, look.from ? git_commit_tree_id(look.from) : NULL,
		        git_commit_tree_id(look.to), prefix, segment, look_at, &look);
		error = reader_result(reader, error, look.stop, &look.reason, fault);
	}
	git_commit_free(look.from);
	git_commit_free(look.to);
	return error;
}

struct files {
	reader_file_fn *handle;
	void *context;
	int stop;
};

static int name_file(void *context, const struct tree_difference *difference)
{
	struct files *files = context;
	char segment[SEGMENT_NAME_MAX + 1];
	struct address address;

	if (entry_path_parse(segment, &address, difference->path, NULL) < 0)
		return 0;
	files->stop = files->handle(files->context, segment, address);
	return files->stop ? READER_STOPPED : 0;
}

int reader_files(struct reader *reader, const struct reader_moment *moment, reader_file_fn *handle,
                 void *context, struct fault *fault)
{
	struct files files = {.handle = handle, .context = context};
	const struct fault none = {""};
	git_commit *commit = NULL;
	int error = reader_commit(&commit, reader, moment->commit, fault);

	if (!error) {
		error = tree_diff(reader->repository, NULL, git_commit_tree_id(commit), name_file,
		                  &files);
		error = reader_result(reader, error, files.stop, &none, fault);
	}
	git_commit_free(commit);
	return error;
}
