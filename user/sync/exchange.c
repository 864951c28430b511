// SPDX-License-Identifier: MIT
/* Moves what was fetched into references. Talks to nobody. */
#include "sync/exchange.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TRIES   200 /* the recorder holds the lock for some milliseconds */
#define WAIT_MS 10

static int change_refs(const struct exchange *exchange, struct ref_change *change, size_t count,
                       struct fault *fault)
{
	for (unsigned i = 0;; i++) {
		int error = packedrefs_change(exchange->directory, change, count, fault);

		if (error != -EBUSY || i >= TRIES)
			return error;
		poll(NULL, 0, WAIT_MS);
	}
}

static int set_change(struct ref_change *change, const char *id, struct fault *fault)
{
	change->present = true;
	return git_oid_fromstr(&change->id, id) < 0
	               ? fault_set(fault, -EINVAL, "git printed an id that is none")
	               : 0;
}

int exchange_set(const struct exchange *exchange, const char *name, const char *id,
                 struct fault *fault)
{
	struct ref_change change = {.present = true};
	int error = set_change(&change, id, fault);

	snprintf(change.name, sizeof(change.name), "%s", name);
	return error ? error : change_refs(exchange, &change, 1, fault);
}

void exchange_tip_set(struct exchange_tip *tip, const char *id, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(tip->name, sizeof(tip->name), format, arguments);
	va_end(arguments);
	memcpy(tip->id, id, SYNC_ID);
}

int exchange_set_tips(const struct exchange *exchange, const struct exchange_tip *tip, size_t count,
                      struct fault *fault)
{
	/* References that were fetched before would be tips, too. */
	static const char *const loose[] = {"refs/fleet", "refs/notes"};
	char path[PATH_MAX + 32], list[PATH_MAX + 32];
	FILE *file;

	for (size_t i = 0; i < sizeof(loose) / sizeof(loose[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", exchange->aside_directory, loose[i]);
		(void)folder_remove(path);
	}
	snprintf(list, sizeof(list), "%spacked-refs", exchange->aside_directory);
	snprintf(path, sizeof(path), "%spacked-refs.new", exchange->aside_directory);
	file = fopen(path, "we");
	if (!file)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	fputs("# pack-refs with: peeled fully-peeled \n", file);
	for (size_t i = 0; i < count; i++)
		fprintf(file, "%s %s\n", tip[i].id, tip[i].name);
	if (fclose(file) != 0 || rename(path, list) < 0)
		return fault_set(fault, -errno, "%s: %s", list, strerror(errno));
	return 0;
}

uint64_t exchange_weigh_packs(const struct exchange *exchange, bool remove)
{
	char folder[PATH_MAX + 32], path[2 * PATH_MAX];
	uint64_t bytes = 0;
	struct dirent *file;
	struct stat status;
	DIR *packs;

	snprintf(folder, sizeof(folder), "%sobjects/pack", exchange->aside_directory);
	packs = opendir(folder);
	while (packs && (file = readdir(packs))) {
		size_t length = strlen(file->d_name);

		snprintf(path, sizeof(path), "%s/%s", folder, file->d_name);
		if (length > 5 && !strcmp(file->d_name + length - 5, ".pack") &&
		    stat(path, &status) == 0)
			bytes += (uint64_t)status.st_size;
	}
	if (packs)
		closedir(packs);
	if (remove)
		(void)folder_empty(folder);
	return bytes;
}

int exchange_hold(struct exchange *exchange, struct sync_branch *const *branch,
                  const char (*id)[SYNC_ID], size_t count, struct fault *fault)
{
	struct ref_change *change = count ? calloc(count, sizeof(*change)) : NULL;
	int error = 0;

	if (count == 0)
		return 0;
	if (!change)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count && !error; i++) {
		snprintf(change[i].name, sizeof(change[i].name), SYNC_FROM "%s/%s",
		         exchange->request->remote, branch[i]->name);
		error = set_change(&change[i], id[i], fault);
	}
	if (!error)
		error = change_refs(exchange, change, count, fault);
	for (size_t i = 0; i < count && !error; i++)
		memcpy(branch[i]->held, id[i], SYNC_ID);
	free(change);
	return error;
}

bool exchange_follows(const struct exchange *exchange, const char *new, const char *old)
{
	const char *const arguments[] = {"merge-base", "--is-ancestor", old, new, NULL};

	return gitchild_try(exchange->aside_directory, arguments, NULL, NULL, NULL, NULL) == 0;
}
