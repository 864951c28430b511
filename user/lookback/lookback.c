// SPDX-License-Identifier: MIT
/* Feeds the look-back index. It never fails: at worst there is no index. */
#include "lookback/lookback.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/base.h"
#include "lookback/index_feed.h"

#define COMMITS_READ 256    /* at once, of those that others made: some 10 ms */
#define FEED_MAX     250000 /* changes: 10 MB */

static struct timespec changed_at(const char *directory, const char *name, uint64_t *inode)
{
	char path[PATH_MAX];
	struct stat status;

	snprintf(path, sizeof(path), "%s%s", directory, name);
	if (stat(path, &status) < 0)
		status = (struct stat){0};
	if (inode)
		*inode = status.st_ino;
	return status.st_ctim;
}

static bool is_same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* The feed stays: it is of use once the upkeep process has made an index. */
static void drop(struct lookback *lookback)
{
	index_free(lookback->index);
	lookback->index = NULL;
}

void lookback_add(struct lookback *lookback, const struct lookback_commit *commit)
{
	struct index_fed_change *change;

	if (!lookback->feed)
		lookback->feed = index_feed_new();
	if (!lookback->feed)
		return;
	/* A large task, or no index is ever made. */
	if (index_feed_size(lookback->feed) + commit->changes > FEED_MAX)
		index_feed_clear(lookback->feed);
	change = index_feed_begin(lookback->feed, commit->changes);
	if (!change)
		return;
	for (size_t i = 0; i < commit->changes; i++) {
		const struct transition *item = &commit->transition[i];
		const struct entry *before = commit->before ? commit->before[i] : NULL;

		change[i] = (struct index_fed_change){
		        .address = item->address,
		        .segment = commit->segment[item->segment].name,
		        .flags = before || commit->known ? 0 : INDEX_BEFORE_UNKNOWN};
		if (before)
			change[i].before = before->mac;
		if (item->after)
			change[i].after = item->after->mac;
	}
	index_feed_commit(lookback->feed, &commit->made->commit, &commit->made->tree,
	                  commit->parent, commit->parents, commit->time, commit->changes);
}

/* Whether history was thinned, or another process has replaced the index. */
static bool is_overtaken(const struct lookback *lookback, const char *directory)
{
	struct timespec at = changed_at(directory, "shallow", NULL);
	uint64_t inode;

	changed_at(directory, INDEX_FILE, &inode);
	return !is_same_time(at, lookback->shallow_time) || inode != lookback->file;
}

static int open_index(struct lookback *lookback, const char *directory, struct fault *fault)
{
	int error;

	shallow_clear(&lookback->shallow);
	lookback->shallow_time = changed_at(directory, "shallow", NULL);
	error = shallow_read(&lookback->shallow, directory, fault);
	if (!error)
		error = index_open(&lookback->index, directory, lookback->shallow.digest, true,
		                   fault);
	/* A new history is short: its index is made at once. */
	if (error == -ENOENT)
		error = index_create(&lookback->index, directory, lookback->shallow.digest, fault);
	return error;
}

/* After a failure, only once the upkeep process has changed or replaced the file. */
static bool may_try(struct lookback *lookback, const char *directory)
{
	struct timespec at = changed_at(directory, INDEX_FILE, NULL);

	if (lookback->waits && is_same_time(at, lookback->waited))
		return false;
	lookback->waits = true;
	lookback->waited = at;
	return true;
}

bool lookback_publish(struct lookback *lookback, git_repository *repository, const git_oid *main)
{
	const char *directory = git_repository_path(repository);
	struct index_catch_up how = {.repository = repository,
	                             .tip = main,
	                             .shallow = &lookback->shallow,
	                             .feed = lookback->feed,
	                             .limit = COMMITS_READ};
	struct fault fault = {""};
	bool opened = !lookback->index;
	int error = 0;

	if (git_oid_equal(main, &lookback->main))
		return false;
	lookback->main = *main;
	if (!opened && is_overtaken(lookback, directory)) {
		drop(lookback);
		opened = true;
	}
	if (opened && !may_try(lookback, directory))
		return false;
	how.overlap = opened;
	if (opened)
		error = open_index(lookback, directory, &fault);
	/* -EBUSY: the upkeep process writes it for a moment. */
	lookback->waits = error != -EBUSY;
	if (!error)
		error = index_catch_up(lookback->index, &how, &fault);
	if (!error)
		error = index_adopt(lookback->index, &fault);
	if (error) {
		log_debug("%s; there is no look-back index for now", fault.text);
		drop(lookback);
	} else if (opened) {
		changed_at(directory, INDEX_FILE, &lookback->file);
		/* The index has most of the feed already. Commits not yet on main will be read. */
		if (lookback->feed)
			index_feed_clear(lookback->feed);
	}
	return error == -E2BIG || error == -EBADMSG || error == -ESTALE;
}

void lookback_clear(struct lookback *lookback)
{
	index_free(lookback->index);
	index_feed_free(lookback->feed);
	shallow_clear(&lookback->shallow);
	*lookback = (struct lookback){0};
}

/* Main is read once the index is open: an agent moves it before the index, which has nothing then
 * that main lacks. */
static int reach_main(struct index *index, git_repository *repository,
                      const struct shallow *shallow, struct fault *fault)
{
	git_oid main;
	const struct index_catch_up how = {
	        .repository = repository, .tip = &main, .shallow = shallow, .show = true};
	int error = refs_read(&main, repository, MAIN_REF, fault);

	return error ? error : index_catch_up(index, &how, fault);
}

/* Brings the present index, or a new one, up to main. */
static int tend(git_repository *repository, const char *directory, struct fault *fault)
{
	struct shallow shallow = {0};
	struct index *index = NULL;
	int error = shallow_read(&shallow, directory, fault);

	if (error)
		return error;
	error = index_open(&index, directory, shallow.digest, true, fault);
	if (!error)
		error = reach_main(index, repository, &shallow, fault);
	if (error == -ENOENT || error == -EBADMSG || error == -ESTALE) {
		index_free(index);
		error = index_create(&index, directory, shallow.digest, fault);
		if (!error)
			error = reach_main(index, repository, &shallow, fault);
	}
	if (!error)
		error = index_adopt(index, fault);
	index_free(index);
	shallow_clear(&shallow);
	/* -EBUSY: the agent or a reader writes it. */
	return error == -EBUSY ? 0 : error;
}

int lookback_tend(const char *git_directory, struct fault *fault)
{
	git_repository *repository = NULL;
	int error;

	gitclean_libgit2();
	error = git_repository_open_ext(&repository, git_directory, GIT_REPOSITORY_OPEN_NO_SEARCH,
	                                NULL);
	if (error < 0)
		error = trouble_set(fault, error, "%s", git_directory);
	else
		error = tend(repository, git_directory, fault);
	git_repository_free(repository);
	git_libgit2_shutdown();
	return error;
}
