/* SPDX-License-Identifier: MIT */
/* rtnetlink's messages about neighbours (linux/neighbour.h, net/core/neighbour.c), as values. */
#ifndef USER_AGENT_KERNEL_MESSAGE_H
#define USER_AGENT_KERNEL_MESSAGE_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/wire.h"

/* The origin of an entry (NDA_PROTOCOL): the agent's own number among those of linux/rtnetlink.h.
 */
#define KERNEL_PROTOCOL 65

/* The most bytes of a request, and of the answer that repeats it. */
#define KERNEL_MESSAGE_MAX 128

/* An entry of the host's own neighbour table, as the kernel reports it. */
struct kernel_neighbour {
	unsigned ifindex;
	uint32_t address;
	struct mac mac; /* zero: none is known */
	uint16_t state; /* NUD_* */
	uint8_t protocol;
	bool ext_learned; /* NTF_EXT_LEARNED: made by a daemon */
	bool managed;     /* NTF_EXT_MANAGED: the kernel keeps it fresh, for a daemon */
	bool gone;        /* RTM_DELNEIGH */
};

/* RTM_NEWNEIGH, RTM_DELNEIGH (also a request that came back with an error). False: not about an
 * IPv4 neighbour on an interface. */
bool kernel_message_parse(struct kernel_neighbour *neighbour, const struct nlmsghdr *header);

enum kernel_write {
	KERNEL_CREATE,  /* fails with EEXIST if one exists */
	KERNEL_REPLACE, /* whatever exists */
	KERNEL_REFRESH, /* an entry with that MAC only; another one stays */
	KERNEL_REMOVE
};

/* Each writes one request into `buffer` (KERNEL_MESSAGE_MAX bytes, aligned). Returns its length. */
size_t kernel_message_write(void *buffer, enum kernel_write write,
                            const struct kernel_neighbour *neighbour, uint32_t sequence);
/* Asks for one entry. */
size_t kernel_message_get(void *buffer, unsigned ifindex, uint32_t address, uint32_t sequence);
/* Asks for all. */
size_t kernel_message_dump(void *buffer, uint32_t sequence);

#endif
