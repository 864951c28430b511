/* SPDX-License-Identifier: MIT */
/*
 * What is attached to an interface, and by which instance; and the single attachment, without a
 * dispatcher. Every change names the program that it expects to find, so the kernel refuses it when
 * another process was faster.
 *
 * Modes are the kernel's: XDP_FLAGS_DRV_MODE or XDP_FLAGS_SKB_MODE.
 */
#ifndef USER_OFFLOAD_ATTACHMENT_H
#define USER_OFFLOAD_ATTACHMENT_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "offload/maps.h"
#include "offload/pins.h"

/* How a program of this instance is recognised: it is pinned as the interface's, or uses one of the
 * instance's maps. */
struct identity {
	int program_fd; /* the pinned one; -1 */
	uint32_t program_id;
	uint32_t maps[MAPS_SHARED_MAX];
	size_t maps_count;
};

enum occupant {
	OCCUPANT_NONE,
	OCCUPANT_OURS,       /* our program, alone */
	OCCUPANT_DISPATCHER, /* libxdp's dispatcher, with any programs */
	OCCUPANT_OTHER
};

struct attachment {
	enum occupant occupant;
	uint32_t id;
	uint32_t mode;
	int fd;                      /* the program's; -1 when this process may not look it up */
	char name[BPF_OBJ_NAME_LEN]; /* "" likewise */
};

/* From the pins, for `interface` (NULL: the maps alone). */
void identity_of(struct identity *identity, const struct pins *pins, const char *interface);
void identity_clear(struct identity *identity);
bool identity_owns(const struct identity *identity, int program_fd);

/* The object number of the attached program, and its mode; 0 for none. Needs no capability. */
int attachment_id(unsigned ifindex, uint32_t *id, uint32_t *mode);
int attachment_query(struct attachment *attachment, const struct identity *identity,
                     unsigned ifindex);
void attachment_clear(struct attachment *attachment);

/* Where nothing is attached: -EBUSY or -EEXIST if something is. */
int attachment_add(unsigned ifindex, uint32_t mode, int fd);
/* In place of `old_fd`, in the same mode, without missing a frame. */
int attachment_replace(unsigned ifindex, uint32_t mode, int old_fd, int fd);
/* Detaches `fd`; 0 also when the interface is gone or another program is there instead. */
int attachment_remove(unsigned ifindex, uint32_t mode, int fd);

#endif
