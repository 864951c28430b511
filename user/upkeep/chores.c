// SPDX-License-Identifier: MIT
/*
 * The upkeep process: its lock, its priority, and its chores in order. Those that are short are
 * here. They remove no reference but anchors, and no object that is not in a pack.
 */
#include "upkeep/chores.h"

#include <ctype.h>
#include <dirent.h>
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
#include <time.h>
#include <unistd.h>

#include "store/store.h"
#include "upkeep/join.h"
#include "upkeep/retain.h"

#define NICE         19
#define IO_LAST      7 /* of the best-effort class; the idle class starves on a busy disk */
#define ROUNDS       32
#define DAMAGED_MAX  16
#define LOCK_FILE    PACK_FOLDER "/upkeep.lock"
#define FOLDER_MAX   2000
#define LOOSE_SAMPLE "17" /* as git does: one folder of 256 stands for all */
#define LOOSE_MANY   4    /* in that folder: then there are about a thousand */
#define HEX_REST     38   /* digits of an id after those of the folder */

/* Counts the loose objects in the folder `first`, and writes their ids to `list` (or NULL). */
static size_t each_loose(const char *git_directory, const char *first, FILE *list)
{
	char folder[FOLDER_MAX];
	struct dirent *file;
	size_t count = 0;
	DIR *directory;

	snprintf(folder, sizeof(folder), "%sobjects/%s", git_directory, first);
	directory = opendir(folder);
	if (!directory)
		return 0;
	while ((file = readdir(directory))) {
		if (strlen(file->d_name) != HEX_REST ||
		    strspn(file->d_name, "0123456789abcdef") != HEX_REST)
			continue;
		count++;
		if (list)
			fprintf(list, "%s%s\n", first, file->d_name);
	}
	closedir(directory);
	return count;
}

/* Packs loose objects when there are many, as pushes to older versions left them. */
static int sweep_loose(const char *git_directory, struct fault *fault)
{
	static const char *const pack[] = {"pack-objects", "--quiet", "objects/pack/pack", NULL};
	static const char *const prune[] = {"prune-packed", "--quiet", NULL};
	char path[PATH_MAX], first[3];
	FILE *list;
	int error = 0;

	if (each_loose(git_directory, LOOSE_SAMPLE, NULL) < LOOSE_MANY)
		return 0;
	snprintf(path, sizeof(path), "%s" PACK_FOLDER "/loose", git_directory);
	list = own_stream(path, "w");
	if (!list)
		return own_fault(fault, -errno, path);
	for (unsigned i = 0; i < 256; i++) {
		snprintf(first, sizeof(first), "%02x", i);
		each_loose(git_directory, first, list);
	}
	if (fclose(list) != 0)
		error = fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	if (!error)
		error = gitchild_run(git_directory, pack, path, NULL, NULL, fault);
	if (!error)
		error = gitchild_run(git_directory, prune, NULL, NULL, NULL, fault);
	(void)own_remove(path);
	return error;
}

static void lower_priority(void)
{
	const struct sched_param none = {0};

	setpriority(PRIO_PROCESS, 0, NICE);
	sched_setscheduler(0, SCHED_BATCH, &none);
	syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, IO_LAST));
}

/* The kernel releases it when the process ends. */
static int take_lock(int *lock, const char *git_directory, struct fault *fault)
{
	char path[PATH_MAX];
	int error;

	snprintf(path, sizeof(path), "%s" PACK_FOLDER, git_directory);
	error = own_folder(path);
	if (error)
		return own_fault(fault, error, path);
	snprintf(path, sizeof(path), "%s" LOCK_FILE, git_directory);
	*lock = own_open(path, O_RDWR | O_CREAT, 0644);
	if (*lock < 0)
		return own_fault(fault, *lock, path);
	if (flock(*lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	close(*lock);
	return errno == EWOULDBLOCK ? -EALREADY
	                            : fault_set(fault, -errno, "%s: %s", path, strerror(errno));
}

/* Packs found damaged: this run leaves them out. */
struct damaged {
	char name[DAMAGED_MAX][PACK_NAME];
	size_t count;
};

/* Those, and those that were joined already. */
static size_t leave_out(struct tier_pack *packs, size_t count, const struct damaged *damaged,
                        const struct retired *retired)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		size_t j = 0;

		while (j < damaged->count && strcmp(damaged->name[j], packs[i].name) != 0)
			j++;
		if (j == damaged->count && !retired_has(retired, packs[i].name))
			packs[kept++] = packs[i];
	}
	return kept;
}

/* One join, of the packs that are worth it or of `all`. -EALREADY: nothing to join. */
static int join_once(const char *git_directory, bool all, struct damaged *damaged,
                     struct retired *retired, struct fault *fault)
{
	char name[JOIN_MAX][PACK_NAME];
	struct join join = {.git_directory = git_directory, .name = name, .retired = retired};
	struct tier_pack *packs = NULL;
	size_t count;
	int error = tiers_list(&packs, &count, git_directory, fault);

	if (error)
		return error;
	count = leave_out(packs, count, damaged, retired);
	join.names =
	        all ? tiers_oldest(packs, count, JOIN_MAX) : tiers_choose(packs, count, JOIN_MAX);
	for (size_t i = 0; i < join.names; i++)
		memcpy(name[i], packs[i].name, PACK_NAME);
	free(packs);
	if (join.names < 2)
		return -EALREADY;
	error = join_packs(&join, fault);
	/* `git gc` removed a pack: the next round lists the packs again. */
	if (error == -ENOENT)
		return 0;
	if (error == -EIO && damaged->count < DAMAGED_MAX) {
		log_warning("%s", fault->text);
		memcpy(damaged->name[damaged->count++], name[join.damaged], PACK_NAME);
		return 0;
	}
	if (!error)
		log_debug("joined %zu packs: %u objects, %llu bytes became %llu", join.names,
		          join.objects, (unsigned long long)join.bytes_in,
		          (unsigned long long)join.bytes_out);
	return error;
}

/* Does nothing while `git gc` runs. What an earlier run joined goes first; with `all`, what this
 * one joins, too. */
static int join_all(const char *git_directory, bool all, struct fault *fault)
{
	struct damaged damaged = {.count = 0};
	struct retired retired = {0};
	struct gitlock gc;
	int error = gitlock_take_gc(&gc, git_directory, fault);

	if (error)
		return error == -EALREADY ? 0 : error;
	error = retired_read(&retired, git_directory, fault);
	if (!error)
		error = retired_remove(&retired, time(NULL), all, fault);
	for (int i = 0; i < ROUNDS && !error; i++)
		error = join_once(git_directory, all, &damaged, &retired, fault);
	if (!error || error == -EALREADY) {
		int removed = retired_remove(&retired, time(NULL), all, fault);

		error = removed ? removed : error;
	}
	retired_clear(&retired);
	gitlock_release(&gc);
	return error == -EALREADY ? 0 : error;
}

/* The first error is the one to return; its fault is in place. */
static void keep_first(int *error, int next)
{
	if (!*error)
		*error = next;
}

int chores_run(const struct chores *chores, struct fault *fault)
{
	const char *git_directory = chores->git_directory;
	struct walltime machine = {0};
	struct retain retain = {.git_directory = git_directory,
	                        .keep = chores->keep,
	                        .archive = chores->archive,
	                        .now = chores->now,
	                        .time = chores->time ? chores->time : &machine};
	struct fault later;
	int lock = -1, error = take_lock(&lock, git_directory, fault);

	if (error)
		return error == -EALREADY ? 0 : error;
	if (chores->keep && !chores->time)
		walltime_read(&machine);
	lower_priority();
	leftover_remove(git_directory, LEFTOVER_UPKEEP, time(NULL));
	multiindex_drop_stale(git_directory);
	if (chores->own)
		error = chores->own(git_directory, fault);
	if (!chores->keep || !retain_is_due(&retain))
		keep_first(&error, join_all(git_directory, chores->now, error ? &later : fault));
	keep_first(&error, sweep_loose(git_directory, error ? &later : fault));
	keep_first(&error, retain_run(&retain, error ? &later : fault));
	multiindex_drop_stale(git_directory);
	close(lock);
	return error;
}
