// SPDX-License-Identifier: MIT
/*
 * Attachment through libxdp. It removes only programs with this instance's maps from a dispatcher;
 * the others stay attached throughout.
 */
#include "offload/dispatcher.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <xdp/libxdp.h>

#include "offload/descriptors.h"
#include "offload/kernel.h"
#include "offload/maps.h"

#define DISPATCHER_PROGRAMS 10 /* libxdp's limit */
#define DISPATCHER_PINS     PINS_BPFFS "/xdp"
#define DISPATCHER_PIN      "dispatch-" /* <interface>-<dispatcher>/prog<place>-prog */

int dispatcher_add(struct bpf_object *object, unsigned ifindex, uint32_t mode, int *fd)
{
	struct bpf_program *program = object_program(object);
	struct xdp_program *xdp =
	        xdp_program__from_bpf_obj(object, bpf_program__section_name(program));
	struct descriptors before;
	int error = (int)libxdp_get_error(xdp);

	if (error)
		return error;
	descriptors_mark(&before);
	kernel_reason_clear();
	error = xdp_program__attach(xdp, (int)ifindex,
	                            mode == XDP_FLAGS_DRV_MODE ? XDP_MODE_NATIVE : XDP_MODE_SKB, 0);
	if (!error) {
		*fd = fcntl(xdp_program__fd(xdp), F_DUPFD_CLOEXEC, 0);
		error = *fd < 0 ? -errno : 0;
	}
	xdp_program__close(xdp);
	descriptors_sweep(&before, *fd, bpf_program__fd(program));
	return error;
}

/* A program of this instance other than `keep`, or NULL; and whether there are other programs. */
static struct xdp_program *ours_find(const struct xdp_multiprog *dispatcher,
                                     const struct identity *identity, uint32_t keep, bool *others)
{
	struct xdp_program *program = NULL, *found = NULL;

	while ((program = xdp_multiprog__next_prog(program, dispatcher)))
		if (!identity_owns(identity, xdp_program__fd(program)))
			*others = true;
		else if (xdp_program__id(program) != keep)
			found = program;
	return found;
}

static int remove_each(const struct identity *identity, unsigned ifindex, uint32_t keep)
{
	int removed = 0, error = 0;

	for (;;) {
		struct xdp_multiprog *dispatcher = xdp_multiprog__get_from_ifindex((int)ifindex);
		struct xdp_program *program;
		bool others = false;

		error = (int)libxdp_get_error(dispatcher);
		if (error)
			return error == -ENOENT ? removed : error;
		program = ours_find(dispatcher, identity, keep, &others);
		if (program)
			error = xdp_program__detach(program, (int)ifindex,
			                            xdp_multiprog__attach_mode(dispatcher), 0);
		xdp_multiprog__close(dispatcher);
		if (error || !program)
			return error ? error : removed;
		removed++;
	}
}

int dispatcher_remove(const struct identity *identity, unsigned ifindex, uint32_t keep)
{
	struct descriptors before;
	int removed;

	descriptors_mark(&before);
	removed = remove_each(identity, ifindex, keep);
	descriptors_sweep(&before, -1, -1);
	return removed;
}

bool dispatcher_is_ours(const struct identity *identity, unsigned ifindex)
{
	struct xdp_multiprog *dispatcher;
	struct descriptors before;
	bool others = false;

	descriptors_mark(&before);
	dispatcher = xdp_multiprog__get_from_ifindex((int)ifindex);
	if (libxdp_get_error(dispatcher))
		others = true;
	else
		(void)ours_find(dispatcher, identity, 0, &others);
	xdp_multiprog__close(dispatcher);
	descriptors_sweep(&before, -1, -1);
	return !others;
}

/* The directory of the pins. libxdp names it for the interface's number, which another network
 * namespace may have changed since, and for the dispatcher's, which is the machine's. */
static bool directory_of(char path[PATH_MAX], uint32_t id)
{
	DIR *all = opendir(DISPATCHER_PINS);
	const struct dirent *entry;
	bool found = false;

	while (all && !found && (entry = readdir(all))) {
		char *rest;
		const char *last = strrchr(entry->d_name, '-');

		found = last && !strncmp(entry->d_name, DISPATCHER_PIN, strlen(DISPATCHER_PIN)) &&
		        strtoul(last + 1, &rest, 10) == id && !*rest;
		if (found)
			snprintf(path, PATH_MAX, DISPATCHER_PINS "/%.255s", entry->d_name);
	}
	if (all)
		closedir(all);
	return found;
}

/* The number of the program in one place; 0: none. */
static uint32_t program_at(const char *directory, unsigned place)
{
	char path[PATH_MAX];
	uint32_t held;
	int fd;

	snprintf(path, sizeof(path), "%.4000s/prog%u-prog", directory, place);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return 0;
	held = kernel_object_id(fd);
	close(fd);
	return held;
}

bool dispatcher_holds(uint32_t id, uint32_t program)
{
	char directory[PATH_MAX];
	uint32_t held = 0;

	if (!directory_of(directory, id))
		return false;
	for (unsigned i = 0; i < DISPATCHER_PROGRAMS && held != program; i++)
		held = program_at(directory, i);
	return held == program;
}

/* Unpins the program in one place. */
static void unpin_at(const char *directory, unsigned place)
{
	static const char *const kinds[] = {"link", "prog"};
	char path[PATH_MAX];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%.4000s/prog%u-%s", directory, place, kinds[i]);
		(void)unlink(path);
	}
}

void dispatcher_forget(uint32_t id, uint32_t program)
{
	char directory[PATH_MAX];

	if (!directory_of(directory, id) || program_at(directory, 0) != program ||
	    program_at(directory, 1))
		return;
	unpin_at(directory, 0);
	(void)rmdir(directory);
}

void dispatcher_forget_off(unsigned ifindex, uint32_t program)
{
	char prefix[64];
	int length = snprintf(prefix, sizeof(prefix), DISPATCHER_PIN "%u-", ifindex);
	DIR *all = opendir(DISPATCHER_PINS);
	const struct dirent *entry;

	while (all && (entry = readdir(all))) {
		char directory[PATH_MAX];

		if (strncmp(entry->d_name, prefix, (size_t)length) != 0)
			continue;
		snprintf(directory, sizeof(directory), DISPATCHER_PINS "/%.255s", entry->d_name);
		for (unsigned i = 0; i < DISPATCHER_PROGRAMS; i++)
			if (program_at(directory, i) == program) {
				unpin_at(directory, i);
				(void)rmdir(directory); /* fails while others are in it */
			}
	}
	if (all)
		closedir(all);
}

void dispatcher_clean(unsigned ifindex)
{
	(void)libxdp_clean_references((int)ifindex);
}
