// SPDX-License-Identifier: MIT
/* Descriptors of BPF programs, as /proc/self/fd lists them. Closes nothing unless the first list
 * was complete. */
#include "offload/descriptors.h"

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"

#define DESCRIPTORS_DIRECTORY "/proc/self/fd"
#define DESCRIPTOR_OF_PROGRAM "anon_inode:bpf-prog"

static int list(struct descriptors *open)
{
	DIR *directory = opendir(DESCRIPTORS_DIRECTORY);
	struct dirent *entry;
	int error = 0;

	*open = (struct descriptors){0};
	if (!directory)
		return -1;
	while (!error && (entry = readdir(directory))) {
		char target[sizeof(DESCRIPTOR_OF_PROGRAM)] = "";

		if (readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1) < 0 ||
		    strcmp(target, DESCRIPTOR_OF_PROGRAM) != 0)
			continue;
		error = array_reserve(&open->fd, &open->room, open->count + 1);
		if (!error)
			open->fd[open->count++] = (int)strtol(entry->d_name, NULL, 10);
	}
	closedir(directory);
	open->known = !error;
	return error ? -1 : 0;
}

static bool has(const struct descriptors *descriptors, int fd)
{
	for (size_t i = 0; i < descriptors->count; i++)
		if (descriptors->fd[i] == fd)
			return true;
	return false;
}

void descriptors_mark(struct descriptors *before)
{
	(void)list(before);
}

void descriptors_sweep(struct descriptors *before, int keep, int keep_too)
{
	struct descriptors after;

	(void)list(&after);
	for (size_t i = 0; before->known && i < after.count; i++)
		if (!has(before, after.fd[i]) && after.fd[i] != keep && after.fd[i] != keep_too)
			close(after.fd[i]);
	free(after.fd);
	free(before->fd);
}
