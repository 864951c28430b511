// SPDX-License-Identifier: MIT
/* Lets git check packs, and fetch; moves files. Reads no object itself but loose ones. */
#include "store/mend.h"

#include <dirent.h>
#include <errno.h>
#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pack/pack.h"
#include "store/gitchild.h"
#include "store/quarantine.h"
#include "store/repository.h"
#include "store/trouble.h"

#define PACKS   "objects/pack"
#define DAMAGED "damaged"
#define KEPT    ".kept-"
#define PATHS   (PATH_MAX + 300) /* with a file's name */

/* --- looking ---------------------------------------------------------------------------------- */

static int take_finding(void *context, char *line)
{
	static const char missing[] = "missing ";
	struct mend *mend = context;

	if (strncmp(line, missing, sizeof(missing) - 1) != 0)
		return 0;
	if (mend->missing++ == 0)
		snprintf(mend->first, sizeof(mend->first), "%s", line + sizeof(missing) - 1);
	return 0;
}

int mend_look(struct mend *mend, bool *whole, struct fault *fault)
{
	static const char *const fsck[] = {"fsck",          "--full",       "--no-dangling",
	                                   "--no-progress", "--no-reflogs", NULL};
	int error;

	mend->missing = 0;
	mend->first[0] = '\0';
	error = gitchild_try(mend->directory, fsck, NULL, take_finding, mend, fault);
	*whole = error == 0;
	return error == -EIO || error == -ENOENT ? 0 : error;
}

/* --- putting aside ---------------------------------------------------------------------------- */

/* Moves a file of the repository into its folder DAMAGED. It succeeds without the file, too. */
static int put_aside(struct mend *mend, const char *folder, const char *file, const char *name,
                     struct fault *fault)
{
	char from[PATHS], to[PATHS];

	snprintf(to, sizeof(to), "%s" DAMAGED, mend->directory);
	if (mkdir(to, 0755) < 0 && errno != EEXIST)
		return fault_set(fault, -errno, "%s: %s", to, strerror(errno));
	snprintf(from, sizeof(from), "%s%s/%s", mend->directory, folder, file);
	snprintf(to, sizeof(to), "%s" DAMAGED "/%s", mend->directory, name);
	if (rename(from, to) < 0)
		return errno == ENOENT ? 0
		                       : fault_set(fault, -errno, "%s: %s", from, strerror(errno));
	mend->aside++;
	return 0;
}

/* What can still be read in it becomes loose objects. */
static void salvage(const struct mend *mend, const char *stem)
{
	static const char *const unpack[] = {"unpack-objects", "-r", "-q", NULL};
	char pack[PATHS];
	struct fault ignored;

	snprintf(pack, sizeof(pack), "%s" DAMAGED "/%s.pack", mend->directory, stem);
	if (access(pack, R_OK) == 0)
		(void)gitchild_try(mend->directory, unpack, pack, NULL, NULL, &ignored);
}

/* Whether git can read all of the pack. An index that is missing is made again. */
static bool is_good(const struct mend *mend, const char *stem)
{
	char index[PATHS], pack[PATHS], path[2 * PATHS];
	const char *const verify[] = {"verify-pack", index, NULL}, *const make[] = {"index-pack",
	                                                                            pack, NULL};
	struct fault ignored;

	snprintf(index, sizeof(index), PACKS "/%s.idx", stem);
	snprintf(pack, sizeof(pack), PACKS "/%s.pack", stem);
	snprintf(path, sizeof(path), "%s%s", mend->directory, index);
	return gitchild_try(mend->directory, access(path, F_OK) == 0 ? verify : make, NULL, NULL,
	                    NULL, &ignored) == 0;
}

static int set_pack_aside(struct mend *mend, const char *stem, struct fault *fault)
{
	/* The index first: then the pack is not looked for. */
	static const char *const suffix[] = {"idx", "rev", "bitmap", "mtimes", "keep", "pack"};
	char file[PATHS];
	int error = 0;

	for (size_t i = 0; i < sizeof(suffix) / sizeof(suffix[0]) && !error; i++) {
		snprintf(file, sizeof(file), "%s.%s", stem, suffix[i]);
		error = put_aside(mend, PACKS, file, file, fault);
	}
	if (!error)
		salvage(mend, stem);
	return error;
}

static int set_packs_aside(struct mend *mend, struct fault *fault)
{
	char pattern[PATHS];
	glob_t found = {0};
	int error = 0;

	snprintf(pattern, sizeof(pattern), "%s" PACKS "/pack-*.{idx,pack}", mend->directory);
	if (glob(pattern, GLOB_BRACE, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc && !error; i++) {
			const char *name = strrchr(found.gl_pathv[i], '/') + 1;
			char stem[NAME_MAX + 1];

			snprintf(stem, sizeof(stem), "%.*s", (int)strcspn(name, "."), name);
			/* With the first of the two, both go. */
			if (access(found.gl_pathv[i], F_OK) == 0 && !is_good(mend, stem))
				error = set_pack_aside(mend, stem, fault);
		}
	globfree(&found);
	return error;
}

/* Each loose object alone, by libgit2, which compares its checksum. */
static int set_loose_aside(struct mend *mend, struct fault *fault)
{
	char objects[PATHS], pattern[PATHS];
	git_odb_backend *backend = NULL;
	git_odb *loose = NULL;
	glob_t found = {0};
	int error;

	snprintf(objects, sizeof(objects), "%sobjects", mend->directory);
	error = git_odb_new(&loose);
	if (!error)
		error = git_odb_backend_loose(&backend, objects, -1, 0, 0, 0);
	if (!error)
		error = git_odb_add_backend(loose, backend, 1);
	if (error)
		error = trouble_set(fault, error, "%s", objects);
	snprintf(pattern, sizeof(pattern), "%sobjects/[0-9a-f][0-9a-f]/*", mend->directory);
	if (!error && glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc && !error; i++) {
			const char *path = found.gl_pathv[i] + strlen(objects) + 1;
			char name[GIT_OID_HEXSZ + 1];
			git_odb_object *object = NULL;
			git_oid id;

			snprintf(name, sizeof(name), "%.2s%s", path, path + 3);
			if (strlen(path) == GIT_OID_HEXSZ + 1 && git_oid_fromstr(&id, name) == 0 &&
			    git_odb_read(&object, loose, &id) < 0)
				error = put_aside(mend, "objects", path, name, fault);
			git_odb_object_free(object);
		}
	globfree(&found);
	git_odb_free(loose);
	return error;
}

int mend_from(struct mend *mend, const char *url, struct fault *fault)
{
	struct quarantine quarantine = {.lock = -1};
	struct pack_keep keep = {0};
	char path[PATH_MAX], *said = fetch_said(url);
	struct fetch fetch = {.url = url, .said = said, .netns = -1, .all = true};
	int error;

	if (!said)
		return fault_set(fault, -ENOENT, "%s: %s", url, strerror(errno));
	snprintf(path, sizeof(path), "%.*s", (int)strlen(mend->directory) - 1, mend->directory);
	error = quarantine_make(&quarantine, path, false, fault);
	fetch.into = quarantine.path;
	if (!error)
		error = fetch_main(&fetch, fault);
	if (!error)
		error = set_packs_aside(mend, fault);
	if (!error)
		error = set_loose_aside(mend, fault);
	if (!error)
		error = quarantine_release_objects(&quarantine, mend->directory, &keep, fault);
	pack_settle(&keep);
	quarantine_remove(&quarantine);
	free(said);
	return error;
}

/* --- a new beginning -------------------------------------------------------------------------- */

/* A folder that an earlier call has begun to fill, or a new one. */
static int make_kept(const struct mend *mend, char *kept, size_t size, struct fault *fault)
{
	int length = (int)strlen(mend->directory) - 1;
	time_t now = time(NULL);
	char pattern[PATHS];
	struct stat status;
	glob_t found = {0};
	struct tm utc;

	snprintf(pattern, sizeof(pattern), "%.*s" KEPT "*", length, mend->directory);
	kept[0] = '\0';
	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc && !kept[0]; i++) {
			snprintf(pattern, sizeof(pattern), "%s/HEAD", found.gl_pathv[i]);
			if (access(pattern, F_OK) < 0)
				snprintf(kept, size, "%s", found.gl_pathv[i]);
		}
	globfree(&found);
	if (kept[0])
		return 0;
	length = snprintf(kept, size, "%.*s" KEPT, length, mend->directory);
	if (!gmtime_r(&now, &utc) || length < 0 || (size_t)length + 20 > size ||
	    strftime(kept + length, size - (size_t)length, "%Y%m%dT%H%M%SZ", &utc) == 0)
		return fault_set(fault, -ENAMETOOLONG, "%s: the path is too long", mend->directory);
	if (stat(mend->directory, &status) < 0 || mkdir(kept, status.st_mode & 0777) < 0)
		return fault_set(fault, -errno, "%s: %s", kept, strerror(errno));
	return 0;
}

static int move(const struct mend *mend, const char *kept, const char *name, struct fault *fault)
{
	char from[PATHS], to[PATHS];

	snprintf(from, sizeof(from), "%s%s", mend->directory, name);
	snprintf(to, sizeof(to), "%s/%s", kept, name);
	return rename(from, to) == 0 ? 0 : fault_set(fault, -errno, "%s: %s", to, strerror(errno));
}

int mend_keep_aside(struct mend *mend, char *kept, size_t size, struct fault *fault)
{
	int error = make_kept(mend, kept, size, fault);
	DIR *folder = error ? NULL : opendir(mend->directory);
	struct dirent *file;
	char path[PATHS];

	if (!error && !folder)
		error = fault_set(fault, -errno, "%s: %s", mend->directory, strerror(errno));
	/* HEAD is the last: a folder without it is not a repository, and not whole. */
	while (!error && folder && (file = readdir(folder)))
		if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0 &&
		    strcmp(file->d_name, "HEAD") != 0 && strcmp(file->d_name, REPOSITORY_LOCK) != 0)
			error = move(mend, kept, file->d_name, fault);
	if (folder)
		closedir(folder);
	if (!error)
		error = move(mend, kept, "HEAD", fault);
	if (!error && ((error = sync_path(kept)) || (error = sync_path(mend->directory))))
		fault_set(fault, error, "%s: %s", kept, strerror(-error));
	snprintf(path, sizeof(path), "%s" REPOSITORY_LOCK, mend->directory);
	if (!error && unlink(path) < 0)
		error = fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	return error;
}
