// SPDX-License-Identifier: MIT
/*
 * The upkeep process: one at a time for a repository, at low priority, beside an agent that
 * writes and anybody else's git. What one chore cannot do does not keep the others from theirs.
 */
#include "upkeep/chores.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "lookback/lookback.h"
#include "store/gitlock.h"
#include "store/multiindex.h"
#include "store/refs.h"
#include "upkeep/join.h"
#include "upkeep/joinkeep.h"
#include "upkeep/reflog.h"
#include "upkeep/retain.h"
#include "upkeep/sweep.h"
#include "upkeep/tiers.h"

#define NICE        19
#define IO_LAST     7 /* of the best-effort class: idle would wait for a busy disk for ever */
#define ROUNDS      32
#define DAMAGED_MAX 16
#define LOCK_FILE   PACK_FOLDER "/upkeep.lock"

static void be_modest(void)
{
	const struct sched_param none = {0};

	setpriority(PRIO_PROCESS, 0, NICE);
	sched_setscheduler(0, SCHED_BATCH, &none);
	syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, IO_LAST));
}

/* The kernel lets it go when we die. */
static int take_lock(int *lock, const char *git_directory, struct fault *fault)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s" PACK_FOLDER, git_directory);
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	snprintf(path, sizeof(path), "%s" LOCK_FILE, git_directory);
	*lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (*lock < 0)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	if (flock(*lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	close(*lock);
	return errno == EWOULDBLOCK ? -EALREADY
	                            : fault_set(fault, -errno, "%s: %s", path, strerror(errno));
}

/* Packs that turned out to be damaged: left alone for this time. */
struct damaged {
	char name[DAMAGED_MAX][PACK_NAME];
	size_t count;
};

static size_t leave_out(struct tier_pack *packs, size_t count, const struct damaged *damaged)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		size_t j = 0;

		while (j < damaged->count && strcmp(damaged->name[j], packs[i].name) != 0)
			j++;
		if (j == damaged->count)
			packs[kept++] = packs[i];
	}
	return kept;
}

/* One join, of packs that are worth it or of `all`; -EALREADY: there is none to do. */
static int join_once(const char *git_directory, bool all, struct damaged *damaged,
                     struct fault *fault)
{
	char name[JOIN_MAX][PACK_NAME];
	struct join join = {.git_directory = git_directory, .name = name};
	struct tier_pack *packs = NULL;
	size_t count;
	int error = tiers_list(&packs, &count, git_directory, fault);

	if (error)
		return error;
	count = leave_out(packs, count, damaged);
	join.names =
	        all ? tiers_oldest(packs, count, JOIN_MAX) : tiers_choose(packs, count, JOIN_MAX);
	for (size_t i = 0; i < join.names; i++)
		memcpy(name[i], packs[i].name, PACK_NAME);
	free(packs);
	if (join.names < 2)
		return -EALREADY;
	error = join_packs(&join, fault);
	if (error ==
	    -ENOENT) /* somebody else was tidying up: what is there now is looked at anew */
		return 0;
	if (error == -EIO && damaged->count < DAMAGED_MAX) {
		log_warning("%s", fault->text);
		memcpy(damaged->name[damaged->count++], name[join.damaged], PACK_NAME);
		return 0;
	}
	if (!error)
		log_debug("%zu packs joined: %u objects, %llu octets became %llu", join.names,
		          join.objects, (unsigned long long)join.bytes_in,
		          (unsigned long long)join.bytes_out);
	return error;
}

/* Not while `git gc` counts what there is. */
static int join_all(const char *git_directory, bool all, struct fault *fault)
{
	struct damaged damaged = {.count = 0};
	char aside[PATH_MAX];
	struct gitlock gc;
	int error;

	snprintf(aside, sizeof(aside), "%.2000s" LOCK_ASIDE, git_directory);
	error = gitlock_take_gc(&gc, git_directory, aside, fault);
	for (int i = 0; i < ROUNDS && !error; i++)
		error = join_once(git_directory, all, &damaged, fault);
	gitlock_release(&gc);
	return error == -EALREADY ? 0 : error;
}

static void drop_stale_index(const char *git_directory)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%.2000sobjects/pack", git_directory);
	multiindex_drop_stale(folder);
}

int chores_run(const struct chores *chores, struct fault *fault)
{
	static const char *const logs[] = {"HEAD", MAIN_REF, ALERTS_REF};
	const char *git_directory = chores->git_directory;
	struct fault later;
	struct retain retain;
	size_t left;
	int lock = -1, error = take_lock(&lock, git_directory, fault), other;

	if (error)
		return error == -EALREADY ? 0 : error;
	be_modest();
	join_clean(git_directory);
	sweep_leftovers(git_directory);
	left = joinkeep_settle(git_directory);
	/* First: the agent, if it has no index, keeps what it commits until this is done. */
	error = lookback_tend(git_directory, fault);
	/* Before what is beyond a boundary is removed, no pack may be kept that holds some of it.
	 */
	if (!chores->keep || !retain_is_due(git_directory, chores->now)) {
		other = join_all(git_directory, chores->now, error ? &later : fault);
		error = error ? error : other;
	}
	other = sweep_loose(git_directory, error ? &later : fault);
	error = error ? error : other;
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		other = reflog_limit(git_directory, logs[i], error ? &later : fault);
		error = error ? error : other;
	}
	retain = (struct retain){.git_directory = git_directory,
	                         .keep = chores->keep,
	                         .now = chores->now,
	                         .may_remove = left == 0};
	other = retain_run(&retain, error ? &later : fault);
	drop_stale_index(git_directory);
	close(lock);
	return error ? error : other;
}
