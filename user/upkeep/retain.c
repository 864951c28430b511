// SPDX-License-Identifier: MIT
/*
 * Thins old history. It asks git which commits are old and reachable, writes `shallow`, and lets
 * `git repack` leave out what nothing reaches any more. It judges no object itself.
 *
 * The cut is the newest commit, by first parents of main, that is older than `keep` and has nothing
 * younger behind it. Commits that it does not reach stay, and so do their parents: those parents
 * are the boundary. So the oldest kept change still has the version before it. The tip of an older
 * branch stays as one commit; an older anchor goes. The branch `alerts` is cut by the same rule,
 * when main is.
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
#include "upkeep/attic.h"
#include "upkeep/join.h"

/* The commit that a reference or an annotated tag names. */
#define OBJECT_FORMAT "--format=%(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)"
#define TRIED_FILE    PACK_FOLDER "/thinned" /* when history was last examined */
#define DUE_FILE      PACK_FOLDER "/to-remove"
#define SINCE_FILE    PACK_FOLDER "/since"
#define DAY_S         86400
#define PUSH_S        600 /* a push that the hook accepted has ended by then */
#define WORTH_PARTS   10  /* at least one of so many commits would go, */
#define SHARE_PARTS   2   /* and at most one, however much is old */

/* Where a branch is cut. `oldest`: commits before that time are old. */
struct cut {
	int64_t oldest;
	char at[GIT_OID_HEXSZ + 1]; /* the newest old commit */
	int64_t time;
	size_t older, all; /* commits by first parents: the old ones; all of them */
};

struct thinning {
	const char *git_directory, *archive;
	int64_t now, oldest;
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
	if (seconds >= cut->oldest) {
		cut->older = 0;
	} else if (cut->older++ == 0) {
		memcpy(cut->at, id, sizeof(cut->at));
		cut->time = seconds;
	}
	return 0;
}

static int take_limit(void *context, char *line)
{
	struct cut *cut = context;
	long long seconds;

	if (sscanf(line, "%lld %40[0-9a-f]", &seconds, cut->at) != 2)
		return -EINVAL;
	cut->time = seconds;
	return 0;
}

/* If more than its share is old, only the oldest part of that goes. */
static int limit(const struct thinning *thinning, struct cut *cut, const char *ref,
                 struct fault *fault)
{
	size_t most = cut->all / SHARE_PARTS;
	char skip[40];
	const char *const arguments[] = {
	        "rev-list", "--first-parent", "--timestamp", skip, "--max-count=1", ref, "--",
	        NULL};

	if (cut->older <= most)
		return 0;
	cut->older = most;
	snprintf(skip, sizeof(skip), "--skip=%zu", cut->all - most);
	return most == 0 ? 0
	                 : gitchild_run(thinning->git_directory, arguments, NULL, take_limit, cut,
	                                fault);
}

static int find_cut(const struct thinning *thinning, struct cut *cut, const char *ref,
                    struct fault *fault)
{
	/* There may be no alerts. */
	const char *const arguments[] = {
	        "rev-list", "--ignore-missing", "--first-parent", "--timestamp", ref, "--", NULL};
	int error;

	cut->oldest = thinning->oldest;
	error = gitchild_run(thinning->git_directory, arguments, NULL, take_time, cut, fault);
	return error ? error : limit(thinning, cut, ref, fault);
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
	if (!error && thinning->alerts.older > 0)
		error = add_boundary(thinning, thinning->alerts.at);
	return error;
}

/* Anchors of what is removed. Their readers cannot push from there. */
struct anchor_removals {
	struct ref_change *change; /* owned */
	size_t count, room;
};

static int take_anchor(void *context, char *line)
{
	struct anchor_removals *old = context;
	struct ref_change gone = {.present = false};

	if (strlen(line) >= sizeof(gone.name) ||
	    array_reserve(&old->change, &old->room, old->count + 1))
		return -ENOMEM;
	memcpy(gone.name, line, strlen(line) + 1);
	old->change[old->count++] = gone;
	return 0;
}

/* An anchor would keep all that is behind it. */
static int remove_anchors(const struct thinning *thinning, struct fault *fault)
{
	const char *const arguments[] = {"for-each-ref",        "--merged",  thinning->main.at,
	                                 "--format=%(refname)", ANCHOR_REFS, NULL};
	struct anchor_removals old = {0};
	int error =
	        gitchild_run(thinning->git_directory, arguments, NULL, take_anchor, &old, fault);

	if (!error && old.count > 0)
		error = packedrefs_change(thinning->git_directory, old.change, old.count, fault);
	free(old.change);
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

/* What is about to be cut off is in the archive first, if there is one. */
static int keep_aside(struct thinning *thinning, struct fault *fault)
{
	const char *const cut[] = {thinning->main.at,
	                           thinning->alerts.older > 0 ? thinning->alerts.at : NULL};

	return thinning->archive
	               ? attic_fill(thinning->archive, thinning->git_directory, cut, fault)
	               : 0;
}

/* DUE_FILE comes first: if the process is killed after it has written the boundary, the next run
 * removes what is beyond. */
static int move_boundary(struct thinning *thinning, struct fault *fault)
{
	char *text = NULL, since[32];
	size_t size = 0;
	int error = find_cut(thinning, &thinning->alerts, ALERTS_REF, fault);

	if (!error)
		error = keep_aside(thinning, fault);
	if (!error)
		error = remove_anchors(thinning, fault);
	if (!error)
		error = shallow_read(&thinning->before, thinning->git_directory, fault);
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

/* When history was last examined, by the clocks of then; NULL: never. (A file that an older version
 * left is empty.) */
static const struct walltime *read_tried(struct walltime *last, const struct retain *retain)
{
	char path[PATH_MAX];
	long long wall = 0, running = 0;
	bool known;
	FILE *file;

	path_of(path, retain->git_directory, TRIED_FILE);
	file = own_stream(path, "r");
	if (!file)
		return NULL;
	known = fscanf(file, "%lld %lld", &wall, &running) == 2;
	fclose(file);
	*last = (struct walltime){.wall = wall, .running = running};
	return known ? last : NULL;
}

static int note_tried(const struct retain *retain, struct fault *fault)
{
	char text[64];

	snprintf(text, sizeof(text), "%lld %lld\n", (long long)retain->time->wall,
	         (long long)retain->time->running);
	return write_text(retain->git_directory, TRIED_FILE, text, fault);
}

/* Whether a day has gone by. In a day that the clock went back, too: or a clock that was a year
 * ahead, and is right again, would have it wait for a year. */
static bool is_time(const struct retain *retain, const struct walltime *last)
{
	int64_t since = last ? retain->time->wall - last->wall : INT64_MAX;

	return since > DAY_S || since < -DAY_S;
}

static int cut(struct thinning *thinning, bool now, struct fault *fault)
{
	int error = find_cut(thinning, &thinning->main, MAIN_REF, fault);

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
	int error;

	/* git ignores them in a shallow repository, and fsck misses commits that they name. */
	for (size_t i = 0; i < sizeof(graphs) / sizeof(graphs[0]); i++) {
		path_of(path, thinning->git_directory, graphs[i]);
		unlink(path);
	}
	error = gitchild_run(thinning->git_directory, repack, NULL, NULL, NULL, fault);
	path_of(path, thinning->git_directory, DUE_FILE);
	if (!error)
		(void)own_remove(path);
	return error;
}

/* Once a day. Whether or not the clock is believed, the next run compares with this one. */
static int examine(const struct retain *retain, struct thinning *thinning,
                   const struct walltime *last, const char *doubt, struct fault *fault)
{
	const char *const none[] = {NULL, NULL};
	int error;

	if (!retain->now && !is_time(retain, last))
		return 0;
	error = note_tried(retain, fault);
	/* Whatever the clock: it is a backup, too. */
	if (!error && retain->archive)
		error = attic_fill(retain->archive, retain->git_directory, none, fault);
	if (error || !doubt)
		return error ? error : cut(thinning, retain->now, fault);
	log_warning("%s: %s, so history.keep removes nothing: see that NTP keeps it, or that it "
	            "is right, and run `arpkeeper hook upkeep --now`, as in arpkeeper(8)",
	            retain->git_directory, doubt);
	return 0;
}

/* Some time after the boundary was written. */
static bool is_due(const struct retain *retain, const char *doubt)
{
	time_t due = modified(retain->git_directory, DUE_FILE);

	if (due == 0 || retain->now)
		return due > 0;
	return due + PUSH_S < retain->time->wall && !doubt;
}

bool retain_is_due(const struct retain *retain)
{
	struct walltime last;

	return is_due(retain, walltime_doubt(retain->time, read_tried(&last, retain)));
}

int retain_run(const struct retain *retain, struct fault *fault)
{
	const int64_t now = retain->time->wall;
	struct thinning thinning = {.git_directory = retain->git_directory,
	                            .archive = retain->archive,
	                            .now = now,
	                            .oldest = now - (int64_t)retain->keep};
	struct walltime read;
	const struct walltime *last = read_tried(&read, retain);
	const char *doubt = retain->now ? NULL : walltime_doubt(retain->time, last);
	int error;

	if (retain->keep == 0)
		return 0;
	error = examine(retain, &thinning, last, doubt, fault);
	if (!error && is_due(retain, doubt))
		error = remove_old(&thinning, fault);
	return error;
}

bool retain_is_removing(const char *git_directory)
{
	return modified(git_directory, DUE_FILE) > 0;
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
