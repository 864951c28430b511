// SPDX-License-Identifier: MIT
/*
 * Attachment through libxdp. It removes only programs with this instance's maps from a dispatcher;
 * the others stay attached throughout.
 */
#include "offload/dispatcher.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <xdp/libxdp.h>

#include "offload/descriptors.h"
#include "offload/kernel.h"
#include "offload/maps.h"

#define DISPATCHER_PROGRAMS 10 /* libxdp's limit */
#define DISPATCHER_PIN      PINS_BPFFS "/xdp/dispatch-%u-%u/prog%u-prog"

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

bool dispatcher_holds(unsigned ifindex, uint32_t id, uint32_t program)
{
	for (unsigned i = 0; i < DISPATCHER_PROGRAMS; i++) {
		char path[PATH_MAX];
		uint32_t held;
		int fd;

		snprintf(path, sizeof(path), DISPATCHER_PIN, ifindex, id, i);
		fd = bpf_obj_get(path);
		if (fd < 0)
			return false;
		held = kernel_object_id(fd);
		close(fd);
		if (held == program)
			return true;
	}
	return false;
}

void dispatcher_clean(unsigned ifindex)
{
	(void)libxdp_clean_references((int)ifindex);
}
