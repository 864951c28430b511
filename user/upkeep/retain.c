// SPDX-License-Identifier: MIT
/*
 * Thins old history. It asks git which commits are old and reachable, writes `shallow`, and lets
 * `git repack` leave out what nothing reaches any more. It judges no object itself.
 *
 * The cut is the newest commit, by first parents of main, that is older than `keep` and has nothing
 * younger behind it. Commits that it does not reach stay, and so do their parents: those parents
 * are the boundary. So the oldest kept change still has the version before it. The tip of an older
 * branch stays as one commit. The branch `alerts` is cut by the same rule, when main is.
 */
#include "upkeep/retain.h"

#include <errno.h>
#include <git2.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "store/store.h"
#include "upkeep/join.h"
#include "upkeep/reflog.h"

/* The commit that a reference or an annotated tag names. */
#define OBJECT_FORMAT "--format=%(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)"
#define TRIED_FILE    PACK_FOLDER "/thinned" /* when history was last examined */
#define DUE_FILE      PACK_FOLDER "/to-remove"
#define SINCE_FILE    PACK_FOLDER "/since"
#define DAY_S         86400
#define PUSH_S        600 /* a push that the hook accepted has ended by then */
#define WORTH_PARTS   10  /* at least one of so many commits would go */

/* Where a branch is cut. `oldest`: commits before that time are old. */
struct cut {
	time_t oldest;
	char at[GIT_OID_HEXSZ + 1]; /* the newest old commit */
	int64_t time;
	size_t older, all; /* commits by first parents: the old ones; all of them */
};

struct thinning {
	const char *git_directory;
	time_t now, oldest;
	struct cut main, alerts;
	struct shallow before;
	FILE *list; /* the new boundary */
};

static void path_of(char path[PATH_MAX], const char *git_directory, const char *file)
{
	snprintf(path, PATH_MAX, "%s%s", git_directory, file);
}

/* 0 if it is not there. */
static time_t modified(const char *git_directory, const char *file)
{
	char path[PATH_MAX];
	struct stat status;

	path_of(path, git_directory, file);
	return own_state(&status, path) == 0 ? status.st_mtim.tv_sec : 0;
}

static int write_text(const char *git_directory, const char *file, const char *text,
                      struct fault *fault)
{
	char path[PATH_MAX];
	FILE *stream;
	int error = 0;

	path_of(path, git_directory, file);
	stream = own_stream(path, "w");
	if (!stream)
		return own_fault(fault, -errno, path);
	if (fputs(text, stream) < 0)
		error = -EIO;
	if (fclose(stream) != 0)
		error = errno ? -errno : -EIO;
	return error ? fault_set(fault, error, "%s cannot be written", path) : 0;
}

/* --- what would go --------------------------------------------------------------------------- */

/* Gets commits from the tip down. A commit may be older than its parent, so a young one starts the
 * count again. */
static int take_time(void *context, char *line)
{
	struct cut *cut = context;
	char id[GIT_OID_HEXSZ + 1];
	long long seconds;

	if (sscanf(line, "%lld %40[0-9a-f]", &seconds, id) != 2)
		return -EINVAL;
	cut->all++;
	if (seconds >= (long long)cut->oldest) {
		cut->older = 0;
	} else if (cut->older++ == 0) {
		memcpy(cut->at, id, sizeof(cut->at));
		cut->time = seconds;
	}
	return 0;
}

static int find_cut(const struct thinning *thinning, struct cut *cut, const char *ref,
                    struct fault *fault)
{
	/* There may be no alerts. */
	const char *const arguments[] = {
	        "rev-list", "--ignore-missing", "--first-parent", "--timestamp", ref, "--", NULL};

	cut->oldest = thinning->oldest;
	return gitchild_run(thinning->git_directory, arguments, NULL, take_time, cut, fault);
}

/* --- the boundary ---------------------------------------------------------------------------- */

static int add_boundary(struct thinning *thinning, const char *id)
{
	return fprintf(thinning->list, "%.40s\n", id) < 0 ? -EIO : 0;
}

/* A line of `rev-list --boundary`: a dash marks an old parent. */
static int take_commit(void *context, char *line)
{
	return line[0] == '-' ? add_boundary(context, line + 1) : 0;
}

static int take_old_tip(void *context, char *line)
{
	return strlen(line) == GIT_OID_HEXSZ ? add_boundary(context, line) : 0;
}

static int list_boundary(struct thinning *thinning, struct fault *fault)
{
	const char *const kept[] = {"rev-list",        "--boundary", "--all", "--not",
	                            thinning->main.at, "--",         NULL};
	const char *const old_tips[] = {"for-each-ref", "--merged", thinning->main.at,
	                                OBJECT_FORMAT, NULL};
	char text[GIT_OID_HEXSZ + 1];
	int error = 0;

	/* The present boundary stays: without it fsck misses parents. `git repack` takes out the
	 * names of the commits that it removes. */
	for (size_t i = 0; i < thinning->before.count && !error; i++)
		error = add_boundary(thinning,
		                     git_oid_tostr(text, sizeof(text), &thinning->before.id[i]));
	if (!error)
		error = gitchild_run(thinning->git_directory, kept, NULL, take_commit, thinning,
		                     fault);
	if (!error)
		error = gitchild_run(thinning->git_directory, old_tips, NULL, take_old_tip,
		                     thinning, fault);
	if (!error)
		error = find_cut(thinning, &thinning->alerts, ALERTS_REF, fault);
	if (!error && thinning->alerts.older > 0)
		error = add_boundary(thinning, thinning->alerts.at);
	return error;
}

/* Under git's own lock of that file: a fetch or a push of a shallow clone may write it, too. */
static int write_shallow(const struct thinning *thinning, const char *text, size_t size,
                         struct fault *fault)
{
	char path[PATH_MAX], lock[PATH_MAX];

	path_of(path, thinning->git_directory, "shallow");
	path_of(lock, thinning->git_directory, "shallow.lock");
	if (modified(thinning->git_directory, "shallow.lock") + DAY_S < thinning->now)
		unlink(lock); /* left by a killed process */
	return durable_replace(lock, path, 0644, text, size, fault);
}

/* --- in order -------------------------------------------------------------------------------- */

/* DUE_FILE comes first: if the process is killed after it has written the boundary, the next run
 * removes what is beyond. */
static int move_boundary(struct thinning *thinning, struct fault *fault)
{
	char *text = NULL, since[32];
	size_t size = 0;
	int error = shallow_read(&thinning->before, thinning->git_directory, fault);

	if (error)
		return error;
	thinning->list = open_memstream(&text, &size);
	if (!thinning->list) {
		error = fault_set(fault, -ENOMEM, "out of memory");
		goto out;
	}
	error = list_boundary(thinning, fault);
	if (fclose(thinning->list) != 0 && !error)
		error = fault_set(fault, -ENOMEM, "out of memory");
	if (error || size == 0)
		goto out;
	snprintf(since, sizeof(since), "%lld\n", (long long)thinning->main.time);
	error = write_text(thinning->git_directory, DUE_FILE, "", fault);
	if (!error)
		error = write_shallow(thinning, text, size, fault);
	if (!error)
		error = write_text(thinning->git_directory, SINCE_FILE, since, fault);
	if (!error)
		log_info("history older than commit %.10s is thinned, as history.keep says",
		         thinning->main.at);
out:
	free(text);
	shallow_clear(&thinning->before);
	return error;
}

static int cut(struct thinning *thinning, bool now, struct fault *fault)
{
	int error = write_text(thinning->git_directory, TRIED_FILE, "", fault);

	if (!error)
		error = find_cut(thinning, &thinning->main, MAIN_REF, fault);
	if (error || thinning->main.older < 2 ||
	    (!now && thinning->main.older < thinning->main.all / WORTH_PARTS))
		return error;
	return move_boundary(thinning, fault);
}

/* Removes what nothing reaches any more. Deltas of the rest are copied as they are. Packs with a
 * .keep stay, such as those of present pushes and flushes. */
static int remove_old(const struct thinning *thinning, struct fault *fault)
{
	static const char *const repack[] = {
	        "repack", "-a", "-d", "-l", "-q", "--window=0", "--no-write-bitmap-index", NULL};
	static const char *const graphs[] = {"objects/info/commit-graph",
	                                     "objects/info/commit-graphs/commit-graph-chain"};
	char path[PATH_MAX];
	int error = 0;

	/* git ignores them in a shallow repository, and fsck misses commits that they name. */
	for (size_t i = 0; i < sizeof(graphs) / sizeof(graphs[0]); i++) {
		path_of(path, thinning->git_directory, graphs[i]);
		unlink(path);
	}
	/* Old commits in a reflog would be kept. */
	error = reflog_expire(thinning->git_directory, thinning->oldest, fault);
	if (!error)
		error = gitchild_run(thinning->git_directory, repack, NULL, NULL, NULL, fault);
	path_of(path, thinning->git_directory, DUE_FILE);
	if (!error)
		(void)own_remove(path);
	return error;
}

int retain_run(const struct retain *retain, struct fault *fault)
{
	const char *git_directory = retain->git_directory;
	struct thinning thinning = {.git_directory = git_directory, .now = time(NULL)};
	int error = 0;

	if (retain->keep == 0)
		return 0;
	thinning.oldest = thinning.now - (time_t)retain->keep;
	if (retain->now || modified(git_directory, TRIED_FILE) + DAY_S < thinning.now)
		error = cut(&thinning, retain->now, fault);
	if (!error && retain_is_removing(git_directory) &&
	    retain_is_due(git_directory, retain->now))
		error = remove_old(&thinning, fault);
	return error;
}

bool retain_is_removing(const char *git_directory)
{
	return modified(git_directory, DUE_FILE) > 0;
}

bool retain_is_due(const char *git_directory, bool now)
{
	time_t due = modified(git_directory, DUE_FILE);

	return now || (due > 0 && due + PUSH_S < time(NULL));
}

int64_t retain_since(const char *git_directory)
{
	char path[PATH_MAX];
	long long since = 0;
	FILE *file;

	path_of(path, git_directory, SINCE_FILE);
	file = own_stream(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%lld", &since) != 1)
		since = 0;
	fclose(file);
	return since;
}
