// SPDX-License-Identifier: MIT
/*
 * Descriptors of BPF programs, by what the kernel says of this process. It closes nothing unless
 * it saw all there was before.
 */
#include "offload/descriptors.h"

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
		int *longer;

		if (readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1) < 0 ||
		    strcmp(target, DESCRIPTOR_OF_PROGRAM) != 0)
			continue;
		longer = reallocarray(open->fd, open->count + 1, sizeof(*longer));
		error = !longer;
		if (error)
			break;
		open->fd = longer;
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
