// SPDX-License-Identifier: MIT
/*
 * The packed-refs file: "<id> <name>" a line, sorted by name, "^<id>" behind an annotated tag.
 * Written anew as git does it: packed-refs.lock, which only one process can make, is filled and
 * renamed. Decides nothing about which references there are.
 */
#include "store/packedrefs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

#define HEADER       "# pack-refs with: peeled fully-peeled sorted \n"
#define READ_AT_ONCE 65536

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct ref_change *)a)->name, ((const struct ref_change *)b)->name);
}

/* Sorts by name, without moving what is of one name against each other, and keeps the last. */
static size_t sort(struct ref_change *change, size_t changes)
{
	size_t kept = 0;

	/* Few, and nearly sorted. */
	for (size_t i = 1; i < changes; i++) {
		struct ref_change moved = change[i];
		size_t at = i;

		for (; at > 0 && compare(&change[at - 1], &moved) > 0; at--)
			change[at] = change[at - 1];
		change[at] = moved;
	}
	for (size_t i = 0; i < changes; i++)
		if (i + 1 == changes || compare(&change[i], &change[i + 1]) != 0)
			change[kept++] = change[i];
	return kept;
}

/* The whole file and a NUL, malloc'ed; an empty text if there is none. */
static int read_file(char **text, const char *path, struct fault *fault)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	size_t size = 0, room = READ_AT_ONCE;
	ssize_t got = 0;

	*text = NULL;
	if (descriptor < 0 && errno != ENOENT)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	do {
		char *grown = realloc(*text, room + 1);

		if (!grown) {
			error = fault_set(fault, -ENOMEM, "out of memory");
			break;
		}
		*text = grown;
		if (descriptor >= 0)
			got = read(descriptor, grown + size, room - size);
		if (got < 0) {
			error = fault_set(fault, -errno, "%s: %s", path, strerror(errno));
			break;
		}
		size += (size_t)got;
		if (size == room)
			room *= 2;
	} while (got > 0);
	if (descriptor >= 0)
		close(descriptor);
	if (error || !*text) {
		free(*text);
		*text = NULL;
		return error;
	}
	(*text)[size] = '\0';
	return 0;
}

static void put(FILE *file, const struct ref_change *change)
{
	if (change->present)
		fprintf(file, "%s %s\n", git_oid_tostr_s(&change->id), change->name);
}

/* Where a line ends. */
static size_t line_length(const char *line)
{
	size_t length = strcspn(line, "\n");

	return length + (line[length] == '\n');
}

/* Both are sorted. References without a change are copied, line by line. */
static void merge(FILE *file, const char *line, const struct ref_change *change, size_t changes)
{
	size_t at = 0;

	fputs(HEADER, file);
	while (*line) {
		size_t length = line_length(line), name_length;
		const char *name = line + GIT_OID_HEXSZ + 1;
		int order = 1;

		if (*line == '#' || length < GIT_OID_HEXSZ + 2 || *line == '^') {
			/* A header, or a peeled id whose reference is gone. */
			line += length;
			continue;
		}
		name_length = strcspn(name, "\n");
		while (at < changes) {
			order = strncmp(change[at].name, name, name_length);
			if (order == 0)
				order = change[at].name[name_length] != '\0';
			if (order >= 0)
				break;
			put(file, &change[at++]);
			order = 1;
		}
		if (order == 0) {
			put(file, &change[at++]);
		} else {
			fwrite(line, 1, length, file);
			for (line += length; *line == '^'; line += length) {
				length = line_length(line);
				fwrite(line, 1, length, file);
			}
			continue;
		}
		line += length;
	}
	while (at < changes)
		put(file, &change[at++]);
}

int packedrefs_lock(struct packedrefs *held, const char *git_directory, struct fault *fault)
{
	int descriptor;

	snprintf(held->path, sizeof(held->path), "%spacked-refs", git_directory);
	snprintf(held->lock, sizeof(held->lock), "%spacked-refs.lock", git_directory);
	descriptor = open(held->lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (descriptor < 0)
		return fault_set(fault, errno == EEXIST ? -EBUSY : -errno, "%s: %s", held->lock,
		                 strerror(errno));
	held->file = fdopen(descriptor, "w");
	if (held->file)
		return 0;
	close(descriptor);
	unlink(held->lock);
	return fault_set(fault, -ENOMEM, "out of memory");
}

int packedrefs_write(struct packedrefs *held, const struct ref_change *change, size_t changes,
                     struct fault *fault)
{
	char *text;
	int error = read_file(&text, held->path, fault);

	if (!error && text) {
		merge(held->file, text, change, changes);
		free(text);
		if (fflush(held->file) != 0 || ferror(held->file) || fsync(fileno(held->file)) < 0)
			error = fault_set(fault, errno ? -errno : -EIO, "%s: %s", held->lock,
			                  strerror(errno));
	}
	if (!error && rename(held->lock, held->path) < 0)
		error = fault_set(fault, -errno, "%s: %s", held->path, strerror(errno));
	if (error) {
		packedrefs_unlock(held);
	} else {
		fclose(held->file);
		held->file = NULL;
	}
	return error;
}

void packedrefs_unlock(struct packedrefs *held)
{
	if (!held->file)
		return;
	fclose(held->file);
	held->file = NULL;
	unlink(held->lock);
}

int packedrefs_change(const char *git_directory, struct ref_change *change, size_t changes,
                      struct fault *fault)
{
	struct packedrefs held;
	char path[PATH_MAX];
	int error = packedrefs_lock(&held, git_directory, fault);

	if (error)
		return error;
	changes = sort(change, changes);
	error = packedrefs_write(&held, change, changes, fault);
	if (error)
		return error;
	/* A loose file would be read instead. */
	for (size_t i = 0; i < changes; i++) {
		snprintf(path, sizeof(path), "%s%s", git_directory, change[i].name);
		unlink(path);
	}
	return sync_folder(git_directory, fault);
}
