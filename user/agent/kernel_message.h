/* SPDX-License-Identifier: MIT */
/*
 * rtnetlink's messages about neighbours (linux/neighbour.h, net/core/neighbour.c), as values: read
 * and written. No socket, no policy.
 */
#ifndef USER_AGENT_KERNEL_MESSAGE_H
#define USER_AGENT_KERNEL_MESSAGE_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/wire.h"

/* Who made an entry (NDA_PROTOCOL): a number of our own among those of linux/rtnetlink.h. */
#define KERNEL_PROTOCOL 65

/* Octets that a message takes at most, and the answer to one, with the message in it. */
#define KERNEL_MESSAGE_MAX 128

/* An entry of the host's own neighbour table, as the kernel told it. */
struct kernel_neighbour {
	unsigned ifindex;
	uint32_t address;
	struct mac mac; /* zero: none is known */
	uint16_t state; /* NUD_* */
	uint8_t protocol;
	bool ext_learned; /* NTF_EXT_LEARNED: put there by somebody like us */
	bool managed;     /* NTF_EXT_MANAGED: somebody has the kernel keep it fresh */
	bool gone;        /* RTM_DELNEIGH */
};

/* RTM_NEWNEIGH, RTM_DELNEIGH (and a request of ours, given back with an error). False: not about an
 * IPv4 neighbour on an interface. */
bool kernel_message_parse(struct kernel_neighbour *neighbour, const struct nlmsghdr *header);

enum kernel_write {
	KERNEL_CREATE,  /* fails with EEXIST if there is one */
	KERNEL_REPLACE, /* whatever is there */
	KERNEL_REFRESH, /* an entry with that MAC only; another one stays as it is */
	KERNEL_REMOVE
};

/* Each writes one request into `buffer` (KERNEL_MESSAGE_MAX octets, aligned) and returns its
 * length.
 */
size_t kernel_message_write(void *buffer, enum kernel_write write,
                            const struct kernel_neighbour *neighbour, uint32_t sequence);
/* Asks for one entry. */
size_t kernel_message_get(void *buffer, unsigned ifindex, uint32_t address, uint32_t sequence);
/* Asks for all. */
size_t kernel_message_dump(void *buffer, uint32_t sequence);

#endif
