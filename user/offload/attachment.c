// SPDX-License-Identifier: MIT
/*
 * What is attached to an interface, and the single attachment. It never touches a program that the
 * caller did not name.
 */
#include "offload/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "offload/kernel.h"

#define DISPATCHER_NAME "xdp_dispatcher" /* libxdp's */
#define PROGRAM_MAPS    64

/* A program may vanish between the query and its look-up. */
#define QUERY_TRIES 8

void identity_of(struct identity *identity, const struct pins *pins, const char *interface)
{
	char name[PINS_NAME];

	identity->program_fd = -1;
	identity->program_id = 0;
	if (interface) {
		identity->program_fd = pins_get(pins, pins_interface(name, PIN_PROGRAM, interface));
		identity->program_id = kernel_object_id(identity->program_fd);
	}
	identity->maps_count = maps_pinned_ids(pins, identity->maps);
}

void identity_clear(struct identity *identity)
{
	if (identity->program_fd >= 0)
		close(identity->program_fd);
	identity->program_fd = -1;
}

bool identity_owns(const struct identity *identity, int program_fd)
{
	uint32_t used[PROGRAM_MAPS] = {0};
	struct bpf_prog_info info = {.nr_map_ids = PROGRAM_MAPS, .map_ids = (uintptr_t)used};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program_fd, &info, &size))
		return false;
	if (identity->program_id && info.id == identity->program_id)
		return true;
	for (uint32_t i = 0; i < info.nr_map_ids && i < PROGRAM_MAPS; i++)
		for (size_t j = 0; j < identity->maps_count; j++)
			if (used[i] == identity->maps[j])
				return true;
	return false;
}

int attachment_id(unsigned ifindex, uint32_t *id, uint32_t *mode)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, options);
	int error = bpf_xdp_query((int)ifindex, 0, &options);

	if (error)
		return error;
	/* Never both: the kernel refuses the second. A program in the hardware comes before ours.
	 */
	*id = options.drv_prog_id ? options.drv_prog_id : options.skb_prog_id;
	if (mode)
		*mode = options.drv_prog_id ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
	return 0;
}

int attachment_query(struct attachment *attachment, const struct identity *identity,
                     unsigned ifindex)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);
	int error;

	for (int try = 0; try < QUERY_TRIES; try++) {
		*attachment = (struct attachment){.fd = -1};
		error = attachment_id(ifindex, &attachment->id, &attachment->mode);
		if (error || !attachment->id)
			return error;
		if (attachment->id == identity->program_id)
			attachment->fd = fcntl(identity->program_fd, F_DUPFD_CLOEXEC, 0);
		else
			attachment->fd = bpf_prog_get_fd_by_id(attachment->id);
		if (attachment->fd >= 0 || errno != ENOENT)
			break;
	}
	attachment->occupant = OCCUPANT_OTHER;
	if (attachment->fd < 0)
		return 0;
	if (!bpf_obj_get_info_by_fd(attachment->fd, &info, &size))
		snprintf(attachment->name, sizeof(attachment->name), "%s", info.name);
	if (!strcmp(attachment->name, DISPATCHER_NAME))
		attachment->occupant = OCCUPANT_DISPATCHER;
	else if (identity_owns(identity, attachment->fd))
		attachment->occupant = OCCUPANT_OURS;
	return 0;
}

void attachment_clear(struct attachment *attachment)
{
	if (attachment->fd >= 0)
		close(attachment->fd);
	attachment->fd = -1;
}

int attachment_add(unsigned ifindex, uint32_t mode, int fd)
{
	kernel_reason_clear();
	return bpf_xdp_attach((int)ifindex, fd, mode | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL);
}

int attachment_replace(unsigned ifindex, uint32_t mode, int old_fd, int fd)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = old_fd);

	kernel_reason_clear();
	return bpf_xdp_attach((int)ifindex, fd, mode | XDP_FLAGS_REPLACE, &options);
}

int attachment_remove(unsigned ifindex, uint32_t mode, int fd)
{
	int error = attachment_replace(ifindex, mode, fd, -1);
	uint32_t id;

	if (!error)
		return 0;
	if (attachment_id(ifindex, &id, NULL))
		return error == -ENODEV ? 0 : error;
	return id == kernel_object_id(fd) ? error : 0;
}
