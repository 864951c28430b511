// SPDX-License-Identifier: MIT
/*
 * Compares ids of files, and opens none: what is written otherwise counts as changed. Whether the
 * merge's rule would leave an address to main is not looked at: a push says what it wants.
 */
#include "reader/pushguard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTION      "confirm="
#define OPTIONS_MAX 64

/* As githooks(5) hands them over. */
static uint32_t read_confirmed(void)
{
	const char *count = getenv("GIT_PUSH_OPTION_COUNT");
	unsigned options = count ? (unsigned)strtoul(count, NULL, 10) : 0;
	uint32_t confirmed = 0;

	for (unsigned i = 0; i < options && i < OPTIONS_MAX; i++) {
		char name[sizeof("GIT_PUSH_OPTION_") + 10];
		const char *option;

		snprintf(name, sizeof(name), "GIT_PUSH_OPTION_%u", i);
		option = getenv(name);
		if (option && strncmp(option, OPTION, strlen(OPTION)) == 0)
			(void)guard_parse_confirmed(&confirmed, option + strlen(OPTION));
	}
	return confirmed;
}

int pushguard_open(struct pushguard *guard, git_repository *repository,
                   const struct segment *segment, size_t segments)
{
	*guard = (struct pushguard){.segment = segment,
	                            .segments = segments,
	                            .guard = settings_guard(repository),
	                            .confirmed = read_confirmed(),
	                            .part = calloc(segments + 1, sizeof(*guard->part))};
	return guard->part ? 0 : -ENOMEM;
}

void pushguard_forget(struct pushguard *guard)
{
	git_tree_free(guard->folder);
	git_tree_free(guard->root);
	guard->folder = guard->root = NULL;
	guard->path[0] = '\0';
}

void pushguard_clear(struct pushguard *guard)
{
	pushguard_forget(guard);
	free(guard->part);
	guard->part = NULL;
}

void pushguard_begin(struct pushguard *guard, git_repository *repository, const git_oid *tree,
                     bool before)
{
	pushguard_forget(guard);
	memset(guard->part, 0, guard->segments * sizeof(*guard->part));
	guard->repository = repository;
	guard->before = before;
	guard->main = (git_oid){{0}};
	if (tree)
		git_oid_cpy(&guard->main, tree);
}

/* Opens the folder of a path. Differences come in path order, so it mostly is open. */
static bool open_folder(struct pushguard *guard, const char *path, size_t length)
{
	git_tree_entry *found = NULL;
	char folder[PATH_TEXT];

	if (length >= sizeof(folder))
		return false;
	memcpy(folder, path, length);
	folder[length] = '\0';
	if (strcmp(folder, guard->path) == 0)
		return guard->folder != NULL;
	git_tree_free(guard->folder);
	guard->folder = NULL;
	memcpy(guard->path, folder, length + 1);
	if (!guard->root && git_tree_lookup(&guard->root, guard->repository, &guard->main) < 0)
		return false;
	if (git_tree_entry_bypath(&found, guard->root, folder) == 0)
		(void)git_tree_lookup(&guard->folder, guard->repository, git_tree_entry_id(found));
	git_tree_entry_free(found);
	return guard->folder != NULL;
}

/* What main has at a path. NULL: nothing. */
static const git_oid *find(struct pushguard *guard, const char *path)
{
	const char *slash = strrchr(path, '/');
	const git_tree_entry *entry;

	if (!slash || !open_folder(guard, path, (size_t)(slash - path)))
		return NULL;
	entry = git_tree_entry_byname(guard->folder, slash + 1);
	return entry ? git_tree_entry_id(entry) : NULL;
}

void pushguard_add(struct pushguard *guard, unsigned segment,
                   const struct tree_difference *difference)
{
	const git_oid *now = NULL;

	if (guard->guard == GUARD_OFF)
		return;
	if (guard->before)
		now = difference->before;
	else if (!git_oid_is_zero(&guard->main))
		now = find(guard, difference->path);
	if (now && !(difference->after && git_oid_equal(now, difference->after)))
		guard->part[segment].changes++;
}

int pushguard_judge(struct pushguard *guard, struct fault *fault)
{
	size_t total = guard_total(guard->part, guard->segments);
	int error;

	if (guard_permits(guard->guard, total, guard->confirmed))
		return 0;
	error = known_count(guard->part, guard->repository, &guard->main, guard->segment,
	                    guard->segments);
	if (error < 0 || !guard_exceeded(guard->guard, guard->part, guard->segments))
		return error;
	return guard_refuse(fault, guard->guard, total, "it", "git push -o confirm=");
}
