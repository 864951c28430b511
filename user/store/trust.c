// SPDX-License-Identifier: MIT
/*
 * Who may write the files that git obeys. It reads states and one configuration file, follows no
 * link, and mends nothing: whether what it finds is an attack, the administrator decides.
 */
#include "store/trust.h"

#include <errno.h>
#include <fts.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/trustkeys.h"

#define NAME_TEXT 64

enum rule {
	OURS,     /* only root and we write it, and what is in it */
	ABSENT,   /* it makes git look elsewhere, or believe another history */
	SHARABLE, /* a group may write it, if what is in it stays whose it is (sticky) */
	SHARED,   /* a group may write it */
};

/* What git obeys or follows, below the repository's folder. */
static const struct place {
	const char *name;
	enum rule rule;
} places[] = {
        {"config", OURS},
        {"config.worktree", ABSENT},
        {"commondir", ABSENT},
        {"HEAD", OURS},
        {"packed-refs", OURS},
        {"shallow", OURS},
        {"hooks", OURS},
        {"info/grafts", ABSENT},
        {"info", OURS},
        {"logs", OURS},
        {"arpkeeper", OURS},
        {"arpkeeper.lock", OURS},
        {"objects", SHARABLE},
        {"objects/info", OURS},
        {"objects/pack", SHARED},
        {"refs", SHARABLE},
        {"refs/arpkeeper", OURS},
        {"refs/heads", SHARED},
        {"refs/heads/merge", SHARED},
};

static const char *user_name(char text[NAME_TEXT], uid_t user)
{
	const struct passwd *found = getpwuid(user);

	if (found)
		snprintf(text, NAME_TEXT, "%s", found->pw_name);
	else
		snprintf(text, NAME_TEXT, "%u", (unsigned)user);
	return text;
}

static const char *group_name(char text[NAME_TEXT], gid_t group)
{
	const struct group *found = getgrgid(group);

	if (found)
		snprintf(text, NAME_TEXT, "%s", found->gr_name);
	else
		snprintf(text, NAME_TEXT, "%u", (unsigned)group);
	return text;
}

static int refuse_owner(const char *path, const struct stat *status, struct fault *fault)
{
	char owner[NAME_TEXT], us[NAME_TEXT];

	user_name(owner, status->st_uid);
	user_name(us, geteuid());
	return fault_set(fault, -EPERM,
	                 "%s belongs to user %s, who could make git run a program as %s: run "
	                 "`chown -R %s %s`, after a look at what is in it",
	                 path, owner, us, us, path);
}

static int refuse_mode(const char *path, const struct stat *status, struct fault *fault)
{
	char group[NAME_TEXT], who[NAME_TEXT + 8] = "every user";
	bool folder = S_ISDIR(status->st_mode);

	if (!(status->st_mode & S_IWOTH))
		snprintf(who, sizeof(who), "group %s", group_name(group, status->st_gid));
	return fault_set(fault, -EPERM,
	                 "%s can be written by %s (mode %04o), who could make git run a program: "
	                 "run `chmod %sgo-w %s`, after a look at what is in it; README.md says "
	                 "how others push",
	                 path, who, (unsigned)status->st_mode & 07777, folder ? "-R " : "", path);
}

/* One file or folder, which is there. */
static int judge(const char *path, const struct stat *status, enum rule rule, struct fault *fault)
{
	mode_t forbidden = rule == OURS ? S_IWGRP | S_IWOTH : S_IWOTH;

	if (S_ISLNK(status->st_mode))
		return fault_set(fault, -EPERM,
		                 "%s is a symbolic link, which is not followed: put the file or "
		                 "folder itself there",
		                 path);
	if (rule == ABSENT)
		return fault_set(fault, -EPERM,
		                 "%s makes git look elsewhere than in this repository: remove it",
		                 path);
	if (!S_ISDIR(status->st_mode) && !S_ISREG(status->st_mode))
		return fault_set(fault, -EPERM, "%s is neither a file nor a folder: remove it",
		                 path);
	if (rule != SHARED && status->st_uid != 0 && status->st_uid != geteuid())
		return refuse_owner(path, status, fault);
	if (status->st_mode & forbidden)
		return refuse_mode(path, status, fault);
	if (rule == SHARABLE && (status->st_mode & S_IWGRP) && !(status->st_mode & S_ISVTX))
		return fault_set(fault, -EPERM,
		                 "%s can be written by a group that could replace what is in it: "
		                 "run `chmod +t %s`",
		                 path, path);
	return 0;
}

/* With everything below it. */
static int judge_all(char *path, struct fault *fault)
{
	char *root[] = {path, NULL};
	FTS *walk = fts_open(root, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *file;
	int error = 0;

	if (!walk)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	while (!error && (file = fts_read(walk))) {
		if (file->fts_info == FTS_DP)
			continue;
		/* Gone since: another process's lock. */
		if (file->fts_info == FTS_NS && file->fts_errno == ENOENT)
			continue;
		if (file->fts_info == FTS_DNR || file->fts_info == FTS_ERR ||
		    file->fts_info == FTS_NS)
			error = fault_set(fault, -file->fts_errno, "%s: %s", file->fts_path,
			                  strerror(file->fts_errno));
		else
			error = judge(file->fts_path, file->fts_statp, OURS, fault);
	}
	fts_close(walk);
	return error;
}

static int judge_place(const char *folder, const struct place *place, struct fault *fault)
{
	char path[PATH_MAX];
	struct stat status;
	int error;

	snprintf(path, sizeof(path), "%.3900s/%s", folder, place->name);
	if (lstat(path, &status) < 0)
		return errno == ENOENT || errno == ENOTDIR
		               ? 0
		               : fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	error = judge(path, &status, place->rule, fault);
	return error || place->rule != OURS || !S_ISDIR(status.st_mode) ? error
	                                                                : judge_all(path, fault);
}

static bool has(const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat status;

	snprintf(path, sizeof(path), "%.3900s/%s", folder, name);
	return lstat(path, &status) == 0;
}

int trust_check(const char *path, const char *const *sections, struct fault *fault)
{
	char folder[PATH_MAX], config[PATH_MAX];
	struct stat status;
	bool inside;
	int error;

	/* The administrator named it, perhaps by a link. */
	if (!realpath(path, folder))
		return errno == ENOENT ? 0
		                       : fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	inside = has(folder, ".git");
	if (inside)
		strncat(folder, "/.git", sizeof(folder) - strlen(folder) - 1);
	if (lstat(folder, &status) < 0)
		return fault_set(fault, -errno, "%s: %s", folder, strerror(errno));
	/* A file is not a repository. As .git it names one elsewhere. */
	if (!S_ISDIR(status.st_mode) && !inside)
		return 0;
	error = judge(folder, &status, S_ISDIR(status.st_mode) ? OURS : ABSENT, fault);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !error; i++)
		error = judge_place(folder, &places[i], fault);
	snprintf(config, sizeof(config), "%.3900s/config", folder);
	if (!error && has(folder, "config"))
		error = trustkeys_check(config, sections, fault);
	return error;
}
