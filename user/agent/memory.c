// SPDX-License-Identifier: MIT
/*
 * The place in memory for a repository: below /run, if that is a tmpfs that programs may run from.
 * Otherwise a tmpfs is mounted there; Debian mounts /run noexec, and git would ignore the hooks.
 */
#include "agent/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FOLDER "/run/arpkeeper"
/* An administrator who wants another size mounts a tmpfs there beforehand. */
#define MOUNT_OPTIONS "size=25%,mode=755"
#define MOUNT_SOURCE  "arpkeeper"

char *memory_path(const char *instance)
{
	char *path = NULL;

	return asprintf(&path, FOLDER "/%s/history.git", instance) < 0 ? NULL : path;
}

static void folder_of(char folder[PATH_MAX], const char *path)
{
	snprintf(folder, PATH_MAX, "%.*s", (int)(strrchr(path, '/') - path), path);
}

/* Other processes cannot see a mount in our own namespace. */
static void warn_if_private(const char *folder)
{
	struct stat ours, theirs;

	if (stat("/proc/self/ns/mnt", &ours) == 0 && stat("/proc/1/ns/mnt", &theirs) == 0 &&
	    ours.st_ino != theirs.st_ino)
		log_warning(
		        "%s is mounted in this service's own mount namespace: no other process can "
		        "read the history; mount a tmpfs there before the agent starts",
		        folder);
}

int memory_prepare(const char *path, struct fault *fault)
{
	char folder[PATH_MAX];
	struct statfs there;
	int error;

	folder_of(folder, path);
	if ((mkdir(FOLDER, 0755) < 0 && errno != EEXIST) ||
	    (mkdir(folder, 0755) < 0 && errno != EEXIST) || statfs(folder, &there) < 0) {
		error = -errno;
		return fault_set(fault, error, "%s: %s%s", folder, strerror(-error),
		                 error == -EACCES ? " (this needs root)" : "");
	}
	if (there.f_type == TMPFS_MAGIC && !(there.f_flags & ST_NOEXEC))
		return 0;
	if (mount(MOUNT_SOURCE, folder, "tmpfs", MS_NOSUID | MS_NODEV, MOUNT_OPTIONS) < 0) {
		error = -errno;
		return fault_set(fault, error,
		                 "history.path = :memory:: no tmpfs can be mounted at %s: %s%s",
		                 folder, strerror(-error),
		                 error == -EPERM
		                         ? "; this needs root, or one that is mounted there "
		                           "already"
		                         : "");
	}
	log_debug("%s: a tmpfs is mounted", folder);
	warn_if_private(folder);
	return 0;
}

void memory_remove(const char *path)
{
	char folder[PATH_MAX];
	int error = folder_remove(path);

	if (error && error != -ENOENT)
		log_warning("%s: %s: it is left there", path, strerror(-error));
	folder_of(folder, path);
	/* A mounted folder is busy, and stays. */
	rmdir(folder);
}

/* We mounted it, not the administrator. */
static bool is_ours(const char *folder)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *mounted;
	bool ours = false;

	while (mounts && (mounted = getmntent(mounts)))
		if (!strcmp(mounted->mnt_dir, folder))
			ours = !strcmp(mounted->mnt_fsname, MOUNT_SOURCE);
	if (mounts)
		endmntent(mounts);
	return ours;
}

static bool has_nothing(const char *folder)
{
	DIR *directory = opendir(folder);
	struct dirent *file;
	bool empty = directory;

	while (directory && (file = readdir(directory)))
		if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0)
			empty = false;
	if (directory)
		closedir(directory);
	return empty;
}

void memory_unmount(const char *instance)
{
	char folder[PATH_MAX];

	if (!*instance || strchr(instance, '/') || instance[0] == '.')
		return;
	snprintf(folder, sizeof(folder), FOLDER "/%s", instance);
	if (is_ours(folder) && has_nothing(folder) && umount2(folder, UMOUNT_NOFOLLOW) == 0)
		rmdir(folder);
}
