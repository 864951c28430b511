// SPDX-License-Identifier: MIT
/* Finds work trees by git's own files, and the state of main that one has, by comparing trees. */
#include "history/worktrees.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define SEARCHED 500 /* states of main */

/* A file's first line. */
static bool read_line(char *line, int size, const char *folder, const char *name, const char *file)
{
	char path[PATH_MAX];
	FILE *stream;
	bool found;

	snprintf(path, sizeof(path), "%.2000sworktrees/%.255s/%s", folder, name, file);
	stream = own_stream(path, "r");
	if (!stream)
		return false;
	found = fgets(line, size, stream) != NULL;
	fclose(stream);
	line[found ? strcspn(line, "\n") : 0] = '\0';
	return found;
}

bool worktrees_have_main(const struct archive *archive, char path[WORKTREE_PATH])
{
	const char *folder = git_repository_path(archive->repository);
	char list[PATH_MAX], head[sizeof("ref: " MAIN_REF) + 2];
	struct dirent *file;
	bool found = false;
	DIR *directory;

	snprintf(list, sizeof(list), "%.2000sworktrees", folder);
	directory = opendir(list);
	while (directory && !found && (file = readdir(directory)))
		found = file->d_name[0] != '.' &&
		        read_line(head, sizeof(head), folder, file->d_name, "HEAD") &&
		        !strcmp(head, "ref: " MAIN_REF) &&
		        read_line(path, WORKTREE_PATH, folder, file->d_name, "gitdir");
	if (directory)
		closedir(directory);
	/* It names the work tree's file .git. */
	if (found && strrchr(path, '/'))
		*strrchr(path, '/') = '\0';
	return found;
}

struct count {
	size_t files, most;
};

static int count_file(void *context, const struct tree_difference *difference)
{
	struct count *count = context;

	(void)difference;
	return ++count->files >= count->most;
}

/* Whether fewer files differ. */
static bool is_nearer(struct archive *archive, const git_oid *one, const git_oid *other,
                      size_t *files)
{
	struct count count = {.most = *files};

	if (tree_diff(archive->repository, one, other, count_file, &count) != 0 ||
	    count.files >= *files)
		return false;
	*files = count.files;
	return true;
}

/* The first parent. */
static bool step_back(struct archive *archive, struct version *version)
{
	git_commit *commit = NULL;
	struct fault ignored;
	git_oid parent = {{0}};

	if (git_commit_lookup(&commit, archive->repository, &version->commit) < 0)
		return false;
	if (git_commit_parentcount(commit) > 0)
		parent = *git_commit_parent_id(commit, 0);
	git_commit_free(commit);
	return !git_oid_is_zero(&parent) &&
	       archive_version(archive, version, &parent, &ignored) == 0;
}

bool worktrees_base(struct archive *archive, struct version *on, const struct version *commit)
{
	struct version at = *on, best = *on;
	size_t files = SIZE_MAX;

	(void)is_nearer(archive, &on->tree, &commit->tree, &files);
	for (int i = 0; i < SEARCHED && files > 1 && step_back(archive, &at); i++)
		if (is_nearer(archive, &at.tree, &commit->tree, &files))
			best = at;
	if (files == 0 || git_oid_equal(&best.commit, &on->commit))
		return false;
	*on = best;
	return true;
}
